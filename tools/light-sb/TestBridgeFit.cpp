// SPDX-License-Identifier: MIT
#include "BridgeFit.h"

#include "BridgePaths.h"
#include "GaussianBridge.h"
#include "Objective.h"

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

/// Variables away from any symmetry.
VectorXd disturbed(const Objective& objective, int components, int dimension, bool full) {
    VectorXd variables = objective.start(Random(1).normalMatrix(components, dimension), 0.4);
    VectorXd noise = 0.3 * Random(2).normalVector(variables.size());
    if (full) // only the strictly lower entries of N are variables
        for (int k = 0; k < components; k++)
            for (int i = 0; i < dimension; i++)
                for (int j = i; j < dimension; j++)
                    noise[components * (1 + 2 * dimension) + (k * dimension + i) * dimension + j] =
                        0;
    return variables + noise;
}

} // namespace

TEST(BridgeObjective, GradientEqualsFiniteDifferences) {
    const Matrix x = Random(3).normalMatrix(7, 3), y = Random(4).normalMatrix(9, 3);
    for (bool full : {false, true}) {
        const Objective objective(0.3, 4, 3, full);
        const VectorXd at = disturbed(objective, 4, 3, full);
        VectorXd gradient, unused;
        objective.evaluate(at, x, y, gradient);
        ASSERT_EQ(gradient.size(), objective.size());
        for (Eigen::Index i = 0; i < at.size(); i++) {
            VectorXd low = at, high = at;
            low[i] -= 1e-6, high[i] += 1e-6;
            const double slope =
                (objective.evaluate(high, x, y, unused) - objective.evaluate(low, x, y, unused)) /
                2e-6;
            const bool isUpper = full && i >= 4 * 7 && (i - 28) % 9 / 3 <= (i - 28) % 3;
            EXPECT_TRUE(close(gradient[i], isUpper ? 0 : slope, 1e-6)) << "variable " << i;
        }
    }
}

TEST(BridgeObjective, ValueIsThatOfTheModel) {
    const Matrix x = Random(3).normalMatrix(7, 3), y = Random(4).normalMatrix(9, 3);
    for (bool full : {false, true}) {
        const Objective objective(0.3, 4, 3, full);
        const VectorXd at = disturbed(objective, 4, 3, full);
        const Model model(objective.makeParameters(at));
        VectorXd gradient;
        EXPECT_TRUE(close(objective.evaluate(at, x, y, gradient),
                          model.logC(x).mean() - model.logV(y).mean(), 1e-12));
    }
}

TEST(BridgeFit, FindsTheBridgeOfGaussiansFarFromTheOrigin) {
    Eigen::Matrix2d root0, root1;
    root0 << 1, 0, 0.6, 0.5;
    root1 << 0.5, 0, -0.4, 0.7;
    const Eigen::RowVector2d shift0(40, -10), shift1(-20, 30);
    const Matrix x = (3 * Random(1).normalMatrix(20000, 2) * root0.transpose()).rowwise() + shift0;
    const Matrix y = (3 * Random(2).normalMatrix(20000, 2) * root1.transpose()).rowwise() + shift1;
    FitOptions options;
    options.eps = 4;
    options.components = 2;
    options.full = true;
    options.steps = 5000;
    const Fit result = fit(x, y, options);
    const Model exact = gaussianBridge(momentsOf(x), momentsOf(y), options.eps);
    const double variance = momentsOf(y).covariance.trace();
    EXPECT_LT(conditionalUnexplainedVariance(result.model, exact, x.topRows(500), variance), 0.3);
    EXPECT_FALSE(result.isRising());
    EXPECT_GT(result.scale, 1);
    EXPECT_TRUE(close(result.model.getParameters().logWeights.array().exp().sum(), 1, 1e-12));
}

TEST(BridgeFit, SameSeedSameModel) {
    const Matrix x = Random(5).normalMatrix(100, 2), y = Random(6).normalMatrix(90, 2);
    FitOptions options;
    options.steps = 50;
    const auto means = [&] { return fit(x, y, options).model.getParameters().means; };
    const Matrix first = means();
    EXPECT_EQ(means(), first);
    options.seed = 1;
    EXPECT_NE(means(), first);
}

