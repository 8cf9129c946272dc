// SPDX-License-Identifier: MIT
#include "Trainer.h"

#include "equivariant/Error.h"
#include "equivariant/RotationError.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <random>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<std::vector<const Example*>>
makeBatches(const std::vector<Example>& examples, const std::vector<std::size_t>& order, int size) {
    std::vector<std::vector<const Example*>> batches;
    for (std::size_t i = 0; i < order.size(); i++) {
        if (i % size == 0)
            batches.emplace_back();
        batches.back().push_back(&examples[order[i]]);
    }
    return batches;
}

} // namespace

/// Fisher and Yates; std::shuffle may differ between implementations.
std::vector<std::size_t> shuffled(std::size_t count, unsigned seed) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::mt19937_64 generator(seed);
    for (std::size_t i = count; i > 1; i--)
        std::swap(order[i - 1], order[generator() % i]);
    return order;
}

Trainer::Trainer(Potential& potential, const std::vector<Example>& train,
                 const std::vector<Example>& valid, int numSpecies, TrainerOptions options)
    : potential(potential), train(train), valid(valid), numSpecies(numSpecies), options(options),
      learningRate(options.learningRate), bestLoss(infinity), plateauLoss(infinity) {
    if (train.empty() || valid.empty())
        throw Error("training needs at least one structure to train on and one to validate on");
    makeOptimizer();
    average = best = potential.copyParameters();
}

int Trainer::getNumBatches() const {
    return static_cast<int>((train.size() + options.batchSize - 1) / options.batchSize);
}

/// Weights that multiply features of many inputs decay; all others do not, as in MACE's training.
void Trainer::makeOptimizer() {
    std::vector<Tensor> decaying, others;
    for (auto& [name, parameter] : potential.getParameters()) {
        const bool decays = name.find(".linear.weight") != std::string::npos ||
                            name.find(".contractions.") != std::string::npos;
        (decays && name.rfind("layers.", 0) == 0 ? decaying : others).push_back(parameter);
    }
    const auto make = [&](auto options) -> std::vector<torch::optim::OptimizerParamGroup> {
        using Options = decltype(options);
        std::vector<torch::optim::OptimizerParamGroup> groups;
        groups.emplace_back(decaying, std::make_unique<Options>(Options(options).weight_decay(
                                          this->options.weightDecay)));
        groups.emplace_back(others, std::make_unique<Options>(Options(options).weight_decay(0)));
        return groups;
    };
    if (options.optimizer == TrainerOptions::Optimizer::AdamW) {
        const torch::optim::AdamWOptions adam(learningRate);
        optimizer = std::make_unique<torch::optim::AdamW>(make(adam), adam);
    } else {
        auto adam = torch::optim::AdamOptions(learningRate)
                        .amsgrad(options.optimizer == TrainerOptions::Optimizer::AmsGrad);
        optimizer = std::make_unique<torch::optim::Adam>(make(adam), adam);
    }
}

void Trainer::setLearningRate(double rate) {
    learningRate = rate;
    for (auto& group : optimizer->param_groups())
        group.options().set_lr(rate);
}

void Trainer::run(const std::function<void(const EpochReport&)>& report,
                  const std::function<void(int)>& step) {
    while (epoch < options.epochs) {
        if (epoch == options.stageTwo.startEpoch)
            enterStageTwo();
        if (!inStageTwo() &&
            (epoch <= options.warmupEpochs || options.schedule == TrainerOptions::Schedule::Cosine))
            setLearningRate(plannedLearningRate());
        EpochReport result{};
        result.learningRate = learningRate;
        result.trainLoss = runEpoch(step);
        result.epoch = ++epoch;
        result.validLoss = validate(result.valid);
        if (!std::isfinite(result.trainLoss) || !std::isfinite(result.validLoss))
            throw Error("the loss of epoch " + std::to_string(epoch) +
                        " is not finite; try a smaller learning_rate");
        result.isBest = result.validLoss < bestLoss;
        if (result.isBest) {
            bestLoss = result.validLoss;
            best = average;
            for (auto& [name, value] : best)
                value = value.clone();
        }
        if (options.schedule == TrainerOptions::Schedule::Plateau && !inStageTwo())
            adaptLearningRate(result.validLoss);
        report(result);
    }
}

bool Trainer::inStageTwo() const {
    return options.stageTwo.startEpoch >= 0 && epoch >= options.stageTwo.startEpoch;
}

/// Rises in a line, then falls as a cosine if that is the schedule.
double Trainer::plannedLearningRate() const {
    const int warmup = options.warmupEpochs;
    if (epoch <= warmup)
        return options.learningRate * (epoch + 1) / (warmup + 1);
    const double progress = double(epoch - warmup) / (options.getFirstStageEpochs() - warmup);
    return options.learningRate * 0.5 * (1 + std::cos(std::acos(-1.0) * progress));
}

/// The loss weighs energies more, so the best of the first stage no longer counts.
void Trainer::enterStageTwo() {
    bestLoss = infinity;
    setLearningRate(options.stageTwo.learningRate);
}

Loss Trainer::currentLoss() const {
    Loss loss = options.loss;
    if (inStageTwo()) {
        loss.energyWeight = options.stageTwo.energyWeight;
        loss.forcesWeight = options.stageTwo.forcesWeight;
        loss.stressWeight = options.stageTwo.stressWeight;
    }
    return loss;
}

