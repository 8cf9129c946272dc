// SPDX-License-Identifier: MIT
//
// The differentiable potentials against the reference evaluator: two programs for one model, whose
// gradients are autograd's here and written by hand there.
#include "Examples.h"
#include "Potential.h"

#include "equivariant/Error.h"
#include "equivariant/ReferenceEvaluator.h"
#include "support/Compare.h"
#include "support/Golden.h"
#include "support/MaceVariants.h"
#include "support/PonitaVariants.h"
#include "support/Structures.h"
#include "support/Throws.h"

#include <torch/torch.h>

using namespace equivariant;
using namespace equivariant::test;
using namespace equivariant::training;

namespace {

std::vector<double> numbersOf(const torch::Tensor& tensor) {
    const torch::Tensor flat = tensor.detach().to(torch::kFloat64).contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// All structures in one batch.
void expectReference(const std::shared_ptr<const Model>& model,
                     const std::vector<Structure>& structures) {
    std::vector<Example> examples;
    for (const Structure& structure : structures)
        examples.push_back(makeExample(*model, structure));
    std::vector<const Example*> pointers;
    for (const Example& example : examples)
        pointers.push_back(&example);
    const Batch batch(pointers, static_cast<int>(model->getInfo().atomicNumbers.size()),
                      torch::kFloat64);
    const ReferenceEvaluator evaluator(model);
    for (int head = 0; head < static_cast<int>(model->getInfo().heads.size()); head++) {
        const auto potential = makePotential(model->getFile(), head, torch::kFloat64);
        const Prediction prediction = potential->predict(batch, true, false);
        for (std::size_t f = 0; f < structures.size(); f++) {
            SCOPED_TRACE("head " + std::to_string(head) + ", structure " + std::to_string(f));
            const Evaluation expected = evaluator.evaluate(structures[f], head);
            const auto index = static_cast<int64_t>(f);
            EXPECT_TRUE(close(prediction.energies[index].item<double>(), expected.interactionEnergy,
                              1e-12));
            std::vector<double> forces, expectedForces;
            for (std::size_t i = 0; i < expected.forces.size(); i++) {
                const auto row = numbersOf(prediction.forces[batch.places[f][i]]);
                forces.insert(forces.end(), row.begin(), row.end());
                expectedForces.insert(expectedForces.end(), expected.forces[i].data(),
                                      expected.forces[i].data() + 3);
            }
            EXPECT_TRUE(allClose(forces, expectedForces, 1e-10));
            const Eigen::Matrix3d strain = -expected.virial;
            const std::vector<double> columns(strain.data(), strain.data() + 9);
            EXPECT_TRUE(allClose(numbersOf(prediction.virials[index].t()), columns, 1e-10));
        }
    }
}

class TrainableMace : public ::testing::TestWithParam<MaceVariant> {};
class TrainablePonita : public ::testing::TestWithParam<PonitaVariant> {};
class TrainableGauntMace : public ::testing::TestWithParam<GauntVariant> {};

std::vector<Structure> someStructures() {
    return {randomCluster({1, 6, 8, 1, 6, 1, 8}, 1.1, 3), randomCrystal({6, 8, 1, 1}, 1.2, 4),
            randomCluster({8}, 1, 5)};
}

} // namespace

TEST_P(TrainableMace, EqualsTheReferenceEvaluator) {
    expectReference(RandomMace(configOf(GetParam())).make(), someStructures());
}

INSTANTIATE_TEST_SUITE_P(Variants, TrainableMace, ::testing::ValuesIn(maceVariants()),
                         [](const auto& info) { return info.param.name; });

TEST_P(TrainableGauntMace, EqualsTheReferenceEvaluator) {
    expectReference(RandomMace(configOf(GetParam())).make(), someStructures());
}

INSTANTIATE_TEST_SUITE_P(Variants, TrainableGauntMace, ::testing::ValuesIn(gauntMaceVariants()),
                         [](const auto& info) { return info.param.name; });

TEST_P(TrainablePonita, EqualsTheReferenceEvaluator) {
    const auto model = makeModel(GetParam());
    const auto& parameters = std::get<PonitaParameters>(model->getParameters());
    std::vector<Structure> structures = someStructures();
    if (std::isinf(parameters.cutoff)) // joins all pairs, so it cannot be periodic
        structures.erase(structures.begin() + 1);
    if (parameters.getDimension() == 2)
        for (Structure& structure : structures) {
            for (auto& position : structure.positions)
                position[2] = 0;
            structure.cell.setZero();
            structure.periodic.fill(false);
        }
    expectReference(model, structures);
}

INSTANTIATE_TEST_SUITE_P(Variants, TrainablePonita, ::testing::ValuesIn(ponitaVariants()),
                         [](const auto& info) { return info.param.name; });

TEST(TrainablePotential, GoldenModelsEqualTheReferenceEvaluator) {
    for (const char* name : {"a_l1c2_L0", "b_l3c3_L1", "c_l2c3_L1_density_zbl_agnesi_2heads"}) {
        SCOPED_TRACE(name);
        std::vector<Structure> structures;
        for (const auto& result :
             readJson(goldenPath(std::string("mace/") + name + ".expected.json")))
            structures.push_back(structureFromJson(result));
        expectReference(Model::load(modelPath(name)), structures);
    }
}

TEST(TrainablePotential, FileHoldsWhatItWasMadeOf) {
    const auto model = RandomMace(maceConfig()).make();
    const auto potential = makePotential(model->getFile(), 0, torch::kFloat64);
    EXPECT_EQ(potential->makeFile().serialize(), model->getBytes());
    {
        const torch::NoGradGuard noGradients;
        potential->getParameters().at("node_embedding.weight").mul_(2);
    }
    auto file = potential->makeFile();
    EXPECT_DOUBLE_EQ(file.tensors.at("node_embedding.weight").data[4],
                     2 * model->getFile().tensors.at("node_embedding.weight").data[4]);
}
