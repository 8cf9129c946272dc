// SPDX-License-Identifier: MIT
#include "Evaluate.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"

#include <Eigen/LU>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <thread>

namespace equivariant::command {

namespace {

bool isFinite(const Evaluation& evaluation) {
    return std::isfinite(evaluation.energy) && evaluation.virial.allFinite() &&
           std::all_of(evaluation.forces.begin(), evaluation.forces.end(),
                       [](const Eigen::Vector3d& force) { return force.allFinite(); });
}

/// Calls work(index) for 0 <= index < count on several threads. Of the exceptions, the one of the
/// lowest index comes out, as if there were one thread.
template <class Work> void forEach(std::size_t count, int threads, Work&& work) {
    std::vector<std::exception_ptr> errors(count);
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    const auto loop = [&] {
        while (!failed) {
            const std::size_t index = next++;
            if (index >= count)
                return;
            try {
                work(index);
            } catch (...) {
                errors[index] = std::current_exception();
                failed = true;
            }
        }
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < std::min<std::size_t>(threads, count); i++)
        others.emplace_back(loop);
    loop();
    for (std::thread& thread : others)
        thread.join();
    for (const std::exception_ptr& error : errors)
        if (error)
            std::rethrow_exception(error);
}

std::vector<Evaluation> evaluateNatively(const std::shared_ptr<const Model>& model,
                                         const std::vector<Frame>& frames,
                                         const ComputeOptions& options, const std::string& file) {
    if (!options.precision.empty() && options.precision != "double")
        throw Error("--precision " + options.precision +
                    ": the platform native computes in double precision only");
    const int head = model->getHead(options.head);
    const ReferenceEvaluator evaluator(model);
    std::vector<Evaluation> results(frames.size());
    const int threads = options.threads > 0
                            ? options.threads
                            : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    forEach(frames.size(), threads, [&](std::size_t i) {
        try {
            results[i] = evaluator.evaluate(frames[i].structure, head);
        } catch (const Error& error) {
            throwFrameError(file, i, error.what());
        }
    });
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
