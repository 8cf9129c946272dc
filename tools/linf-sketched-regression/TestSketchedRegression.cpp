// SPDX-License-Identifier: MIT
#include "Lsqr.h"
#include "SketchedRegression.h"

#include "support/Decompositions.h"
#include "support/Failure.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <Eigen/Eigenvalues>

using namespace equivariant;
using namespace equivariant::linf_sketched_regression;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using equivariant::support::Failure;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

RegressionOptions makeOptions(SketchKind kind, Index rows) {
    RegressionOptions options;
    options.sketch.kind = kind;
    options.sketch.rows = rows;
    return options;
}

} // namespace

TEST(SketchedRegression, ExactDataGiveTheExactSolution) {
    const Matrix a = Random(1).normalMatrix(300, 6);
    const VectorXd x = Random(2).normalVector(6), b = a * x;
    for (SketchKind kind :
         {SketchKind::Bgp, SketchKind::Srht, SketchKind::BlockSrht, SketchKind::Gauss,
          SketchKind::CountSketch, SketchKind::Leverage, SketchKind::Uniform}) {
        const SketchedSolution found = solveSketched(a, b, makeOptions(kind, 64));
        EXPECT_TRUE(allClose(found.x, x, 1e-11)) << int(kind);
        EXPECT_LT(found.residual, 1e-11);
        EXPECT_EQ(found.rows, 64);
    }
}

TEST(SketchedRegression, ReportEqualsDirectComputation) {
    const Matrix a = Random(3).normalMatrix(200, 5);
    const VectorXd b = Random(4).normalVector(200);
    const RegressionOptions options = makeOptions(SketchKind::Srht, 50);
    const SketchedSolution found = solveSketched(a, b, options);
    const MatrixXd sa = applySketch(a, options.sketch);
    const VectorXd sb = applySketch(b, options.sketch);
    const VectorXd x = (sa.transpose() * sa).ldlt().solve(sa.transpose() * sb);
    EXPECT_TRUE(allClose(found.x, x, 1e-12));
    EXPECT_TRUE(close(found.residual, (sa * x - sb).norm(), 1e-12));
    const VectorXd singular = sa.jacobiSvd().singularValues();
    EXPECT_TRUE(close(found.conditionNumber, singular[0] / singular[4], 1e-10));
    const MatrixXd inverse = (sa.transpose() * sa).inverse();
    const VectorXd errors = found.residual * (inverse.diagonal() / 45).cwiseSqrt();
    EXPECT_TRUE(allClose(found.standardErrors, errors, 1e-12));
    EXPECT_TRUE(close(found.typicalEps,
                      errors.maxCoeff() * std::sqrt(5) * singular[4] / found.residual, 1e-10));
}

TEST(SketchedRegression, RefinementEqualsQr) {
    Matrix a = Random(5).normalMatrix(400, 8);
    a.col(3) *= 1e5;
    const VectorXd b = Random(6).normalVector(400);
    const VectorXd exact = Eigen::HouseholderQR<MatrixXd>(a).solve(b);
    RegressionOptions options = makeOptions(SketchKind::Bgp, 64);
    EXPECT_FALSE(allClose(solveSketched(a, b, options).x, exact, 1e-6));
    options.refine = true;
    const SketchedSolution found = solveSketched(a, b, options);
    EXPECT_TRUE(allClose(found.x, exact, 1e-12));
    EXPECT_TRUE(found.converged);
    EXPECT_GT(found.iterations, 0);
    EXPECT_LE(found.iterations, 60);
    EXPECT_TRUE(close(found.residual, (a * exact - b).norm(), 1e-12));
}

TEST(SketchedRegression, AGivenSketchIsUsedAsItIs) {
    // The counter-example of 2026 to the proof of 2023, whose error is known exactly.
    constexpr double rho = 0.05, alpha = 0.05;
    for (Index d : {8, 64}) {
        MatrixXd m = MatrixXd::Identity(d + 1, d + 1);
        m(0, 1) = m(1, 0) = -rho;
        m(d, 1) = m(1, d) = alpha;
        const Matrix s = Eigen::SelfAdjointEigenSolver<MatrixXd>(m).operatorSqrt();
        const SketchedSolution found =
            solveWithSketch(s, Matrix(MatrixXd::Identity(d + 1, d)), VectorXd::Unit(d + 1, d));
        EXPECT_TRUE(close(std::abs(found.x[0]), alpha * rho / (1 - rho * rho), 1e-13));
    }
}

