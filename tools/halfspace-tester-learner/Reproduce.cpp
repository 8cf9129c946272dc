// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/halfspace-tester-learner.md, in 10 dimensions. Those in the
// plane are in ReproduceSoundness.cpp.
#include "Experiments.h"
#include "Families.h"

#include "Plot.h"
#include "support/Parallel.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace equivariant::halfspace_tester_learner {

namespace {

using support::Random;
using support::Reproduction;

constexpr Index dimension = 10, numPoints = 50000;

/// One calibration for all experiments: of every sigma that they need.
Calibration calibrateAll() {
    std::set<double> sigmas;
    Options options;
    for (double eta : {0.0, 0.1, 0.2, 0.3}) {
        options.eta = eta;
        for (double sigma : chooseSigmas(numPoints, dimension, options))
            sigmas.insert(sigma);
    }
    options.noise = Noise::Adversarial;
    for (double sigma : chooseSigmas(numPoints, dimension, options))
        sigmas.insert(sigma);
    return calibrate(dimension, splitPoints(numPoints).testing, {sigmas.begin(), sigmas.end()}, 200,
                     1);
}

double angleBetween(const VectorXd& v, const VectorXd& w) {
    return std::atan2((v - w * v.dot(w)).norm(), v.dot(w));
}

std::string text(double value) {
    char buffer[16];
    std::snprintf(buffer, sizeof(buffer), "%g", value);
    return buffer;
}

Outcome fitMassart(double eta, int seed, const Calibration& calibration, VectorXd& w) {
    Random random(2, seed, static_cast<std::uint64_t>(eta * 1000));
    w = randomDirection(dimension, random);
    const Matrix x = random.normalMatrix(numPoints, dimension);
    Options options;
    options.eta = eta;
    options.seed = seed;
    return testAndLearn(x, massartLabels(x, w, eta, random), options, &calibration);
}

/// Of sign(<v, x>) for normal points and Massart labels around w, less that of w itself: labels are
/// right more often by 1 - 2 eta(x) where the two disagree.
double massartExcess(double angle, double eta) {
    Random random(3);
    double sum = 0;
    constexpr int count = 2000000;
    for (int k = 0; k < count; k++) {
        const double t = random.normal(), u = random.normal();
        if ((t >= 0) != (std::cos(angle) * t + std::sin(angle) * u >= 0))
            sum += 1 - 2 * (std::abs(t) < 1 ? eta : eta / 2);
    }
    return sum / count;
}

void massart(Reproduction& run, const Calibration& calibration) {
    for (double eta : {0.0, 0.1, 0.2, 0.3}) {
        const bool isLast = eta == 0.3;
        const int seeds = isLast ? 5 : run.choose(1, 3);
        int accepted = 0;
        double worst = 0;
        for (int seed = 0; seed < seeds; seed++) {
            VectorXd w;
            const Outcome outcome = fitMassart(eta, seed, calibration, w);
            accepted += outcome.status == Status::Accepted;
            worst = support::larger(worst, angleBetween(outcome.w, w));
        }
        const std::string name = "Massart noise " + text(eta) + ": ";
        run.report(name + "largest angle to the truth", worst);
        run.atMost(name + "error above opt", massartExcess(worst, eta), isLast ? 0.006 : 0.005);
        run.within(name + "accepted of " + std::to_string(seeds), accepted, seeds, seeds);
    }
}

/// Newton's method for logistic regression without an intercept.
VectorXd fitLogistic(const Matrix& x, const VectorXd& y) {
    VectorXd w = VectorXd::Zero(x.cols());
    for (int k = 0; k < 25; k++) {
        const Eigen::ArrayXd p = 1 / (1 + (y.array() * (x * w).array()).exp()); // of a wrong label
        const VectorXd gradient = x.transpose() * (p * y.array()).matrix();
        const Eigen::MatrixXd hessian = x.transpose() * (p * (1 - p)).matrix().asDiagonal() * x;
        w += hessian.ldlt().solve(gradient);
    }
    return w.normalized();
}

struct Excess {
    double learner, averaging, logistic;
    bool accepted;
};

/// Errors above opt on fresh points, labelled in the same way.
template <class Key>
Excess fitFlipped(double share, int seed, const Calibration& calibration, const Key& key) {
    Random random(4, seed);
    const VectorXd w = randomDirection(dimension, random), u = orthogonal(w, random);
    const Matrix x = random.normalMatrix(numPoints, dimension);
    const VectorXd y = flipLargest(x, w, share, key(x, w, u));
    Options options;
    options.noise = Noise::Adversarial;
    options.seed = seed;
    const Outcome outcome = testAndLearn(x, y, options, &calibration);
    const Matrix fresh = random.normalMatrix(200000, dimension);
    const VectorXd labels = flipLargest(fresh, w, share, key(fresh, w, u));
    const auto excess = [&](const VectorXd& v) {
        return errorRate(fresh, labels, v) - errorRate(fresh, labels, w);
    };
    return {excess(outcome.w), excess((x.transpose() * y).normalized()), excess(fitLogistic(x, y)),
            outcome.status == Status::Accepted};
}

VectorXd farFrom(const Matrix& x, const VectorXd& w, const VectorXd&) {
    return (x * w).cwiseAbs();
}

/// Correctly labelled points that pull a classifier towards u most.
VectorXd pulling(const Matrix& x, const VectorXd& w, const VectorXd& u) {
    return predict(x, w).cwiseProduct(x * u);
}

void adversarial(Reproduction& run, const Calibration& calibration) {
    for (double opt : {0.05, 0.1}) {
        const Excess found = fitFlipped(opt, 1, calibration, farFrom);
        const std::string name = "the farthest " + text(100 * opt) + " % flipped: ";
        run.atMost(name + "error over opt", 1 + found.learner / opt, 1.3);
        run.atLeast(name + "error of averaging less ours", found.averaging - found.learner, 1e-4);
        run.atLeast(name + "error of logistic regression less ours", found.logistic - found.learner,
                    1e-4);
        run.holds(name + "accepted", found.accepted);
        if (opt == 0.1)
            run.atMost(name + "error", opt + found.learner, 0.13);
    }
    const Excess tilted = fitFlipped(0.1, 2, calibration, pulling);
    run.report("10 % flipped that pull to one side: error above opt", tilted.learner);
    run.atLeast("10 % flipped that pull to one side: what logistic regression loses, over ours",
                tilted.logistic / std::max(tilted.learner, 1e-3), 2);
}

void closedForms(Reproduction& run) {
    Random random(5);
    int differ = 0;
    constexpr int count = 2000000;
    for (int k = 0; k < count; k++) {
        const double t = random.normal(), u = random.normal();
        differ += (t >= 0) != (std::cos(0.3) * t + std::sin(0.3) * u >= 0);
    }
    run.within("disagreement at an angle of 0.3, exactly 0.3/pi = 0.09549", double(differ) / count,
               0.3 / M_PI - 1e-3, 0.3 / M_PI + 1e-3);
    const Matrix x = random.normalMatrix(numPoints, dimension);
    for (double angle : {0.02, 0.05, 0.1})
        run.within("bound of the disagreement over angle/pi at " + text(angle),
                   disagreementBound(x, VectorXd::Unit(dimension, 0), angle) / (angle / M_PI), 1,
                   8);
    double excess = 0;
    const VectorXd w = VectorXd::Unit(dimension, 0);
    for (double angle : {0.02, 0.05, 0.1})
        for (int k = 0; k < 20; k++) {
            const VectorXd v = std::cos(angle) * w + std::sin(angle) * orthogonal(w, random);
            const double found = errorRate(x, predict(x, w), v);
            excess = support::larger(excess, found - disagreementBound(x, w, angle));
        }
    run.atMost("disagreement of 60 random planes less its bound", excess, 0);
}

void completeness(Reproduction& run, const Calibration& calibration) {
    const int count = run.choose(30, 100);
    std::vector<int> accepted(count);
    support::parallelFor(count, [&](int k) {
        VectorXd w;
        accepted[k] = fitMassart(0.3, 100 + k, calibration, w).status == Status::Accepted;
    });
    run.atLeast(std::to_string(count) + " replicas of normal points: share accepted",
                double(std::count(accepted.begin(), accepted.end(), 1)) / count, 0.97);
}

/// Whether a test of this kind failed.
bool failed(const Outcome& outcome, const std::string& part) {
    return std::any_of(outcome.tests.begin(), outcome.tests.end(), [&](const TestResult& test) {
        return !test.passed() && test.name.find(part) != std::string::npos;
    });
}

Outcome fitFamily(const std::string& family, int seed, const Calibration& calibration) {
    Random random(6, seed);
    const VectorXd w =
        seed % 2 ? randomDirection(dimension, random) : VectorXd(VectorXd::Unit(dimension, 0));
    const Matrix x = drawPoints(family, numPoints, w, family == "shrunk" ? 0.1 : 1, random);
    Options options;
    options.eta = 0.3;
    options.seed = seed;
    return testAndLearn(x, massartLabels(x, w, 0.3, random), options, &calibration);
}

void rejections(Reproduction& run, const Calibration& calibration) {
    const int count = run.choose(4, 20);
    for (const std::string& family : families()) {
        std::vector<Outcome> outcomes(count);
        support::parallelFor(count,
                             [&](int k) { outcomes[k] = fitFamily(family, k, calibration); });
        int rejected = 0, local = 0, massPassed = 0;
        for (const Outcome& outcome : outcomes) {
            rejected += outcome.status == Status::Rejected;
            local += failed(outcome, "in the band") || failed(outcome, "close to the plane") ||
                     failed(outcome, "disagreement");
            massPassed += !failed(outcome, "mass");
        }
        const std::string name = family + " points, " + std::to_string(count) + " sets:";
        run.atLeast(name + " rejected", rejected, run.isQuick() ? count : count - 1);
        if (family == "squeezed" || family == "on plane")
            run.atLeast(name + " rejected by what lies across or close to the plane", local,
                        run.isQuick() ? count : count - 1);
        if (family == "on plane")
            run.report(name + " whose bands have the right mass", massPassed);
    }
}

void drawRamp(Reproduction& run) {
    const auto file = run.figure("ramp.png");
    if (!file)
        return;
    command::Series ramp{"ramp, sigma = 0.4", {}, {}}, logistic{"logistic", {}, {}};
    for (int k = -100; k <= 100; k++) {
        const double t = k / 100.0;
        ramp.x.push_back(t), ramp.y.push_back(Ramp{0.4}.value(t));
        logistic.x.push_back(t), logistic.y.push_back(std::log1p(std::exp(t)));
    }
    command::writePng(*file, {{"Losses", "-y <w, x>", "loss", {ramp, logistic}}});
}

} // namespace

void reproduce(Reproduction& run) {
    closedForms(run);
    const Calibration calibration = calibrateAll();
    massart(run, calibration);
    adversarial(run, calibration);
    completeness(run, calibration);
    rejections(run, calibration);
    reproduceSoundness(run);
    reproduceMolecule(run);
    drawRamp(run);
}

} // namespace equivariant::halfspace_tester_learner
