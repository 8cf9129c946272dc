// SPDX-License-Identifier: MIT
#include "equivariant/SphericalHarmonics.h"
#include "support/Compare.h"
#include "support/Golden.h"

#include <random>

using namespace equivariant;
using Eigen::Vector3d;
using test::close;

namespace {

std::vector<Vector3d> directions() {
    std::vector<Vector3d> result = {{1, 0, 0},  {0, 1, 0},        {0, -1, 0}, {0, 0, 1},
                                    {0, 0, -2}, {1e-9, 3, -2e-9}, {1, 1, 1}};
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    for (int i = 0; i < 10; i++)
        result.emplace_back(normal(random), normal(random), normal(random));
    return result;
}

} // namespace

TEST(SphericalHarmonics, DegreeOneIsTheUnitVector) {
    const Vector3d r(0.3, -1.2, 2);
    const auto y = sphericalHarmonics(1, r, Normalization::Norm);
    const Vector3d unit = r.normalized();
    EXPECT_TRUE(close(y[0], 1, 1e-15));
    for (int i = 0; i < 3; i++)
        EXPECT_TRUE(close(y[1 + i], unit[i], 1e-15));
}

TEST(SphericalHarmonics, DegreeTwoHasItsClosedForm) {
    // e3nn's order xy, ..., with the polar axis y: (sqrt3 xz, sqrt3 xy, y2 - (x2+z2)/2, sqrt3 yz,
    // sqrt3/2 (z2-x2)).
    for (const Vector3d& direction : directions()) {
        const Vector3d u = direction.normalized();
        const double x = u[0], y = u[1], z = u[2], root = std::sqrt(3.0);
        const double expected[] = {root * x * z, root * x * y, y * y - (x * x + z * z) / 2,
                                   root * y * z, root / 2 * (z * z - x * x)};
        const auto found = sphericalHarmonics(2, direction, Normalization::Norm);
        for (int m = 0; m < 5; m++)
            EXPECT_TRUE(close(found[4 + m], expected[m], 1e-14)) << m;
    }
}

TEST(SphericalHarmonics, SquaresOfADegreeAddUp) {
    for (const Vector3d& direction : directions()) {
        const auto component = sphericalHarmonics(12, direction, Normalization::Component);
        const auto norm = sphericalHarmonics(12, direction, Normalization::Norm);
        const auto integral = sphericalHarmonics(12, direction, Normalization::Integral);
        for (int l = 0; l <= 12; l++) {
            EXPECT_TRUE(close(component.segment(l * l, 2 * l + 1).squaredNorm(), 2 * l + 1, 1e-13));
            EXPECT_TRUE(close(norm.segment(l * l, 2 * l + 1).squaredNorm(), 1, 1e-13));
            EXPECT_TRUE(close(integral.segment(l * l, 2 * l + 1).squaredNorm(),
                              (2 * l + 1) / (4 * M_PI), 1e-13));
        }
    }
}

TEST(SphericalHarmonics, HaveTheGoldenFourierSeriesInTheta) {
    // Theta_l|m|(theta) = sum_u t_u cos(u theta) (even m) or sin(u theta) (odd m).
    const auto golden = test::readJson(test::goldenPath("gaunt/theta_fourier_L6.json"));
    int count = 0;
    for (const auto& [key, series] : golden.at("rows").items()) {
        const int l = key[0] - '0', m = key[2] - '0';
        for (double theta : {0.1, 0.9, 1.7, 2.6}) {
            double expected = 0;
            for (std::size_t u = 0; u < series.size(); u++)
                expected += series[u].get<double>() *
                            (m % 2 == 0 ? std::cos(u * theta) : std::sin(u * theta));
            // At phi = 0 the direction lies in the plane x = 0, z > 0.
            const Vector3d r(0, std::cos(theta), std::sin(theta));
            const auto y = sphericalHarmonics(l, r, Normalization::Integral);
            EXPECT_TRUE(close(y[l * l + l + m], expected * (m > 0 ? std::sqrt(2.0) : 1), 1e-13));
            count++;
        }
    }
    EXPECT_GE(count, 4 * 28);
}

TEST(SphericalHarmonics, GradientsAreFiniteDifferences) {
    const double h = 1e-5;
    for (Vector3d direction : directions()) {
        const auto analytic = sphericalHarmonicsWithGradient(8, direction, Normalization::Integral);
        for (int axis = 0; axis < 3; axis++) {
            // Fourth order, so that the differences are good to 1e-9.
            const auto at = [&](double step) {
                Vector3d moved = direction;
                moved[axis] += step;
                return sphericalHarmonics(8, moved, Normalization::Integral);
            };
            const Eigen::VectorXd numeric =
                (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
            for (int lm = 0; lm < numHarmonics(8); lm++)
                EXPECT_TRUE(close(analytic.gradients(lm, axis), numeric[lm], 1e-8));
        }
        EXPECT_LT((analytic.gradients * direction).norm(), 1e-13);
    }
}
