// SPDX-License-Identifier: MIT
#include "Evaluate.h"
#include "ModelContext.h"
#include "ProgressBar.h"

#include "equivariant/Error.h"
#include "internal/EquivariantUnits.h"

#include <openmm/OpenMMException.h>
#include <openmm/State.h>

namespace equivariant::command {

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
        if (!current || structure.atomicNumbers != atomicNumbers || box.periodic != periodic) {
            current.reset();
            atomicNumbers = structure.atomicNumbers;
            periodic = box.periodic;
            current = std::make_unique<ModelContext>(model, head, choice, atomicNumbers, box);
        }
        current->setStructure(structure, box);
        return collect(box);
    }

private:
    Evaluation collect(const OpenMMBox& box) const {
        OpenMM::Context& context = current->getContext();
        EquivariantPlugin::EquivariantForce& force = current->getForce();
        const OpenMM::State state = context.getState(OpenMM::State::Energy | OpenMM::State::Forces);
        Evaluation result;
        result.interactionEnergy = state.getPotentialEnergy() / kilojoulesPerElectronVolt;
        for (double energy : force.getAtomEnergies(context)) {
            const int species = model->getSpecies(atomicNumbers[result.atomEnergies.size()]);
            const double isolated = model->getInfo().isolatedAtomEnergies(headIndex, species);
            result.atomEnergies.push_back(energy / kilojoulesPerElectronVolt + isolated);
            result.energy += isolated;
        }
        result.energy += result.interactionEnergy;
        for (std::size_t i = 0; i < atomicNumbers.size(); i++)
            result.forces.push_back(box.turnBack(state.getForces()[i]) / openmmForcePerModelForce);
        Eigen::Matrix3d virial;
        const std::vector<Vec3> rows = force.getVirial(context);
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
    std::unique_ptr<ModelContext> current;
};

} // namespace

std::vector<Evaluation> evaluateFramesWithOpenMM(const std::shared_ptr<const Model>& model,
                                                 const std::vector<Frame>& frames,
                                                 const ComputeOptions& options,
                                                 const std::string& file) {
    ContextEvaluator evaluator(model, options);
    ProgressBar progress(static_cast<long>(frames.size()), "frame", "frames/s", 1);
    std::vector<Evaluation> results;
    for (std::size_t i = 0; i < frames.size(); i++)
        try {
            progress.update(static_cast<long>(i));
            results.push_back(evaluator.evaluate(frames[i].structure));
        } catch (const Error& error) {
            throwFrameError(file, i, error.what());
        } catch (const OpenMM::OpenMMException& error) {
            throwFrameError(file, i, error.what());
        }
    return results;
}

} // namespace equivariant::command
