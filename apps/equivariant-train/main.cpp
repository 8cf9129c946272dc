// SPDX-License-Identifier: MIT
//
// equivariant-train CONFIG.json [--resume], which `equivariant train` starts: docs/training.md.
#include "Dataset.h"
#include "ErrorTable.h"
#include "Plots.h"
#include "ProgressBar.h"

#include "equivariant/Error.h"
#include "equivariant/Model.h"
#include "equivariant/Orientations.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <torch/torch.h>

using namespace equivariant;
using namespace equivariant::command;
using namespace equivariant::training;

namespace {

/// Where a run writes.
struct Files {
    explicit Files(const TrainingConfig& config) {
        const auto folder = std::filesystem::path(config.output);
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error)
            throw Error(config.output + ": the folder cannot be made: " + error.message());
        const std::string stem = (folder / config.name).string();
        model = stem + ".safetensors";
        checkpoint = stem + ".checkpoint";
        metrics = stem + ".metrics.jsonl";
        learningPlot = stem + ".learning.png";
        parityPlot = stem + ".parity.png";
    }
    std::string model, checkpoint, metrics, learningPlot, parityPlot;
};

/// Writes a file at once or not at all.
void writeWhole(const std::string& path, const std::string& bytes) {
    const std::string unfinished = path + ".part";
    std::ofstream stream(unfinished, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    stream.close();
    std::error_code error;
    std::filesystem::rename(unfinished, path, error);
    if (!stream || error)
        throw Error(path + ": cannot be written");
}

/// An interrupted run may have written an epoch that it did not come to remember.
void cutMetrics(const std::string& path, int epochs) {
    std::ifstream stream(path);
    std::string kept, line;
    for (int i = 0; i < epochs && std::getline(stream, line); i++)
        kept += line + "\n";
    writeWhole(path, kept);
}

nlohmann::json toJson(const EpochReport& report, double seconds) {
    return {{"epoch", report.epoch},
            {"seconds", seconds},
            {"train_loss", report.trainLoss},
            {"valid_loss", report.validLoss},
            {"energy_rmse", report.valid.getEnergyRmse()},
            {"energy_rmse_per_atom", report.valid.getEnergyRmsePerAtom()},
            {"force_rmse", report.valid.getForceRmse()},
            {"learning_rate", report.learningRate},
            {"best", report.isBest}};
}

/// The model to start from, and the data for it.
ModelFile prepare(const TrainingConfig& config, Dataset& data) {
    ModelFile file;
    if (config.startFrom.empty()) {
        data = readDataset(config, config.sizes.cutoff, {}, {});
        ModelSizes sizes = config.sizes;
        sizes.atomicNumbers = data.atomicNumbers;
        file = makeInitialModel(sizes, data.statistics, config.trainer.seed);
        static const std::map<std::string, std::string> citations = {
            {"mace", "arXiv:2206.07697"},
            {"gaunt-mace", "arXiv:2401.10216, arXiv:2206.07697"},
            {"ponita", "arXiv:2310.02970"}};
        file.citation = citations.at(sizes.architecture);
        file.provenance = "trained by equivariant-train on " +
                          std::filesystem::path(config.trainFile).filename().string();
    } else {
        const auto model = Model::load(config.startFrom);
        const PotentialInfo& info = model->getInfo();
        const Eigen::VectorXd energies = info.isolatedAtomEnergies.row(0).transpose();
        data = readDataset(config, info.cutoff, info.atomicNumbers,
                           {energies.data(), energies.data() + energies.size()});
        file = model->getFile();
        file.provenance += "; trained further by equivariant-train on " +
                           std::filesystem::path(config.trainFile).filename().string();
    }
    if (!config.license.empty())
        file.license = config.license;
    return file;
}

/// The best model so far, on the grid that it is to be used with.
ModelFile makeResult(const TrainingConfig& config, const Potential& potential,
                     const Trainer& trainer) {
    ModelFile file = potential.makeFile(trainer.getBest());
    if (config.finalOrientations.empty())
        return file;
    const auto model = Model::fromBytes(file.serialize(), "the trained model");
    return withOrientations(*model, config.finalOrientations)->getFile();
}

/// Prints and draws how good the model is. Without gnuplot there is everything but the drawings.
void report(const Files& files, const Dataset& data) {
    const auto model = loadModel(files.model, {});
    const auto evaluations = evaluateFrames(model, data.validFrames, {}, "the validation set");
    std::printf("Errors on the validation set:\n");
    printErrors(findErrors(data.validFrames, evaluations));
    try {
        plotLearningCurves(files.learningPlot, files.metrics);
        plotParity(files.parityPlot, data.validFrames, evaluations);
        std::printf("plots: %s, %s\n", files.learningPlot.c_str(), files.parityPlot.c_str());
    } catch (const Error& error) {
        std::printf("no plots: %s\n", error.what());
    }
}

/// On a processor that it does not know OpenBLAS takes kernels for one of 2004.
void warnOfSlowBlas() {
#ifdef __x86_64__
    const auto coreName =
        reinterpret_cast<const char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_corename"));
    if (coreName && std::string(coreName()) == "Prescott" && __builtin_cpu_supports("avx2"))
        std::cerr
            << "equivariant train: this OpenBLAS does not know the processor and is slow; set "
               "OPENBLAS_CORETYPE="
            << (__builtin_cpu_supports("avx512f") ? "SkylakeX" : "Haswell")
            << " in the environment\n";
#endif
}

/// Type and device of a run's tensors.
torch::TensorOptions optionsOf(const TrainingConfig& config) {
    if (config.onGpu && !torch::cuda::is_available())
        throw Error("device: cuda needs a LibTorch that was built with CUDA, and a GPU");
    return torch::dtype(config.isDouble ? torch::kFloat64 : torch::kFloat32)
        .device(config.onGpu ? torch::kCUDA : torch::kCPU);
}

void train(const std::string& configPath, bool resume) {
    const TrainingConfig config = TrainingConfig::read(configPath);
    if (config.threads > 0)
        torch::set_num_threads(config.threads);
    const torch::TensorOptions options = optionsOf(config);
    const Files files(config);
    Dataset data;
    const ModelFile start = prepare(config, data);
    const auto potential = makePotential(start, 0, options);
    const auto numSpecies = static_cast<int>(data.atomicNumbers.size());
    if (config.startFrom.empty()) {
        constexpr std::size_t mostExamples = 16;
        std::vector<const Example*> examples;
        for (std::size_t i = 0; i < std::min(mostExamples, data.train.size()); i++)
            examples.push_back(&data.train[i]);
        potential->calibrate(Batch(examples, numSpecies, options));
    }
    Trainer trainer(*potential, data.train, data.valid, static_cast<int>(data.atomicNumbers.size()),
                    config.trainer);
    if (resume) {
        trainer.load(files.checkpoint);
        cutMetrics(files.metrics, trainer.getEpoch());
    } else {
        writeWhole(files.metrics, "");
    }
    warnOfSlowBlas();
    std::printf("%zu structures to train on, %zu to validate on\n", data.train.size(),
                data.valid.size());

    const long batches = trainer.getNumBatches();
    const long first = long(trainer.getEpoch()) * batches;
    ProgressBar bar(config.trainer.epochs * batches - first, "step", "steps/s", 1);
    using Clock = std::chrono::steady_clock;
    auto epochStart = Clock::now();
    trainer.run(
        [&](const EpochReport& report) {
            const std::chrono::duration<double> elapsed = Clock::now() - epochStart;
            epochStart = Clock::now();
            std::ofstream(files.metrics, std::ios::app)
                << toJson(report, elapsed.count()).dump() << "\n";
            // The checkpoint last: what is interrupted before it is done again.
            if (report.isBest)
                writeWhole(files.model, makeResult(config, *potential, trainer).serialize());
            trainer.save(files.checkpoint);
        },
        [&](int step) { bar.update(long(trainer.getEpoch()) * batches + step - first); });
    const long steps = config.trainer.epochs * batches - first;
    std::printf("%ld steps, %.3g steps/s\nmodel: %s\n", steps, bar.getRate(steps),
                files.model.c_str());
    report(files, data);
}

/// LibTorch asks for and frees the same large arrays at every step; giving them back to the system
/// each time costs a third of the time.
void keepMemory() {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 << 20);
}

} // namespace

int main(int argc, char** argv) {
    keepMemory();
    CLI::App app("Trains a potential", "equivariant train");
    std::string config;
    bool resume = false;
    app.add_option("config", config, "JSON file, docs/training.md")->required();
    app.add_flag("--resume", resume, "goes on from the last checkpoint");
    try {
        app.parse(argc, argv);
        train(config, resume);
    } catch (const CLI::Success& request) {
        return app.exit(request); // --help
    } catch (const CLI::ParseError& error) {
        std::cerr << "equivariant train: " << error.what() << " (see --help)\n";
        return 2;
    } catch (const equivariant::Error& error) {
        std::cerr << "equivariant train: " << error.what() << "\n";
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "equivariant train: internal error: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
