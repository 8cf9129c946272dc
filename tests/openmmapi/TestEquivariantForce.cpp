// SPDX-License-Identifier: MIT
//
// What the force checks and remembers, whatever the platform.
#include "EquivariantKernels.h"
#include "support/ForceTest.h"
#include "support/Throws.h"

#include <openmm/OpenMMException.h>

using namespace equivariant::test;
using OpenMM::OpenMMException;

namespace {

class ForceInterface : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(load(platformCases().at(0)), ""); }

    /// Makes a Context of ethanol with one change to its force.
    template <class Change> static void makeContext(Change&& change) {
        const Atoms atoms = ethanol();
        auto system = makeSystem(atoms);
        EquivariantForce* force = makeForce(atoms).release();
        change(*force);
        system->addForce(force);
        OpenMM::VerletIntegrator integrator(0.001);
        OpenMM::Context context(*system, integrator, OpenMM::Platform::getPlatform("Reference"));
    }

    template <class Change>
    static ::testing::AssertionResult contextRefuses(const std::string& part, Change&& change) {
        return throwsNaming<OpenMMException>(part, [&] { makeContext(change); });
    }
};

} // namespace

TEST_F(ForceInterface, RemembersWhatItIsTold) {
    EquivariantForce force(tinyModel());
    EXPECT_EQ(force.getName(), "EquivariantForce");
    EXPECT_FALSE(force.usesPeriodicBoundaryConditions());
    EXPECT_EQ(force.getEnergyType(), EquivariantForce::InteractionEnergy);
    EXPECT_EQ(force.getHead(), "");
    EXPECT_EQ(force.getScaleParameter(), "");
    EXPECT_EQ(force.getDefaultScale(), 1);
    EXPECT_EQ(force.addParticle(7, 8), 0);
    EXPECT_EQ(force.addParticle(2, 1), 1);
    force.setParticleParameters(0, 5, 6);
    int particle, other;
    force.getParticleParameters(0, particle, other);
    EXPECT_EQ(particle, 5);
    EXPECT_EQ(other, 6);
    EXPECT_EQ(force.getNumParticles(), 2);
    EXPECT_EQ(force.addBond(5, 2), 0);
    force.getBondParameters(0, particle, other);
    EXPECT_EQ(particle, 5);
    EXPECT_EQ(other, 2);
    EXPECT_EQ(force.getNumBonds(), 1);
    force.setScaleParameter("s");
    force.addEnergyParameterDerivative("s");
    EXPECT_EQ(force.getNumEnergyParameterDerivatives(), 1);
    EXPECT_EQ(force.getEnergyParameterDerivativeName(0), "s");
    EXPECT_EQ(force.getModelPtr(), tinyModel());
    const EquivariantForce fromFile(modelPath("a_l1c2_L0"));
    EXPECT_EQ(fromFile.getModelPtr(), force.getModelPtr()) << "the same content is one model";
}

TEST_F(ForceInterface, RefusesBadArguments) {
    EquivariantForce force(tinyModel());
    int a, b;
    using E = OpenMMException;
    EXPECT_TRUE(throwsNaming<E>("particle 0", [&] { force.getParticleParameters(0, a, b); }));
    EXPECT_TRUE(throwsNaming<E>("particle -1", [&] { force.setParticleParameters(-1, 0, 1); }));
    EXPECT_TRUE(throwsNaming<E>("bond 3", [&] { force.getBondParameters(3, a, b); }));
    EXPECT_TRUE(
        throwsNaming<E>("derivative 0", [&] { force.getEnergyParameterDerivativeName(0); }));
    EXPECT_TRUE(throwsNaming<E>("no head 'dft'", [&] { force.setHead("dft"); }));
    EXPECT_TRUE(throwsNaming<E>("not finite", [&] { force.setDefaultScale(NAN); }));
    EXPECT_TRUE(
        throwsNaming<E>("absent.safetensors", [] { EquivariantForce("absent.safetensors"); }));
    EXPECT_TRUE(throwsNaming<E>("TestEquivariantForce.cpp", [] { EquivariantForce{__FILE__}; }));
    EXPECT_TRUE(throwsNaming<E>(
        "no model", [] { EquivariantForce{std::shared_ptr<const equivariant::Model>()}; }));
}

TEST_F(ForceInterface, ContextRefusesForcesThatCannotBe) {
    EXPECT_TRUE(contextRefuses("particle 9 is not", [](auto& f) { f.addParticle(9, 6); }));
    EXPECT_TRUE(contextRefuses("particle -1 is not", [](auto& f) { f.addParticle(-1, 6); }));
    EXPECT_TRUE(contextRefuses("particle 3 was added twice", [](auto& f) { f.addParticle(3, 1); }));
    EXPECT_TRUE(
        contextRefuses("particle 4: the model does not know the element with atomic number 54",
                       [](auto& f) { f.setParticleParameters(4, 4, 54); }));
    EXPECT_TRUE(contextRefuses("bonded particle 20", [](auto& f) { f.addBond(0, 20); }));
    EXPECT_TRUE(contextRefuses("derivative with respect to 'lambda'",
                               [](auto& f) { f.addEnergyParameterDerivative("lambda"); }));
    EXPECT_TRUE(contextRefuses("no parameter but 's'", [](auto& f) {
        f.setScaleParameter("s");
        f.addEnergyParameterDerivative("lambda");
    }));
}

