// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Output.h"

#include "equivariant/Error.h"
#include "equivariant/RotationError.h"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <map>

namespace equivariant::command {

namespace {

constexpr double milli = 1000; // meV in one eV

/// Root of the mean square, and mean absolute value, of errors that come one by one.
struct ErrorStatistics {
    std::size_t count = 0;
    double squares = 0, absolutes = 0;

    void add(double error) {
        count++;
        squares += error * error;
        absolutes += std::abs(error);
    }
    /// meV for eV; null if there were none.
    nlohmann::json rmse() const {
        return count ? nlohmann::json(milli * std::sqrt(squares / count)) : nlohmann::json();
    }
    nlohmann::json mae() const {
        return count ? nlohmann::json(milli * absolutes / count) : nlohmann::json();
    }
};

struct Statistics {
    ErrorStatistics energy, energyPerAtom, force;
    std::size_t frames = 0;

    void add(const Frame& frame, const Evaluation& evaluation) {
        frames++;
        if (frame.energy) {
            const double error = evaluation.energy - *frame.energy;
            energy.add(error);
            energyPerAtom.add(error / static_cast<double>(evaluation.atomEnergies.size()));
        }
        for (std::size_t i = 0; i < frame.forces.size(); i++)
            for (int d = 0; d < 3; d++)
                force.add(evaluation.forces[i][d] - frame.forces[i][d]);
    }

    nlohmann::json toJson() const {
        return {{"energy_rmse", energy.rmse()},
                {"energy_mae", energy.mae()},
                {"energy_rmse_per_atom", energyPerAtom.rmse()},
                {"energy_mae_per_atom", energyPerAtom.mae()},
                {"force_rmse", force.rmse()},
                {"force_mae", force.mae()},
                {"frames", frames}};
    }
};

struct ValidateOptions {
    std::string model, data;
    LabelKeys keys;
    ComputeOptions compute;
    int rotations = 0; ///< 0: only for a model that is not exactly invariant
    bool json = false;
};

std::string formatCell(const nlohmann::json& value) {
    char text[32] = "-";
    if (!value.is_null())
        std::snprintf(text, sizeof text, "%.3f", value.get<double>());
    return text;
}

void printRow(const std::string& name, const nlohmann::json& row) {
    std::printf("%-20s %7zu", name.c_str(), row["frames"].get<std::size_t>());
    for (const char* key : {"energy_rmse", "energy_mae", "energy_rmse_per_atom",
                            "energy_mae_per_atom", "force_rmse", "force_mae"})
        std::printf(" %10s", formatCell(row[key]).c_str());
    std::printf("\n");
}

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

void printTable(const nlohmann::json& result) {
    std::printf("%-28s %21s %21s %21s\n", "", "energy, meV", "energy, meV/atom", "force, meV/Å ");
    std::printf("%-20s %7s %10s %10s %10s %10s %10s %10s\n", "config_type", "frames", "RMSE", "MAE",
                "RMSE", "MAE", "RMSE", "MAE");
    if (result.contains("config_types"))
        for (const auto& item : result["config_types"].items())
            printRow(item.key(), item.value());
    printRow("all", result);
    if (result.contains("rotation_error"))
        printRotationError(result["rotation_error"]);
    std::fflush(stdout);
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
    const auto evaluations = evaluateFrames(model, frames, options.compute, options.data);
    Statistics all;
    std::map<std::string, Statistics> byType;
    for (std::size_t i = 0; i < frames.size(); i++) {
        all.add(frames[i], evaluations[i]);
        const std::string type = frames[i].getInfo("config_type");
        if (!type.empty())
            byType[type].add(frames[i], evaluations[i]);
    }
    nlohmann::json result = all.toJson();
    for (const auto& [type, statistics] : byType)
        result["config_types"][type] = statistics.toJson();
    if (options.rotations || !isExactlyInvariant(*model))
        result["rotation_error"] = measureRotationError(*model, frames, options);
    if (options.json)
        writeOutput("", dump(result, 2) + '\n');
    else
        printTable(result);
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
