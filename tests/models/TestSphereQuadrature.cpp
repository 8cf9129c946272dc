// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/SphereQuadrature.h"
#include "equivariant/SphericalHarmonics.h"

#include <gtest/gtest.h>

using namespace equivariant;

namespace {

/// Largest error of the integrals of the harmonics of one degree.
double errorAtDegree(const SphereQuadrature& rule, int l) {
    Eigen::VectorXd integrals = Eigen::VectorXd::Zero(numHarmonics(l));
    for (Eigen::Index p = 0; p < rule.weights.size(); p++)
        integrals += rule.weights[p] *
                     sphericalHarmonics(l, rule.points.row(p).transpose(), Normalization::Integral);
    if (l == 0)
        integrals[0] -= std::sqrt(4 * M_PI);
    return integrals.tail(2 * l + 1).cwiseAbs().maxCoeff();
}

void expectExactDegree(const SphereQuadrature& rule) {
    for (Eigen::Index p = 0; p < rule.weights.size(); p++)
        EXPECT_NEAR(rule.points.row(p).norm(), 1, 1e-15);
    for (int l = 0; l <= rule.exactDegree; l++)
        EXPECT_LT(errorAtDegree(rule, l), 1e-13) << "degree " << l;
    // Odd degrees vanish by the points' symmetry; the next even one must fail.
    const int beyond = rule.exactDegree + (rule.exactDegree % 2 == 0 ? 2 : 1);
    EXPECT_GT(errorAtDegree(rule, beyond), 1e-6);
}

} // namespace

TEST(SphereQuadrature, LebedevRulesHaveTheirDegreeAndNoMore) {
    const int sizes[] = {6, 14, 26, 38, 50, 74, 86, 110, 146, 170, 194, 230};
    for (int i = 0; i < 12; i++) {
        const SphereQuadrature rule = lebedev(3 + 2 * i);
        EXPECT_EQ(rule.exactDegree, 3 + 2 * i);
        EXPECT_EQ(rule.weights.size(), sizes[i]);
        expectExactDegree(rule);
    }
    EXPECT_EQ(lebedev(8).weights.size(), 38);
    EXPECT_THROW(lebedev(26), Error);
}

TEST(SphereQuadrature, ProductGridsHaveTheirDegreeAndNoMore) {
    for (int degree = 0; degree <= 24; degree++)
        expectExactDegree(productGrid(degree));
}
