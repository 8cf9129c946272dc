// SPDX-License-Identifier: MIT
#include "Hadamard.h"
#include "Sketch.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <limits>
#include <unsupported/Eigen/KroneckerProduct>

using namespace equivariant;
using namespace equivariant::linf_sketched_regression;
using Eigen::Index;
using Eigen::VectorXd;
using equivariant::support::Random;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

SketchOptions makeOptions(SketchKind kind, Index rows, std::uint64_t seed = 0) {
    SketchOptions options;
    options.kind = kind;
    options.rows = rows;
    options.seed = seed;
    options.blockSize = 16;
    options.nonzeros = 2;
    return options;
}

/// Those whose S does not depend on A.
constexpr SketchKind oblivious[] = {SketchKind::Bgp,         SketchKind::Srht,
                                    SketchKind::BlockSrht,   SketchKind::Gauss,
                                    SketchKind::CountSketch, SketchKind::Uniform};

} // namespace

TEST(Hadamard, EqualsItsDefinition) {
    for (Index n : {1, 2, 4, 8, 64, 128}) {
        Matrix h = Matrix::Identity(n, n);
        hadamardTransform(h.data(), n, n);
        for (Index i = 0; i < n; i++)
            for (Index j = 0; j < n; j++)
                ASSERT_EQ(h(i, j), __builtin_popcountll(i & j) % 2 ? -1 : 1) << n;
    }
    EXPECT_EQ(nextPowerOfTwo(1), 1);
    EXPECT_EQ(nextPowerOfTwo(1024), 1024);
    EXPECT_EQ(nextPowerOfTwo(1100000), 1 << 21);
}

TEST(Sketch, IsLinearAndTheSameForAnyNumberOfColumns) {
    const Matrix a = Random(1).normalMatrix(50, 21);
    for (SketchKind kind : oblivious) {
        const SketchOptions options = makeOptions(kind, 16, 3);
        const Matrix s = applySketch(Matrix::Identity(50, 50), options);
        const Matrix sa = applySketch(a, options);
        EXPECT_LT((s * a - sa).cwiseAbs().maxCoeff(), 1e-12) << int(kind);
        EXPECT_LT((applySketch(a.leftCols(5), options) - sa.leftCols(5)).cwiseAbs().maxCoeff(),
                  1e-13);
        EXPECT_NE(applySketch(a, makeOptions(kind, 16, 4)), sa);
        EXPECT_EQ(applySketch(a, options), sa);
    }
}

TEST(Sketch, PreservesLengthsOnAverage) {
    const Matrix x = Random(2).normalMatrix(100, 1);
    for (SketchKind kind :
         {SketchKind::Bgp, SketchKind::Srht, SketchKind::BlockSrht, SketchKind::Gauss,
          SketchKind::CountSketch, SketchKind::Leverage, SketchKind::Uniform}) {
        constexpr int draws = 400;
        double sum = 0, squares = 0;
        for (int k = 0; k < draws; k++) {
            const double ratio =
                applySketch(x, makeOptions(kind, 32, k)).squaredNorm() / x.squaredNorm();
            sum += ratio;
            squares += ratio * ratio;
        }
        const double mean = sum / draws;
        const double deviation = std::sqrt(std::max(0.0, squares / draws - mean * mean) / draws);
        EXPECT_NEAR(mean, 1, 5 * deviation + 1e-12) << int(kind);
    }
}

TEST(Sketch, SrhtWithAllRowsIsOrthogonal) {
    const Matrix s = applySketch(Matrix::Identity(50, 50), makeOptions(SketchKind::Srht, 64));
    EXPECT_LT((s.transpose() * s - Matrix::Identity(50, 50)).cwiseAbs().maxCoeff(), 1e-14);
}

TEST(Sketch, NoTwoPoolsShareARow) {
    // Without padding a pool is a combination of rows of an orthogonal matrix, so that pools are
    // orthogonal, too.
    const Matrix s = applySketch(Matrix::Identity(64, 64), makeOptions(SketchKind::Bgp, 16));
    Matrix products = s * s.transpose();
    EXPECT_GT(products.diagonal().minCoeff(), 0);
    products.diagonal().setZero();
    EXPECT_LT(products.cwiseAbs().maxCoeff(), 1e-13);
}

