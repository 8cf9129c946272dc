// SPDX-License-Identifier: MIT
#include "Evaluate.h"
#include "OpenMMBox.h"
#include "Platforms.h"

#include "EquivariantForce.h"
#include "equivariant/Error.h"
#include "internal/EquivariantUnits.h"

#include <numeric>
#include <openmm/Context.h>
#include <openmm/OpenMMException.h>
#include <openmm/State.h>
#include <openmm/System.h>
#include <openmm/VerletIntegrator.h>

namespace equivariant::command {

using EquivariantPlugin::EquivariantForce;
using EquivariantPlugin::kilojoulesPerElectronVolt;
using EquivariantPlugin::openmmForcePerModelForce;
using OpenMM::Vec3;

namespace {

/// A Context for structures with the same atoms; it is made anew when the atoms change.
class ContextEvaluator {
public:
    ContextEvaluator(std::shared_ptr<const Model> model, const ComputeOptions& options)
        : model(std::move(model)), head(options.head), headIndex(this->model->getHead(head)),
          choice(choosePlatform(options)) {}

    Evaluation evaluate(const Structure& structure) {
        const OpenMMBox box(structure);
        if (!context || structure.atomicNumbers != atomicNumbers || box.periodic != periodic)
            makeContext(structure.atomicNumbers, box);
        if (box.periodic)
            context->setPeriodicBoxVectors(box.vectors[0], box.vectors[1], box.vectors[2]);
        std::vector<Vec3> positions;
        for (const Eigen::Vector3d& position : structure.positions)
            positions.push_back(box.toOpenMM(position));
        context->setPositions(positions);
        return collect(box);
    }

private:
    void makeContext(const std::vector<int>& numbers, const OpenMMBox& box) {
        context.reset();
        atomicNumbers = numbers;
        periodic = box.periodic;
        system = std::make_unique<OpenMM::System>();
        auto owned = std::make_unique<EquivariantForce>(model);
        for (std::size_t i = 0; i < numbers.size(); i++) {
            system->addParticle(1.0); // the mass does not matter here
            owned->addParticle(static_cast<int>(i), numbers[i]);
        }
        owned->setHead(head);
        owned->setUsesPeriodicBoundaryConditions(periodic);
        if (periodic)
            system->setDefaultPeriodicBoxVectors(box.vectors[0], box.vectors[1], box.vectors[2]);
        force = owned.get();
        system->addForce(owned.release());
        integrator = std::make_unique<OpenMM::VerletIntegrator>(0.001);
        context = std::make_unique<OpenMM::Context>(*system, *integrator, *choice.platform,
                                                    choice.properties);
    }

    Evaluation collect(const OpenMMBox& box) const {
        const OpenMM::State state =
            context->getState(OpenMM::State::Energy | OpenMM::State::Forces);
        Evaluation result;
        result.interactionEnergy = state.getPotentialEnergy() / kilojoulesPerElectronVolt;
        for (double energy : force->getAtomEnergies(*context)) {
            const int species = model->getSpecies(atomicNumbers[result.atomEnergies.size()]);
            const double isolated = model->getInfo().isolatedAtomEnergies(headIndex, species);
            result.atomEnergies.push_back(energy / kilojoulesPerElectronVolt + isolated);
            result.energy += isolated;
        }
        result.energy += result.interactionEnergy;
        for (const Vec3& f : state.getForces())
            result.forces.push_back(box.turnBack(f) / openmmForcePerModelForce);
        Eigen::Matrix3d virial;
        const std::vector<Vec3> rows = force->getVirial(*context);
        for (int i = 0; i < 3; i++)
            virial.row(i) << rows[i][0], rows[i][1], rows[i][2];
        result.virial =
            box.rotation * virial * box.rotation.transpose() / kilojoulesPerElectronVolt;
        return result;
    }

    std::shared_ptr<const Model> model;
    std::string head;
    int headIndex;
    PlatformChoice choice;
    std::vector<int> atomicNumbers; // of the Context
    bool periodic = false;
    std::unique_ptr<OpenMM::System> system;
    std::unique_ptr<OpenMM::Integrator> integrator;
    std::unique_ptr<OpenMM::Context> context;
    EquivariantForce* force = nullptr; // owned by system
};

} // namespace

std::vector<Evaluation> evaluateFramesWithOpenMM(const std::shared_ptr<const Model>& model,
                                                 const std::vector<Frame>& frames,
                                                 const ComputeOptions& options,
                                                 const std::string& file) {
    ContextEvaluator evaluator(model, options);
    std::vector<Evaluation> results;
    for (std::size_t i = 0; i < frames.size(); i++)
        try {
            results.push_back(evaluator.evaluate(frames[i].structure));
        } catch (const Error& error) {
            throwFrameError(file, i, error.what());
        } catch (const OpenMM::OpenMMException& error) {
            throwFrameError(file, i, error.what());
        }
    return results;
}

} // namespace equivariant::command
