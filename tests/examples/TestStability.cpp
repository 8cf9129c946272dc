// SPDX-License-Identifier: MIT
#include "Stability.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace equivariant::diffusion;

TEST(Stability, BondsHaveTheirOrders) {
    EXPECT_EQ(bondOrder(6, 6, 1.54), 1);
    EXPECT_EQ(bondOrder(6, 6, 1.34), 2);
    EXPECT_EQ(bondOrder(6, 6, 1.20), 3);
    EXPECT_EQ(bondOrder(6, 6, 2.0), 0);
    EXPECT_EQ(bondOrder(8, 6, 1.21), 2);
    EXPECT_EQ(bondOrder(6, 1, 1.09), 1);
    EXPECT_EQ(bondOrder(1, 6, 0.5), 1);
}

TEST(Stability, MoleculesAreStableAndFragmentsAreNot) {
    const double a = 1.09 / std::sqrt(3.0);
    const std::vector<int> methane = {6, 1, 1, 1, 1};
    std::vector<Eigen::Vector3d> positions = {
        {0, 0, 0}, {a, a, a}, {a, -a, -a}, {-a, a, -a}, {-a, -a, a}};
    EXPECT_TRUE(findStability(methane, positions).isMolecule());
    positions.back() *= 2;
    const Stability broken = findStability(methane, positions);
    EXPECT_EQ(broken.atoms, 5);
    EXPECT_EQ(broken.stableAtoms, 3); // neither the carbon atom nor the one that left
    EXPECT_TRUE(findStability({8, 6, 8}, {{-1.163, 0, 0}, {0, 0, 0}, {1.163, 0, 0}}).isMolecule());
    EXPECT_TRUE(findStability({1, 6, 7}, {{-1.07, 0, 0}, {0, 0, 0}, {1.16, 0, 0}}).isMolecule());
}
