// SPDX-License-Identifier: MIT
//
// What a platform's kernel is asked for: a kernel that only takes notes stands in for the real one.
#include "EquivariantKernels.h"
#include "support/ForceTest.h"

#include <openmm/CustomIntegrator.h>
#include <openmm/KernelFactory.h>
#include <openmm/MonteCarloBarostat.h>

using namespace equivariant::test;
using EquivariantPlugin::CalcEquivariantForceKernel;

namespace {

struct Call {
    bool includeForces, includeEnergy;
};
std::vector<Call> calls;

class NotingKernel : public CalcEquivariantForceKernel {
public:
    using CalcEquivariantForceKernel::CalcEquivariantForceKernel;
    void initialize(const OpenMM::System&, const EquivariantForce&) override {}
    double execute(OpenMM::ContextImpl&, bool includeForces, bool includeEnergy) override {
        calls.push_back({includeForces, includeEnergy});
        return 3;
    }
    void copyParametersToContext(OpenMM::ContextImpl&, const EquivariantForce&) override {}
    std::vector<double> getAtomEnergies(OpenMM::ContextImpl&) override { return {}; }
    std::vector<OpenMM::Vec3> getVirial(OpenMM::ContextImpl&) override { return {}; }
};

class NotingFactory : public OpenMM::KernelFactory {
public:
    OpenMM::KernelImpl* createKernelImpl(std::string name, const OpenMM::Platform& platform,
                                         OpenMM::ContextImpl&) const override {
        return new NotingKernel(name, platform);
    }
};

class KernelCalls : public ::testing::Test {
protected:
    void SetUp() override {
        OpenMM::Platform& platform = OpenMM::Platform::getPlatform("Reference");
        platform.registerKernelFactory(CalcEquivariantForceKernel::Name(), new NotingFactory);
        calls.clear();
    }

    /// A Context of periodic ethanol with its force in group 2 and perhaps another force.
    static Simulation makeSimulation(OpenMM::Force* other = nullptr,
                                     std::unique_ptr<OpenMM::Integrator> integrator =
                                         std::make_unique<OpenMM::VerletIntegrator>(1e-6)) {
        Atoms atoms = periodicEthanol();
        auto system = makeSystem(atoms);
        EquivariantForce* force = makeForce(atoms).release();
        force->setForceGroup(2);
        system->addForce(force);
        if (other)
            system->addForce(other);
        Simulation result{std::move(system), std::move(integrator), nullptr};
        result.context = std::make_unique<OpenMM::Context>(
            *result.system, *result.integrator, OpenMM::Platform::getPlatform("Reference"));
        result.context->setPositions(atoms.positions);
        return result;
    }
};

} // namespace

TEST_F(KernelCalls, EnergyAloneAsksForNoForces) {
    // Context::getState() always asks for forces too (OpenMM 8.6); integrators do not.
    auto integrator = std::make_unique<OpenMM::CustomIntegrator>(0.001);
    integrator->addGlobalVariable("found", 0);
    integrator->addComputeGlobal("found", "energy");
    auto* custom = integrator.get();
    const auto simulation = makeSimulation(nullptr, std::move(integrator));
    custom->step(1);
    EXPECT_EQ(custom->getGlobalVariableByName("found"), 3);
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_FALSE(calls[0].includeForces);
    EXPECT_TRUE(calls[0].includeEnergy);
}

TEST_F(KernelCalls, ForcesAloneAskForNoEnergy) {
    const auto simulation = makeSimulation();
    getForces(*simulation.context);
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_TRUE(calls[0].includeForces);
    EXPECT_FALSE(calls[0].includeEnergy);
}

TEST_F(KernelCalls, OtherForceGroupsDoNotReachTheKernel) {
    const auto simulation = makeSimulation();
    EXPECT_EQ(getEnergy(*simulation.context, ~(1 << 2)), 0);
    EXPECT_TRUE(calls.empty());
    EXPECT_EQ(getEnergy(*simulation.context, 1 << 2), 3);
    EXPECT_EQ(calls.size(), 1u);
}

TEST_F(KernelCalls, BarostatMoveCostsTwoCalls) {
    const auto simulation = makeSimulation(new OpenMM::MonteCarloBarostat(1, 300, 1));
    simulation.integrator->step(10);
    int energies = 0;
    for (const Call& call : calls)
        energies += call.includeEnergy;
    EXPECT_EQ(energies, 20);
    EXPECT_EQ(calls.size(), 30u) << "and each step needs one evaluation of the forces";
}
