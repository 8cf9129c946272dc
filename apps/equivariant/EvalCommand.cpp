// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Output.h"

#include <set>

namespace equivariant::command {

namespace {

struct EvalOptions {
    std::string model, frames, output;
    ComputeOptions compute;
    bool json = false;
};

bool isPeriodic(const Structure& structure) {
    return structure.periodic[0] && structure.periodic[1] && structure.periodic[2];
}

nlohmann::json toJson(const Evaluation& evaluation, const Structure& structure) {
    nlohmann::json result = {{"energy", evaluation.energy},
                             {"interaction_energy", evaluation.interactionEnergy},
                             {"forces", nlohmann::json::array()},
                             {"stress", nullptr},
                             {"atom_energies", evaluation.atomEnergies},
                             {"atomic_numbers", structure.atomicNumbers}};
    for (const Eigen::Vector3d& force : evaluation.forces)
        result["forces"].push_back(command::toJson(force));
    if (isPeriodic(structure))
        result["stress"] = command::toJson(getStress(evaluation, structure));
    return result;
}

/// The frame with our results in the place of those that came with it.
Frame replaceResults(const Frame& frame, const Evaluation& evaluation) {
    static const std::set<std::string> results = {"energy", "interaction_energy", "free_energy",
                                                  "stress", "virial"};
    Frame result;
    result.structure = frame.structure;
    for (const auto& pair : frame.info)
        if (results.count(pair.first) == 0)
            result.info.push_back(pair);
    result.energy = evaluation.energy;
    result.forces = evaluation.forces;
    result.atomEnergies = evaluation.atomEnergies;
    if (isPeriodic(frame.structure))
        result.stress = getStress(evaluation, frame.structure);
    return result;
}

void runEval(const EvalOptions& options) {
    const auto model = loadModel(options.model, options.compute);
    const LabelKeys noLabels{"", "", ""};
    const std::vector<Frame> frames = readExtendedXyz(options.frames, noLabels);
    const auto evaluations = evaluateFrames(model, frames, options.compute, options.frames);
    std::string text;
    for (std::size_t i = 0; i < frames.size(); i++) {
        if (options.json)
            text += (i ? ",\n " : "[") + dump(toJson(evaluations[i], frames[i].structure));
        else
            text += formatExtendedXyz(replaceResults(frames[i], evaluations[i]));
    }
    writeOutput(options.output, options.json ? text + "]\n" : text);
}

} // namespace

void addEvalCommand(CLI::App& app) {
    auto options = std::make_shared<EvalOptions>();
    CLI::App* command = app.add_subcommand(
        "eval", "Energies (eV), forces (eV/Å) and stress (eV/Å³) of the frames of a file");
    command->add_option("model", options->model, "model file")->required();
    command->add_option("frames", options->frames, "structures, extended XYZ (Å)")->required();
    addPlatformOption(*command, options->compute);
    addComputeOptions(*command, options->compute);
    addNativeOptions(*command, options->compute);
    command->add_flag("--json", options->json, "write JSON instead of extended XYZ");
    command->add_option("--output", options->output, "file to write (default: standard output)");
    command->callback([options] { runEval(*options); });
}

} // namespace equivariant::command
