// SPDX-License-Identifier: MIT
//
// The ramp, the statistics and the sweep of angles against definitions and brute force.
#include "AngularSweep.h"
#include "Calibration.h"
#include "Moments.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <limits>

using namespace equivariant;
using namespace equivariant::halfspace_tester_learner;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::close;
using equivariant::test::throwsNaming;

TEST(HalfspaceRamp, IsWhatItSays) {
    const Ramp ramp{0.6};
    EXPECT_EQ(ramp.value(-1), 0);
    EXPECT_EQ(ramp.value(1), 1);
    EXPECT_EQ(ramp.slope(0.31), 0);
    EXPECT_TRUE(close(ramp.value(0.1), 0.5 + 0.1 / 0.6, 1e-15));
    EXPECT_TRUE(close(ramp.slope(0.05), 1 / 0.6, 1e-15));
    for (double t = -0.5; t < 0.5; t += 0.0137) {
        const double slope = (ramp.value(t + 1e-6) - ramp.value(t - 1e-6)) / 2e-6;
        EXPECT_NEAR(ramp.slope(t), slope, 1e-5) << t; // continuous, and the derivative
        EXPECT_LE(ramp.slope(t), 4 / (3 * 0.6) + 1e-12);
        EXPECT_LE(std::abs(ramp.slope(t + 1e-4) - ramp.slope(t)), 12 / 0.36 * 1e-4 + 1e-12);
        EXPECT_TRUE(close(ramp.value(t) + ramp.value(-t), 1, 1e-15));
    }
}

TEST(HalfspaceRamp, GradientIsThatOfTheSurrogate) {
    Random random(1);
    const Matrix x = random.normalMatrix(500, 4);
    const VectorXd w = random.normalVector(4).normalized();
    VectorXd y(500);
    for (double& label : y)
        label = random.sign();
    const VectorXd gradient = surrogateGradient(x, y, w, 0.5);
    EXPECT_NEAR(gradient.dot(w), 0, 1e-15);
    const VectorXd along = orthogonalBasis(w).col(1);
    const auto at = [&](double angle) {
        return surrogate(x, y, std::cos(angle) * w + std::sin(angle) * along, 0.5);
    };
    EXPECT_NEAR(gradient.dot(along), (at(1e-5) - at(-1e-5)) / 2e-5, 1e-6);
}

TEST(HalfspaceMoments, OfPointsThatAreKnown) {
    Matrix x(4, 2); // corners of a square: E x^4 = 1 instead of 3, E x^2 y^2 = 1
    x << 1, 1, 1, -1, -1, 1, -1, -1;
    EXPECT_TRUE(close(pairMoments(x), 2 * 2 / std::sqrt(24.0), 1e-14));
    EXPECT_TRUE(close(spectralDeviation(x), 0, 1e-14));
    EXPECT_TRUE(close(spectralDeviation(2 * x), 2 * std::log(4), 1e-14));
    const Matrix axis = Matrix::Identity(2, 1);
    EXPECT_TRUE(close(directionMoments(x, axis), 2 * 2 / std::sqrt(24.0), 1e-14));
    EXPECT_EQ(spectralDeviation(Matrix::Zero(3, 2)), std::numeric_limits<double>::infinity());
}

TEST(HalfspaceMoments, BasisIsOrthogonal) {
    for (Index d : {1, 2, 7}) {
        const VectorXd w = Random(2).normalVector(d).normalized();
        const Matrix basis = orthogonalBasis(w);
        ASSERT_EQ(basis.cols(), d - 1);
        EXPECT_NEAR((basis.transpose() * w).norm(), 0, 1e-14);
        EXPECT_NEAR((basis.transpose() * basis - Matrix::Identity(d - 1, d - 1)).norm(), 0, 1e-13);
    }
}

TEST(HalfspaceStatistics, DisagreementIsBounded) {
    Random random(3);
    Matrix x = random.normalMatrix(3000, 3);
    x.col(1) *= 3; // not normal: the bound is a theorem about any points
    const VectorXd w = VectorXd::Unit(3, 0);
    for (double angle : {0.01, 0.1, 0.4})
        for (int k = 0; k < 20; k++) {
            VectorXd u = random.normalVector(3);
            u[0] = 0;
            const VectorXd v = std::cos(angle) * w + std::sin(angle) * u.normalized();
            EXPECT_LE(errorRate(x, predict(x, w), v), disagreementBound(x, w, angle) + 1e-15);
        }
    EXPECT_EQ(disagreementBound(x.leftCols(1), VectorXd::Ones(1), 0.1), 0);
}

