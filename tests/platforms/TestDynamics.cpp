// SPDX-License-Identifier: MIT
//
// The force in OpenMM's integrators. The model of these tests is random and its forces are those of
// an explosion, so it is scaled down where something is to move for a while.
#include "support/ForceTest.h"

#include <openmm/BrownianIntegrator.h>
#include <openmm/CompoundIntegrator.h>
#include <openmm/CustomIntegrator.h>
#include <openmm/DPDIntegrator.h>
#include <openmm/HarmonicBondForce.h>
#include <openmm/LangevinIntegrator.h>
#include <openmm/LangevinMiddleIntegrator.h>
#include <openmm/LocalEnergyMinimizer.h>
#include <openmm/NoseHooverIntegrator.h>
#include <openmm/QTBIntegrator.h>
#include <openmm/RPMDIntegrator.h>
#include <openmm/VariableLangevinIntegrator.h>
#include <openmm/VariableVerletIntegrator.h>
#include <openmm/VirtualSite.h>
#include <sstream>
#include <thread>

using namespace equivariant::test;
using namespace OpenMM;

namespace {

class Dynamics : public ForceTest {
protected:
    static constexpr double scale = gentleScale;

    /// Where the atoms have got to, the energy is what it should be.
    void expectEnergyAt(const State& state, Atoms atoms) const {
        atoms.positions = state.getPositions();
        EXPECT_TRUE(close(state.getPotentialEnergy(), scale * interactionEnergy(atoms),
                          std::max(tolerance(), 1e-9)));
    }

    static std::unique_ptr<LangevinMiddleIntegrator> langevin() {
        auto integrator = std::make_unique<LangevinMiddleIntegrator>(300, 1, 0.0005);
        integrator->setRandomNumberSeed(11);
        return integrator;
    }
};
EQUIVARIANT_FOR_ALL_PLATFORMS(Dynamics);

using Integrators = std::vector<std::pair<std::string, std::unique_ptr<Integrator>>>;

/// Velocity Verlet by hand, outer step with the forces of group 1, inner ones with group 0.
std::unique_ptr<CustomIntegrator> multipleTimeSteps(int innerSteps) {
    auto integrator = std::make_unique<CustomIntegrator>(0.0005);
    integrator->addPerDofVariable("x0", 0);
    integrator->addComputePerDof("v", "v+0.5*dt*f1/m");
    const std::string inner = "(dt/" + std::to_string(innerSteps) + ")";
    for (int i = 0; i < innerSteps; i++) {
        integrator->addComputePerDof("v", "v+0.5*" + inner + "*f0/m");
        integrator->addComputePerDof("x", "x+" + inner + "*v");
        integrator->addComputePerDof("v", "v+0.5*" + inner + "*f0/m");
    }
    integrator->addComputePerDof("v", "v+0.5*dt*f1/m");
    return integrator;
}

Integrators allIntegrators() {
    Integrators list;
    list.emplace_back("Verlet", new VerletIntegrator(0.0005));
    list.emplace_back("LangevinMiddle", new LangevinMiddleIntegrator(300, 1, 0.0005));
    list.emplace_back("Langevin", new LangevinIntegrator(300, 1, 0.0005));
    list.emplace_back("Brownian", new BrownianIntegrator(300, 100, 0.0001));
    list.emplace_back("NoseHoover", new NoseHooverIntegrator(300, 1, 0.0005));
    list.emplace_back("VariableVerlet", new VariableVerletIntegrator(1e-4));
    list.emplace_back("VariableLangevin", new VariableLangevinIntegrator(300, 1, 1e-4));
    auto* quantum = new QTBIntegrator(300, 1, 0.0005);
    quantum->setSegmentLength(0.01); // its own preparation takes a minute with the default
    list.emplace_back("QTB", quantum);
    list.emplace_back("DPD", new DPDIntegrator(300, 1, 0.2, 0.0005));
    list.emplace_back("Custom", multipleTimeSteps(2).release());
    auto* compound = new CompoundIntegrator();
    compound->addIntegrator(new VerletIntegrator(0.0005));
    list.emplace_back("Compound", compound);
    return list;
}

} // namespace

TEST_P(Dynamics, RunsWithEveryIntegrator) {
    for (auto& [name, integrator] : allIntegrators()) {
        SCOPED_TRACE(name);
        const Atoms atoms = periodicEthanol();
        const auto simulation =
            simulate(atoms, makeGentleForce(atoms).release(), std::move(integrator));
        simulation.context->setVelocitiesToTemperature(300, 5);
        simulation.integrator->step(5);
        const State state = simulation.context->getState(State::Positions | State::Energy);
        EXPECT_FALSE(allClose(flatten(state.getPositions()), flatten(atoms.positions), 1e-6));
        expectEnergyAt(state, atoms);
    }
}

