// SPDX-License-Identifier: MIT
//
// Scores of rows against closed forms, bounds that are theorems, and each other.
#include "LeastAbsolute.h"
#include "Scores.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <limits>

using namespace equivariant;
using namespace equivariant::lp_sensitivity_sampling;
using Eigen::VectorXd;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

Scores score(const Matrix& a, double p, ScoreKind kind = ScoreKind::Sensitivity,
             Approximation approximation = Approximation::Exact, VectorXd weights = {}) {
    ScoreOptions options;
    options.p = p;
    options.kind = kind;
    options.approximation = approximation;
    options.rowWeights = std::move(weights);
    return computeScores(a, options);
}

constexpr double infinity = std::numeric_limits<double>::infinity();

} // namespace

TEST(LpScores, ThreeRowsInThePlane) {
    Matrix a(3, 2);
    a << 1, 0, 0, 1, 1, 1;
    for (double p : {1.0, 1.1, 1.5, 2.0, 3.0, 4.0, 7.5}) { // equal by symmetry
        const double expected = 1 / (1 + std::pow(2, 1 - p));
        EXPECT_TRUE(allClose(score(a, p).values, VectorXd::Constant(3, expected), 1e-9)) << p;
    }
}

TEST(LpScores, OneColumn) {
    Matrix a(4, 1);
    a << 1, -2, 0, 4;
    for (double p : {1.0, 1.5, 2.0, 5.0}) {
        const VectorXd powers = a.col(0).array().abs().pow(p);
        EXPECT_TRUE(allClose(score(a, p).values, VectorXd(powers / powers.sum()), 1e-10)) << p;
        EXPECT_TRUE(close(score(a, p).total, 1, 1e-10));
    }
}

TEST(LpScores, RowsOfAnInvertibleMatrixAreIrreplaceable) {
    // Every row of a square matrix can be the only one that is not zero.
    const Matrix a = Random(1).normalMatrix(6, 6);
    for (double p : {1.0, 1.3, 2.0, 3.0, 6.0})
        EXPECT_TRUE(allClose(score(a, p).values, VectorXd::Ones(6), 1e-8)) << p;
}

TEST(LpScores, CopiesShareTheScoreAndWeightsAreCopies) {
    Matrix a = Random(2).normalMatrix(9, 3), copies(12, 3);
    copies << a, a.row(4), a.row(4), a.row(7);
    VectorXd weights = VectorXd::Ones(9);
    weights[4] = 3;
    weights[7] = 2;
    for (double p : {1.0, 1.5, 3.0})
        for (ScoreKind kind : {ScoreKind::Sensitivity, ScoreKind::Lewis}) {
            const VectorXd once = score(a, p, kind, Approximation::Exact, weights).values;
            const VectorXd split = score(copies, p, kind).values;
            for (int i : {0, 1, 2, 3, 5, 6, 8})
                EXPECT_TRUE(close(split[i], once[i], 1e-9));
            for (int i : {4, 9, 10})
                EXPECT_TRUE(close(split[i], once[4] / 3, 1e-9));
            for (int i : {7, 11})
                EXPECT_TRUE(close(split[i], once[7] / 2, 1e-9));
        }
}

TEST(LpScores, DependOnTheColumnSpaceAlone) {
    const Matrix a = Random(3).normalMatrix(30, 4);
    Matrix change = Random(4).normalMatrix(4, 7); // three columns too many
    change.col(2) *= 1e8;
    change.col(5).setZero();
    for (double p : {1.0, 1.5, 4.0}) {
        const Scores scores = score(a * change, p);
        EXPECT_EQ(scores.rank, 4);
        EXPECT_TRUE(allClose(scores.values, score(a, p).values, 1e-7)) << p;
    }
}

TEST(LpScores, ZeroRowsHaveNone) {
    Matrix a = Random(5).normalMatrix(10, 3);
    a.row(6).setZero();
    for (ScoreKind kind : {ScoreKind::Sensitivity, ScoreKind::Lewis, ScoreKind::Leverage})
        EXPECT_EQ(score(a, 1, kind).values[6], 0);
}

TEST(LpScores, InequalitiesOfTheTheory) {
    Matrix a = Random(6).normalMatrix(60, 5);
    a.topRows(4) *= 50;
    const VectorXd leverage = score(a, 2, ScoreKind::Leverage).values;
    EXPECT_TRUE(close(leverage.sum(), 5, 1e-12));
    for (double p : {1.0, 1.2, 1.5, 2.0, 2.5, 4.0, 8.0}) {
        const Scores exact = score(a, p), lewis = score(a, p, ScoreKind::Lewis);
        EXPECT_TRUE(close(lewis.total, 5, 1e-9)) << p; // Lewis weights sum to the rank
        EXPECT_TRUE((exact.values.array() <= exact.upperBounds.array() + 1e-9).all()) << p;
        EXPECT_LE(exact.largestGap, 1e-7) << p;
        EXPECT_GT(exact.values.minCoeff(), 0) << p;
        EXPECT_LE(exact.total, std::pow(5, std::max(1.0, p / 2)) + 1e-9);
        if (p <= 2) {
            EXPECT_TRUE((exact.values.array() <= leverage.array().pow(p / 2) + 1e-9).all()) << p;
        }
    }
}

