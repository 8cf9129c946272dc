// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <array>
#include <random>

namespace equivariant::nbody {

constexpr int numParticles = 5;

/// Positions and velocities of charged particles of mass 1; lengths and times have no units.
struct Particles {
    std::array<double, numParticles> charges;
    std::array<Eigen::Vector3d, numParticles> positions, velocities;
};

/// Where particles are, and where they will be after 1,000 steps.
struct Sample {
    Particles start;
    std::array<Eigen::Vector3d, numParticles> target;
};

/// Charges +1 or -1, normally distributed positions, velocities of length 1/2 in random directions.
/// @param dimension  2 (z = 0) or 3
Particles drawParticles(std::mt19937_64& random, int dimension);

/// Coulomb forces of strength 1, components limited to 100, integrated by leapfrog steps of 0.001.
void advance(Particles& particles, int steps);

/// Kinetic and Coulomb energy.
double energyOf(const Particles& particles);

/// The benchmark of charged particles (T. Kipf et al., arXiv:1802.04687; in three dimensions
/// V. G. Satorras et al., arXiv:2102.09844) without walls: the start is drawn and then 3,000 steps
/// old.
Sample drawSample(std::mt19937_64& random, int dimension);

} // namespace equivariant::nbody
