// SPDX-License-Identifier: MIT
#include "Dissimilarity.h"

#include "support/Random.h"

#include "equivariant/Error.h"
#include "support/Compare.h"

using namespace equivariant::local_reduced_order_bases;
using Eigen::Index;
using equivariant::Error;
using equivariant::support::Random;
using equivariant::test::close;

TEST(Dissimilarity, SineOfAnglesInThePlane) {
    // All sizes of angles, where cos rounds to 1, too; signs and lengths do not count.
    for (double angle : {1e-15, 1e-9, 1e-4, 0.3, 0.45, 0.46, 1.0, 1.5}) {
        Matrix a(2, 2);
        a << 1, 0, std::cos(angle), std::sin(angle);
        const double tolerance = angle < 1e-12 ? 0.2 : 1e-6; // components have steps of 1e-16
        for (double factor : {1.0, -1e150, 1e-150}) {
            Matrix scaled = a;
            scaled.row(1) *= factor;
            EXPECT_LE(std::abs(sineMatrix(scaled)(0, 1) / std::sin(angle) - 1), tolerance) << angle;
        }
    }
}

TEST(Dissimilarity, LongRowsInBlocksOfColumns) {
    const Matrix a = Random(1).normalMatrix(70, 9000);
    const Matrix d = sineMatrix(a);
    for (const auto& [i, j] : {std::pair(0, 69), std::pair(64, 3), std::pair(10, 11)}) {
        const double cosine = a.row(i).dot(a.row(j)) / (a.row(i).norm() * a.row(j).norm());
        EXPECT_TRUE(close(d(i, j), std::sqrt(1 - cosine * cosine), 1e-14));
        EXPECT_EQ(d(i, j), d(j, i));
    }
    EXPECT_EQ(d.diagonal().cwiseAbs().maxCoeff(), 0);
}

TEST(Dissimilarity, MeanOverTime) {
    const Matrix a = Random(2).normalMatrix(6, 5); // three runs of two steps
    const Matrix d = dissimilarities(a, 2, Dissimilarity::Sine), single = sineMatrix(a);
    EXPECT_TRUE(close(
        d(0, 2), std::sqrt((std::pow(single(0, 4), 2) + std::pow(single(1, 5), 2)) / 2), 1e-14));
    const Matrix euclid = dissimilarities(a, 2, Dissimilarity::Euclid);
    EXPECT_TRUE(close(euclid(1, 2), (a.middleRows(2, 2) - a.middleRows(4, 2)).norm() / std::sqrt(2),
                      1e-14));
}

TEST(Dissimilarity, PrincipalAnglesOfKnownPlanes) {
    // Two planes that share no line: angles 0.3 and 1e-9 in separate coordinates.
    const double small = 1e-9, large = 0.3;
    Matrix a = Matrix::Zero(4, 4);
    a(0, 0) = 2;
    a(1, 1) = -3;
    a.row(2) << std::cos(small), 0, std::sin(small), 0;
    a.row(3) << 0, std::cos(large), 0, std::sin(large);
    a.row(3) += a.row(2); // another basis of the same plane
    const auto between = [&](Dissimilarity kind) { return dissimilarities(a, 2, kind)(0, 1); };
    EXPECT_TRUE(close(between(Dissimilarity::Chordal), std::sin(large), 1e-12));
    EXPECT_TRUE(close(between(Dissimilarity::Grassmann), large, 1e-12));
    EXPECT_TRUE(close(between(Dissimilarity::MaxSine), std::sin(large), 1e-12));
    a.row(3) << 0, 1, 0, 0;
    EXPECT_LE(std::abs(between(Dissimilarity::MaxSine) / small - 1), 1e-6);
}