TEST(HalfspaceStatistics, BandsOfNormalPoints) {
    EXPECT_TRUE(close(gaussianBand(1.959963984540054), 0.95, 1e-12));
    const Matrix x = Random(4).normalMatrix(40000, 2);
    const VectorXd w = Eigen::Vector2d(0.6, 0.8);
    EXPECT_NEAR(double(countBand(x, w, 0.2)) / 40000, gaussianBand(0.2), 0.01);
    const std::vector<double> values = candidateStatistics(x, w, {0.4})[0];
    EXPECT_EQ(values.size(), candidateStatisticNames().size());
    EXPECT_NEAR(values[1],
                std::abs(std::log(double(countBand(x, w, 0.2)) / 40000 / gaussianBand(0.2))),
                1e-12);
    EXPECT_EQ(candidateStatistics(x.array() + 100, w, {0.4})[0][0],
              std::numeric_limits<double>::infinity());
}

TEST(HalfspaceStatistics, TrendShowsAPlaneThatIsTurned) {
    const auto trend = [](const Matrix& x, const VectorXd& w) {
        return candidateStatistics(x, w, {0.6})[0][5];
    };
    const VectorXd w = VectorXd::Unit(3, 2);
    Matrix x = Random(8).normalMatrix(4000, 3);
    EXPECT_LT(trend(x, w), 5); // of two independent normal numbers: length 5 has probability 4e-6
    for (Index i = 0; i < x.rows(); i++)
        if (std::abs(x(i, 2)) <= 0.11)
            x(i, 2) = 0.02 * x(i, 0);
    const double inBand = (x.col(2).array().abs() <= std::tan(0.1)).count();
    EXPECT_TRUE(close(trend(x, w), std::sqrt(inBand), 1e-10)); // they are multiples of each other
}

TEST(HalfspaceCalibration, ThresholdsHoldForNormalPoints) {
    const Calibration calibration = calibrate(3, 3000, {0.4}, 60, 5);
    const Calibration again = calibrate(3, 3000, {0.4}, 60, 5);
    EXPECT_EQ(calibration.ofAll[1].mean, again.ofAll[1].mean);
    int exceeded = 0;
    for (int k = 0; k < 40; k++) {
        const Matrix x = Random(6, k).normalMatrix(3000, 3);
        const auto values = candidateStatistics(x, VectorXd::Unit(3, 2), {0.4})[0];
        for (std::size_t s = 0; s < values.size(); s++)
            exceeded +=
                values[s] > Calibration::threshold(calibration.ofCandidate.at(0.4)[s], 0.01, 10);
    }
    EXPECT_LE(exceeded, 4); // 0.4 expected
    EXPECT_GT(Calibration::threshold({0, 1, 0}, 0.001, 1),
              Calibration::threshold({0, 1, 0}, 0.01, 1));
    EXPECT_TRUE(throwsNaming<Error>("20 replicas", [] { calibrate(2, 100, {}, 19, 0); }));
}

TEST(HalfspaceSweep, EqualsBruteForceWithTies) {
    for (int k = 0; k < 30; k++) {
        Random random(7, k);
        const Index n = 1 + random.below(25);
        Matrix x(n, 2);
        VectorXd y(n);
        for (Index i = 0; i < n;
             i++) { // a small lattice: equal directions, opposite ones, the origin
            x.row(i) << double(random.below(5) - 2), double(random.below(5) - 2);
            y[i] = random.sign();
        }
        const BestHalfspace best = sweepAngles(x, y);
        double expected = 1;
        const auto consider = [&](double cosine, double sine) {
            expected = std::min(expected, errorRate(x, y, Eigen::Vector2d(cosine, sine)));
        };
        for (Index i = 0; i < n; i++) // exactly on the boundary of a point
            consider(-x(i, 1), x(i, 0)), consider(x(i, 1), -x(i, 0));
        for (int step = 0; step < 7200; step++)
            consider(std::cos((step + 0.5) * M_PI / 3600), std::sin((step + 0.5) * M_PI / 3600));
        EXPECT_EQ(best.error, expected) << k;
    }
    EXPECT_TRUE(
        throwsNaming<Error>("plane", [] { sweepAngles(Matrix::Ones(2, 3), VectorXd::Ones(2)); }));
}
