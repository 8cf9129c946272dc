// SPDX-License-Identifier: MIT
#pragma once

#include "ExtendedXyz.h"
#include "TrainingConfig.h"

namespace equivariant::command {

/// The structures of a configuration, and what a new model takes from them.
struct Dataset {
    std::vector<int> atomicNumbers; ///< ascending
    std::vector<training::Example> train, valid;
    std::vector<Frame> validFrames; ///< those of `valid`
    training::DataStatistics statistics;
};

/// Reads the files of a configuration.
/// @param atomicNumbers  elements of the model to go on from; empty: those of the training set
/// @param isolatedAtomEnergies  [species] of such a model, eV; empty: those of the configuration,
/// or
///                              fitted to the training set by least squares
/// Throws Error naming file and frame, or the element that is not known.
Dataset readDataset(const training::TrainingConfig& config, double cutoff,
                    const std::vector<int>& atomicNumbers,
                    const std::vector<double>& isolatedAtomEnergies);

} // namespace equivariant::command
