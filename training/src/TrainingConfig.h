// SPDX-License-Identifier: MIT
#pragma once

#include "Initialize.h"
#include "Trainer.h"

#include <map>
#include <optional>
#include <string>

namespace equivariant::training {

/// The JSON schema of a configuration, training/config.schema.json.
extern const char* const configSchema;

/// The presets by name, training/presets.json: what a configuration says where it does not itself.
extern const char* const configPresets;

/// What a configuration file of `equivariant train` says (docs/training.md).
struct TrainingConfig {
    std::string name, output, license;
    std::string trainFile, validFile; ///< relative to the configuration file; "" if absent
    double validFraction = 0.1;       ///< taken from the training file if there is no validFile
    std::string energyKey = "energy", forcesKey = "forces", stressKey = "stress";
    std::string isolatedAtomsFile;
    std::map<std::string, double> isolatedAtoms; ///< by symbol; both empty: fitted
    std::map<std::string, double> configTypeWeights;
    std::string startFrom;         ///< model file to go on from; "" for random weights
    ModelSizes sizes;              ///< without the elements
    std::string finalOrientations; ///< grid of a PONITA model as it is written; "": as trained
    bool isDouble = false;
    TrainerOptions trainer;
    int threads = 0;    ///< 0: as many as the processor has
    bool onGpu = false; ///< with CUDA, else on the processor

    /// Throws Error naming the file and the key that is wrong.
    static TrainingConfig read(const std::string& path);
};

} // namespace equivariant::training
