// SPDX-License-Identifier: MIT
#include "equivariant/RadialBasis.h"
#include "support/Compare.h"

#include <functional>

using namespace equivariant;
using test::close;

namespace {

/// Compares the derivative with a central difference extrapolated to fourth order.
void expectDerivative(const std::function<ValueAndDerivative(double)>& f, double x) {
    const auto difference = [&](double h) { return (f(x + h).value - f(x - h).value) / (2 * h); };
    const double expected = (4 * difference(5e-4) - difference(1e-3)) / 3;
    EXPECT_TRUE(close(f(x).derivative, expected, 1e-9)) << "at " << x;
}

} // namespace

TEST(RadialBasis, CutoffFallsFromOneToZero) {
    for (int p : {2, 5, 6}) {
        EXPECT_TRUE(close(polynomialCutoff(1e-9, 4, p).value, 1, 1e-12));
        EXPECT_EQ(polynomialCutoff(4, 4, p).value, 0);
        EXPECT_EQ(polynomialCutoff(5, 4, p).derivative, 0);
        EXPECT_LT(polynomialCutoff(4 - 1e-4, 4, p).value, 1e-10); // third order at the end
        EXPECT_LT(std::abs(polynomialCutoff(4 - 1e-5, 4, p).derivative), 1e-8);
        for (double r : {0.3, 1.0, 2.0, 3.9})
            expectDerivative([&](double x) { return polynomialCutoff(x, 4, p); }, r);
    }
    EXPECT_TRUE(
        close(polynomialCutoff(2, 4, 5).value, 1 - 21 / 32.0 + 35 / 64.0 - 15 / 128.0, 1e-15));
}

TEST(RadialBasis, TransformsHaveTheirDerivatives) {
    const AgnesiTransform agnesi{1.0805, 0.9183, 4.5791};
    const SoftTransform soft{4};
    for (double r : {0.4, 0.9, 1.5, 2.6, 4.0}) {
        expectDerivative([&](double x) { return agnesi(x, 1.4); }, r);
        expectDerivative([&](double x) { return soft(x, 1.4); }, r);
    }
    EXPECT_TRUE(close(agnesi(0.7, 1.4).value, 1 / (1 + 1.0805 / 2), 1e-14)); // rho = 1
    EXPECT_TRUE(close(soft(20, 1.4).value, 20, 1e-12));                      // far away: r itself
    EXPECT_TRUE(close(soft(1e-3, 1.4).value, 0.75 * 1.4, 2e-2));             // near: p0
}

TEST(RadialBasis, FunctionsHaveTheirValuesAndDerivatives) {
    RadialBasis bessel{RadialBasisType::Bessel, 3, Eigen::Vector3d(1, 2, 3) * std::acos(-1) / 4,
                       std::sqrt(0.5)};
    RadialBasis gaussian{RadialBasisType::Gaussian, 3, Eigen::Vector3d(0, 2, 4), -0.125};
    RadialBasis chebyshev{RadialBasisType::Chebyshev, 6, {}, 0};
    for (const RadialBasis& basis : {bessel, gaussian, chebyshev})
        for (int n = 0; n < basis.size; n++)
            for (double d : {0.2, 0.7, 2.1})
                expectDerivative(
                    [&](double x) {
                        const Eigen::MatrixX2d values = basis.evaluate(x);
                        return ValueAndDerivative{values(n, 0), values(n, 1)};
                    },
                    d);
    EXPECT_TRUE(close(bessel.evaluate(2)(0, 0), std::sqrt(0.5) / 2, 1e-15));
    EXPECT_NEAR(bessel.evaluate(4)(2, 0), 0, 1e-15);
    EXPECT_TRUE(close(gaussian.evaluate(3)(1, 0), std::exp(-0.125), 1e-15));
    for (int n = 0; n < 6; n++)
        EXPECT_TRUE(
            close(chebyshev.evaluate(0.3)(n, 0), std::cos((n + 1) * std::acos(0.3)), 1e-14));
}

TEST(RadialBasis, RepulsionIsCoulombsAtShortDistance) {
    const ZblRepulsion zbl{{0.1818, 0.5099, 0.2802, 0.02817}, 6, 0.3, 0.4543};
    const double sum = zbl.c.sum();
    EXPECT_TRUE(close(zbl(1e-7, 6, 8, 1.4).value * 1e-7, 0.5 * 14.3996 * 48 * sum, 1e-5));
    EXPECT_EQ(zbl(1.4, 6, 8, 1.4).value, 0);
    for (double r : {0.2, 0.6, 1.0, 1.35})
        expectDerivative([&](double x) { return zbl(x, 1, 8, 1.4); }, r);
}
