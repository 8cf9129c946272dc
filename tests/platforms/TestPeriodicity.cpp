// SPDX-License-Identifier: MIT
#include "support/ForceTest.h"

#include <openmm/MonteCarloBarostat.h>
#include <openmm/NonbondedForce.h>
#include <openmm/OpenMMException.h>

using namespace equivariant::test;

namespace {

class Periodicity : public ForceTest {};
EQUIVARIANT_FOR_ALL_PLATFORMS(Periodicity);

Vec3 strained(const Vec3& v, int row, int column, double strain) {
    Vec3 result = v;
    result[column] += strain * v[row];
    return result;
}

/// The atoms and their box under x_column += strain * x_row. The box may leave OpenMM's standard
/// form, so only the reference evaluator can be asked.
Atoms strained(Atoms atoms, int row, int column, double strain) {
    for (Vec3& position : atoms.positions)
        position = strained(position, row, column, strain);
    for (Vec3& vector : atoms.box)
        vector = strained(vector, row, column, strain);
    return atoms;
}

/// A System that is periodic by a NonbondedForce without interactions.
std::unique_ptr<OpenMM::System> makePeriodicSurroundings(const Atoms& atoms, double width) {
    auto system = makeSystem(atoms);
    system->setDefaultPeriodicBoxVectors(Vec3(width, 0, 0), Vec3(0, width, 0), Vec3(0, 0, width));
    auto* nonbonded = new OpenMM::NonbondedForce();
    nonbonded->setNonbondedMethod(OpenMM::NonbondedForce::CutoffPeriodic);
    nonbonded->setCutoffDistance(0.8);
    for (std::size_t i = 0; i < atoms.numbers.size(); i++)
        nonbonded->addParticle(0, 1, 0);
    system->addForce(nonbonded);
    return system;
}

} // namespace

TEST_P(Periodicity, BoxCanChangeBetweenAnyTwoCalls) {
    Atoms atoms = periodicEthanol();
    const auto simulation = simulate(atoms);
    const std::vector<std::vector<Vec3>> boxes = {
        {Vec3(0.6, 0, 0), Vec3(0, 0.6, 0), Vec3(0, 0, 0.6)},
        {Vec3(1.5, 0, 0), Vec3(0.5, 1.4142, 0), Vec3(-0.5, 0.7071, 1.2247)},
        {Vec3(0.5, 0, 0), Vec3(-0.2, 0.55, 0), Vec3(0.2, 0.25, 0.6)},
        {Vec3(3, 0, 0), Vec3(0, 4, 0), Vec3(0, 0, 5)}};
    for (const auto& box : boxes) {
        atoms.box = box;
        simulation.context->setPeriodicBoxVectors(box[0], box[1], box[2]);
        expectEvaluation(*simulation.context, atoms);
    }
    // In a large box there are no images to see.
    EXPECT_TRUE(close(getEnergy(*simulation.context),
                      interactionEnergy({atoms.numbers, atoms.positions, {}}), tolerance()));
}

TEST_P(Periodicity, SuddenCompressionIsEvaluatedInFull) {
    // On devices the number of neighbors grows beyond what their list was made for.
    Atoms atoms = distortedLattice();
    const auto simulation = simulate(atoms);
    expectEvaluation(*simulation.context, atoms);
    const double scale = std::cbrt(0.5);
    for (Vec3& position : atoms.positions)
        position *= scale;
    for (Vec3& vector : atoms.box)
        vector *= scale;
    simulation.context->setPeriodicBoxVectors(atoms.box[0], atoms.box[1], atoms.box[2]);
    simulation.context->setPositions(atoms.positions);
    expectEvaluation(*simulation.context, atoms);
}

TEST_P(Periodicity, PairsAreFoundOverManyCells) {
    Atoms atoms = distortedLattice(8, 0.35);
    const auto simulation = simulate(atoms);
    expectEvaluation(*simulation.context, atoms);
    // Less than half the skin of a neighbor list, nearly that, more, and far more.
    for (const double move : {0.02, 0.023, 0.03, 0.4}) {
        atoms.positions[77] += Vec3(-move, 0, 0);
        simulation.context->setPositions(atoms.positions);
        expectEvaluation(*simulation.context, atoms);
    }
}

TEST_P(Periodicity, PairsAreFoundInClustersThatAreFarApart) {
    // The distance is a multiple of what a grid of four cells of cutoff and skin has.
    Atoms atoms = distortedLattice(4, 0.35);
    atoms.box.clear();
    for (std::size_t i = 0; i < atoms.positions.size(); i += 2)
        atoms.positions[i] += Vec3(4, -2, 20);
    const auto simulation = simulate(atoms);
    expectEvaluation(*simulation.context, atoms);
}

TEST_P(Periodicity, AtomsThatThePlatformReordersKeepTheirForces) {
    // OpenMM's GPU platforms sort atoms in space at the first step, if a force has a cutoff.
    Atoms atoms = distortedLattice(6, 0.3);
    auto system = makePeriodicSurroundings(atoms, 1.8);
    atoms.box = {Vec3(1.8, 0, 0), Vec3(0, 1.8, 0), Vec3(0, 0, 1.8)};
    system->addForce(makeForce(atoms).release());
    const auto simulation = simulate(std::move(system), atoms.positions);
    simulation.integrator->step(2);
    atoms.positions = simulation.context->getState(OpenMM::State::Positions).getPositions();
    expectEvaluation(*simulation.context, atoms);
}

