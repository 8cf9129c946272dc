// SPDX-License-Identifier: MIT
#include "Sample.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include <cmath>
#include <string>

namespace equivariant::lp_sensitivity_sampling {

using Eigen::Index;
using Eigen::VectorXd;

VectorXd inclusionProbabilities(const VectorView& scores, double expectedRows, Index rank) {
    const auto n = static_cast<double>(scores.size());
    if (scores.size() == 0 || !scores.allFinite() || scores.minCoeff() < 0)
        throw Error("scores have to be finite and not negative");
    if (!(expectedRows >= static_cast<double>(rank)) || rank < 1)
        throw Error(std::to_string(expectedRows) + " rows cannot preserve the rank " +
                    std::to_string(rank));
    if (expectedRows >= n)
        return VectorXd::Ones(scores.size());
    const auto evaluate = [&](double inverseBeta) -> VectorXd {
        return ((scores * inverseBeta).array() + 1 / n).cwiseMin(1);
    };
    double low = 0, high = 1 / std::max(scores.maxCoeff(), std::numeric_limits<double>::min());
    while (evaluate(high).sum() < expectedRows && high < 1e300)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        const double middle = (low + high) / 2;
        (evaluate(middle).sum() < expectedRows ? low : high) = middle;
    }
    return evaluate(high);
}

Sample draw(const VectorView& probabilities, double p, std::uint64_t seed, std::uint64_t stream) {
    Sample sample{probabilities, {}, {}};
    std::vector<double> weights;
    for (Index i = 0; i < probabilities.size(); i++) {
        const double q = probabilities[i];
        if (!(q > 0 && q <= 1))
            throw Error("row " + std::to_string(i) + ": a probability has to be in (0, 1]");
        if (support::Random(seed, stream, i).uniform() < q) {
            sample.rows.push_back(static_cast<int>(i));
            weights.push_back(std::pow(q, -1 / p));
        }
    }
    sample.weights = Eigen::Map<const VectorXd>(weights.data(), static_cast<Index>(weights.size()));
    return sample;
}

Sample drawRootLeverage(const MatrixView& a, double p, double expectedRows, int rounds,
                        std::uint64_t seed, std::uint64_t stream) {
    if (!(p >= 1 && p < 2))
        throw Error("sampling by root leverage scores is for 1 <= p < 2");
    if (rounds < 1)
        throw Error("at least one round is needed");
    ScoreOptions options;
    options.p = p;
    options.kind = ScoreKind::RootLeverage;
    VectorXd probabilities = VectorXd::Ones(a.rows());
    std::vector<int> rows(a.rows());
    for (Index i = 0; i < a.rows(); i++)
        rows[i] = static_cast<int>(i);
    for (int round = 1; round <= rounds; round++) {
        const VectorXd kept = probabilities(rows);
        const Matrix left = kept.array().pow(-1 / p).matrix().asDiagonal() * a(rows, Eigen::all);
        const Scores scores = computeScores(left, options);
        const auto n = static_cast<double>(rows.size());
        const double wanted =
            expectedRows * std::pow(n / expectedRows, 1 - 1.0 / (rounds - round + 1));
        const Sample drawn =
            draw(inclusionProbabilities(scores.values, std::min(wanted, n), scores.rank), p, seed,
                 stream * rounds + round - 1);
        for (std::size_t k = 0; k < rows.size(); k++)
            probabilities[rows[k]] *= drawn.probabilities[static_cast<Index>(k)];
        std::vector<int> next;
        for (int k : drawn.rows)
            next.push_back(rows[k]);
        rows = std::move(next);
        if (rows.empty())
            break;
    }
    return {probabilities, rows, probabilities(rows).array().pow(-1 / p)};
}

VectorXd mixScores(const VectorView& sensitivities, const VectorView& leverages, double share) {
    if (!(share >= 0 && share <= 1))
        throw Error("the share of sensitivities has to be between 0 and 1");
    return share / sensitivities.sum() * sensitivities + (1 - share) / leverages.sum() * leverages;
}

} // namespace equivariant::lp_sensitivity_sampling
