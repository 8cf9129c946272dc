// SPDX-License-Identifier: MIT
#include "Examples.h"
#include "Trainer.h"

#include "Initialize.h"
#include "equivariant/Error.h"
#include "equivariant/ReferenceEvaluator.h"
#include "equivariant/RotationError.h"
#include "support/Compare.h"
#include "support/PonitaVariants.h"
#include "support/RandomModels.h"
#include "support/Structures.h"
#include "support/TemporaryFolder.h"
#include "support/Throws.h"

#include <torch/torch.h>

using namespace equivariant;
using namespace equivariant::test;
using namespace equivariant::training;

namespace {

/// Labels are those of a random model, so that they can be learned.
std::vector<Example> makeExamples(const Model& teacher, int count, int seed) {
    std::vector<Example> examples;
    for (int i = 0; i < count; i++) {
        const Structure structure = i % 2 ? randomCluster({1, 6, 8, 1, 6}, 1.1, seed + i)
                                          : randomCrystal({6, 8, 1, 1}, 1.3, seed + i);
        const Evaluation labels =
            ReferenceEvaluator(std::shared_ptr<const Model>(&teacher, [](const Model*) {
            })).evaluate(structure);
        Example example = makeExample(teacher, structure);
        example.energy = labels.interactionEnergy;
        example.forces = labels.forces;
        if (structure.periodic[0]) {
            example.volume = std::abs(structure.cell.determinant());
            example.stress = -(labels.virial + labels.virial.transpose()) / (2 * example.volume);
        }
        examples.push_back(example);
    }
    return examples;
}

Loss makeLoss(Loss::Type type) {
    Loss loss;
    loss.type = type;
    loss.energyWeight = 2;
    loss.forcesWeight = 3;
    loss.stressWeight = 5;
    loss.torqueWeight = 7;
    return loss;
}

Batch makeBatch(const std::vector<Example>& examples,
                const std::vector<Eigen::Matrix3d>& rotations = {}) {
    std::vector<const Example*> pointers;
    for (const Example& example : examples)
        pointers.push_back(&example);
    return {pointers, 3, torch::kFloat64, rotations};
}

std::unique_ptr<Potential> makeStudent(unsigned seed, torch::Dtype type = torch::kFloat64) {
    return makePotential(RandomMace(maceConfig(), seed).makeFile(), 0, type);
}

class TrainerTest : public ::testing::Test {
protected:
    const std::shared_ptr<const Model> teacher = RandomMace(maceConfig(), 1).make();
    const std::vector<Example> train = makeExamples(*teacher, 8, 10);
    const std::vector<Example> valid = makeExamples(*teacher, 3, 50);

    TrainerOptions makeOptions(int epochs) const {
        TrainerOptions options;
        options.epochs = epochs;
        options.batchSize = 3;
        options.loss = makeLoss(Loss::Type::Mse);
        options.plateauPatience = 1;
        options.stageTwo.startEpoch = 3;
        return options;
    }
};

class LossGradients : public ::testing::TestWithParam<Loss::Type> {};

} // namespace

