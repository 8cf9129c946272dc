// SPDX-License-Identifier: MIT
//
// The fixture of tests of the force on every platform.
#pragma once

#include "support/Compare.h"
#include "support/OpenMMSystems.h"
#include "support/Platforms.h"

#include <openmm/VerletIntegrator.h>

namespace equivariant::test {

/// A Context with what it needs to live.
struct Simulation {
    std::unique_ptr<OpenMM::System> system;
    std::unique_ptr<OpenMM::Integrator> integrator;
    std::unique_ptr<OpenMM::Context> context;
};

class ForceTest : public PlatformTest {
protected:
    Simulation simulate(std::unique_ptr<OpenMM::System> system, const std::vector<Vec3>& positions,
                        std::unique_ptr<OpenMM::Integrator> integrator =
                            std::make_unique<OpenMM::VerletIntegrator>(0.0001),
                        std::map<std::string, std::string> properties = {}) const {
        Simulation result{std::move(system), std::move(integrator), nullptr};
        result.context = makeContext(*result.system, *result.integrator, std::move(properties));
        result.context->setPositions(positions);
        return result;
    }

    /// Atoms with one force, by default on all of them.
    Simulation simulate(const Atoms& atoms, EquivariantForce* force = nullptr,
                        std::unique_ptr<OpenMM::Integrator> integrator =
                            std::make_unique<OpenMM::VerletIntegrator>(0.0001)) const {
        auto system = makeSystem(atoms);
        system->addForce(force ? force : makeForce(atoms).release());
        return simulate(std::move(system), atoms.positions, std::move(integrator));
    }

    /// Compares a Context with the reference evaluator.
    void expectEvaluation(const OpenMM::Context& context, const Atoms& atoms,
                          std::shared_ptr<const Model> model = tinyModel()) const {
        expectEvaluation(context, atoms, std::move(model), tolerance());
    }

    void expectEvaluation(const OpenMM::Context& context, const Atoms& atoms,
                          std::shared_ptr<const Model> model, double forceTolerance) const {
        using namespace EquivariantPlugin;
        const Evaluation expected = evaluate(atoms, std::move(model));
        EXPECT_TRUE(close(getEnergy(context),
                          kilojoulesPerElectronVolt * expected.interactionEnergy, tolerance()));
        EXPECT_TRUE(allClose(flatten(getForces(context)),
                             flatten(expected.forces, openmmForcePerModelForce), forceTolerance));
    }
};

} // namespace equivariant::test
