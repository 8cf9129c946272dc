// SPDX-License-Identifier: MIT
//
// How long a call for energy and forces takes, and how much memory.
#include "Commands.h"
#include "ModelContext.h"
#include "Output.h"

#include "equivariant/Error.h"
#include "equivariant/Evaluator.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <openmm/OpenMMException.h>
#include <openmm/State.h>
#include <random>
#include <set>

namespace equivariant::command {

namespace {

struct BenchOptions {
    std::string model, frame;
    ComputeOptions compute;
    int steps = 20;
    bool json = false;
};

/// A structure that moves: all atoms drift together, and each trembles about its place. So energies
/// stay near that of the frame, and neighbor lists age about as fast as in dynamics of water at
/// 300 K with steps of 0.5 fs.
class MovingStructure {
public:
    explicit MovingStructure(Structure frame) : frame(frame), current(std::move(frame)) {
        std::mt19937 generator(1);
        std::normal_distribution<double> normal;
        for (std::size_t i = 0; i < current.positions.size(); i++) {
            const double x = normal(generator), y = normal(generator), z = normal(generator);
            directions.emplace_back(x, y, z);
        }
    }

    const Structure& next() {
        constexpr double drift = 0.01, amplitude = 0.01, frequency = 0.7; // Å, Å, radians; a step
        step++;
        for (std::size_t i = 0; i < current.positions.size(); i++) {
            const double phase = frequency * step + static_cast<double>(i);
            current.positions[i] = frame.positions[i] + drift * step * Eigen::Vector3d::UnitX() +
                                   amplitude * std::sin(phase) * directions[i];
        }
        return current;
    }

private:
    Structure frame, current;
    std::vector<Eigen::Vector3d> directions;
    int step = 0;
};

/// What is measured.
class Candidate {
public:
    virtual ~Candidate() = default;
    /// Makes the model ready for the atoms of a structure.
    virtual void prepare(const Structure& structure) = 0;
    /// Energy (eV) and forces of a structure with the same atoms. Returns the energy.
    virtual double compute(const Structure& structure) = 0;
    virtual void describe(nlohmann::ordered_json&) const {}
    /// Rebuilds of the neighbor list so far; null where that is not known.
    virtual nlohmann::json countRebuilds() const { return nullptr; }
};

class NativeCandidate : public Candidate {
public:
    NativeCandidate(const std::shared_ptr<const Model>& model, const ComputeOptions& options)
        : head(model->getHead(options.head)),
          evaluator(model, getEvaluatorOptions(options), makeWorkers(options.threads)) {}

    void prepare(const Structure& structure) override {
        const std::set<int> elements(structure.atomicNumbers.begin(),
                                     structure.atomicNumbers.end());
        evaluator.evaluate(makeIsolatedAtoms({elements.begin(), elements.end()}), head);
    }

    double compute(const Structure& structure) override {
        return evaluator.evaluate(structure, head).energy;
    }

    void describe(nlohmann::ordered_json& result) const override {
        result.update(toJson(evaluator.describe()));
    }

    nlohmann::json countRebuilds() const override { return evaluator.getNumNeighborRebuilds(); }

private:
    int head;
    Evaluator evaluator;
};

class OpenMMCandidate : public Candidate {
public:
    OpenMMCandidate(std::shared_ptr<const Model> model, const ComputeOptions& options)
        : model(std::move(model)), head(options.head), choice(choosePlatform(options)) {
        this->model->getHead(head); // is there such a head?
    }

    void prepare(const Structure& structure) override {
        const OpenMMBox box(structure);
        context = std::make_unique<ModelContext>(model, head, choice, structure.atomicNumbers, box);
    }

