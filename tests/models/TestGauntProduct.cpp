// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/GauntProduct.h"
#include "equivariant/SphericalHarmonics.h"
#include "support/Compare.h"
#include "support/Golden.h"
#include "support/Structures.h"

#include <random>

using namespace equivariant;
using Eigen::Vector3d;

namespace {

Features randomFeatures(int lMax, int channels, int seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    return Features::NullaryExpr(numHarmonics(lMax), channels, [&] { return uniform(random); });
}

::testing::AssertionResult allClose(const Features& found, const Features& expected,
                                    double tolerance) {
    if (found.rows() != expected.rows() || found.cols() != expected.cols())
        return ::testing::AssertionFailure() << "different shapes";
    return test::allClose(std::vector<double>(found.data(), found.data() + found.size()),
                          std::vector<double>(expected.data(), expected.data() + expected.size()),
                          tolerance);
}

/// Value of a function at a point.
double at(const Features& x, const Vector3d& point) {
    const int lMax = degreeOf(static_cast<int>(x.rows()) - 1);
    return sphericalHarmonics(lMax, point, Normalization::Integral).dot(x.col(0));
}

Vector3d gradientAt(const Features& x, const Vector3d& point) {
    const int lMax = degreeOf(static_cast<int>(x.rows()) - 1);
    return sphericalHarmonicsWithGradient(lMax, point, Normalization::Integral)
               .gradients.transpose() *
           x.col(0);
}

/// Coefficients of f(R^-1 r), by projection on harmonics through their values at points.
Features rotated(const Features& x, const Eigen::Matrix3d& rotation) {
    const int lMax = degreeOf(static_cast<int>(x.rows()) - 1);
    const Eigen::Index count = x.rows();
    Eigen::MatrixXd plain(2 * count, count), turned(2 * count, count);
    for (Eigen::Index p = 0; p < 2 * count; p++) {
        const Vector3d point = test::randomRotation(static_cast<int>(p) + 50) * Vector3d(0, 0, 1);
        plain.row(p) = sphericalHarmonics(lMax, point, Normalization::Integral).transpose();
        turned.row(p) =
            sphericalHarmonics(lMax, rotation.transpose() * point, Normalization::Integral)
                .transpose();
    }
    return plain.colPivHouseholderQr().solve(turned * x);
}

} // namespace

class GauntMethods : public ::testing::TestWithParam<GauntMethod> {};

TEST_P(GauntMethods, EqualsTheGoldenProducts) {
    const auto golden = test::readJson(test::goldenPath("gaunt/gaunt_tp_L1-6.json"));
    for (int L = 1; L <= 6; L++) {
        const auto& entry = golden.at("L" + std::to_string(L));
        const GauntTensorProduct product(L, L, 2 * L, GetParam());
        for (std::size_t pair = 0; pair < entry.at("x").size(); pair++) {
            const auto x = entry["x"][pair].get<std::vector<double>>();
            const auto y = entry["y"][pair].get<std::vector<double>>();
            const Features z =
                product.multiply(Eigen::Map<const Eigen::VectorXd>(x.data(), x.size()),
                                 Eigen::Map<const Eigen::VectorXd>(y.data(), y.size()));
            EXPECT_TRUE(test::allClose(std::vector<double>(z.data(), z.data() + z.size()),
                                       entry["z"][pair].get<std::vector<double>>(), 1e-12))
                << "L = " << L;
        }
    }
}

TEST_P(GauntMethods, IsThePointwiseProduct) {
    const GauntTensorProduct product(3, 4, 7, GetParam());
    const Features x = randomFeatures(3, 1, 1), y = randomFeatures(4, 1, 2);
    const Features z = product.multiply(x, y);
    for (int i = 0; i < 20; i++) {
        const Vector3d point = test::randomRotation(i) * Vector3d(0, 0, 1);
        EXPECT_NEAR(at(z, point), at(x, point) * at(y, point), 1e-12);
    }
}

TEST_P(GauntMethods, AgreesWithTheSparseSumToDegreeEight) {
    for (int L = 1; L <= 8; L++)
        for (int lOut : {0, L, 2 * L}) {
            const Features x = randomFeatures(L, 3, L), y = randomFeatures(L, 3, 100 + L);
            const Features expected = GauntTensorProduct(L, L, lOut).multiply(x, y);
            EXPECT_TRUE(allClose(GauntTensorProduct(L, L, lOut, GetParam()).multiply(x, y),
                                 expected, 1e-12))
                << "L = " << L << ", output " << lOut;
        }
}

TEST_P(GauntMethods, PullBackIsTheTransposedMap) {
    const GauntTensorProduct product(3, 2, 4, GetParam());
    const Features x = randomFeatures(3, 2, 1), y = randomFeatures(2, 2, 2);
    const Features dx = randomFeatures(3, 2, 3), dy = randomFeatures(2, 2, 4);
    const Features zAdjoint = randomFeatures(4, 2, 5);
    const auto adjoints = product.pullBack(x, y, zAdjoint);
    EXPECT_NEAR(adjoints.x.cwiseProduct(dx).sum(),
                zAdjoint.cwiseProduct(product.multiply(dx, y)).sum(), 1e-13);
    EXPECT_NEAR(adjoints.y.cwiseProduct(dy).sum(),
                zAdjoint.cwiseProduct(product.multiply(x, dy)).sum(), 1e-13);
}

