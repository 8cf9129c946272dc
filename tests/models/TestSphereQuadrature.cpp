// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/SphereQuadrature.h"
#include "equivariant/SphericalHarmonics.h"

#include <gtest/gtest.h>

using namespace equivariant;

namespace {

/// Largest error of the integrals of the harmonics, for each degree up to lMax.
std::vector<double> errorsByDegree(const SphereQuadrature& rule, int lMax) {
    Eigen::VectorXd integrals = Eigen::VectorXd::Zero(numHarmonics(lMax));
    for (Eigen::Index p = 0; p < rule.weights.size(); p++)
        integrals += rule.weights[p] * sphericalHarmonics(lMax, rule.points.row(p).transpose(),
                                                          Normalization::Integral);
    integrals[0] -= std::sqrt(4 * M_PI);
    std::vector<double> errors;
    for (int l = 0; l <= lMax; l++)
        errors.push_back(integrals.segment(l * l, 2 * l + 1).cwiseAbs().maxCoeff());
    return errors;
}

void expectExactDegree(const SphereQuadrature& rule) {
    EXPECT_NEAR(rule.weights.sum(), 4 * M_PI, 1e-13);
    for (Eigen::Index p = 0; p < rule.weights.size(); p++)
        EXPECT_NEAR(rule.points.row(p).norm(), 1, 1e-15);
    const auto errors = errorsByDegree(rule, rule.exactDegree + 1);
    for (int l = 0; l <= rule.exactDegree; l++)
        EXPECT_LT(errors[l], 1e-13) << "degree " << l;
    EXPECT_GT(errors.back(), 1e-3);
}

} // namespace

TEST(SphereQuadrature, LebedevRulesHaveTheirDegreeAndNoMore) {
    const std::pair<int, int> rules[] = {{3, 6},    {5, 14},   {7, 26},   {9, 38},   {11, 50},
                                         {13, 74},  {15, 86},  {17, 110}, {19, 146}, {21, 170},
                                         {23, 194}, {25, 230}, {27, 266}, {29, 302}, {31, 350},
                                         {35, 434}, {41, 590}};
    for (const auto& [degree, points] : rules) {
        const SphereQuadrature rule = lebedev(degree);
        EXPECT_EQ(rule.exactDegree, degree);
        EXPECT_EQ(rule.weights.size(), points);
        expectExactDegree(rule);
    }
    EXPECT_EQ(lebedev(8).weights.size(), 38);
    EXPECT_THROW(lebedev(42), Error);
}

TEST(SphereQuadrature, ProductGridsHaveTheirDegreeAndNoMore) {
    for (int degree = 0; degree <= 24; degree++)
        expectExactDegree(productGrid(degree));
}