TEST(BridgeFit, ComponentsThatOthersAlwaysOutweighAreDead) {
    // At x, a component at r weighs exp(x r/eps): the outermost ones win, unless x is close to 0.
    Matrix x = Random(8).normalMatrix(50, 1);
    x.array() += x.array().sign();
    Matrix y = Random(7).normalMatrix(40, 1);
    y(0, 0) = 1000, y(1, 0) = -1000;
    FitOptions options;
    options.eps = 0.01;
    options.components = 40;
    options.steps = 1;
    const Fit result = fit(x, y, options);
    EXPECT_GT(result.dead.size(), 30u);
    EXPECT_LE(result.dead.size(), 38u);
    for (Eigen::Index k : result.dead)
        for (double place : {-1.0, 1.0})
            EXPECT_LT(result.model.conditional(VectorXd::Constant(1, place)).weights[k], 1e-8);
}

TEST(BridgeFit, RiseIsMeasuredInStandardErrors) {
    const VectorXd noise = Random(9).normalVector(2000);
    EXPECT_LT(std::abs(riseOf(noise)), 3);
    VectorXd rising = noise;
    rising.tail(1000).array() += 0.5; // standard error of the difference: 1/sqrt(500)
    EXPECT_NEAR(riseOf(rising) - riseOf(noise), 0.5 * std::sqrt(500), 1);
    EXPECT_LT(riseOf(-rising), -3);
    EXPECT_EQ(riseOf(VectorXd::Zero(1)), 0);
}

TEST(BridgeFit, LearningRateFollowsEps) {
    for (const auto& [eps, rate] : {std::pair(0.001, 1e-3),
                                    {0.1, 1e-3},
                                    {1.0, 3e-3},
                                    {10.0, 6e-2},
                                    {100.0, 6e-2},
                                    {std::sqrt(10.0), std::sqrt(3e-3 * 6e-2)}})
        EXPECT_TRUE(close(chooseLearningRate(eps) / rate, 1, 1e-12));
}

TEST(BridgeFit, RefusesBadInput) {
    const Matrix x = Random(11).normalMatrix(30, 2), y = Random(12).normalMatrix(30, 2);
    const auto refuses = [&](const std::string& why, const Matrix& source, const Matrix& target,
                             auto change) {
        FitOptions options;
        options.steps = 2;
        change(options);
        return throwsNaming<Error>(why, [&] { fit(source, target, options); });
    };
    const auto nothing = [](FitOptions&) {};
    EXPECT_TRUE(refuses("the target 3", x, Random(1).normalMatrix(30, 3), nothing));
    EXPECT_TRUE(refuses("19 rows, fewer than the 20 components", x, y.topRows(19), nothing));
    Matrix hole = y;
    hole(3, 1) = NAN;
    EXPECT_TRUE(refuses("target: row 3, column 1", x, hole, nothing));
    EXPECT_TRUE(refuses("source: row 3, column 1", hole, y, nothing));
    Matrix flat = x;
    flat.col(1).setConstant(0.1);
    EXPECT_TRUE(refuses("source: column 1 does not vary", flat, y, nothing));
    EXPECT_TRUE(refuses("target: column 1 does not vary", x, flat, nothing));
    EXPECT_TRUE(refuses("no points", Matrix(0, 2), y, nothing));
    for (double eps : {0.0, -1.0, double(NAN), double(INFINITY)})
        EXPECT_TRUE(refuses("eps", x, y, [&](FitOptions& o) { o.eps = eps; }));
    EXPECT_TRUE(refuses("positive", x, y, [](FitOptions& o) { o.steps = 0; }));
    EXPECT_TRUE(refuses("positive", x, y, [](FitOptions& o) { o.initialScale = 0; }));
    EXPECT_TRUE(refuses("learning rate", x, y, [](FitOptions& o) { o.learningRate = -1; }));
}