TEST(Dissimilarity, OfOneStepAllButGrassmannAreTheSine) {
    const Matrix a = Random(3).normalMatrix(5, 3), sine = sineMatrix(a);
    EXPECT_LE((dissimilarities(a, 1, Dissimilarity::Chordal) - sine).cwiseAbs().maxCoeff(), 1e-14);
    EXPECT_LE((dissimilarities(a, 1, Dissimilarity::MaxSine) - sine).cwiseAbs().maxCoeff(), 1e-14);
    EXPECT_LE((dissimilarities(a, 1, Dissimilarity::Grassmann).array().sin().matrix() - sine)
                  .cwiseAbs()
                  .maxCoeff(),
              1e-14);
}

TEST(Dissimilarity, BetweenTwoSets) {
    const Matrix a = Random(4).normalMatrix(8, 6), all = sineMatrix(a);
    for (Dissimilarity kind : {Dissimilarity::Sine, Dissimilarity::Chordal}) {
        const Matrix d = dissimilarities(a.topRows(3), a.bottomRows(5), 1, kind);
        EXPECT_LE((d - all.topRightCorner(3, 5)).cwiseAbs().maxCoeff(), 1e-14);
    }
}

TEST(Dissimilarity, WeightedByAMassMatrix) {
    const Matrix u = Random(5).normalMatrix(4, 6), root = Random(6).normalMatrix(6, 6);
    const Matrix mass = root * root.transpose();
    const InnerProduct product(mass, "mass");
    const Matrix d = sineMatrix(product.toEuclidean(u));
    const auto inner = [&](Index i, Index j) { return (u.row(i) * mass).dot(u.row(j)); };
    EXPECT_TRUE(close(
        d(1, 3), std::sqrt(1 - std::pow(inner(1, 3), 2) / (inner(1, 1) * inner(3, 3))), 1e-10));
    EXPECT_LE((product.fromEuclidean(product.toEuclidean(u)) - u).cwiseAbs().maxCoeff(), 1e-10);
    const Matrix diagonal = mass.diagonal();
    const Matrix asMatrix = mass.diagonal().asDiagonal();
    EXPECT_LE(
        (InnerProduct(diagonal, "m").toEuclidean(u) - InnerProduct(asMatrix, "m").toEuclidean(u))
            .cwiseAbs()
            .maxCoeff(),
        1e-14);
}

TEST(Dissimilarity, BadInputIsRefused) {
    const auto expectError = [](const auto& call, const std::string& why) {
        try {
            call();
            ADD_FAILURE() << "not refused: " << why;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
        }
    };
    Matrix a = Matrix::Ones(4, 3), mass = Matrix::Identity(3, 3);
    expectError([&] { dissimilarities(a, 3, Dissimilarity::Sine); }, "steps");
    expectError([&] { dissimilarities(a, Matrix::Ones(2, 2), 1, Dissimilarity::Sine); },
                "3 and 2 numbers");
    a.row(2).setZero();
    for (Dissimilarity kind : {Dissimilarity::Sine, Dissimilarity::Chordal})
        expectError([&] { dissimilarities(a, 1, kind); }, "snapshot 2 is zero");
    a(2, 1) = std::nan("");
    expectError([&] { sineMatrix(a); }, "snapshot 2 is not");
    expectError([] { parseDissimilarity("best"); }, "best");
    mass(1, 0) = 0.5;
    expectError([&] { InnerProduct(mass, "m"); }, "not symmetric (row 1)");
    mass(0, 1) = 0.5;
    EXPECT_NO_THROW(InnerProduct(mass, "m"));
    mass(2, 2) = -1;
    expectError([&] { InnerProduct(mass, "m"); }, "not positive definite (row 2)");
    mass(2, 2) = 1;
    mass(0, 1) = mass(1, 0) = 1; // singular
    expectError([&] { InnerProduct(mass, "m"); }, "not positive definite (row 1)");
    expectError([&] { InnerProduct(Matrix::Zero(3, 1), "m"); }, "not positive (row 0)");
    expectError([&] { InnerProduct(Matrix::Ones(3, 2), "m"); }, "not square");
    expectError([&] { InnerProduct(Matrix::Ones(2, 1), "m").toEuclidean(a); }, "for 2 numbers");
}
