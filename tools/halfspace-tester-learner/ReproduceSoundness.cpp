// SPDX-License-Identifier: MIT
#include "AngularSweep.h"
#include "Experiments.h"
#include "Families.h"

#include "support/Parallel.h"

#include <algorithm>
#include <cmath>

namespace equivariant::halfspace_tester_learner {

namespace {

using support::Random;
using support::Reproduction;

constexpr Index numPoints = 20000;
constexpr double eps = 0.05;

struct Dataset {
    bool isAccepted = false;
    double error = 0, best = 0; ///< of the learner and of all halfspaces, on all points
};

/// A share of the points, between 0.1 % and all, is of some family; labels have Massart noise.
Dataset drawAndFit(int k, const Calibration& calibration) {
    Random random(21, k);
    const VectorXd w = randomDirection(2, random);
    const std::string& family = families()[k % families().size()];
    const double share = std::pow(10, -3 * random.uniform());
    const Matrix x = drawPoints(family, numPoints, w, share, random);
    const VectorXd y = massartLabels(x, w, 0.3 * random.uniform(), random);
    Options options;
    options.eta = 0.3;
    options.eps = eps;
    options.seed = k;
    const Outcome outcome = testAndLearn(x, y, options, &calibration);
    return {outcome.status == Status::Accepted, errorRate(x, y, outcome.w),
            sweepAngles(x, y).error};
}

/// Points on a few rays, where a flat surrogate leads astray: nobody promises anything, so reject.
Matrix drawRays(Random& random) {
    constexpr int rays = 5;
    VectorXd angles(rays);
    for (double& angle : angles)
        angle = 2 * M_PI * random.uniform();
    Matrix x(numPoints, 2);
    for (Index i = 0; i < numPoints; i++) {
        const double angle = angles[random.below(rays)];
        x.row(i) = 0.05 * random.uniform() * Eigen::RowVector2d(std::cos(angle), std::sin(angle));
    }
    return x;
}

void misleading(Reproduction& run, const Calibration& calibration, int count) {
    std::vector<int> accepted(count), bad(count);
    support::parallelFor(count, [&](int k) {
        Random random(22, k);
        const Matrix x = drawRays(random);
        const VectorXd y = massartLabels(x, randomDirection(2, random), 0.3, random);
        Options options;
        options.eta = 0.3;
        options.seed = k;
        const Outcome outcome = testAndLearn(x, y, options, &calibration);
        accepted[k] = outcome.status == Status::Accepted;
        bad[k] = errorRate(x, y, outcome.w) > sweepAngles(x, y).error + eps;
    });
    const auto total = [](const std::vector<int>& values) {
        return static_cast<double>(std::count(values.begin(), values.end(), 1));
    };
    run.atMost("points on five rays near the origin, d = 2: accepted", total(accepted), 0);
    run.report("the same, of " + std::to_string(count) + ": where the classifier misses opt + eps",
               total(bad));
}

} // namespace

void reproduceSoundness(Reproduction& run) {
    Options options;
    options.eta = 0.3;
    options.eps = eps;
    const Calibration calibration =
        calibrate(2, splitPoints(numPoints).testing, chooseSigmas(numPoints, 2, options), 200, 20);
    const int count = run.choose(60, 200);
    std::vector<Dataset> datasets(count);
    support::parallelFor(count, [&](int k) { datasets[k] = drawAndFit(k, calibration); });
    int accepted = 0, violations = 0;
    double excess = 0;
    for (const Dataset& data : datasets) {
        if (!data.isAccepted)
            continue;
        accepted++;
        violations += data.error > data.best + eps;
        excess = support::larger(excess, data.error - data.best);
    }
    const std::string name = std::to_string(count) + " datasets in the plane against all angles: ";
    run.atMost(name + "accepted ones with an error above opt + 0.05", violations, 0);
    run.report(name + "largest excess error of an accepted one", excess);
    run.atLeast(name + "accepted", accepted, 0.1 * count);
    run.atLeast(name + "rejected", count - accepted, 0.1 * count);
    misleading(run, calibration, run.choose(20, 50));
}

} // namespace equivariant::halfspace_tester_learner