    double compute(const Structure& structure) override {
        context->setStructure(structure, OpenMMBox(structure));
        return context->getContext()
            .getState(OpenMM::State::Energy | OpenMM::State::Forces)
            .getPotentialEnergy();
    }

private:
    std::shared_ptr<const Model> model;
    std::string head;
    PlatformChoice choice;
    std::unique_ptr<ModelContext> context;
};

std::unique_ptr<Candidate> makeCandidate(const std::shared_ptr<const Model>& model,
                                         const ComputeOptions& options) {
    if (options.platform == "native")
        return std::make_unique<NativeCandidate>(model, options);
    return std::make_unique<OpenMMCandidate>(model, options);
}

/// A line such as "VmRSS:  1234 kB" of what Linux says about this process, in MB; null elsewhere.
nlohmann::json readMemory(const std::string& key) {
    constexpr double megabytesPerKibibyte = 1024e-6;
    std::ifstream stream("/proc/self/status");
    for (std::string line; std::getline(stream, line);)
        if (line.rfind(key + ":", 0) == 0)
            return std::stod(line.substr(key.size() + 1)) * megabytesPerKibibyte;
    return nullptr;
}

/// Milliseconds of each step.
std::vector<double> timeSteps(Candidate& candidate, MovingStructure& structure, int steps) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> times;
    for (int step = 0; step < steps; step++) {
        const Structure& moved = structure.next();
        const auto start = Clock::now();
        const double energy = candidate.compute(moved);
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
        if (!std::isfinite(energy))
            throw Error("the energy is not a finite number");
    }
    return times;
}

double getMedian(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

nlohmann::ordered_json measure(Candidate& candidate, const Structure& structure, int steps) {
    candidate.prepare(structure);
    const nlohmann::json modelMemory = readMemory("VmRSS");
    MovingStructure moving(structure);
    timeSteps(candidate, moving, 1); // does not count: buffers grow, kernels are compiled
    const nlohmann::json rebuildsBefore = candidate.countRebuilds();
    const std::vector<double> times = timeSteps(candidate, moving, steps);
    nlohmann::ordered_json result;
    result["median_ms"] = getMedian(times);
    result["min_ms"] = *std::min_element(times.begin(), times.end());
    result["max_ms"] = *std::max_element(times.begin(), times.end());
    result["atoms"] = structure.positions.size();
    result["edges"] = nullptr; // counted last because that takes memory
    result["peak_mb"] = readMemory("VmHWM");
    result["model_mb"] = modelMemory;
    result["neighbour_rebuilds"] = candidate.countRebuilds();
    if (!rebuildsBefore.is_null())
        result["neighbour_rebuilds"] =
            result["neighbour_rebuilds"].get<int>() - rebuildsBefore.get<int>();
    candidate.describe(result);
    return result;
}

std::string toText(const nlohmann::ordered_json& result) {
    std::string text;
    for (const auto& [key, value] : result.items())
        text += key + std::string(key.size() < 24 ? 24 - key.size() : 1, ' ') + dump(value) + '\n';
    return text;
}

void runBench(const BenchOptions& options) {
    const std::vector<Frame> frames = readExtendedXyz(options.frame, {"", "", ""});
    if (frames.size() != 1)
        throw Error(options.frame + ": frame 2: one frame is measured, the file holds " +
                    std::to_string(frames.size()));
    const Structure& structure = frames[0].structure;
    const auto model = loadModel(options.model, options.compute);
    const auto candidate = makeCandidate(model, options.compute);
    nlohmann::ordered_json result;
    try {
        result = measure(*candidate, structure, options.steps);
        result["edges"] = buildGraph(structure, model->getInfo().cutoff).edges.size();
    } catch (const Error& error) {
        throwFrameError(options.frame, 0, error.what());
    } catch (const OpenMM::OpenMMException& error) {
        throwFrameError(options.frame, 0, error.what());
    }
    writeOutput("", options.json ? dump(result) + '\n' : toText(result));
}

} // namespace

void addBenchCommand(CLI::App& app) {
    auto options = std::make_shared<BenchOptions>();
    CLI::App* command =
        app.add_subcommand("bench", "Time (ms) of a call for energy and forces, and memory (MB)");
    command->add_option("model", options->model, "model file")->required();
    command->add_option("frame", options->frame, "one structure, extended XYZ (Å)")->required();
    command->add_option("--steps", options->steps, "calls that are timed, after one that is not")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    addPlatformOption(*command, options->compute);
    addComputeOptions(*command, options->compute);
    addNativeOptions(*command, options->compute);
    command->add_flag("--json", options->json, "write JSON");
    command->callback([options] { runBench(*options); });
}

} // namespace equivariant::command
