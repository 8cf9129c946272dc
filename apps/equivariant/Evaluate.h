// SPDX-License-Identifier: MIT
#pragma once

#include "ExtendedXyz.h"

#include "equivariant/Evaluator.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace equivariant::command {

/// With what a model is evaluated.
struct ComputeOptions {
    std::string platform = "native"; ///< "native", or the name of a platform of OpenMM
    std::string precision;           ///< "single", "mixed" or "double"; "" is the platform's own
    int threads = 0;                 ///< 0: as many as the processor has
    std::string head;                ///< "" is the first
    std::string orientations;        ///< grid in the place of a PONITA model's; "" keeps that
    bool exactRadial = false;        ///< native only: no tables
    std::string product = "auto";    ///< native only: form of the many-body products
};

/// Reads a model file, and replaces its grid if the options say so. Throws Error.
std::shared_ptr<const Model> loadModel(const std::string& path, const ComputeOptions& options);

/// What the options say to the evaluator of the platform native.
EvaluatorOptions getEvaluatorOptions(const ComputeOptions& options);

/// What an evaluator has chosen, for reports.
nlohmann::ordered_json toJson(const EvaluatorDescription& description);

/// One atom of each of these elements, too far apart to see one another: an evaluator that has seen
/// them is prepared for any structure of them.
Structure makeIsolatedAtoms(const std::vector<int>& atomicNumbers);

/// Evaluates the frames of a file: energies, forces, virial.
/// Throws Error naming the file and the frame (counted from 1).
/// @param file  stands for the frames in error messages
std::vector<Evaluation> evaluateFrames(const std::shared_ptr<const Model>& model,
                                       const std::vector<Frame>& frames,
                                       const ComputeOptions& options, const std::string& file);

/// The same through a Context of OpenMM; called by evaluateFrames().
std::vector<Evaluation> evaluateFramesWithOpenMM(const std::shared_ptr<const Model>& model,
                                                 const std::vector<Frame>& frames,
                                                 const ComputeOptions& options,
                                                 const std::string& file);

/// Error about one frame of a file; `frame` is counted from 0.
[[noreturn]] void throwFrameError(const std::string& file, std::size_t frame,
                                  const std::string& what);

/// Symmetrised stress, eV/Å³. Throws nothing; requires a cell that is not singular.
Eigen::Matrix3d getStress(const Evaluation& evaluation, const Structure& structure);

} // namespace equivariant::command