TEST_P(Periodicity, SmallBoxEqualsItsSupercell) {
    // 0.3 nm with a cutoff of 0.4 nm: atoms see images of themselves.
    Atoms cell{{6, 1},
               {Vec3(0.02, 0.03, 0.01), Vec3(0.13, 0.16, 0.12)},
               {Vec3(0.3, 0, 0), Vec3(0.05, 0.31, 0), Vec3(-0.04, 0.06, 0.29)}};
    Atoms supercell{{}, {}, {2 * cell.box[0], 2 * cell.box[1], 2 * cell.box[2]}};
    for (int image = 0; image < 8; image++)
        for (std::size_t i = 0; i < cell.numbers.size(); i++) {
            supercell.numbers.push_back(cell.numbers[i]);
            supercell.positions.push_back(cell.positions[i] + cell.box[0] * (image & 1) +
                                          cell.box[1] * (image >> 1 & 1) +
                                          cell.box[2] * (image >> 2 & 1));
        }
    const auto small = simulate(cell);
    const auto large = simulate(supercell);
    EXPECT_TRUE(close(8 * getEnergy(*small.context), getEnergy(*large.context), tolerance()));
    auto forces = flatten(getForces(*large.context));
    forces.resize(3 * cell.numbers.size());
    EXPECT_TRUE(allClose(flatten(getForces(*small.context)), forces, tolerance()));
}

TEST_P(Periodicity, AtomsCanBeMovedByBoxVectors) {
    const Atoms atoms = periodicEthanol();
    const auto simulation = simulate(atoms);
    const double energy = getEnergy(*simulation.context);
    const auto forces = flatten(getForces(*simulation.context));
    auto positions = atoms.positions;
    positions[1] += atoms.box[0];
    positions[3] -= atoms.box[1] * 2;
    positions[8] += atoms.box[2] * 7 - atoms.box[0];
    simulation.context->setPositions(positions);
    EXPECT_TRUE(close(getEnergy(*simulation.context), energy, isDouble() ? 1e-11 : 2e-4));
    EXPECT_TRUE(allClose(flatten(getForces(*simulation.context)), forces, tolerance()));
}

TEST_P(Periodicity, ClusterInAPeriodicSystemSeesNoImages) {
    const Atoms atoms = ethanol();
    auto system = makePeriodicSurroundings(atoms, 1.7);
    system->addForce(makeForce(atoms).release());
    // The cluster lies across a face of the box.
    auto positions = atoms.positions;
    for (Vec3& position : positions)
        position += Vec3(1.65, 0, 3.4);
    const auto simulation = simulate(std::move(system), positions);
    EXPECT_TRUE(simulation.system->usesPeriodicBoundaryConditions());
    expectEvaluation(*simulation.context, atoms);
}

TEST_P(Periodicity, BarostatMovesAClusterAsAWhole) {
    const Atoms atoms = ethanol();
    auto system = makePeriodicSurroundings(atoms, 2.0);
    system->addForce(makeGentleForce(atoms, 0).release()); // it stays at rest
    auto* barostat = new OpenMM::MonteCarloBarostat(1, 300, 1);
    barostat->setRandomNumberSeed(7);
    system->addForce(barostat);
    auto positions = atoms.positions;
    for (Vec3& position : positions)
        position += Vec3(1.95, 1.95, 1.95);
    const auto simulation = simulate(std::move(system), positions);
    simulation.integrator->step(30);
    const OpenMM::State state = simulation.context->getState(OpenMM::State::Positions);
    EXPECT_GT(std::abs(state.getPeriodicBoxVolume() - 8), 1e-3);
    std::vector<double> found, expected;
    for (std::size_t i = 1; i < positions.size(); i++)
        for (int d = 0; d < 3; d++) {
            found.push_back(state.getPositions()[i][d] - state.getPositions()[0][d]);
            expected.push_back(positions[i][d] - positions[0][d]);
        }
    EXPECT_TRUE(allClose(found, expected, isDouble() ? 1e-12 : 1e-5));
}

TEST_P(Periodicity, VirialIsTheDerivativeByStrain) {
    for (const Atoms& atoms : {ethanol(), periodicEthanol()}) {
        EquivariantForce* force = makeForce(atoms).release();
        const auto simulation = simulate(atoms, force);
        const auto virial = force->getVirial(*simulation.context);
        std::vector<double> expected;
        const double step = 1e-5;
        for (int row = 0; row < 3; row++)
            for (int column = 0; column < 3; column++) {
                const auto derivative = [&](int a, int b) {
                    return (interactionEnergy(strained(atoms, a, b, step)) -
                            interactionEnergy(strained(atoms, a, b, -step))) /
                           (2 * step);
                };
                expected.push_back(-(derivative(row, column) + derivative(column, row)) / 2);
            }
        EXPECT_TRUE(allClose(flatten(virial), expected, std::max(tolerance(), 1e-7)));
    }
}

TEST_P(Periodicity, BoxWithTooManyImagesIsRefused) {
    Atoms atoms{{6}, {Vec3()}, {Vec3(0.01, 0, 0), Vec3(0, 0.01, 0), Vec3(0, 0, 0.01)}};
    const auto simulation = simulate(atoms);
    EXPECT_THROW(getEnergy(*simulation.context), OpenMM::OpenMMException);
}
