// SPDX-License-Identifier: MIT
#include "Calibration.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>

namespace equivariant::halfspace_tester_learner {

namespace {

/// Replicas one below the other, a column a statistic.
std::vector<Calibration::Spread> summarise(const std::vector<std::vector<double>>& replicas) {
    std::vector<Calibration::Spread> spreads;
    const auto count = static_cast<double>(replicas.size());
    for (std::size_t k = 0; k < replicas[0].size(); k++) {
        double sum = 0, squares = 0, largest = 0;
        for (const auto& values : replicas)
            sum += values[k], largest = std::max(largest, values[k]);
        const double mean = sum / count;
        for (const auto& values : replicas)
            squares += (values[k] - mean) * (values[k] - mean);
        spreads.push_back({mean, std::sqrt(squares / (count - 1)), largest});
    }
    return spreads;
}

} // namespace

double Calibration::threshold(const Spread& spread, double delta, int tests) {
    constexpr double euler = 0.57721566490153286;
    const double scale = spread.deviation * std::sqrt(6.0) / M_PI;
    const double quantile = -std::log(-std::log1p(-delta / tests));
    return std::max(spread.largest, spread.mean + scale * (quantile - euler));
}

Calibration calibrate(Index dimension, Index points, const std::vector<double>& sigmas,
                      int replicas, std::uint64_t seed) {
    if (replicas < 20)
        throw Error("a calibration needs at least 20 replicas");
    std::vector<std::vector<double>> all(replicas);
    std::vector<std::vector<std::vector<double>>> ofCandidate(
        sigmas.size(), std::vector<std::vector<double>>(replicas));
    support::parallelFor(replicas, [&](int k) {
        support::Random random(seed, 1, k);
        const Matrix x = random.normalMatrix(points, dimension);
        const VectorXd w = random.normalVector(dimension).normalized();
        all[k] = globalStatistics(x);
        const auto statistics = candidateStatistics(x, w, sigmas);
        for (std::size_t s = 0; s < sigmas.size(); s++)
            ofCandidate[s][k] = statistics[s];
    });
    Calibration result{dimension, points, {}, summarise(all)};
    for (std::size_t s = 0; s < sigmas.size(); s++)
        result.ofCandidate[sigmas[s]] = summarise(ofCandidate[s]);
    return result;
}

} // namespace equivariant::halfspace_tester_learner
