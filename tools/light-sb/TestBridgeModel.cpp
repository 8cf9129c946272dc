// SPDX-License-Identifier: MIT
//
// Formulas of the bridge against closed forms, numerical integration and finite differences.
#include "BridgePaths.h"
#include "GaussianBridge.h"
#include "Sinkhorn.h"

#include "support/Random.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include "equivariant/Error.h"

using namespace equivariant::light_sb;
using Eigen::VectorXd;
using equivariant::Error;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

Moments lineMoments(double mean, double variance) {
    return {VectorXd::Constant(1, mean), Eigen::MatrixXd::Constant(1, 1, variance)};
}

/// Three components in the plane, with correlations.
Model plane(double eps) {
    Model::Parameters p{eps,
                        Random(1).normalVector(3),
                        Random(2).normalMatrix(3, 2),
                        0.5 * Random(3).normalMatrix(3, 2),
                        {}};
    for (double angle : {0.3, 1.1, -0.7}) {
        Matrix q(2, 2);
        q << std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle);
        p.rotations.push_back(q);
    }
    return Model(p);
}

/// Midpoint rule over a large square.
template <class Function> double integrate(const Function& f) {
    constexpr double half = 9, step = 0.03;
    double sum = 0;
    for (double u = -half + step / 2; u < half; u += step)
        for (double v = -half + step / 2; v < half; v += step)
            sum += f(Eigen::RowVector2d(u, v));
    return sum * step * step;
}

} // namespace

TEST(BridgeModel, GaussiansOnALine) {
    const double eps = 1, exact = (std::sqrt(2.0) - 1) / 2;
    const Model model = gaussianBridge(lineMoments(0, 1), lineMoments(2, 0.25), eps);
    const Conditional law = model.conditional(VectorXd::Constant(1, 0.7));
    EXPECT_TRUE(close(law.mean()[0], 2 + 0.7 * exact, 1e-12));
    EXPECT_TRUE(close(law.variances(0, 0), 0.2071067811865475, 1e-12));
    EXPECT_TRUE(close(exact * exact + law.variances(0, 0), 0.25, 1e-12));
    // Entropy of y less that of y given x.
    EXPECT_TRUE(close(std::log(0.25 / law.variances(0, 0)) / 2, 0.094113, 1e-5));
}

TEST(BridgeModel, MarginalsAtTimesHaveTheirVariances) {
    const Model model = gaussianBridge(lineMoments(0, 1), lineMoments(2, 0.25), 1);
    const int n = 20000;
    const Matrix x = Random(4).normalMatrix(n, 1);
    const std::vector<Matrix> paths = samplePaths(model, x, {0, 0.25, 0.5, 0.75, 1}, 5);
    const double variances[] = {1, 0.843290, 0.666053, 0.468290, 0.25};
    for (int k = 0; k <= 4; k++) {
        const double mean = paths[k].mean();
        EXPECT_NEAR(mean, 2 * k / 4.0, 4 * std::sqrt(variances[k] / n));
        EXPECT_NEAR((paths[k].array() - mean).square().mean(), variances[k],
                    4 * variances[k] * std::sqrt(2.0 / n));
    }
    EXPECT_EQ(paths[0], x);
    EXPECT_EQ(paths[4], sampleEnds(model, x, 5));
}

// The moments of a linear equation dX = (G X + g) dt + sqrt(eps) dW by Runge-Kutta.
TEST(BridgeModel, DriftTransportsTheMoments) {
    const double eps = 0.4;
    const Moments source{Eigen::Vector2d(1, 0), (Eigen::Matrix2d() << 1, 0.3, 0.3, 0.5).finished()};
    const Moments target{Eigen::Vector2d(-1, 2),
                         (Eigen::Matrix2d() << 0.4, -0.2, -0.2, 0.7).finished()};
    const Model model = gaussianBridge(source, target, eps);
    const auto slope = [&](double t, const Moments& now) -> Moments {
        const Matrix at = (Matrix(3, 2) << 0, 0, 1, 0, 0, 1).finished();
        const Matrix drift = model.drift(at, t);
        const Eigen::Matrix2d g = (drift.bottomRows(2).rowwise() - drift.row(0)).transpose();
        return {g * now.mean + drift.row(0).transpose(), g * now.covariance +
                                                             now.covariance * g.transpose() +
                                                             eps * Eigen::Matrix2d::Identity()};
    };
    const auto add = [](const Moments& a, double h, const Moments& b) -> Moments {
        return {a.mean + h * b.mean, a.covariance + h * b.covariance};
    };
    Moments now = source;
    const int steps = 400;
    const double end = 0.9, h = end / steps;
    for (int i = 0; i < steps; i++) {
        const double t = i * h;
        const Moments a = slope(t, now), b = slope(t + h / 2, add(now, h / 2, a));
        const Moments c = slope(t + h / 2, add(now, h / 2, b)), d = slope(t + h, add(now, h, c));
        now = add(add(add(add(now, h / 6, a), h / 3, b), h / 3, c), h / 6, d);
    }
    const Eigen::Matrix2d s = model.covariance(model.conditional(VectorXd::Zero(2))) / eps;
    const Eigen::Matrix2d cross = source.covariance * s.transpose();
    const double u = 1 - end;
    const Eigen::Matrix2d expected = u * u * source.covariance + end * end * target.covariance +
                                     end * u * (cross + cross.transpose()) +
                                     eps * end * u * Eigen::Matrix2d::Identity();
    EXPECT_LT((now.covariance - expected).norm(), 1e-8);
    EXPECT_LT((now.mean - (u * source.mean + end * target.mean)).norm(), 1e-8);
}