TEST_P(LossGradients, EqualFiniteDifferences) {
    const auto teacher = RandomMace(maceConfig(), 1).make();
    const Batch batch = makeBatch(makeExamples(*teacher, 3, 20));
    const auto student = makeStudent(2);
    const Loss loss = makeLoss(GetParam());
    const auto evaluate = [&] { return loss.evaluate(batch, student->predict(batch, true, true)); };
    evaluate().backward();
    int checked = 0;
    for (auto& [name, parameter] : student->getParameters()) {
        ASSERT_TRUE(parameter.grad().defined()) << name;
        const torch::NoGradGuard noGradients;
        torch::Tensor flat = parameter.view({-1});
        const int64_t index = (7 * ++checked) % flat.numel();
        const double step = 1e-4, start = flat[index].item<double>();
        const auto at = [&](double change) {
            flat[index] = start + change;
            const torch::AutoGradMode gradients(true);
            return evaluate().template item<double>();
        };
        const double slope =
            (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
        flat[index] = start;
        const double found = parameter.grad().view({-1})[index].item<double>();
        EXPECT_NEAR(found, slope, 1e-6 * std::max(1.0, std::abs(slope))) << name;
    }
    EXPECT_GT(checked, 15);
}

INSTANTIATE_TEST_SUITE_P(Losses, LossGradients,
                         ::testing::Values(Loss::Type::Mse, Loss::Type::Huber),
                         [](const auto& info) {
                             return info.param == Loss::Type::Mse ? "Mse" : "Huber";
                         });

// The energy of a model on an orientation grid depends on how a structure is turned.
TEST(Loss, TorqueIsThatOfTheForcesAndHasGradients) {
    const auto model = makeModel(PonitaVariant{"grid", {{"space", "R3xS2"}}});
    const Example example = makeExamples(*model, 2, 20)[1];
    const Structure structure = randomCluster({1, 6, 8, 1, 6}, 1.1, 21);
    Eigen::Vector3d torque = Eigen::Vector3d::Zero();
    for (std::size_t i = 0; i < structure.positions.size(); i++)
        torque += structure.positions[i].cross(example.forces[i]);
    Loss loss;
    loss.energyWeight = loss.forcesWeight = 0;
    loss.torqueWeight = 3;

    const Batch batch = makeBatch({example});
    const auto potential = makePotential(model->getFile(), 0, torch::kFloat64);
    const auto evaluate = [&] {
        return loss.evaluate(batch, potential->predict(batch, true, true));
    };
    const torch::Tensor value = evaluate();
    EXPECT_TRUE(close(value.item<double>(), torque.squaredNorm(), 1e-10));
    EXPECT_GT(torque.norm(), 1e-3);

    value.backward();
    torch::Tensor& weight = potential->getParameters().at("x_embedder.weight");
    const double found = weight.grad()[0][0].item<double>(), step = 1e-4;
    const auto at = [&](double change) {
        const torch::NoGradGuard noGradients;
        weight[0][0] += change;
        const torch::AutoGradMode gradients(true);
        return evaluate().item<double>();
    };
    const double above = at(step), below = at(-2 * step);
    EXPECT_TRUE(close(found, (above - below) / (2 * step), 1e-6));
}

TEST_F(TrainerTest, LossesOfLabelsOfTheModelItselfVanish) {
    const Batch batch = makeBatch(valid);
    const auto itself = makePotential(teacher->getFile(), 0, torch::kFloat64);
    const Prediction prediction = itself->predict(batch, true, false);
    EXPECT_LT(makeLoss(Loss::Type::Mse).evaluate(batch, prediction).item<double>(), 1e-18);
    ErrorSums errors;
    errors.add(batch, prediction);
    EXPECT_LT(errors.getForceRmse(), 1e-6);
    EXPECT_EQ(errors.frames, 3);
}

TEST_F(TrainerTest, TurnedStructuresHaveTurnedLabels) {
    std::mt19937 random(5);
    std::vector<Eigen::Matrix3d> rotations;
    for (std::size_t i = 0; i < valid.size(); i++)
        rotations.push_back(randomRotation(random));
    const Batch batch = makeBatch(valid, rotations);
    EXPECT_GT((batch.displacements - makeBatch(valid).displacements).abs().max().item<double>(),
              0.1);
    const auto itself = makePotential(teacher->getFile(), 0, torch::kFloat64);
    const Prediction prediction = itself->predict(batch, true, false);
    EXPECT_LT(makeLoss(Loss::Type::Mse).evaluate(batch, prediction).item<double>(), 1e-18);
}

TEST_F(TrainerTest, LearningRateFollowsItsSchedule) {
    TrainerOptions options = makeOptions(6);
    options.stageTwo = {};
    options.warmupEpochs = 2;
    options.learningRate = 0.003;
    const auto ratesOf = [&](TrainerOptions::Schedule schedule) {
        options.schedule = schedule;
        std::vector<double> rates;
        const auto student = makeStudent(2);
        Trainer(*student, train, valid, 3, options)
            .run([&](const EpochReport& report) { rates.push_back(report.learningRate); },
                 [](int) {});
        return rates;
    };
    const auto expectRates = [](const std::vector<double>& rates, std::vector<double> expected) {
        for (std::size_t i = 0; i < expected.size(); i++)
            EXPECT_NEAR(rates.at(i), expected[i], 1e-12) << i;
    };
    expectRates(ratesOf(TrainerOptions::Schedule::None),
                {0.001, 0.002, 0.003, 0.003, 0.003, 0.003});
    const double root = std::sqrt(0.5); // cosine of an eighth of a turn
    expectRates(ratesOf(TrainerOptions::Schedule::Cosine),
                {0.001, 0.002, 0.003, 0.0015 * (1 + root), 0.0015, 0.0015 * (1 - root)});
}

TEST_F(TrainerTest, FindsBackToTheTeacher) {
    const auto student = makePotential(teacher->getFile(), 0, torch::kFloat64);
    torch::manual_seed(1);
    for (auto& [name, parameter] : student->getParameters()) {
        const torch::NoGradGuard noGradients;
        parameter.add_(0.2 * torch::randn_like(parameter));
    }
    TrainerOptions options = makeOptions(40);
    options.stageTwo = {};
    std::vector<double> errors;
    Trainer(*student, train, train, 3, options)
        .run([&](const EpochReport& report) { errors.push_back(report.valid.getForceRmse()); },
             [](int) {});
    EXPECT_LT(errors.back(), 0.3 * errors.front());
}

TEST_F(TrainerTest, RepeatsAndResumesBitForBit) {
    const TemporaryFolder folder;
    const std::string path = folder.path("checkpoint");
    const auto run = [&](int epochs, bool resume) {
        const auto student = makeStudent(2, torch::kFloat32);
        TrainerOptions options = makeOptions(epochs);
        options.randomRotations = true;
        Trainer trainer(*student, train, valid, 3, options);
        if (resume)
            trainer.load(path);
        trainer.run([&](const EpochReport&) { trainer.save(path); }, [](int) {});
        student->setParameters(trainer.getBest());
        return student->makeFile().serialize();
    };
    const std::string whole = run(6, false);
    EXPECT_EQ(run(6, false), whole);
    for (const int epochs : {1, 2, 4}) { // before, at and after the second stage
        run(epochs, false);
        EXPECT_EQ(run(6, true), whole) << epochs;
    }
}

TEST_F(TrainerTest, CheckpointsThatCannotBeReadAreRefused) {
    const TemporaryFolder folder;
    const std::string path = folder.path("checkpoint");
    const auto student = makeStudent(2);
    Trainer trainer(*student, train, valid, 3, makeOptions(2));
    const auto isRefused = [&](const std::string& file) {
        return throwsNaming<Error>("checkpoint " + file, [&] { trainer.load(file); });
    };
    EXPECT_TRUE(isRefused(path + ".absent"));
    EXPECT_TRUE(isRefused(folder.write("text", "not a checkpoint")));
    nlohmann::json config = maceConfig();
    config["max_ell"] = 1;
    const auto other = makePotential(RandomMace(config).makeFile(), 0, torch::kFloat64);
    Trainer(*other, train, valid, 3, makeOptions(2)).save(path);
    EXPECT_TRUE(isRefused(path));
}

struct InitialCase {
    const char *name, *architecture;
    int copies = 3;
};

void PrintTo(const InitialCase& initial, std::ostream* stream) {
    *stream << initial.name;
}

class InitialModel : public ::testing::TestWithParam<InitialCase> {};

TEST_P(InitialModel, IsOfOrderOneAndRepeats) {
    ModelSizes sizes;
    sizes.architecture = GetParam().architecture;
    sizes.atomicNumbers = {1, 6, 8};
    sizes.numChannels = 16;
    sizes.copies = GetParam().copies;
    DataStatistics statistics;
    statistics.isolatedAtomEnergies = {-13, -1000, -2000};
    statistics.avgNumNeighbors = 5;
    const ModelFile file = makeInitialModel(sizes, statistics, 3);
    EXPECT_EQ(file.serialize(), makeInitialModel(sizes, statistics, 3).serialize());
    EXPECT_NE(file.serialize(), makeInitialModel(sizes, statistics, 4).serialize());
    const auto potential = makePotential(file, 0, torch::kFloat64);
    const Batch batch = makeBatch(makeExamples(*RandomMace(maceConfig(), 1).make(), 4, 7));
    potential->calibrate(batch);
    const auto model = Model::fromBytes(potential->makeFile().serialize(), "initial");
    const Evaluation evaluation =
        ReferenceEvaluator(model).evaluate(randomCluster({1, 6, 8, 1, 6, 1, 8, 1, 1}, 1.2, 3));
    EXPECT_LT(std::abs(evaluation.interactionEnergy) / 9, 10);
    EXPECT_GT(std::abs(evaluation.interactionEnergy) / 9, 1e-4);
    const Prediction prediction = potential->predict(batch, true, false);
    EXPECT_LT(prediction.forces.abs().max().item<double>(), 100);
}

TEST(PairRepulsion, KeepsAtomsApart) {
    ModelSizes sizes;
    sizes.atomicNumbers = {6, 8};
    sizes.numChannels = 4;
    DataStatistics statistics;
    statistics.isolatedAtomEnergies = {0, 0};
    statistics.scale = 2;
    const auto energyOf = [&](bool repulsion, double distance) {
        sizes.pairRepulsion = repulsion;
        const auto model =
            Model::fromBytes(makeInitialModel(sizes, statistics, 3).serialize(), "initial");
        Structure pair;
        pair.atomicNumbers = {6, 8};
        pair.positions = {{0, 0, 0}, {0, 0, distance}};
        return ReferenceEvaluator(model).evaluate(pair).energy;
    };
    // The radii of C and O: 0.76 and 0.66 Å.
    EXPECT_EQ(energyOf(true, 1.43), energyOf(false, 1.43));
    EXPECT_GT(energyOf(true, 1.41), energyOf(false, 1.41));
    // Nuclei of charges 6 and 8 that are hardly screened, times the scale.
    const double bare = 2 * 14.3996 * 48 / 0.002;
    EXPECT_NEAR(energyOf(true, 0.002) / bare, 1, 0.05);
    sizes.atomicNumbers = {6, 97};
    EXPECT_TRUE(throwsNaming<Error>("97", [&] { makeInitialModel(sizes, statistics, 3); }));
}

INSTANTIATE_TEST_SUITE_P(Architectures, InitialModel,
                         ::testing::Values(InitialCase{"Mace", "mace"},
                                           InitialCase{"GauntMace", "gaunt-mace"},
                                           InitialCase{"PublishedGauntMace", "gaunt-mace", 0},
                                           InitialCase{"Ponita", "ponita"}),
                         [](const auto& info) { return info.param.name; });
