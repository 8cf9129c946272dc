// SPDX-License-Identifier: MIT
//
// Every variant of PONITA on every platform that has a kernel for it.
#include "support/ForceTest.h"
#include "support/PonitaVariants.h"
#include "support/Throws.h"

#include <algorithm>
#include <cmath>

using namespace equivariant;
using namespace equivariant::test;
using namespace EquivariantPlugin;

namespace {

class PonitaModels : public ForceTest {
protected:
    /// Atoms of the elements 1, 6 and 8, in the plane z = 0.3 nm if they have to be in one.
    static Atoms makeAtoms(bool planar, bool periodic) {
        Atoms atoms = periodic ? periodicEthanol() : ethanol();
        const int known[] = {1, 6, 8};
        for (std::size_t i = 0; i < atoms.numbers.size(); i++)
            atoms.numbers[i] = known[i % 3];
        if (planar)
            for (std::size_t i = 0; i < atoms.positions.size(); i++)
                atoms.positions[i] = Vec3(0.11 * static_cast<double>(i % 3),
                                          0.13 * static_cast<double>(i / 3), 0.3) +
                                     0.2 * Vec3(atoms.positions[i][2], atoms.positions[i][0], 0);
        return atoms;
    }
};

} // namespace

TEST_P(PonitaModels, EqualTheReferenceEvaluator) {
    for (const PonitaVariant& variant : ponitaVariants()) {
        SCOPED_TRACE(variant.name);
        const auto model = makeModel(variant);
        const auto& parameters = std::get<PonitaParameters>(model->getParameters());
        if (!GetParam().precision.empty() && !isDouble() && !parameters.isPointCloud())
            continue; // the kernels are alike in all precisions
        const bool planar = parameters.getDimension() == 2;
        const Atoms atoms = makeAtoms(planar, !planar && !std::isinf(parameters.cutoff));
        EquivariantForce* force = makeForce(atoms, model).release();
        const auto simulation = simulate(atoms, force);
        // Each pair of atoms is rounded to OpenMM's fixed-point unit of force, 2^-32.
        expectEvaluation(*simulation.context, atoms, model, std::max(tolerance(), 1e-9));
        const Evaluation expected = evaluate(atoms, model);
        std::vector<double> virial, energies;
        for (int i = 0; i < 9; i++)
            virial.push_back(kilojoulesPerElectronVolt *
                             (expected.virial(i / 3, i % 3) + expected.virial(i % 3, i / 3)) / 2);
        for (const double energy : expected.atomEnergies)
            energies.push_back(kilojoulesPerElectronVolt * energy);
        EXPECT_TRUE(allClose(flatten(force->getVirial(*simulation.context)), virial, tolerance()));
        EXPECT_TRUE(allClose(force->getAtomEnergies(*simulation.context), energies, tolerance()));
    }
}

TEST_P(PonitaModels, PointCloudGrowsWithItsNeighbors) {
    // On devices rows are numbered by the room that the neighbor list has for an atom.
    const auto model = makeModel(
        {"", {{"space", "R3xS2-point-cloud"}, {"lifted_envelope", true}, {"radius", 2.2}}, ""});
    Atoms atoms = distortedLattice(3, 0.158);
    const Atoms before = atoms;
    for (Vec3& position : atoms.positions)
        position *= std::cbrt(0.5);
    for (Vec3& vector : atoms.box)
        vector *= std::cbrt(0.5);
    const auto simulation = simulate(before, makeForce(before, model).release());
    const auto& context = *simulation.context;
    const auto set = [&](const Atoms& now) {
        simulation.context->setPeriodicBoxVectors(now.box[0], now.box[1], now.box[2]);
        simulation.context->setPositions(now.positions);
    };
    expectEvaluation(context, before, model, std::max(tolerance(), 1e-9));
    const double energy = getEnergy(context);
    const auto forces = getForces(context);
    set(atoms);
    expectEvaluation(context, atoms, model, std::max(tolerance(), 1e-9));
    set(before);
    EXPECT_EQ(getEnergy(context), energy);
    EXPECT_EQ(flatten(getForces(context)), flatten(forces));
}

TEST_P(PonitaModels, PointCloudHasNothingAtAtomsWithoutNeighbors) {
    const auto model =
        makeModel({"", {{"space", "R3xS2-point-cloud"}, {"shift", 2.5}, {"radius", 4.0}}, ""});
    Atoms atoms = makeAtoms(false, false);
    atoms.positions[4] += Vec3(2, 0, 0);
    EquivariantForce* force = makeForce(atoms, model).release();
    const auto simulation = simulate(atoms, force);
    expectEvaluation(*simulation.context, atoms, model, std::max(tolerance(), 1e-9));
    const double share = kilojoulesPerElectronVolt * 2.5 / double(atoms.numbers.size());
    EXPECT_TRUE(close(force->getAtomEnergies(*simulation.context)[4], share, tolerance()));
}

TEST_P(PonitaModels, InAPlaneRefuseAtomsOutsideIt) {
    const auto model = makeModel({"plane", {{"space", "R2xS1"}}, "circle-7"});
    Atoms atoms = makeAtoms(true, false);
    const auto simulation = simulate(atoms, makeForce(atoms, model).release());
    const double energy = getEnergy(*simulation.context);
    atoms.positions[4][2] += 0.01;
    simulation.context->setPositions(atoms.positions);
    EXPECT_TRUE(throwsNaming<OpenMM::OpenMMException>("differ in z",
                                                      [&] { getEnergy(*simulation.context); }));
    atoms.positions[4][2] -= 0.01;
    simulation.context->setPositions(atoms.positions);
    EXPECT_TRUE(close(getEnergy(*simulation.context), energy, tolerance()));
}

EQUIVARIANT_FOR_ALL_PLATFORMS(PonitaModels);