TEST_F(ForceInterface, AllPairsModelIsRefusedInABox) {
    const auto model = equivariant::Model::load(modelPath("a_r3s2_o12_all_pairs"));
    OpenMM::System system;
    auto* force = new EquivariantForce(model);
    force->addParticle(system.addParticle(1), model->getInfo().atomicNumbers.at(0));
    force->setUsesPeriodicBoundaryConditions(true);
    system.addForce(force);
    OpenMM::VerletIntegrator integrator(0.001);
    EXPECT_TRUE(throwsNaming<OpenMMException>("joins all pairs", [&] {
        OpenMM::Context(system, integrator, OpenMM::Platform::getPlatform("Reference"));
    }));
}

TEST_F(ForceInterface, PlatformWithoutAKernelIsRefusedByOpenMM) {
    loadOpenMMPlugin("OpenMMCPU");
    const Atoms atoms = ethanol();
    auto system = makeSystem(atoms);
    system->addForce(makeForce(atoms).release());
    OpenMM::VerletIntegrator integrator(0.001);
    OpenMM::Platform& cpu = OpenMM::Platform::getPlatform("CPU");
    if (cpu.supportsKernels({EquivariantPlugin::CalcEquivariantForceKernel::Name()}))
        GTEST_SKIP() << "another test of this process has loaded the kernel";
    EXPECT_TRUE(throwsNaming<OpenMMException>("does not support all required kernels",
                                              [&] { OpenMM::Context(*system, integrator, cpu); }));
    OpenMM::Context context(*system, integrator); // OpenMM looks for a platform that can do it
    EXPECT_EQ(context.getPlatform().getName(), "Reference");
}

TEST_F(ForceInterface, DefaultScalesOfOneParameterMustAgree) {
    const Atoms atoms = ethanol();
    auto system = makeSystem(atoms);
    for (double scale : {0.5, 1.0}) {
        EquivariantForce* force = makeForce(atoms).release();
        force->setScaleParameter("lambda");
        force->setDefaultScale(scale);
        system->addForce(force);
    }
    OpenMM::VerletIntegrator integrator(0.001);
    EXPECT_TRUE(throwsNaming<OpenMMException>("lambda", [&] {
        OpenMM::Context(*system, integrator, OpenMM::Platform::getPlatform("Reference"));
    }));
}

namespace {

class MoleculesAndUpdates : public ForceTest {};
EQUIVARIANT_FOR_ALL_PLATFORMS(MoleculesAndUpdates);

} // namespace

TEST_P(MoleculesAndUpdates, MoleculesComeFromBondsOrFromBeingACluster) {
    const auto molecules = [&](const Atoms& atoms, bool bonds) {
        EquivariantForce* force = makeForce(atoms).release();
        if (bonds) {
            force->addBond(0, 3);
            force->addBond(3, 8);
        }
        return simulate(atoms, force).context->getMolecules().size();
    };
    EXPECT_EQ(molecules(periodicEthanol(), false), 9u);
    EXPECT_EQ(molecules(periodicEthanol(), true), 7u);
    EXPECT_EQ(molecules(ethanol(), false), 1u);
    EXPECT_EQ(molecules(ethanol(), true), 1u);
}

TEST_P(MoleculesAndUpdates, ParametersAreUpdatedInAContext) {
    Atoms atoms = ethanol();
    EquivariantForce* force = makeForce(atoms).release();
    const auto simulation = simulate(atoms, force);
    expectEvaluation(*simulation.context, atoms);
    atoms.numbers[3] = 8;
    force->setParticleParameters(3, 3, 8);
    force->updateParametersInContext(*simulation.context);
    expectEvaluation(*simulation.context, atoms);
    force->setEnergyType(EquivariantForce::TotalEnergy);
    force->updateParametersInContext(*simulation.context);
    EXPECT_TRUE(close(getEnergy(*simulation.context),
                      EquivariantPlugin::kilojoulesPerElectronVolt * evaluate(atoms).energy,
                      tolerance()));
}

TEST_P(MoleculesAndUpdates, WhatCannotBeUpdatedIsRefused) {
    const Atoms atoms = ethanol();
    const auto refuses = [&](const std::string& part, auto&& change) {
        EquivariantForce* force = makeForce(atoms).release();
        const auto simulation = simulate(atoms, force);
        change(*force);
        const auto result = throwsNaming<OpenMMException>(
            part, [&] { force->updateParametersInContext(*simulation.context); });
        expectEvaluation(*simulation.context, atoms);
        return result;
    };
    EXPECT_TRUE(refuses("reinitialized", [](auto& f) {
        f.setParticleParameters(3, 4, 1);
        f.setParticleParameters(4, 3, 1);
    }));
    EXPECT_TRUE(refuses("reinitialized", [](auto& f) { f.setScaleParameter("lambda"); }));
    EXPECT_TRUE(
        refuses("reinitialized", [](auto& f) { f.setUsesPeriodicBoundaryConditions(true); }));
    EXPECT_TRUE(refuses("not know the element", [](auto& f) { f.setParticleParameters(3, 3, 2); }));
    EXPECT_TRUE(refuses("added twice", [](auto& f) { f.addParticle(3, 1); }));
}

TEST_P(MoleculesAndUpdates, ReinitializedContextTakesEverything) {
    const Atoms atoms = ethanol();
    EquivariantForce* force = makeForce(atoms).release();
    const auto simulation = simulate(atoms, force);
    force->setScaleParameter("lambda");
    force->setDefaultScale(0.5);
    simulation.context->reinitialize(true);
    EXPECT_EQ(simulation.context->getParameter("lambda"), 0.5);
    EXPECT_TRUE(close(getEnergy(*simulation.context), 0.5 * interactionEnergy(atoms), tolerance()));
}
