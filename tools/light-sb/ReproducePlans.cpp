// SPDX-License-Identifier: MIT
//
// Plans that are known, since their end points were drawn from a mixture of ours.
#include "BridgePaths.h"
#include "Experiments.h"
#include "TwoSample.h"

#include "Plot.h"
#include "support/Random.h"

#include <algorithm>
#include <cmath>

namespace equivariant::light_sb {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using support::Reproduction;

/// Components of equal weight at distance `radius` from the origin, in D = 2 on a regular polygon.
Model polygon(Index components, Index dimension, double radius, double eps, double scale) {
    Matrix means = normalPoints(components, dimension, 20);
    for (Index k = 0; k < components; k++) {
        if (dimension == 2)
            means.row(k) << std::cos(2 * M_PI * double(k) / double(components)),
                std::sin(2 * M_PI * double(k) / double(components));
        means.row(k) *= radius / means.row(k).norm();
    }
    return Model({eps,
                  VectorXd::Zero(components),
                  means,
                  Matrix::Constant(components, dimension, std::log(scale)),
                  {}});
}

/// A plan, points and end points to fit, and other points to score at.
struct KnownPlan {
    KnownPlan(Model model, Index n)
        : truth(std::move(model)), x(normalPoints(n, truth.dimension(), 21)),
          y(sampleEnds(truth, normalPoints(n, truth.dimension(), 22), 23)),
          test(normalPoints(2000, truth.dimension(), 24)), moments(momentsOf(y)) {}

    double score(const Model& model) const {
        return conditionalUnexplainedVariance(model, truth, test, moments.covariance.trace());
    }

    double scoreOfIndependentPlan() const {
        return conditionalUnexplainedVariance(moments, truth, test);
    }

    FitOptions options(int components, int steps) const {
        FitOptions options;
        options.eps = truth.eps();
        options.components = components;
        options.steps = steps;
        return options;
    }

    Model truth;
    Matrix x, y, test;
    Moments moments;
};

void scores(Reproduction& run, Model& fitted) {
    const int steps = run.choose(6000, 20000);
    for (double eps : {0.1, 1.0}) {
        const KnownPlan plan(polygon(5, 2, 5, eps, 0.1 / eps), 50000);
        const std::vector<Fit> fits =
            fitAll(plan.x, plan.y, {plan.options(20, steps), plan.options(5, steps)});
        const double score = plan.score(fits[0].model), independent = plan.scoreOfIndependentPlan();
        const std::string name =
            std::string("known plan, D = 2, eps = ") + (eps < 1 ? "0.1" : "1") + ": cBW2-UVP of ";
        run.atMost(name + "20 components, per cent", score, 0.15);
        run.atLeast(name + "the independent plan, per cent", independent, 100);
        run.atLeast(name + "the independent plan over that of the fit", independent / score, 1000);
        run.report(name + "5 components, the true number, per cent", plan.score(fits[1].model));
        fitted = fits[0].model;
    }
}

void highDimensions(Reproduction& run) {
    for (Index dimension : run.isQuick() ? std::vector<Index>{16} : std::vector<Index>{16, 64}) {
        const KnownPlan plan(polygon(5, dimension, 5, 1, 0.1), 50000);
        const Fit found = fit(plan.x, plan.y, plan.options(20, run.choose(4000, 10000)));
        run.report("known plan, D = " + std::to_string(dimension) +
                       ", eps = 1: cBW2-UVP of 20 components, per cent",
                   plan.score(found.model));
    }
}

void drift(Reproduction& run, const Model& model) {
    const Matrix x = 2 * normalPoints(20, 2, 25);
    double worst = 0;
    for (double t : {0.0, 0.3, 0.7, 0.95}) {
        const Matrix exact = model.drift(x, t);
        for (Index i = 0; i < x.rows(); i++)
            for (Index j = 0; j < 2; j++) {
                constexpr double step = 1e-5;
                VectorXd low = x.row(i).transpose(), high = low;
                low[j] -= step, high[j] += step;
                const double slope =
                    (model.logPotential(high, t) - model.logPotential(low, t)) / (2 * step);
                worst = support::larger(worst, std::abs(model.eps() * slope - exact(i, j)) /
                                                   std::max(1.0, std::abs(exact(i, j))));
            }
    }
    run.atMost("drift against finite differences of the logarithm, relative", worst, 1e-6);
}

void differentialEquation(Reproduction& run, const Model& model) {
    const Matrix spread = normalPoints(1000, 2, 26);
    const Matrix point = Eigen::RowVector2d(0.4, -0.2).replicate(1000, 1);
    for (const auto& [x, text] :
         {std::pair(spread, "normal points"), std::pair(point, "one point")})
        run.atLeast(std::string("end points of 200 steps from ") + text +
                        " beside those of the plan: p of the energy distance",
                    testEnergyDistance(integratePaths(model, x, 200, 27).back(),
                                       sampleEnds(model, x, 28), 999, 2)
                        .p,
                    0.05);
}

} // namespace

void reproduceKnownPlans(Reproduction& run) {
    Model fitted = polygon(1, 2, 1, 1, 1);
    scores(run, fitted);
    highDimensions(run);
    drift(run, fitted);
    differentialEquation(run, fitted);
}

/// A hundred narrow Gaussians on a circle, which few components cannot follow.
void reproduceRing(Reproduction& run) {
    const KnownPlan plan(polygon(100, 2, 3, 0.5, 0.05), 50000);
    const int steps = run.choose(5000, 20000);
    std::vector<FitOptions> options;
    for (int components : {2, 5, 20, 50})
        options.push_back(plan.options(components, steps));
    const std::vector<Fit> fits = fitAll(plan.x, plan.y, options);
    command::Series curve{"", {}, {}};
    double worst = 0, last = 0;
    for (std::size_t i = 0; i < fits.size(); i++) {
        const double score = plan.score(fits[i].model);
        run.report("ring: cBW2-UVP of " + std::to_string(options[i].components) +
                       " components, per cent",
                   score);
        worst = i == 0 ? 0 : std::max(worst, score / last);
        last = score;
        curve.x.push_back(options[i].components);
        curve.y.push_back(score);
    }
    run.atMost("ring: error over that of fewer components, the worst of K = 5, 20, 50", worst, 1.1);
    if (const auto path = run.figure("ring.png"))
        command::writePng(
            *path, {{"A ring as target", "components", "cBW2-UVP, per cent", {curve}, true, true}});
}

} // namespace equivariant::light_sb
