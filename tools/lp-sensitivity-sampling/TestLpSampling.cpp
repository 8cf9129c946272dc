// SPDX-License-Identifier: MIT
#include "Distortion.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <Eigen/Eigenvalues>

using namespace equivariant;
using namespace equivariant::lp_sensitivity_sampling;
using Eigen::VectorXd;
using equivariant::support::Random;
using equivariant::test::close;
using equivariant::test::throwsNaming;

TEST(LpSampling, ProbabilitiesSumToTheWantedRows) {
    VectorXd scores(6);
    scores << 1, 0.5, 0.2, 0.1, 0.1, 0;
    for (double rows : {1.5, 2.0, 3.0, 5.0}) {
        const VectorXd q = inclusionProbabilities(scores, rows, 1);
        EXPECT_TRUE(close(q.sum(), rows, 1e-9)) << rows;
        EXPECT_TRUE(q.minCoeff() >= 1.0 / 6 && q.maxCoeff() <= 1) << q.transpose();
    }
    EXPECT_EQ(inclusionProbabilities(scores, 6, 1), VectorXd::Ones(6));
    EXPECT_EQ(inclusionProbabilities(scores, 1000, 1), VectorXd::Ones(6));
    EXPECT_TRUE(throwsNaming<Error>("cannot preserve the rank 3",
                                    [&] { inclusionProbabilities(scores, 2, 3); }));
    scores[2] = -1;
    EXPECT_TRUE(throwsNaming<Error>("not negative", [&] { inclusionProbabilities(scores, 2, 1); }));
}

TEST(LpSampling, RowsThatAreCertainHaveWeightOne) {
    VectorXd q(3);
    q << 1, 0.25, 1;
    int kept = 0;
    for (int k = 0; k < 400; k++) {
        const Sample sample = draw(q, 2, 3, k);
        ASSERT_GE(sample.rows.size(), 2u);
        EXPECT_EQ(sample.weights[0], 1);
        if (sample.rows.size() == 3) {
            kept++;
            EXPECT_EQ(sample.weights[1], 2); // q^(-1/p)
        }
    }
    EXPECT_NEAR(kept, 100, 5 * std::sqrt(400 * 0.25 * 0.75));
    q[1] = 0;
    EXPECT_TRUE(throwsNaming<Error>("row 1", [&] { draw(q, 2, 3); }));
}

TEST(LpSampling, RoundsComposeToUnbiasedWeights) {
    const Matrix a = Random(1).normalMatrix(300, 3);
    const VectorXd x = Random(2).normalVector(3);
    const double norm = (a * x).lpNorm<1>();
    constexpr int draws = 300;
    double sum = 0, squares = 0, rows = 0;
    for (int k = 0; k < draws; k++) {
        const Sample sample = drawRootLeverage(a, 1, 60, 3, 4, k);
        rows += static_cast<double>(sample.rows.size()) / draws;
        const double ratio =
            (sample.weights.asDiagonal() * (a(sample.rows, Eigen::all) * x)).lpNorm<1>() / norm;
        sum += ratio;
        squares += ratio * ratio;
    }
    const double mean = sum / draws;
    EXPECT_NEAR(mean, 1, 4 * std::sqrt((squares / draws - mean * mean) / draws));
    EXPECT_NEAR(rows, 60, 6);
    EXPECT_TRUE(throwsNaming<Error>("1 <= p < 2", [&] { drawRootLeverage(a, 3, 60, 3, 4); }));
    EXPECT_TRUE(throwsNaming<Error>("round", [&] { drawRootLeverage(a, 1, 60, 0, 4); }));
}

TEST(LpSampling, SearchFindsTheWorstDirection) {
    // p = 2: the ratio is a Rayleigh quotient, whose range is that of eigenvalues.
    const Matrix a = Random(3).normalMatrix(200, 6);
    const Sample sample = draw(VectorXd::Constant(200, 0.2), 2, 5);
    const Matrix q = columnSpace(a);
    const Matrix kept = sample.weights.asDiagonal() * q(sample.rows, Eigen::all);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(kept.transpose() * kept);
    DistortionOptions options;
    options.directions = 100;
    const Distortion found = measureDistortion(a, sample.rows, sample.weights, 2, options);
    EXPECT_TRUE(close(found.maxRatio, solver.eigenvalues().maxCoeff(), 1e-4));
    EXPECT_TRUE(close(found.minRatio, solver.eigenvalues().minCoeff(), 1e-4));
    options.search = false;
    EXPECT_LT(measureDistortion(a, sample.rows, sample.weights, 2, options).value(), found.value());
}

TEST(LpSampling, AllRowsDistortNothing) {
    const Matrix a = Random(4).normalMatrix(50, 4);
    const Sample all = draw(VectorXd::Ones(50), 1, 0);
    EXPECT_TRUE(close(measureDistortion(a, all.rows, all.weights, 1, {}).value(), 0, 1e-12));
}

TEST(LpSampling, DistortionRefusesWhatMakesNoSense) {
    const Matrix a = Random(5).normalMatrix(5, 2);
    const auto measure = [&](const std::vector<int>& rows, double weight, double p) {
        return measureDistortion(a, rows, VectorXd::Constant(2, weight), p, {});
    };
    EXPECT_TRUE(throwsNaming<Error>("no row 5", [&] { measure({0, 5}, 1, 1); }));
    EXPECT_TRUE(throwsNaming<Error>("row 1: the weight", [&] { measure({1, 2}, 0, 1); }));
    EXPECT_TRUE(throwsNaming<Error>("3 rows", [&] { measure({0, 1, 2}, 1, 1); }));
    EXPECT_TRUE(throwsNaming<Error>("p has to be", [&] { measure({0, 1}, 1, 0.5); }));
}

TEST(LpSampling, MixtureIsOne) {
    VectorXd a(2), b(2);
    a << 1, 3;
    b << 2, 2;
    const VectorXd mixed = mixScores(a, b, 0.5);
    EXPECT_TRUE(close(mixed[0], 0.375, 1e-15));
    EXPECT_TRUE(close(mixed.sum(), 1, 1e-15));
    EXPECT_TRUE(throwsNaming<Error>("share", [&] { mixScores(a, b, 1.5); }));
}
