// SPDX-License-Identifier: MIT
#include "TrainingConfig.h"

#include "equivariant/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Throws.h"

using namespace equivariant;
using namespace equivariant::test;
using namespace equivariant::training;
using nlohmann::json;

namespace {

TrainingConfig read(const json& config) {
    return TrainingConfig::read(TemporaryFolder().write("config.json", config.dump()));
}

json smallest() {
    return {{"name", "a"}, {"data", {{"train", "train.xyz"}}}};
}

} // namespace

TEST(TrainingConfig, FilesAreRelativeToIt) {
    const TemporaryFolder folder;
    const TrainingConfig config =
        TrainingConfig::read(folder.write("config.json", smallest().dump()));
    EXPECT_EQ(config.trainFile, folder.path("train.xyz"));
    EXPECT_TRUE(config.validFile.empty());
    EXPECT_FALSE(config.isDouble);
    EXPECT_FALSE(config.onGpu);
}

TEST(TrainingConfig, EveryKeyIsRead) {
    json source = smallest();
    source["data"]["isolated_atoms"] = {{"H", -13.5}};
    source["data"]["config_type_weights"] = {{"Default", 2}};
    source["model"] = {{"num_channels", 7}, {"max_L", 2}, {"radial_network", {3, 4}}};
    source["loss"] = {{"type", "huber"}, {"huber_delta", 0.5}, {"stress_weight", 3}};
    source["optimizer"] = {{"type", "adamw"}, {"learning_rate", 0.5}};
    source["schedule"] = {{"type", "cosine"}, {"warmup_epochs", 6}};
    source["random_rotations"] = true;
    source["stage_two"] = {{"start_epoch", 7}, {"learning_rate", 0.25}};
    source["precision"] = "float64";
    source["device"] = "cuda";
    source["seed"] = 9;
    const TrainingConfig config = read(source);
    EXPECT_EQ(config.isolatedAtoms.at("H"), -13.5);
    EXPECT_EQ(config.configTypeWeights.at("Default"), 2);
    EXPECT_EQ(config.sizes.numChannels, 7);
    EXPECT_EQ(config.sizes.radialNetwork, (std::vector<int>{3, 4}));
    EXPECT_EQ(config.trainer.loss.type, Loss::Type::Huber);
    EXPECT_EQ(config.trainer.loss.delta, 0.5);
    EXPECT_EQ(config.trainer.loss.stressWeight, 3);
    EXPECT_EQ(config.trainer.optimizer, TrainerOptions::Optimizer::AdamW);
    EXPECT_EQ(config.trainer.learningRate, 0.5);
    EXPECT_EQ(config.trainer.schedule, TrainerOptions::Schedule::Cosine);
    EXPECT_EQ(config.trainer.stageTwo.startEpoch, 7);
    EXPECT_EQ(config.trainer.stageTwo.learningRate, 0.25);
    EXPECT_EQ(config.trainer.warmupEpochs, 6);
    EXPECT_TRUE(config.trainer.randomRotations);
    EXPECT_TRUE(config.isDouble);
    EXPECT_TRUE(config.onGpu);
    EXPECT_EQ(config.trainer.seed, 9u);
}

TEST(TrainingConfig, PresetsAreComplete) {
    const json presets = json::parse(configPresets);
    for (const auto& item : presets.items()) {
        SCOPED_TRACE(item.key());
        json whole = smallest(), brief = smallest();
        whole.merge_patch(item.value());
        brief["preset"] = item.key();
        const TrainingConfig expected = read(whole), config = read(brief);
        EXPECT_EQ(config.sizes.architecture, item.value()["model"]["architecture"]);
        EXPECT_EQ(config.sizes.numChannels, expected.sizes.numChannels);
        EXPECT_EQ(config.trainer.epochs, expected.trainer.epochs);
    }
}

TEST(TrainingConfig, WhatItSaysGoesBeforeItsPreset) {
    json source = smallest();
    source["preset"] = "mace-3bpa";
    source["model"] = {{"num_channels", 3}};
    source["stage_two"] = {{"start_epoch", 7}};
    const TrainingConfig config = read(source);
    EXPECT_EQ(config.sizes.numChannels, 3);
    EXPECT_EQ(config.sizes.maxL, 2);
    EXPECT_EQ(config.trainer.stageTwo.startEpoch, 7);
    EXPECT_EQ(config.trainer.epochs, 2000);
}

TEST(TrainingConfig, WhatIsWrongIsNamed) {
    const auto refused = [](const char* change, const char* word) {
        json source = smallest();
        source.merge_patch(json::parse(change));
        SCOPED_TRACE(change);
        EXPECT_TRUE(throwsNaming<Error>(word, [&] { read(source); }));
    };
    refused(R"({"name": null})", "name");
    refused(R"({"epoch": 3})", "epoch");
    refused(R"({"epochs": "many"})", "epochs");
    refused(R"({"epochs": 0})", "epochs");
    refused(R"({"data": {"train": 3}})", "train");
    refused(R"({"data": {"trian": "x"}})", "trian");
    refused(R"({"model": {"max_ell": 99}})", "max_ell");
    refused(R"({"model": {"max_L": 4}})", "max_L");
    refused(R"({"model": {"from": "a.safetensors", "cutoff": 4}})", "from");
    refused(R"({"model": {"copies": 3}})", "copies");
    refused(R"({"model": {"architecture": "gaunt-mace", "copies": 0, "odd_paths": true}})",
            "odd_paths");
    refused(R"({"model": {"architecture": "ponita", "max_L": 1}})", "max_L");
    refused(R"({"model": {"architecture": "ponita", "pair_repulsion": true}})", "pair_repulsion");
    refused(R"({"model": {"architecture": "nequip"}})", "architecture");
    refused(R"({"optimizer": {"learning_rate": -1}})", "learning_rate");
    refused(R"({"loss": {"type": "absolute"}})", "type");
    refused(R"({"preset": "mace-4bpa"})", "mace-3bpa");
    refused(R"({"epochs": 5, "schedule": {"warmup_epochs": 5}})", "warmup_epochs");
    refused(R"({"epochs": 5, "preset": "mace-3bpa-small"})", "start_epoch");
    EXPECT_TRUE(throwsNaming<Error>(
        "absent.json", [] { TrainingConfig::read(TemporaryFolder().path("absent.json")); }));
}
