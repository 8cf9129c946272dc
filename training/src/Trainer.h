// SPDX-License-Identifier: MIT
#pragma once

#include "Loss.h"

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <torch/optim.h>
#include <vector>

namespace equivariant::training {

struct TrainerOptions {
    enum class Optimizer { Adam, AmsGrad, AdamW };
    enum class Schedule { None, Plateau, Cosine };
    struct StageTwo {
        int startEpoch = -1; ///< none if negative
        double energyWeight = 1000, forcesWeight = 100, stressWeight = 0;
        double learningRate = 0.001;
    };
    Optimizer optimizer = Optimizer::AmsGrad;
    Schedule schedule = Schedule::Plateau;
    Loss loss;
    StageTwo stageTwo;
    int epochs = 100, batchSize = 5, validBatchSize = 10;
    double learningRate = 0.01, weightDecay = 5e-7;
    int warmupEpochs = 0;         ///< in which the learning rate grows to its full value
    bool randomRotations = false; ///< turns every structure anew in every epoch
    double plateauFactor = 0.8;
    int plateauPatience = 50;    ///< epochs
    double emaDecay = 0.99;      ///< 0: none
    double largestGradient = 10; ///< norm over all parameters; 0: no clipping
    unsigned seed = 1;

    int getFirstStageEpochs() const {
        return stageTwo.startEpoch > 0 ? stageTwo.startEpoch : epochs;
    }
};

/// What is known after an epoch.
struct EpochReport {
    int epoch; ///< from 1
    double trainLoss, validLoss, learningRate;
    ErrorSums valid;
    bool isBest;
};

/// The numbers from 0 in random order. The same seed gives the same order everywhere.
std::vector<std::size_t> shuffled(std::size_t count, unsigned seed);

/// Changes the parameters of a potential so that it gives the labels of a training set.
///
/// On one processor the same options, examples and number of threads give the same bytes, whether
/// the training was interrupted or not.
class Trainer {
public:
    /// @param train, valid  have to outlive the trainer
    Trainer(Potential& potential, const std::vector<Example>& train,
            const std::vector<Example>& valid, int numSpecies, TrainerOptions options);

    /// Trains until the last epoch. @param report  called after every epoch
    /// @param step  called after every batch with its number in the epoch
    void run(const std::function<void(const EpochReport&)>& report,
             const std::function<void(int)>& step);

    int getNumBatches() const;
    int getEpoch() const { return epoch; }

    /// The model with the averaged parameters that gave the least loss so far on the validation
    /// set (of the second stage, once that has begun).
    const std::map<std::string, torch::Tensor>& getBest() const { return best; }

    /// All that a run needs to go on, written at once or not at all. Throws Error naming the file.
    void save(const std::string& path) const;
    void load(const std::string& path);

private:
    using Parameters = std::map<std::string, torch::Tensor>;

    void makeOptimizer();
    double runEpoch(const std::function<void(int)>& step);
    void setLearningRate(double rate);
    void updateAverage();
    double validate(ErrorSums& errors);
    void enterStageTwo();
    bool inStageTwo() const;
    Loss currentLoss() const;
    void adaptLearningRate(double validLoss);
    double plannedLearningRate() const;
    std::vector<Eigen::Matrix3d> makeRotations(std::size_t count, int batch) const;

    Potential& potential;
    const std::vector<Example>& train;
    const std::vector<Example>& valid;
    const int numSpecies;
    TrainerOptions options;
    std::unique_ptr<torch::optim::Optimizer> optimizer;
    Parameters average, best;
    int epoch = 0;
    double learningRate, bestLoss, plateauLoss;
    int epochsOnPlateau = 0;
    long numUpdates = 0; ///< of the average
};

} // namespace equivariant::training