TEST(BridgeModel, NormalisationIsTheIntegral) {
    const Model model = plane(0.5);
    const Matrix x = (Matrix(1, 2) << 0.4, -0.6).finished();
    const double integral = integrate([&](const Matrix& y) {
        return std::exp(x.row(0).dot(y.row(0)) / model.eps() + model.logV(y)[0]);
    });
    EXPECT_TRUE(close(std::log(integral), model.logC(x)[0], 1e-6));
    const double one = integrate([&](const Matrix& y) { return std::exp(model.logPlan(x, y)[0]); });
    EXPECT_TRUE(close(one, 1, 1e-6));
}

TEST(BridgeModel, LawOfTheEndFromATimeOnIsThePotential) {
    const Model model = plane(0.5);
    const double t = 0.6;
    const Eigen::RowVector2d x(0.4, -0.6);
    const auto density = [&](const Matrix& y) { // Brownian motion, times exp(y^2/2 eps) v(y)
        return std::exp((y.squaredNorm() - (y.row(0) - x).squaredNorm() / (1 - t)) /
                            (2 * model.eps()) +
                        model.logV(y)[0]);
    };
    const double total = integrate(density);
    const Conditional law = model.conditional(x.transpose(), t);
    for (int i = 0; i < 2; i++)
        EXPECT_TRUE(close(law.mean()[i],
                          integrate([&](const Matrix& y) { return y(0, i) * density(y); }) / total,
                          1e-6));
    const double spread = integrate([&](const Matrix& y) {
        return (y.row(0).transpose() - law.mean()).squaredNorm() * density(y);
    });
    EXPECT_TRUE(close(model.covariance(law).trace(), spread / total, 1e-6));
}

TEST(BridgeModel, DriftIsTheGradientOfThePotential) {
    for (double eps : {0.02, 1.0}) {
        const Model model = plane(eps);
        for (double t : {0.0, 0.5, 0.99}) {
            const Matrix x = Random(6).normalMatrix(5, 2), drift = model.drift(x, t);
            for (int i = 0; i < 5; i++)
                for (int j = 0; j < 2; j++) {
                    VectorXd low = x.row(i).transpose(), high = low;
                    low[j] -= 1e-6, high[j] += 1e-6;
                    const double slope =
                        (model.logPotential(high, t) - model.logPotential(low, t)) / 2e-6;
                    EXPECT_TRUE(close(eps * slope, drift(i, j), 1e-6));
                }
        }
    }
}