TEST(LpScores, LewisWeightsAreTheirOwnLeverage) {
    const Matrix a = Random(7).normalMatrix(40, 4);
    for (double p : {1.0, 1.7, 3.0, 5.0, 12.0}) {
        const VectorXd w = lewisWeights(a, p);
        const Matrix scaled = w.array().pow(0.5 - 1 / p).matrix().asDiagonal() * a;
        EXPECT_TRUE(allClose(score(scaled, 2, ScoreKind::Leverage).values, w, 1e-9)) << p;
    }
}

TEST(LpScores, BatchesBoundTheirRows) {
    const Matrix a = Random(8).normalMatrix(80, 3);
    for (double p : {1.0, 3.0}) {
        ScoreOptions options;
        options.p = p;
        options.approximation = Approximation::Batch;
        options.bucketSize = 4;
        options.signs = 24; // fails for a row with probability 6e-8
        const VectorXd exact = score(a, p).values, bound = computeScores(a, options).values;
        EXPECT_TRUE((bound.array() >= exact.array() - 1e-9).all());
        EXPECT_LE(bound.sum(), std::pow(4, p) * exact.sum());
        EXPECT_EQ(bound, computeScores(a, options).values);
    }
}

TEST(LpScores, SizesOfSamples) {
    const SampleSizes one = sampleSizes(1, 10, 4.2), four = sampleSizes(4, 30, 320);
    EXPECT_TRUE(close(one.sensitivity, 17.64, 1e-12));
    EXPECT_TRUE(close(one.generic, 42, 1e-12));
    EXPECT_TRUE(close(four.sensitivity, std::pow(320, 1.5), 1e-12));
    EXPECT_TRUE(close(four.generic, 9600, 1e-12));
    EXPECT_TRUE(close(four.mixed, std::sqrt(30) * 320, 1e-12));
    EXPECT_TRUE(close(gaussianTotalSensitivity(6, 4), 16, 1e-12));
    EXPECT_TRUE(close(gaussianTotalSensitivity(6, 2), 6, 1e-12));
    EXPECT_TRUE(close(gaussianTotalSensitivity(6, 1), 2.9452431127404, 1e-10)); // 15 pi/16
}

TEST(LpScores, BadInputIsRefused) {
    Matrix a = Random(9).normalMatrix(5, 2);
    for (double p : {0.5, infinity, std::nan("")})
        EXPECT_TRUE(throwsNaming<Error>("p has to be", [&] { score(a, p); }));
    EXPECT_TRUE(throwsNaming<Error>("p <= 2", [&] { score(a, 3, ScoreKind::RootLeverage); }));
    EXPECT_TRUE(throwsNaming<Error>("empty", [&] { score(Matrix(0, 2), 1); }));
    EXPECT_TRUE(throwsNaming<Error>("rank 0", [&] { score(Matrix::Zero(4, 2), 1); }));
    EXPECT_TRUE(throwsNaming<Error>("3 weights", [&] {
        score(a, 1, ScoreKind::Lewis, Approximation::Exact, VectorXd::Ones(3));
    }));
    EXPECT_TRUE(throwsNaming<Error>("positive", [&] {
        score(a, 1, ScoreKind::Lewis, Approximation::Exact, VectorXd::Zero(5));
    }));
    a(3, 1) = infinity;
    EXPECT_TRUE(throwsNaming<Error>("row 3, column 1", [&] { score(a, 1); }));
}

TEST(LeastAbsolute, MediansAreFits) {
    const Matrix ones = Matrix::Ones(5, 1);
    VectorXd b(5), weights(5);
    b << 3, -1, 10, 4, 100;
    EXPECT_TRUE(close(fitLeastAbsolute(ones, b)[0], 4, 1e-9));
    weights << 9, 1, 1, 1, 1;
    EXPECT_TRUE(close(fitLeastAbsolute(ones, b, weights)[0], 3, 1e-9));
}

TEST(LeastAbsolute, RecoversWhatMostRowsAgreeOn) {
    const Matrix a = Random(10).normalMatrix(50, 4);
    const VectorXd x = Random(11).normalVector(4);
    VectorXd b = a * x;
    for (int i = 0; i < 50; i += 10)
        b[i] += 1000;
    EXPECT_TRUE(allClose(fitLeastAbsolute(a, b), x, 1e-8));
    b[7] = std::nan("");
    EXPECT_TRUE(throwsNaming<Error>("row 7", [&] { fitLeastAbsolute(a, b); }));
    EXPECT_TRUE(throwsNaming<Error>("50 rows", [&] { fitLeastAbsolute(a, b.head(3)); }));
    EXPECT_TRUE(throwsNaming<Error>("empty", [&] { fitLeastAbsolute(Matrix(0, 2), VectorXd()); }));
}
