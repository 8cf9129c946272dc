// SPDX-License-Identifier: MIT
#include "ChargedParticles.h"

#include <algorithm>

namespace equivariant::nbody {

namespace {

constexpr double timestep = 0.001, largestForce = 100, speed = 0.5;
constexpr int stepsBefore = 3000, stepsAhead = 1000;

using Vectors = std::array<Eigen::Vector3d, numParticles>;

Vectors forcesOn(const Particles& particles) {
    Vectors forces;
    forces.fill(Eigen::Vector3d::Zero());
    for (int i = 0; i < numParticles; i++)
        for (int j = 0; j < i; j++) {
            const Eigen::Vector3d d = particles.positions[i] - particles.positions[j];
            const Eigen::Vector3d force =
                particles.charges[i] * particles.charges[j] / (d.squaredNorm() * d.norm()) * d;
            forces[i] += force;
            forces[j] -= force;
        }
    for (Eigen::Vector3d& force : forces)
        force = force.cwiseMax(-largestForce).cwiseMin(largestForce);
    return forces;
}

} // namespace

Particles drawParticles(std::mt19937_64& random, int dimension) {
    std::normal_distribution<double> normal;
    const auto drawVector = [&] {
        Eigen::Vector3d v = Eigen::Vector3d::Zero();
        for (int d = 0; d < dimension; d++)
            v[d] = normal(random);
        return v;
    };
    Particles particles;
    for (int i = 0; i < numParticles; i++) {
        particles.charges[i] = random() & 1 ? 1 : -1;
        particles.positions[i] = drawVector();
        particles.velocities[i] = speed * drawVector().normalized();
    }
    return particles;
}

void advance(Particles& particles, int steps) {
    Vectors forces = forcesOn(particles);
    for (int step = 0; step < steps; step++) {
        for (int i = 0; i < numParticles; i++) {
            particles.velocities[i] += 0.5 * timestep * forces[i];
            particles.positions[i] += timestep * particles.velocities[i];
        }
        forces = forcesOn(particles);
        for (int i = 0; i < numParticles; i++)
            particles.velocities[i] += 0.5 * timestep * forces[i];
    }
}

double energyOf(const Particles& particles) {
    double energy = 0;
    for (int i = 0; i < numParticles; i++) {
        energy += 0.5 * particles.velocities[i].squaredNorm();
        for (int j = 0; j < i; j++)
            energy += particles.charges[i] * particles.charges[j] /
                      (particles.positions[i] - particles.positions[j]).norm();
    }
    return energy;
}

Sample drawSample(std::mt19937_64& random, int dimension) {
    Sample sample;
    sample.start = drawParticles(random, dimension);
    advance(sample.start, stepsBefore);
    Particles later = sample.start;
    advance(later, stepsAhead);
    sample.target = later.positions;
    return sample;
}

} // namespace equivariant::nbody