TEST_P(Dynamics, ForceGroupsAreHonored) {
    const Atoms atoms = ethanol();
    auto system = makeSystem(atoms);
    auto* bond = new HarmonicBondForce();
    bond->addBond(0, 1, 0.1, 1000);
    system->addForce(bond);
    EquivariantForce* force = makeGentleForce(atoms).release();
    force->setForceGroup(31);
    system->addForce(force);
    const auto simulation = simulate(std::move(system), atoms.positions);
    const double bondEnergy = 0.5 * 1000 * std::pow(0.1512 - 0.1, 2);
    const double modelEnergy = scale * interactionEnergy(atoms);
    EXPECT_TRUE(close(getEnergy(*simulation.context, 1), bondEnergy, 1e-6));
    EXPECT_TRUE(close(getEnergy(*simulation.context, 1 << 31), modelEnergy, tolerance()));
    EXPECT_TRUE(close(getEnergy(*simulation.context), bondEnergy + modelEnergy, 1e-6));
    EXPECT_EQ(getEnergy(*simulation.context, 2), 0);
    EXPECT_EQ(flatten(getForces(*simulation.context, 2)), std::vector<double>(27, 0));
}

TEST_P(Dynamics, MultipleTimeStepsEqualOneIfThereIsOne) {
    const Atoms atoms = ethanol();
    std::vector<std::vector<double>> results;
    for (int modelGroup : {0, 1}) {
        auto system = makeSystem(atoms);
        auto* bond = new HarmonicBondForce();
        bond->addBond(0, 1, 0.15, 1000);
        system->addForce(bond);
        EquivariantForce* force = makeGentleForce(atoms).release();
        force->setForceGroup(modelGroup);
        system->addForce(force);
        const auto simulation = simulate(std::move(system), atoms.positions, multipleTimeSteps(1));
        simulation.integrator->step(20);
        results.push_back(flatten(simulation.context->getState(State::Positions).getPositions()));
    }
    EXPECT_TRUE(allClose(results[0], results[1], isDouble() ? 1e-12 : 1e-5));
    EXPECT_FALSE(allClose(results[0], flatten(atoms.positions), 1e-6));
}

TEST_P(Dynamics, IntegrationForceGroupsLeaveTheForceOut) {
    const Atoms atoms = ethanol();
    EquivariantForce* force = makeForce(atoms).release();
    force->setForceGroup(3);
    const auto simulation = simulate(atoms, force);
    simulation.integrator->setIntegrationForceGroups(~(1 << 3));
    simulation.integrator->step(5);
    // Some platforms keep positions in single precision.
    EXPECT_TRUE(allClose(flatten(simulation.context->getState(State::Positions).getPositions()),
                         flatten(atoms.positions), isDouble() ? 1e-15 : 1e-7));
}

TEST_P(Dynamics, CheckpointContinuesBitForBit) {
    const Atoms atoms = periodicEthanol();
    const auto simulation = simulate(atoms, makeGentleForce(atoms).release(), langevin());
    simulation.integrator->step(5);
    std::stringstream checkpoint;
    simulation.context->createCheckpoint(checkpoint);
    const auto finish = [](const Simulation& s) {
        s.integrator->step(10);
        return flatten(s.context->getState(State::Positions).getPositions());
    };
    const auto expected = finish(simulation);
    simulation.context->loadCheckpoint(checkpoint);
    EXPECT_EQ(finish(simulation), expected);
    const auto other = simulate(atoms, makeGentleForce(atoms).release(), langevin());
    checkpoint.clear();
    checkpoint.seekg(0);
    other.context->loadCheckpoint(checkpoint);
    EXPECT_EQ(finish(other), expected);
}

TEST_P(Dynamics, ContextsRunInSeveralThreads) {
    const Atoms atoms = periodicEthanol();
    // The Reference platform has one random generator for all Contexts: no thermostat.
    const auto run = [](const Simulation& simulation) {
        simulation.integrator->step(50);
        return flatten(simulation.context->getState(State::Positions).getPositions());
    };
    const auto expected = run(simulate(atoms, makeGentleForce(atoms).release()));
    // Not in the threads: OpenMM's CPU platform keeps its Contexts in a map without a lock.
    std::vector<Simulation> simulations;
    for (int i = 0; i < 4; i++)
        simulations.push_back(simulate(atoms, makeGentleForce(atoms).release()));
    std::vector<std::vector<double>> found(simulations.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < simulations.size(); i++)
        threads.emplace_back([&, i] { found[i] = run(simulations[i]); });
    for (auto& thread : threads)
        thread.join();
    for (const auto& result : found)
        EXPECT_EQ(result, expected);
}

