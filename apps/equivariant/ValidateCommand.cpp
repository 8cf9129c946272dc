// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "ErrorTable.h"
#include "Output.h"

#include "equivariant/Error.h"
#include "equivariant/RotationError.h"

#include <cstdio>
#include <iostream>

namespace equivariant::command {

namespace {

struct ValidateOptions {
    std::string model, data;
    LabelKeys keys;
    ComputeOptions compute;
    int rotations = 0; ///< 0: only for a model that is not exactly invariant
    bool json = false;
};

/// Whether turning a structure leaves its energy the same to roundoff.
bool isExactlyInvariant(const Model& model) {
    const auto* ponita = std::get_if<PonitaParameters>(&model.getParameters());
    return !ponita || !ponita->hasGrid();
}

/// The rotation error over a few of the frames, which are spread evenly over the file.
nlohmann::json measureRotationError(const Model& model, const std::vector<Frame>& frames,
                                    const ValidateOptions& options) {
    constexpr std::size_t mostFrames = 20;
    constexpr int defaultRotations = 8;
    constexpr unsigned seed = 1;
    if (model.getHead(options.compute.head) != 0)
        throw Error("--rotations: the rotation error is that of the first head, not of " +
                    options.compute.head);
    const std::size_t count = std::min(mostFrames, frames.size());
    std::vector<Structure> structures;
    for (std::size_t i = 0; i < count; i++)
        structures.push_back(frames[i * frames.size() / count].structure);
    const int rotations = options.rotations ? options.rotations : defaultRotations;
    const RotationError error = rotationError(model, structures, rotations, seed);
    return {{"energy", error.energy},
            {"force", error.force},
            {"torque", error.torque},
            {"frames", count},
            {"rotations", rotations}};
}

void printRotationError(const nlohmann::json& error) {
    std::printf("rotation error: energy %.3g meV, force %.3g meV/Å, net torque %.3g meV "
                "(%d rotations of %d frames)\n",
                error["energy"].get<double>(), error["force"].get<double>(),
                error["torque"].get<double>(), error["rotations"].get<int>(),
                error["frames"].get<int>());
}

std::vector<Frame> readLabelled(const ValidateOptions& options) {
    std::vector<Frame> frames = readExtendedXyz(options.data, options.keys);
    for (const Frame& frame : frames)
        if (frame.energy || !frame.forces.empty())
            return frames;
    throw Error(options.data + ": frame 1: no frame has an energy ('" + options.keys.energy +
                "') or forces ('" + options.keys.forces +
                "'); --energy-key and --forces-key choose other names");
}

void runValidate(const ValidateOptions& options) {
    const auto model = loadModel(options.model, options.compute);
    const std::vector<Frame> frames = readLabelled(options);
    nlohmann::json result =
        findErrors(frames, evaluateFrames(model, frames, options.compute, options.data));
    if (options.rotations || !isExactlyInvariant(*model))
        result["rotation_error"] = measureRotationError(*model, frames, options);
    if (options.json) {
        writeOutput("", dump(result, 2) + '\n');
        return;
    }
    printErrors(result);
    if (result.contains("rotation_error"))
        printRotationError(result["rotation_error"]);
}

} // namespace

void addValidateCommand(CLI::App& app) {
    auto options = std::make_shared<ValidateOptions>();
    CLI::App* command = app.add_subcommand(
        "validate", "Errors of a model on labelled frames: meV, meV/atom, meV/Å");
    command->add_option("model", options->model, "model file")->required();
    command->add_option("data", options->data, "labelled structures, extended XYZ (eV, Å)")
        ->required();
    command->add_option("--energy-key", options->keys.energy, "key of the energies")
        ->capture_default_str();
    command->add_option("--forces-key", options->keys.forces, "column of the forces")
        ->capture_default_str();
    command
        ->add_option("--rotations", options->rotations,
                     "rotations of each frame that the rotation error is measured with (default: 8 "
                     "for a model on an orientation grid, which is not exactly invariant; else "
                     "none)")
        ->check(CLI::Range(2, 100000));
    addPlatformOption(*command, options->compute);
    addComputeOptions(*command, options->compute);
    addNativeOptions(*command, options->compute);
    command->add_flag("--json", options->json, "write JSON");
    command->callback([options] { runValidate(*options); });
}

} // namespace equivariant::command