void Trainer::adaptLearningRate(double validLoss) {
    if (validLoss < plateauLoss) {
        plateauLoss = validLoss;
        epochsOnPlateau = 0;
    } else if (++epochsOnPlateau > options.plateauPatience) {
        setLearningRate(learningRate * options.plateauFactor);
        epochsOnPlateau = 0;
    }
}

std::vector<Eigen::Matrix3d> Trainer::makeRotations(std::size_t count, int batch) const {
    std::vector<Eigen::Matrix3d> rotations;
    if (!options.randomRotations)
        return rotations;
    std::seed_seq seed{options.seed, unsigned(epoch), unsigned(batch)};
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < count; i++)
        rotations.push_back(randomRotation(random));
    return rotations;
}

double Trainer::runEpoch(const std::function<void(int)>& step) {
    const Loss loss = currentLoss();
    const auto order = shuffled(train.size(), options.seed * 100003u + unsigned(epoch));
    double sum = 0;
    int done = 0;
    for (const auto& examples : makeBatches(train, order, options.batchSize)) {
        const Batch batch(examples, numSpecies, potential.getOptions(),
                          makeRotations(examples.size(), done));
        optimizer->zero_grad();
        const Tensor value = loss.evaluate(batch, potential.predict(batch, true, true));
        value.backward();
        if (options.largestGradient > 0) {
            std::vector<Tensor> parameters;
            for (auto& [name, parameter] : potential.getParameters())
                if (parameter.grad().defined())
                    parameters.push_back(parameter);
            torch::nn::utils::clip_grad_norm_(parameters, options.largestGradient);
        }
        optimizer->step();
        updateAverage();
        sum += value.item<double>() * double(examples.size());
        step(++done);
    }
    return sum / double(train.size());
}

/// Early on the average follows faster, as in torch_ema.
void Trainer::updateAverage() {
    const torch::NoGradGuard noGradients;
    numUpdates++;
    const double decay =
        std::min(options.emaDecay, (1.0 + double(numUpdates)) / (10.0 + double(numUpdates)));
    for (auto& [name, value] : average)
        if (options.emaDecay > 0)
            value.mul_(decay).add_(potential.getParameters().at(name), 1 - decay);
        else
            value.copy_(potential.getParameters().at(name));
}

double Trainer::validate(ErrorSums& errors) {
    const Loss loss = currentLoss();
    const Parameters now = potential.copyParameters();
    potential.setParameters(average);
    std::vector<std::size_t> order(valid.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    double sum = 0;
    for (const auto& examples : makeBatches(valid, order, options.validBatchSize)) {
        const Batch batch(examples, numSpecies, potential.getOptions());
        const Prediction prediction = potential.predict(batch, true, false);
        sum += loss.evaluate(batch, prediction).item<double>() * double(examples.size());
        errors.add(batch, prediction);
    }
    potential.setParameters(now);
    return sum / double(valid.size());
}

void Trainer::save(const std::string& path) const {
    torch::serialize::OutputArchive archive;
    const auto write = [&](const std::string& key, const Parameters& values) {
        torch::serialize::OutputArchive part;
        for (const auto& [name, value] : values)
            part.write(name, value.detach());
        archive.write(key, part);
    };
    write("parameters", potential.getParameters());
    write("average", average);
    write("best", best);
    torch::serialize::OutputArchive state;
    optimizer->save(state);
    archive.write("optimizer", state);
    archive.write("numbers", torch::tensor({double(epoch), double(numUpdates), learningRate,
                                            bestLoss, plateauLoss, double(epochsOnPlateau)},
                                           torch::kFloat64));
    const std::string unfinished = path + ".part";
    try {
        archive.save_to(unfinished);
        std::filesystem::rename(unfinished, path);
    } catch (const std::exception& error) {
        throw Error("cannot write the checkpoint " + path);
    }
}

void Trainer::load(const std::string& path) {
    try {
        torch::serialize::InputArchive archive;
        archive.load_from(path, potential.getOptions().device());
        const auto read = [&](const std::string& key) {
            torch::serialize::InputArchive part;
            archive.read(key, part);
            Parameters values;
            for (const auto& [name, parameter] : potential.getParameters()) {
                Tensor value;
                part.read(name, value);
                values[name] = value;
            }
            return values;
        };
        potential.setParameters(read("parameters"));
        average = read("average");
        best = read("best");
        torch::serialize::InputArchive state;
        archive.read("optimizer", state);
        optimizer->load(state);
        Tensor numbers;
        archive.read("numbers", numbers);
        numbers = numbers.cpu();
        const auto values = numbers.accessor<double, 1>();
        epoch = static_cast<int>(values[0]);
        numUpdates = static_cast<long>(values[1]);
        bestLoss = values[3];
        plateauLoss = values[4];
        epochsOnPlateau = static_cast<int>(values[5]);
        setLearningRate(values[2]);
    } catch (const std::exception&) { // of LibTorch, or of setParameters()
        throw Error("the checkpoint " + path +
                    " cannot be read, or does not belong to this configuration");
    }
}

} // namespace equivariant::training
