// SPDX-License-Identifier: MIT
//
// Small systems for tests of the force, and what the reference evaluator says about them.
#pragma once

#include "EquivariantForce.h"
#include "equivariant/ReferenceEvaluator.h"
#include "internal/EquivariantUnits.h"
#include "support/Golden.h"

#include <cmath>
#include <memory>
#include <numeric>
#include <openmm/Context.h>
#include <openmm/State.h>
#include <openmm/System.h>
#include <openmm/Vec3.h>
#include <vector>

namespace equivariant::test {

using EquivariantPlugin::EquivariantForce;
using OpenMM::Vec3;

/// Atoms in OpenMM's units; without box vectors they are a cluster.
struct Atoms {
    std::vector<int> numbers;
    std::vector<Vec3> positions; // nm
    std::vector<Vec3> box;       // nm, three vectors or none
};

/// A small random MACE of the elements H, C, O with a cutoff of 0.4 nm.
inline std::shared_ptr<const Model> tinyModel() {
    return Model::load(modelPath("a_l1c2_L0"));
}

inline Atoms ethanol() {
    Atoms atoms{{6, 6, 8, 1, 1, 1, 1, 1, 1},
                {Vec3(0, 0, 0), Vec3(1.512, 0, 0), Vec3(1.98, 1.34, 0.05), Vec3(-0.39, -1.02, 0.03),
                 Vec3(-0.38, 0.53, 0.88), Vec3(-0.37, 0.49, -0.91), Vec3(1.88, -0.54, -0.87),
                 Vec3(1.89, -0.51, 0.90), Vec3(2.94, 1.30, 0.01)},
                {}};
    for (Vec3& position : atoms.positions)
        position *= 0.1;
    return atoms;
}

/// Atoms of the tiny model's elements on a distorted lattice in a triclinic box, by default of
/// about 0.8 nm^3. @param spacing  nm
inline Atoms distortedLattice(int side = 4, double spacing = 0.232) {
    Atoms atoms;
    const int elements[] = {1, 6, 8};
    const double width = side * spacing;
    atoms.box = {Vec3(width, 0, 0), Vec3(0.2, width, 0), Vec3(-0.1, 0.15, width)};
    for (int i = 0; i < side * side * side; i++) {
        atoms.numbers.push_back(elements[i % 3]);
        const Vec3 cell(i % side + 0.1 * std::sin(i), i / side % side + 0.1 * std::sin(3.1 * i),
                        i / (side * side) + 0.1 * std::sin(5.3 * i));
        atoms.positions.push_back(
            (atoms.box[0] * cell[0] + atoms.box[1] * cell[1] + atoms.box[2] * cell[2]) / side);
    }
    return atoms;
}

/// Ethanol in a triclinic box that is shorter than two cutoffs.
inline Atoms periodicEthanol() {
    Atoms atoms = ethanol();
    atoms.box = {Vec3(0.65, 0, 0), Vec3(0.12, 0.6, 0), Vec3(-0.1, 0.15, 0.55)};
    return atoms;
}

/// A System of the atoms in their order; masses by element.
inline std::unique_ptr<OpenMM::System> makeSystem(const Atoms& atoms) {
    auto system = std::make_unique<OpenMM::System>();
    for (int number : atoms.numbers)
        system->addParticle(number == 1 ? 1.008 : 2.0 * number);
    if (!atoms.box.empty())
        system->setDefaultPeriodicBoxVectors(atoms.box[0], atoms.box[1], atoms.box[2]);
    return system;
}

/// A force on all atoms in their order, periodic if they have a box.
inline std::unique_ptr<EquivariantForce>
makeForce(const Atoms& atoms, std::shared_ptr<const Model> model = tinyModel()) {
    auto force = std::make_unique<EquivariantForce>(std::move(model));
    for (std::size_t i = 0; i < atoms.numbers.size(); i++)
        force->addParticle(static_cast<int>(i), atoms.numbers[i]);
    force->setUsesPeriodicBoundaryConditions(!atoms.box.empty());
    return force;
}

constexpr double gentleScale = 0.001;

/// A force that is scaled by a parameter, since the model is random and its forces are those of an
/// explosion.
inline std::unique_ptr<EquivariantForce> makeGentleForce(const Atoms& atoms,
                                                         double scale = gentleScale) {
    auto force = makeForce(atoms);
    force->setScaleParameter("scale");
    force->setDefaultScale(scale);
    return force;
}

/// The reference evaluator's result, still in eV and Å.
inline Evaluation evaluate(const Atoms& atoms, std::shared_ptr<const Model> model = tinyModel(),
                           int head = 0) {
    Structure structure;
    structure.atomicNumbers = atoms.numbers;
    for (const Vec3& p : atoms.positions)
        structure.positions.push_back(10 * Eigen::Vector3d(p[0], p[1], p[2]));
    for (std::size_t i = 0; i < atoms.box.size(); i++) {
        structure.cell.row(i) =
            10 * Eigen::Vector3d(atoms.box[i][0], atoms.box[i][1], atoms.box[i][2]);
        structure.periodic[i] = true;
    }
    return ReferenceEvaluator(std::move(model)).evaluate(structure, head);
}

/// kJ/mol, of the tiny model.
inline double interactionEnergy(const Atoms& atoms) {
    return EquivariantPlugin::kilojoulesPerElectronVolt * evaluate(atoms).interactionEnergy;
}

inline double getEnergy(const OpenMM::Context& context, int groups = -1) {
    return context.getState(OpenMM::State::Energy, false, groups).getPotentialEnergy();
}

inline std::vector<Vec3> getForces(const OpenMM::Context& context, int groups = -1) {
    return context.getState(OpenMM::State::Forces, false, groups).getForces();
}

/// The components one after the other, for allClose().
inline std::vector<double> flatten(const std::vector<Vec3>& vectors) {
    std::vector<double> values;
    for (const Vec3& v : vectors)
        values.insert(values.end(), {v[0], v[1], v[2]});
    return values;
}

inline std::vector<double> flatten(const std::vector<Eigen::Vector3d>& vectors, double factor) {
    std::vector<double> values;
    for (const Eigen::Vector3d& v : vectors)
        values.insert(values.end(), {factor * v[0], factor * v[1], factor * v[2]});
    return values;
}

} // namespace equivariant::test
