// SPDX-License-Identifier: MIT
#include "Evaluate.h"
#include "ProgressBar.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace equivariant::command {

namespace {

bool isFinite(const Evaluation& evaluation) {
    return std::isfinite(evaluation.energy) && evaluation.virial.allFinite() &&
           std::all_of(evaluation.forces.begin(), evaluation.forces.end(),
                       [](const Eigen::Vector3d& force) { return force.allFinite(); });
}

/// Evaluates frames `first` to `last`. Throws Error naming the first frame that fails.
std::vector<Evaluation> evaluatePiece(Evaluator& evaluator, const std::vector<Frame>& frames,
                                      std::size_t first, std::size_t last, int head,
                                      const std::string& file) {
    std::vector<Structure> structures;
    for (std::size_t i = first; i < last; i++)
        structures.push_back(frames[i].structure);
    try {
        return evaluator.evaluate(structures, head);
    } catch (const Error&) { // to say which frame it was, one after the other
        for (std::size_t i = first; i < last; i++)
            try {
                evaluator.evaluate(frames[i].structure, head);
            } catch (const Error& error) {
                throwFrameError(file, i, error.what());
            }
        throw;
    }
}

/// Many frames are spread over the threads; few frames get all threads each. The results are the
/// same.
std::vector<Evaluation> evaluateNatively(const std::shared_ptr<const Model>& model,
                                         const std::vector<Frame>& frames,
                                         const ComputeOptions& options, const std::string& file) {
    constexpr std::size_t framesPerThread = 16; // of a piece: the bar moves between pieces
    const auto workers = makeWorkers(options.threads);
    const std::size_t numThreads = workers->size();
    const std::size_t piece = frames.size() < 2 * numThreads ? 1 : framesPerThread * numThreads;
    const int head = model->getHead(options.head);
    Evaluator evaluator(model, getEvaluatorOptions(options), workers);
    ProgressBar progress(static_cast<long>(frames.size()), "frame", "frames/s", 1);
    std::vector<Evaluation> results;
    results.reserve(frames.size());
    while (results.size() < frames.size()) {
        const std::size_t first = results.size(), last = std::min(first + piece, frames.size());
        for (Evaluation& result : evaluatePiece(evaluator, frames, first, last, head, file))
            results.push_back(std::move(result));
        progress.update(static_cast<long>(last));
    }
    return results;
}

} // namespace

std::shared_ptr<const Model> loadModel(const std::string& path, const ComputeOptions& options) {
    const auto model = Model::load(path);
    if (options.orientations.empty())
        return model;
    try {
        return withOrientations(*model, options.orientations);
    } catch (const Error& error) {
        throw Error(path + ": --orientations: " + error.what());
    }
}

EvaluatorOptions getEvaluatorOptions(const ComputeOptions& options) {
    EvaluatorOptions result;
    if (options.precision == "single" || options.precision == "mixed")
        result.precision = Precision::Single;
    result.exactRadial = options.exactRadial;
    result.product = options.product;
    return result;
}

nlohmann::ordered_json toJson(const EvaluatorDescription& description) {
    return {{"instruction_set", description.instructionSet},
            {"threads", description.numThreads},
            {"table_error", description.tableError},
            {"table_mb", description.tableMegabytes},
            {"products", description.products}};
}

Structure makeIsolatedAtoms(const std::vector<int>& atomicNumbers) {
    constexpr double apart = 1000; // Å
    Structure result;
    result.atomicNumbers = atomicNumbers;
    for (std::size_t i = 0; i < atomicNumbers.size(); i++)
        result.positions.emplace_back(apart * static_cast<double>(i), 0, 0);
    return result;
}

void throwFrameError(const std::string& file, std::size_t frame, const std::string& what) {
    throw Error(file + ": frame " + std::to_string(frame + 1) + ": " + what);
}

Eigen::Matrix3d getStress(const Evaluation& evaluation, const Structure& structure) {
    const double volume = std::abs(structure.cell.determinant());
    return -0.5 / volume * (evaluation.virial + evaluation.virial.transpose());
}

std::vector<Evaluation> evaluateFrames(const std::shared_ptr<const Model>& model,
                                       const std::vector<Frame>& frames,
                                       const ComputeOptions& options, const std::string& file) {
    auto results = options.platform == "native"
                       ? evaluateNatively(model, frames, options, file)
                       : evaluateFramesWithOpenMM(model, frames, options, file);
    for (std::size_t i = 0; i < results.size(); i++)
        if (!isFinite(results[i]))
            throwFrameError(file, i, "the energy or a force is not a finite number");
    return results;
}

} // namespace equivariant::command
