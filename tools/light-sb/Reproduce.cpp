// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/light-sb.md: closed forms, a discrete plan, exact marginals.
#include "BridgePaths.h"
#include "Experiments.h"
#include "GaussianBridge.h"
#include "Sinkhorn.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include <cmath>
#include <optional>

namespace equivariant::light_sb {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using support::Random;
using support::Reproduction;

std::string format(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text.back() == '.' ? text.substr(0, text.size() - 1) : text;
}

/// S of the only component.
MatrixXd scaleOf(const Model& model) {
    return model.covariance(model.conditional(VectorXd::Zero(model.dimension()))) / model.eps();
}

void gaussianLine(Reproduction& run) {
    const Index n = 50000;
    const Matrix x = normalPoints(n, 1, 1);
    const Matrix y = (0.5 * normalPoints(n, 1, 2)).array() + 2;
    std::vector<FitOptions> options(3);
    const double eps[] = {0.1, 1, 10};
    for (int i = 0; i < 3; i++) {
        options[i].eps = eps[i];
        options[i].components = 1;
        options[i].steps = run.choose(6000, 20000);
    }
    const std::vector<Fit> fits = fitAll(x, y, options);
    for (int i = 0; i < 3; i++) {
        const double exact = (std::sqrt(4 * 0.25 + eps[i] * eps[i]) - eps[i]) / 2;
        const std::string name = "N(0, 1) to N(2, 1/4), eps = " + format(eps[i]);
        run.atMost(name + ": relative error of S",
                   std::abs(scaleOf(fits[i].model)(0, 0) / exact - 1), 0.03);
        run.atMost(name + ": error of r", std::abs(fits[i].model.getParameters().means(0, 0) - 2),
                   0.03);
    }
}

struct Gaussians {
    Moments source, target;
    Matrix x, y;
};

/// Correlated in three dimensions, with means.
Gaussians correlated(Index n) {
    MatrixXd root0(3, 3), root1(3, 3);
    root0 << 1, 0, 0, 0.6, 0.8, 0, -0.3, 0.5, 0.7;
    root1 << 0.6, 0, 0, -0.4, 0.5, 0, 0.3, 0.2, 0.9;
    Gaussians result{{Eigen::Vector3d(1, -1, 0.5), root0 * root0.transpose()},
                     {Eigen::Vector3d(-1, 2, 0), root1 * root1.transpose()},
                     {},
                     {}};
    result.x =
        (normalPoints(n, 3, 3) * root0.transpose()).rowwise() + result.source.mean.transpose();
    result.y =
        (normalPoints(n, 3, 4) * root1.transpose()).rowwise() + result.target.mean.transpose();
    return result;
}

void gaussianSpace(Reproduction& run) {
    const Gaussians data = correlated(50000);
    FitOptions options;
    options.eps = 0.5;
    options.components = 1;
    options.full = true;
    options.steps = run.choose(6000, 20000);
    const MatrixXd exact = scaleOf(gaussianBridge(data.source, data.target, options.eps));
    const MatrixXd found = scaleOf(fit(data.x, data.y, options).model);
    run.atMost("three correlated coordinates, full S: relative Frobenius error of S",
               (found - exact).norm() / exact.norm(), 0.05);
}

/// Largest deviation of the moments of points from those expected, in standard errors.
double deviation(const Matrix& points, const VectorXd& mean, const MatrixXd& covariance) {
    const auto n = double(points.rows());
    const Matrix centred = points.rowwise() - mean.transpose();
    const MatrixXd found = centred.transpose() * centred / n;
    double worst = 0;
    for (Index i = 0; i < mean.size(); i++) {
        worst = support::larger(worst,
                                std::abs(centred.col(i).mean()) / std::sqrt(covariance(i, i) / n));
        for (Index j = 0; j < mean.size(); j++) {
            const double variance =
                covariance(i, i) * covariance(j, j) + covariance(i, j) * covariance(i, j);
            worst = support::larger(worst, std::abs(found(i, j) - covariance(i, j)) /
                                               std::sqrt(variance / n));
        }
    }
    return worst;
}

void timeMarginals(Reproduction& run) {
    const double eps = 0.5;
    const Gaussians data = correlated(run.choose(40000, 200000));
    const Moments &m0 = data.source, &m1 = data.target;
    const Model model = gaussianBridge(m0, m1, eps);
    const std::vector<double> times = {0.1, 0.25, 0.5, 0.75, 0.9, 1};
    const std::vector<Matrix> paths = samplePaths(model, data.x, times, 5);
    const MatrixXd cross = m0.covariance * scaleOf(model).transpose(); // Cov(x, y)
    double worst = 0;
    for (std::size_t k = 0; k < times.size(); k++) {
        const double t = times[k], u = 1 - t;
        const MatrixXd covariance = u * u * m0.covariance + t * t * m1.covariance +
                                    t * u * (cross + cross.transpose()) +
                                    eps * t * u * MatrixXd::Identity(3, 3);
        worst = support::larger(worst, deviation(paths[k], u * m0.mean + t * m1.mean, covariance));
    }
    run.atMost("Gaussians: moments of X_t at six times, largest deviation in standard errors",
               worst, 4.5);
}

/// The empirical sets themselves are what both methods see.
void discretePlan(Reproduction& run) {
    const Index n = 500;
    const Matrix x = normalPoints(n, 1, 6);
    Matrix y = 0.5 * normalPoints(n, 1, 7);
    for (Index i = 0; i < n; i++)
        y(i, 0) += i % 2 ? 2 : -2;
    FitOptions options;
    options.eps = 1;
    options.components = 20;
    options.steps = run.choose(6000, 20000);
    const Model model = fit(x, y, options).model;
    const Matrix difference = model.conditionalMeans(x) - sinkhornMeans(x, y, options.eps);
    run.atMost("500 and 500 points on a line: means of end points beside Sinkhorn's, rms over the "
               "deviation of y",
               std::sqrt(difference.squaredNorm() / momentsOf(y).covariance.trace() / double(n)),
               0.03);
}

/// Points with density exp(-U/kT), U = h (x^2 - 1)^2 + g x + k (y - x/2)^2 / 2, by rejection: at
/// the same time what Langevin dynamics samples. The wells differ by 0.06 eV, so that temperature
/// shifts their populations, which a thousand points can tell.
Matrix doubleWell(Index n, double kT, std::uint64_t seed) {
    constexpr double h = 0.06, g = 0.03, k = 0.4; // eV
    constexpr double lowest = -0.032;             // below the least of the first two terms
    Random random(seed);
    Matrix points(n, 2);
    for (Index i = 0; i < n; i++) {
        double x, excess;
        do {
            x = 5 * random.uniform() - 2.5;
            excess = (h * (x * x - 1) * (x * x - 1) + g * x - lowest) / kT;
        } while (random.uniform() >= std::exp(-excess));
        points.row(i) << x, x / 2 + std::sqrt(kT / k) * random.normal();
    }
    return points;
}

void temperatures(Reproduction& run) {
    constexpr double boltzmann = 8.617333e-5; // eV/K
    const double cold = 300 * boltzmann, hot = 450 * boltzmann;
    FitOptions options;
    options.eps = 0.05;
    options.steps = run.choose(6000, 20000);
    const Model model = fit(doubleWell(20000, cold, 8), doubleWell(20000, hot, 9), options).model;
    const Matrix source = doubleWell(1000, cold, 10), target = doubleWell(1000, hot, 11);
    const EnergyTest before = testEnergyDistance(source, target, 999, 1);
    const EnergyTest after = testEnergyDistance(sampleEnds(model, source, 12), target, 999, 1);
    run.atLeast("double well, 300 K to 450 K: energy distance before over the noise floor",
                before.distance / before.quantile95, 1);
    run.atMost("double well, 300 K to 450 K: energy distance after over the noise floor",
               after.distance / after.quantile95, 1);
}

void identities(Reproduction& run) {
    const Matrix r = normalPoints(3, 2, 13), x = normalPoints(100, 2, 14);
    const Model whole({0.3, VectorXd::Zero(3), r, -Matrix::Ones(3, 2), {}});
    Matrix r4(4, 2);
    r4 << r, r.row(0);
    VectorXd weights = VectorXd::Zero(4);
    weights[0] = weights[3] = -std::log(2);
    const Model split({0.3, weights, r4, -Matrix::Ones(4, 2), {}});
    double worst = 0;
    worst = support::larger(
        worst, (whole.logV(x) - split.logV(x)).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
    worst = support::larger(
        worst, (whole.logC(x) - split.logC(x)).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
    worst = support::larger(
        worst,
        (whole.drift(x, 0.4) - split.drift(x, 0.4)).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
    run.atMost("a component split in two: change of log v, log c and the drift", worst, 1e-12);
}

} // namespace

Matrix normalPoints(Index rows, Index columns, std::uint64_t seed) {
    return Random(seed).normalMatrix(rows, columns);
}

std::vector<Fit> fitAll(const Matrix& x, const Matrix& y, const std::vector<FitOptions>& options) {
    std::vector<std::optional<Fit>> fits(options.size());
    support::parallelFor(static_cast<int>(options.size()),
                         [&](int i) { fits[i].emplace(fit(x, y, options[i])); });
    std::vector<Fit> result;
    for (auto& each : fits)
        result.push_back(std::move(*each));
    return result;
}

void reproduce(Reproduction& run) {
    identities(run);
    gaussianLine(run);
    gaussianSpace(run);
    timeMarginals(run);
    reproduceKnownPlans(run);
    reproduceRing(run);
    discretePlan(run);
    temperatures(run);
    reproduceConformations(run);
}

} // namespace equivariant::light_sb