TEST_P(GauntMethods, IsCommutativeAndEquivariant) {
    const GauntTensorProduct product(3, 3, 3, GetParam());
    const Features x = randomFeatures(3, 2, 1), y = randomFeatures(3, 2, 2);
    EXPECT_TRUE(allClose(product.multiply(x, y), product.multiply(y, x), 1e-13));
    const Eigen::Matrix3d rotation = test::randomRotation(9);
    for (const Eigen::Matrix3d& matrix : {rotation, Eigen::Matrix3d(-rotation)})
        EXPECT_TRUE(allClose(product.multiply(rotated(x, matrix), rotated(y, matrix)),
                             rotated(product.multiply(x, y), matrix), 1e-12));
}

INSTANTIATE_TEST_SUITE_P(, GauntMethods,
                         ::testing::Values(GauntMethod::Sparse, GauntMethod::Grid,
                                           GauntMethod::Fourier),
                         [](const auto& info) {
                             return info.param == GauntMethod::Sparse ? "Sparse"
                                    : info.param == GauntMethod::Grid ? "Grid"
                                                                      : "Fourier";
                         });

TEST(GauntTensorProduct, RefusesOtherShapes) {
    const GauntTensorProduct product(2, 1, 3);
    const Features x = randomFeatures(2, 2, 1), y = randomFeatures(1, 2, 2);
    EXPECT_THROW(product.multiply(y, x), Error);
    EXPECT_THROW(product.multiply(x, randomFeatures(1, 3, 2)), Error);
    EXPECT_THROW(product.pullBack(x, y, x), Error);
    EXPECT_THROW(GauntTensorProduct(2, -1, 3), Error);
}

TEST(CurlProduct, HasTheClosedFormOfItsModulus) {
    // |I| = sqrt((2l1+1)(2l2+1)(2l3+1)/(4 pi) l1(l1+1) l2(l2+1)) |3j(l1 l2 l3; 1 -1 0)| |w3j|.
    for (int l1 = 1; l1 <= 5; l1++)
        for (int l2 = 1; l2 <= 5; l2++)
            for (int l3 = std::abs(l1 - l2) + 1; l3 < l1 + l2; l3 += 2) {
                const double modulus = std::sqrt((2 * l1 + 1) * (2 * l2 + 1) * (2 * l3 + 1) /
                                                 (4 * M_PI) * l1 * (l1 + 1) * l2 * (l2 + 1)) *
                                       std::abs(complexWigner3j(l1, l2, l3, 1, -1, 0));
                double squares = 0;
                for (const CouplingEntry& entry : curlCoefficients(l1, l2, l3))
                    if (degreeOf(entry.a) == l1 && degreeOf(entry.b) == l2 &&
                        degreeOf(entry.c) == l3)
                        squares += entry.value * entry.value;
                EXPECT_TRUE(test::close(std::sqrt(squares), modulus, 1e-13))
                    << l1 << " " << l2 << " " << l3;
            }
}

TEST(CurlProduct, IsTheCrossProductOfGradients) {
    const Features x = randomFeatures(3, 1, 1), y = randomFeatures(2, 1, 2);
    for (GauntMethod method : {GauntMethod::Sparse, GauntMethod::Grid}) {
        const GauntTensorProduct product(3, 2, 5, method, GauntParity::Odd);
        const Features z = product.multiply(x, y);
        for (int i = 0; i < 20; i++) {
            const Vector3d point = test::randomRotation(i) * Vector3d(0, 0, 1);
            EXPECT_NEAR(at(z, point), point.dot(gradientAt(x, point).cross(gradientAt(y, point))),
                        1e-12);
        }
    }
}

TEST(CurlProduct, MethodsAgreeToDegreeEightAndPullBackIsTransposed) {
    for (int L = 1; L <= 8; L++) {
        const GauntTensorProduct sparse(L, L, L, GauntMethod::Sparse, GauntParity::Odd);
        const GauntTensorProduct grid(L, L, L, GauntMethod::Grid, GauntParity::Odd);
        const Features x = randomFeatures(L, 2, 1), y = randomFeatures(L, 2, 2);
        const Features expected = sparse.multiply(x, y);
        EXPECT_TRUE(allClose(grid.multiply(x, y), expected, 1e-12)) << L;
        const Features zAdjoint = randomFeatures(L, 2, 3), dx = randomFeatures(L, 2, 4),
                       dy = randomFeatures(L, 2, 5);
        for (const auto* product : {&sparse, &grid}) {
            const auto adjoints = product->pullBack(x, y, zAdjoint);
            const double scale = expected.norm() * L;
            EXPECT_NEAR(adjoints.x.cwiseProduct(dx).sum(),
                        zAdjoint.cwiseProduct(product->multiply(dx, y)).sum(), 1e-13 * scale);
            EXPECT_NEAR(adjoints.y.cwiseProduct(dy).sum(),
                        zAdjoint.cwiseProduct(product->multiply(x, dy)).sum(), 1e-13 * scale);
        }
    }
}

TEST(CurlProduct, ChangesParity) {
    const GauntTensorProduct product(3, 3, 3, GauntMethod::Sparse, GauntParity::Odd);
    const Features x = randomFeatures(3, 2, 1), y = randomFeatures(3, 2, 2);
    EXPECT_TRUE(allClose(product.multiply(x, y), -product.multiply(y, x), 1e-13));
    const Eigen::Matrix3d rotation = test::randomRotation(9);
    const Features z = product.multiply(x, y);
    EXPECT_TRUE(allClose(product.multiply(rotated(x, rotation), rotated(y, rotation)),
                         rotated(z, rotation), 1e-12));
    EXPECT_TRUE(allClose(product.multiply(rotated(x, -rotation), rotated(y, -rotation)),
                         -rotated(z, -rotation), 1e-12));
    EXPECT_THROW(GauntTensorProduct(1, 1, 1, GauntMethod::Fourier, GauntParity::Odd), Error);
}
