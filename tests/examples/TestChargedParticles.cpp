// SPDX-License-Identifier: MIT
#include "ChargedParticles.h"

#include <gtest/gtest.h>

using namespace equivariant::nbody;

namespace {

class Samples : public ::testing::TestWithParam<int> {};

Eigen::Vector3d momentumOf(const Particles& particles) {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (const Eigen::Vector3d& velocity : particles.velocities)
        sum += velocity;
    return sum;
}

/// Like charges on a ring, far from the limit of the forces.
Particles makeRing() {
    Particles particles;
    for (int i = 0; i < numParticles; i++) {
        const double angle = 2 * std::acos(-1.0) * i / numParticles;
        particles.charges[i] = 1;
        particles.positions[i] = {std::cos(angle), std::sin(angle), 0};
        particles.velocities[i] = {0, 0.1 * i, 0.2};
    }
    return particles;
}

} // namespace

TEST(ChargedParticles, EnergyAndMomentumAreConserved) {
    Particles particles = makeRing();
    const double energy = energyOf(particles);
    const Eigen::Vector3d momentum = momentumOf(particles);
    advance(particles, 2000);
    EXPECT_NEAR(energyOf(particles), energy, 1e-6 * energy); // leapfrog's own error
    EXPECT_LT((momentumOf(particles) - momentum).norm(), 1e-12);
}

TEST(ChargedParticles, TwoFarChargesMoveAsInAConstantField) {
    Particles particles = makeRing();
    for (int i = 0; i < numParticles; i++) { // pairs 1000 apart along x, all but one without charge
        particles.charges[i] = i < 2 ? 1 : 0;
        particles.positions[i] = {1000.0 * i, 0, 0};
        particles.velocities[i].setZero();
    }
    advance(particles, 1000); // to the time 1
    EXPECT_NEAR(particles.positions[0][0], -0.5e-6, 1e-12);
    EXPECT_NEAR(particles.positions[1][0], 1000 + 0.5e-6, 1e-9);
    EXPECT_EQ(particles.positions[2][0], 2000);
}

TEST_P(Samples, StayInTheirDimension) {
    std::mt19937_64 random(3);
    for (int k = 0; k < 5; k++) {
        Particles particles = drawParticles(random, GetParam());
        for (const auto& velocity : particles.velocities)
            EXPECT_NEAR(velocity.norm(), 0.5, 1e-12);
        advance(particles, 1000);
        for (const auto& position : particles.positions)
            EXPECT_EQ(position[2] == 0, GetParam() == 2);
    }
}

INSTANTIATE_TEST_SUITE_P(Dimensions, Samples, ::testing::Values(2, 3));
