// SPDX-License-Identifier: MIT
//
// What is refused in a PONITA model file, and why.
#include "equivariant/Error.h"
#include "support/PonitaModels.h"
#include "support/RandomPonita.h"
#include "support/Throws.h"

#include <functional>

using namespace equivariant;
using namespace equivariant::test;

namespace {

using nlohmann::json;

struct Damage {
    std::string part; ///< of the message
    std::function<void(ModelFile&)> apply;
};

ModelFile goodFile() {
    return RandomPonita(ponitaConfig()).makeFile();
}

/// Sets one key of the config.
std::function<void(ModelFile&)> set(const std::string& key, const json& value) {
    return [=](ModelFile& file) { file.config[key] = value; };
}

std::function<void(ModelFile&)> drop(const std::string& tensor) {
    return [=](ModelFile& file) { file.tensors.erase(tensor); };
}

TEST(PonitaFile, AGoodFileIsRead) {
    const PonitaParameters found = readPonita(goodFile(), "good");
    EXPECT_EQ(found.layers.size(), 2u);
    EXPECT_EQ(found.numLayers, 2);
    EXPECT_EQ(found.cutoff, 4.0);
    EXPECT_EQ(found.atomicNumbers, (std::vector<int>{1, 6, 8}));
    EXPECT_EQ(found.heads.size(), 1u);
    EXPECT_EQ(found.isolatedAtomEnergies, Eigen::MatrixXd::Zero(1, 3));
}

TEST(PonitaFile, WhatCheckpointsLackIsAskedFor) {
    const Damage damages[] = {
        {"orientation grid", drop("orientations")},
        {"'scale' is missing", [](ModelFile& file) { file.config.erase("scale"); }},
        {"'shift' is missing", [](ModelFile& file) { file.config.erase("shift"); }}};
    for (const Damage& damage : damages) {
        ModelFile file = goodFile();
        damage.apply(file);
        EXPECT_TRUE(throwsNaming<Error>(damage.part, [&] { readPonita(file, "f"); }));
        EXPECT_TRUE(throwsNaming<Error>("must be given when", [&] { readPonita(file, "f"); }));
    }
}

TEST(PonitaFile, BadConfigsAreRefused) {
    const Damage damages[] = {
        {"hidden_dim", set("hidden_dim", 0)},
        {"hidden_dim", set("hidden_dim", 1000000000)},
        {"hidden_dim", set("hidden_dim", 6.5)},
        {"hidden_dim", set("hidden_dim", "6")},
        {"basis_dim", set("basis_dim", -1)},
        {"degree", set("degree", 7)},
        {"num_layers", set("num_layers", 100000)},
        {"space", set("space", "R4")},
        {"factors", set("factors", 2)},
        {"radius", set("radius", -1)},
        {"radius", set("radius", "far")},
        {"window_power", set("window_power", 1e9)},
        {"layer_norm_eps", set("layer_norm_eps", 0)},
        {"layer_scale", set("layer_scale", 1e-6)},
        {"fiber_normalization", set("fiber_normalization", "mean")},
        {"task_level", set("task_level", "edge")},
        {"delta", set("invariants", {{"type", "smooth"}, {"delta", 0}})},
        {"delta", set("invariants", {{"type", "smooth"}})},
        {"unknown key 'beta'", set("invariants", {{"type", "published"}, {"beta", 1}})},
        {"invariants", set("invariants", "smooth")},
        {"kernel", set("kernel", {{"type", "band-limited"}, {"l_max", 40}})},
        {"unknown key", set("random_rotation", true)},
        {"rotation_average", set("rotation_average", "random")},
        {"lifted envelope", set("lifted_envelope", true)},
        {"scale", set("scale", "1")},
        {"atomic_numbers", set("atomic_numbers", {1, 8, 6})},
        {"atomic_numbers", set("atomic_numbers", {0, 6, 8})},
        {"atomic_numbers", set("atomic_numbers", json::array())},
        {"input_index", set("input_index", {0, 1, 3})},
        {"input_index", set("input_index", {0, 1})},
        {"vectors", set("output_vectors", 1)},
        {"no inputs", set("input_scalars", 0)}};
    for (const Damage& damage : damages) {
        ModelFile file = goodFile();
        damage.apply(file);
        EXPECT_TRUE(throwsNaming<Error>(damage.part, [&] { readPonita(file, "f"); }));
        EXPECT_TRUE(throwsNaming<Error>("f: ", [&] { readPonita(file, "f"); }));
    }
}

TEST(PonitaFile, EveryKeyOfTheConfigIsNeeded) {
    const ModelFile good = goodFile();
    for (const auto& item : good.config.items()) {
        ModelFile file = good;
        file.config.erase(item.key());
        EXPECT_TRUE(throwsNaming<Error>(item.key(), [&] { readPonita(file, "f"); }));
    }
}

TEST(PonitaFile, EveryTensorIsNeededInItsShapeAndNoOther) {
    const ModelFile good = goodFile();
    for (const auto& item : good.tensors) {
        ModelFile file = good;
        file.tensors.erase(item.first);
        EXPECT_TRUE(throwsNaming<Error>(item.first, [&] { readPonita(file, "f"); }));
        file = good;
        file.tensors[item.first].shape.push_back(1);
        EXPECT_TRUE(throwsNaming<Error>(item.first, [&] { readPonita(file, "f"); }));
        file = good;
        file.tensors[item.first + "x"] = item.second;
        EXPECT_TRUE(throwsNaming<Error>("unknown tensor", [&] { readPonita(file, "f"); }));
    }
}

TEST(PonitaFile, BadGridsAreRefused) {
    const Damage damages[] = {
        {"unit vector", [](ModelFile& file) { file.tensors["orientations"].data[1] *= 1.001; }},
        {"not positive",
         [](ModelFile& file) { file.tensors["orientation_weights"].data[3] *= -1; }},
        {"sum to 1", [](ModelFile& file) { file.tensors["orientation_weights"].data[3] *= 2; }}};
    for (const Damage& damage : damages) {
        ModelFile file = goodFile();
        damage.apply(file);
        EXPECT_TRUE(throwsNaming<Error>(damage.part, [&] { readPonita(file, "f"); }));
    }
}

TEST(PonitaFile, EnergiesOfElementsAreAddedToTheInteractionEnergy) {
    ModelFile file = goodFile();
    const auto without = Model::fromBytes(file.serialize(), "without");
    file.tensors["isolated_atom_energies"] = {DataType::Float64, {3}, {-1.5, -20.25, -40}};
    const auto with = Model::fromBytes(file.serialize(), "with");
    Structure structure;
    structure.atomicNumbers = {8, 1};
    structure.positions = {{0, 0, 0}, {0.9, 0.1, 0.2}};
    const Evaluation expected = ReferenceEvaluator(without).evaluate(structure);
    const Evaluation found = ReferenceEvaluator(with).evaluate(structure);
    EXPECT_EQ(found.interactionEnergy, expected.interactionEnergy);
    EXPECT_NEAR(found.energy, expected.energy - 41.5, 1e-12);
}

TEST(PonitaFile, ModelsOfNodesAreNoPotentials) {
    const auto model = Model::load(modelPath("f_r3s2_vectors"));
    Structure structure;
    structure.atomicNumbers = {1};
    structure.positions = {{0, 0, 0}};
    EXPECT_THROW(ReferenceEvaluator(model).evaluate(structure), Error);
    const Graph graph = buildGraph(structure, 4);
    EXPECT_TRUE(throwsNaming<Error>("no potential",
                                    [&] { evaluatePonita(ponitaOf(*model), graph, {0}, true); }));
    EXPECT_TRUE(throwsNaming<Error>("shape", [&] {
        forwardPonita(ponitaOf(*model), graph, {RowMatrix(1, 1), {}});
    }));
}

} // namespace