TEST(BridgeModel, SplittingAComponentChangesNothing) {
    const Model model = plane(0.3);
    Model::Parameters p = model.getParameters();
    p.logWeights.conservativeResize(4);
    p.means.conservativeResize(4, 2);
    p.logScales.conservativeResize(4, 2);
    p.logWeights[0] -= std::log(2);
    p.logWeights[3] = p.logWeights[0];
    p.means.row(3) = p.means.row(0);
    p.logScales.row(3) = p.logScales.row(0);
    p.rotations.push_back(p.rotations[0]);
    const Model split(p);
    const Matrix x = Random(7).normalMatrix(20, 2);
    EXPECT_TRUE(allClose(split.logV(x), model.logV(x), 1e-12));
    EXPECT_TRUE(allClose(split.logC(x), model.logC(x), 1e-12));
    EXPECT_LT((split.drift(x, 0.4) - model.drift(x, 0.4)).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(BridgeModel, SmallEpsDoesNotOverflow) {
    Model::Parameters p = plane(0.3).getParameters();
    p.eps = 1e-5;
    p.means *= 10;
    const Model model(p);
    const Matrix x = 10 * Random(8).normalMatrix(10, 2);
    EXPECT_TRUE(model.logC(x).allFinite());
    EXPECT_TRUE(model.logV(x).allFinite());
    EXPECT_TRUE(model.drift(x, 0.999).allFinite());
    EXPECT_TRUE(sampleEnds(model, x, 1).allFinite());
}

TEST(BridgeModel, EquationEndsWhereThePlanDoes) {
    const Model model = plane(0.3);
    const Matrix x = Random(9).normalMatrix(400, 2);
    const EnergyTest test = testEnergyDistance(integratePaths(model, x, 200, 1).back(),
                                               sampleEnds(model, x, 2), 199, 3);
    EXPECT_GE(test.p, 0.05);
}

TEST(BridgeModel, TestsSeeDifferencesAndOnlyThose) {
    const Matrix a = Random(10).normalMatrix(150, 2), b = Random(11).normalMatrix(130, 2);
    EXPECT_GT(testEnergyDistance(a, b, 199, 1).p, 0.05);
    Matrix shifted = b;
    shifted.col(0).array() += 1;
    const EnergyTest test = testEnergyDistance(a, shifted, 199, 1);
    EXPECT_EQ(test.p, 1.0 / 200);
    EXPECT_GT(test.distance, test.quantile95);
    double between = 0, within = 0, withinOther = 0;
    for (int i = 0; i < 150; i++) {
        between += (shifted.rowwise() - a.row(i)).rowwise().norm().sum();
        within += (a.rowwise() - a.row(i)).rowwise().norm().sum();
    }
    for (int i = 0; i < 130; i++)
        withinOther += (shifted.rowwise() - shifted.row(i)).rowwise().norm().sum();
    EXPECT_TRUE(close(test.distance,
                      2 * between / (150 * 130) - within / (150 * 150) - withinOther / (130 * 130),
                      1e-10));
    EXPECT_GT(maximumMeanDiscrepancy(a, shifted), 2 * maximumMeanDiscrepancy(a, b));
    EXPECT_TRUE(close(unexplainedVariance(a, a), 0, 1e-10));
    // On a line BW2^2 is the squared difference of means plus that of deviations.
    EXPECT_TRUE(close(squaredBures(VectorXd::Constant(1, 1), Eigen::MatrixXd::Constant(1, 1, 4),
                                   VectorXd::Constant(1, 3), Eigen::MatrixXd::Constant(1, 1, 9)),
                      5, 1e-12));
}

TEST(BridgeModel, SinkhornFindsTheGaussianPlan) {
    const Moments source = lineMoments(0, 1), target = lineMoments(0, 0.25);
    const int n = 400; // quantiles of the normal law stand for it
    Matrix x(n, 1), y(n, 1);
    for (int i = 0; i < n; i++) {
        double low = -6, high = 6;
        for (int k = 0; k < 60; k++) {
            const double middle = (low + high) / 2;
            (std::erfc(-middle / std::sqrt(2)) / 2 < (i + 0.5) / n ? low : high) = middle;
        }
        x(i, 0) = low, y(i, 0) = low / 2;
    }
    const Matrix exact = gaussianBridge(source, target, 0.5).conditionalMeans(x);
    EXPECT_LT((sinkhornMeans(x, y, 0.5) - exact).cwiseAbs().mean(), 0.005);
    EXPECT_TRUE(throwsNaming<Error>("eps", [&] { sinkhornMeans(x, y, 0); }));
}

TEST(BridgeModel, RefusesWhatMakesNoSense) {
    const Model model = plane(1);
    const Matrix x = Matrix::Zero(2, 2), wide = Matrix::Zero(2, 3);
    EXPECT_TRUE(throwsNaming<Error>("at time 1 there is no drift", [&] { model.drift(x, 1); }));
    for (double t : {-0.1, 1.1, double(NAN)})
        EXPECT_TRUE(throwsNaming<Error>("within [0, 1]", [&] { model.drift(x, t); }));
    EXPECT_TRUE(throwsNaming<Error>("within [0, 1]", [&] { samplePaths(model, x, {1.5}, 0); }));
    EXPECT_TRUE(throwsNaming<Error>("ascend", [&] { samplePaths(model, x, {0.5, 0.2}, 0); }));
    EXPECT_TRUE(throwsNaming<Error>("3 coordinates", [&] { model.logC(wide); }));
    EXPECT_TRUE(throwsNaming<Error>("a step", [&] { integratePaths(model, x, 0, 0); }));
    Matrix hole = x;
    hole(1, 0) = NAN;
    EXPECT_TRUE(throwsNaming<Error>("row 1, column 0", [&] { sampleEnds(model, hole, 0); }));
    const auto changed = [&](auto change) {
        Model::Parameters p = model.getParameters();
        change(p);
        Model m(p);
    };
    EXPECT_TRUE(throwsNaming<Error>("eps", [&] { changed([](auto& p) { p.eps = 0; }); }));
    EXPECT_TRUE(throwsNaming<Error>("beyond 500",
                                    [&] { changed([](auto& p) { p.logScales(0, 0) = 501; }); }));
    EXPECT_TRUE(throwsNaming<Error>("fit together",
                                    [&] { changed([](auto& p) { p.logWeights.resize(1); }); }));
    EXPECT_TRUE(throwsNaming<Error>("r: row 0",
                                    [&] { changed([](auto& p) { p.means(0, 1) = INFINITY; }); }));
    EXPECT_TRUE(
        throwsNaming<Error>("orthogonal", [&] { changed([](auto& p) { p.rotations[1] *= 2; }); }));
    EXPECT_TRUE(throwsNaming<Error>(
        "positive definite", [&] { gaussianBridge(lineMoments(0, 0), lineMoments(0, 1), 1); }));
    const Moments space{VectorXd::Zero(2), Eigen::MatrixXd::Identity(2, 2)};
    EXPECT_TRUE(
        throwsNaming<Error>("one dimension", [&] { gaussianBridge(lineMoments(0, 1), space, 1); }));
    EXPECT_TRUE(throwsNaming<Error>("target: row 1", [&] { sinkhornMeans(x, hole, 1); }));
}