TEST_P(Dynamics, RingPolymersGetTheEnergyOfEachCopy) {
    // OpenMM's own plugin for Reference serves the CPU platform, too.
    const bool onHost = GetParam().platform == "CPU";
    loadOpenMMPlugin("OpenMMRPMD" + (onHost ? "Reference" : GetParam().platform));
    const Atoms atoms = ethanol();
    for (const std::map<int, int>& contractions :
         {std::map<int, int>{}, std::map<int, int>{{1, 1}}}) {
        const int copies = 4;
        EquivariantForce* force = makeGentleForce(atoms).release();
        force->setForceGroup(1);
        auto* rpmd = new RPMDIntegrator(copies, 300, 1, 0.0002, contractions);
        const auto simulation = simulate(atoms, force, std::unique_ptr<Integrator>(rpmd));
        for (int copy = 0; copy < copies; copy++) {
            auto positions = atoms.positions;
            positions[3] += Vec3(0.005 * copy, 0, 0);
            rpmd->setPositions(copy, positions);
        }
        rpmd->step(3);
        for (int copy = 0; copy < copies; copy++)
            expectEnergyAt(rpmd->getState(copy, State::Positions | State::Energy), atoms);
    }
}

TEST_P(Dynamics, MinimizerGoesDown) {
    if (GetParam().platform == "OpenCL")
        GTEST_SKIP() << "OpenMM 8.6.1's own minimizer kernel crashes on PoCL, whatever the forces";
    const Atoms atoms = ethanol();
    const auto simulation = simulate(atoms, makeGentleForce(atoms).release());
    const double before = getEnergy(*simulation.context);
    LocalEnergyMinimizer::minimize(*simulation.context, 1, 20);
    const State state = simulation.context->getState(State::Positions | State::Energy);
    EXPECT_LT(state.getPotentialEnergy(), before);
    expectEnergyAt(state, atoms);
}

TEST_P(Dynamics, VirtualSitePassesItsForceOn) {
    const Atoms atoms = ethanol();
    auto system = makeSystem(atoms);
    system->setParticleMass(8, 0);
    system->setVirtualSite(8, new TwoParticleAverageSite(2, 7, 1.3, -0.3));
    system->addForce(makeForce(atoms).release());
    const auto simulation = simulate(std::move(system), atoms.positions);
    Context& context = *simulation.context;
    const auto energyAt = [&](int particle, int axis, double shift) {
        auto positions = atoms.positions;
        positions[particle][axis] += shift;
        context.setPositions(positions);
        context.computeVirtualSites();
        return getEnergy(context);
    };
    const double step = isDouble() ? 1e-5 : 1e-3;
    std::vector<double> found, expected;
    for (int particle : {2, 7})
        for (int axis = 0; axis < 3; axis++) {
            expected.push_back((energyAt(particle, axis, -step) - energyAt(particle, axis, step)) /
                               (2 * step));
            energyAt(particle, axis, 0);
            found.push_back(getForces(context)[particle][axis]);
        }
    EXPECT_TRUE(allClose(found, expected, isDouble() ? 1e-6 : 1e-2));
}

TEST_P(Dynamics, MasslessParticlesStayAndConstraintsHold) {
    const Atoms atoms = ethanol();
    auto system = makeSystem(atoms);
    system->setParticleMass(0, 0);
    const Vec3 bond = atoms.positions[8] - atoms.positions[2];
    const double length = std::sqrt(bond.dot(bond));
    system->addConstraint(2, 8, length);
    system->addForce(makeGentleForce(atoms).release());
    const auto simulation =
        simulate(std::move(system), atoms.positions, std::make_unique<VerletIntegrator>(0.0005));
    simulation.integrator->setConstraintTolerance(1e-6);
    simulation.context->setVelocitiesToTemperature(300, 3);
    simulation.integrator->step(20);
    const State state = simulation.context->getState(State::Positions | State::Energy);
    expectEnergyAt(state, atoms);
    const auto& positions = state.getPositions();
    EXPECT_EQ(flatten({positions[0]}), flatten({atoms.positions[0]}));
    const Vec3 after = positions[8] - positions[2];
    EXPECT_TRUE(close(std::sqrt(after.dot(after)) / length, 1, 1e-5));
    EXPECT_FALSE(allClose(flatten({after}), flatten({bond}), 1e-5));
}
