// SPDX-License-Identifier: MIT
//
// PONITA potentials of several spaces, each trained for the same time: the claim of its paper
// (E. J. Bekkers et al., ICLR 2024, arXiv:2310.02970) that R^3 x S^2 is the best of them. Prints
// the errors of forces on the validation set as it is and turned at random, and draws the learning
// curve.
#include "Dataset.h"
#include "Example.h"
#include "Plot.h"
#include "PonitaPotential.h"
#include "TimedTraining.h"

#include "equivariant/Error.h"
#include "equivariant/RotationError.h"

#include <torch/torch.h>

namespace equivariant::spaces {

using namespace command;
using namespace examples;
using namespace training;

namespace {

struct Options {
    std::string config, space = "R3xS2", orientations, output = "spaces.png";
    double minutes = 10;
    int threads = 0;
};

using Examples = std::vector<const Example*>;

/// Examples in batches, each turned at random if `turned` is a generator.
std::vector<Batch> makeBatches(const Examples& examples, int size, int numSpecies,
                               std::mt19937* turned) {
    std::vector<Batch> batches;
    for (auto first = examples.begin(); first != examples.end();) {
        const auto last = first + std::min<std::ptrdiff_t>(size, examples.end() - first);
        std::vector<Eigen::Matrix3d> rotations;
        for (auto i = first; turned && i != last; i++)
            rotations.push_back(randomRotation(*turned));
        batches.emplace_back(Examples(first, last), numSpecies, torch::kFloat32, rotations);
        first = last;
    }
    return batches;
}

double forceError(Potential& potential, const std::vector<Batch>& batches) {
    ErrorSums errors;
    for (const Batch& batch : batches)
        errors.add(batch, potential.predict(batch, true, false));
    return errors.getForceRmse();
}

ModelSizes sizesFor(const TrainingConfig& config, const Dataset& data, const Options& options) {
    ModelSizes sizes = config.sizes;
    sizes.atomicNumbers = data.atomicNumbers;
    sizes.space = options.space;
    if (!options.orientations.empty())
        sizes.orientations = options.orientations;
    else if (options.space == "SE3")
        sizes.orientations = "octahedral-24";
    return sizes;
}

void run(const Options& options) {
    const TrainingConfig config = TrainingConfig::read(options.config);
    if (config.sizes.architecture != "ponita")
        throw Error(options.config + ": the architecture is not ponita");
    const TrainerOptions& trainer = config.trainer;
    const Dataset data = readDataset(config, config.sizes.cutoff, {}, {});
    const auto numSpecies = static_cast<int>(data.atomicNumbers.size());
    PonitaPotential potential(
        makeInitialModel(sizesFor(config, data, options), data.statistics, trainer.seed),
        torch::kFloat32);

    Examples train, valid;
    for (const Example& example : data.valid)
        valid.push_back(&example);
    std::mt19937 random(trainer.seed);
    const auto asTheyAre = makeBatches(valid, trainer.validBatchSize, numSpecies, nullptr);
    const auto turned = makeBatches(valid, trainer.validBatchSize, numSpecies, &random);
    command::Series curve{"", {}, {}};
    TimedTraining timed(potential, trainer.learningRate, options.minutes);
    unsigned epoch = 0;
    for (; !timed.isOver(); epoch++) {
        train.clear();
        for (const std::size_t i : shuffled(data.train.size(), trainer.seed * 100003u + epoch))
            train.push_back(&data.train[i]);
        const auto batches = makeBatches(train, trainer.batchSize, numSpecies, &random);
        if (epoch == 0)
            potential.calibrate(batches[0]);
        for (const Batch& batch : batches)
            if (!timed.isOver())
                timed.step(trainer.loss.evaluate(batch, potential.predict(batch, true, true)));
        curve.x.push_back(timed.getMinutes());
        curve.y.push_back(forceError(potential, asTheyAre));
        std::printf("epoch %u, %.1f min, %.1f meV/A\n", epoch + 1, curve.x.back(), curve.y.back());
        std::fflush(stdout);
    }
    std::printf("%s\n", nlohmann::json{{"space", options.space},
                                       {"epochs", epoch},
                                       {"force_rmse", curve.y.back()},
                                       {"turned_force_rmse", forceError(potential, turned)}}
                            .dump()
                            .c_str());
    writePng(options.output,
             {{options.space, "minutes", "force RMSE, meV/A", {curve}, false, true}});
}

} // namespace

} // namespace equivariant::spaces

int main(int argc, char** argv) {
    using namespace equivariant;
    spaces::Options options;
    CLI::App app("PONITA potentials of several spaces, trained for the same time", "spaces");
    app.add_option("config", options.config, "of a PONITA, as for equivariant train")->required();
    app.add_option("--space", options.space, "instead of the configuration's")
        ->check(CLI::IsMember({"R3", "R3xS2", "R3xS2-point-cloud", "SE3"}))
        ->capture_default_str();
    app.add_option("--orientations", options.orientations,
                   "grid; of SE3 tetrahedral-12, octahedral-24 (default) or icosahedral-60");
    app.add_option("--minutes", options.minutes, "of training")->capture_default_str();
    app.add_option("--threads", options.threads, "default: as many as the processor has");
    app.add_option("--output", options.output, "file that is written")->capture_default_str();
    return examples::runExample(app, argc, argv, options.threads, [&] { spaces::run(options); });
}