TEST(Sketch, NumbersOfRows) {
    SketchOptions options = makeOptions(SketchKind::Bgp, 13);
    EXPECT_EQ(sketchedRows(50, options), 16);
    options.pool = 100; // more padding
    EXPECT_EQ(applySketch(Matrix::Identity(50, 50), options).rows(), 16);
    EXPECT_EQ(sketchedRows(50, makeOptions(SketchKind::Srht, 1000)), 64);
    const Index most = std::numeric_limits<Index>::max();
    EXPECT_EQ(sketchedRows(50, makeOptions(SketchKind::Bgp, most)), 64);
    for (Index pool : {Index(1) << 27, most}) {
        options.pool = pool;
        EXPECT_TRUE(throwsNaming<Error>("16 pools of " + std::to_string(pool),
                                        [&] { applySketch(Matrix::Identity(50, 50), options); }));
    }
}

TEST(Sketch, CountSketchHasFewEntries) {
    const Matrix s =
        applySketch(Matrix::Identity(50, 50), makeOptions(SketchKind::CountSketch, 16));
    for (Index j = 0; j < 50; j++) {
        EXPECT_EQ((s.col(j).array() != 0).count(), 2);
        EXPECT_TRUE(close(s.col(j).squaredNorm(), 1, 1e-15));
    }
}

TEST(TensorSketch, EqualsASketchOfTheProduct) {
    const Matrix x = Random(5).normalMatrix(6, 3), y = Random(6).normalMatrix(5, 3);
    Matrix all(30, 30); // S, one column for each pair of unit vectors
    for (Index i = 0; i < 6; i++)
        for (Index j = 0; j < 5; j++)
            all.col(5 * i + j) =
                applyTensorSketch(VectorXd::Unit(6, i), VectorXd::Unit(5, j), 30, 7);
    const Matrix sketched = applyTensorSketch(x, y, 30, 7);
    for (Index k = 0; k < 3; k++) {
        const VectorXd product = Eigen::kroneckerProduct(x.col(k), y.col(k));
        EXPECT_LT((all * product - sketched.col(k)).cwiseAbs().maxCoeff(), 1e-13);
    }
    constexpr int draws = 600;
    double mean = 0;
    for (int k = 0; k < draws; k++)
        mean += applyTensorSketch(x.col(0), y.col(0), 16, k).squaredNorm() / draws;
    EXPECT_NEAR(mean / (x.col(0).squaredNorm() * y.col(0).squaredNorm()), 1, 0.1);
    EXPECT_TRUE(
        throwsNaming<Error>("3 and 2 columns", [&] { applyTensorSketch(x, y.leftCols(2), 4, 0); }));
    EXPECT_TRUE(throwsNaming<Error>("second factor: row 0", [&] {
        applyTensorSketch(x, Matrix::Constant(5, 3, std::nan("")), 4, 0);
    }));
}

TEST(Sketch, BadInputIsRefused) {
    Matrix a = Matrix::Ones(20, 2);
    const auto apply = [&](SketchKind kind, Index rows, int nonzeros, Index block) {
        SketchOptions options = makeOptions(kind, rows);
        options.nonzeros = nonzeros;
        options.blockSize = block;
        return applySketch(a, options);
    };
    EXPECT_TRUE(throwsNaming<Error>("one row", [&] { apply(SketchKind::Srht, 0, 1, 4); }));
    EXPECT_TRUE(throwsNaming<Error>("non-zeros", [&] { apply(SketchKind::CountSketch, 4, 5, 4); }));
    EXPECT_TRUE(throwsNaming<Error>("non-zeros", [&] { apply(SketchKind::CountSketch, 4, 0, 4); }));
    EXPECT_TRUE(
        throwsNaming<Error>("power of two", [&] { apply(SketchKind::BlockSrht, 8, 1, 6); }));
    EXPECT_TRUE(
        throwsNaming<Error>("larger blocks", [&] { apply(SketchKind::BlockSrht, 2, 1, 4); }));
    EXPECT_TRUE(throwsNaming<Error>("'fft'", [&] { parseSketchKind("fft"); }));
    a(7, 1) = std::nan("");
    EXPECT_TRUE(throwsNaming<Error>("row 7", [&] { apply(SketchKind::Srht, 4, 1, 4); }));
}