TEST(SketchedRegression, MissingRankIsNamed) {
    Matrix a = Random(7).normalMatrix(100, 5);
    const VectorXd b = Random(8).normalVector(100);
    a.col(4) = a.col(1);
    for (SketchKind kind : {SketchKind::Bgp, SketchKind::Srht, SketchKind::Gauss}) {
        try {
            solveSketched(a, b, makeOptions(kind, 32));
            FAIL() << "nothing was thrown";
        } catch (const Failure& failure) {
            EXPECT_EQ(failure.status, 3);
            EXPECT_NE(std::string(failure.what()).find("rank 4 of 5"), std::string::npos);
        }
    }
    a.col(4).setZero();
    EXPECT_THROW(solveSketched(a, b, makeOptions(SketchKind::Bgp, 32)), Failure);
}

TEST(SketchedRegression, BadInputIsRefused) {
    Matrix a = Random(9).normalMatrix(100, 5);
    VectorXd b = Random(10).normalVector(100);
    const auto solve = [&](Index rows) {
        return solveSketched(a, b, makeOptions(SketchKind::Srht, rows));
    };
    EXPECT_TRUE(throwsNaming<Error>("at least 6 rows", [&] { solve(5); }));
    EXPECT_TRUE(throwsNaming<Error>("more rows than columns", [&] {
        solveSketched(a.topRows(5), b.head(5), makeOptions(SketchKind::Srht, 6));
    }));
    EXPECT_TRUE(throwsNaming<Error>("right-hand side 99", [&] {
        solveSketched(a, b.head(99), makeOptions(SketchKind::Srht, 6));
    }));
    EXPECT_TRUE(
        throwsNaming<Error>("3 columns", [&] { solveWithSketch(Matrix::Ones(8, 3), a, b); }));
    EXPECT_EQ(solve(1000).rows, 128);
    EXPECT_EQ(solve(1000).warnings.size(), 1u);
    RegressionOptions options;
    options.eps = 0;
    EXPECT_TRUE(throwsNaming<Error>("eps", [&] { solveSketched(a, b, options); }));
    b[17] = std::nan("");
    EXPECT_TRUE(throwsNaming<Error>("row 17", [&] { solve(32); }));
    a(3, 2) = std::nan("");
    EXPECT_TRUE(throwsNaming<Error>("row 3, column 2", [&] { solve(32); }));
}

TEST(SketchedRegression, RowsOfASketch) {
    EXPECT_EQ(rowsFor(100, 0.5, 0.01), 3685); // 400 ln(10^4) = 3684.1
    EXPECT_EQ(rowsFor(10, 5, 0.5), 22);
    EXPECT_EQ(theoremPool(1 << 20, 1 << 10, 1, 0.5), 1024); // n/m
    EXPECT_EQ(theoremPool(1 << 20, 1 << 10, 2, 0.5), 4096); // 6 log(2^32 sqrt 2)^2 = 3045
}

TEST(Lsqr, SolvesWhatIsWellConditioned) {
    const MatrixXd a = Random(11).normalMatrix(80, 4);
    const VectorXd b = Random(12).normalVector(80);
    const auto solve = [&](const VectorXd& right, int most) {
        return lsqr([&](const VectorXd& x) -> VectorXd { return a * x; },
                    [&](const VectorXd& y) -> VectorXd { return a.transpose() * y; }, right, 1e-14,
                    most);
    };
    const LsqrResult found = solve(b, 50);
    EXPECT_TRUE(found.converged);
    EXPECT_TRUE(allClose(found.x, VectorXd(a.householderQr().solve(b)), 1e-12));
    EXPECT_FALSE(solve(b, 1).converged);
    EXPECT_EQ(solve(VectorXd::Zero(80), 50).x, VectorXd::Zero(4));
}
