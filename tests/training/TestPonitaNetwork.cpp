// SPDX-License-Identifier: MIT
//
// The differentiable PONITA with vectors, against the published modules (tests/data/ponita).
#include "Initialize.h"
#include "PonitaNetwork.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"
#include "support/Compare.h"
#include "support/PonitaModels.h"
#include "support/Throws.h"

#include <Eigen/Geometry>
#include <torch/torch.h>

using namespace equivariant;
using namespace equivariant::test;
using namespace equivariant::training;

namespace {

torch::Tensor makeTensor(const std::vector<double>& values, std::vector<int64_t> shape) {
    return torch::tensor(values, torch::kFloat64).reshape(shape);
}

std::vector<double> numbersOf(const torch::Tensor& tensor) {
    const torch::Tensor flat = tensor.detach().contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

class GoldenNetwork : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenNetwork, OutputsAndGradientsMatchThePublishedModules) {
    const auto model = Model::load(modelPath(GetParam()));
    const PonitaParameters& parameters = ponitaOf(*model);
    TrainableTensors tensors(model->getFile(), torch::kFloat64);
    const PonitaNetwork network(parameters, tensors);
    const int64_t dimension = parameters.getDimension();
    for (const auto& expected :
         readJson(goldenPath("ponita/" + std::string(GetParam()) + ".expected.json"))) {
        const Structure structure = readStructure(expected);
        const int64_t count = int64_t(structure.positions.size());
        torch::Tensor positions =
            makeTensor(numbers(structure.positions), {count, 3}).requires_grad_(true);
        std::vector<int64_t> senders, receivers;
        for (const Graph::Edge& edge : buildGraph(structure, parameters.cutoff).edges) {
            senders.push_back(edge.sender);
            receivers.push_back(edge.receiver);
        }
        DirectedEdges edges{c10::make_intrusive<ConvolutionEdges>(senders, receivers, count), {}};
        edges.displacements = positions.index_select(0, edges.lists->receiverIndex) -
                              positions.index_select(0, edges.lists->senderIndex);
        const torch::Tensor vectors =
            makeTensor(numbers(expected["vectors"]), {count, parameters.inputVectors, dimension});
        const NodeFields inputs{
            makeTensor(numbers(expected["scalars"]), {count, parameters.inputScalars}),
            torch::constant_pad_nd(vectors, {0, 3 - dimension})};
        const NodeFields outputs = network.evaluate(edges, inputs);
        EXPECT_TRUE(allClose(numbersOf(outputs.scalars), numbers(expected["node_scalars"]), 1e-12));
        EXPECT_TRUE(allClose(numbersOf(outputs.vectors.narrow(2, 0, dimension)),
                             numbers(expected["node_vectors"]), 1e-12));
        (outputs.scalars.sum() + outputs.vectors.sum()).backward();
        EXPECT_TRUE(allClose(numbersOf(positions.grad().narrow(1, 0, dimension)),
                             numbers(expected["gradient_of_sum_of_outputs"]), 1e-12));
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenNetwork,
                         ::testing::Values("e_r2s1_vectors", "f_r3s2_vectors"));

ModelFile makeFrames(const std::string& group) {
    ModelSizes sizes;
    sizes.space = "SE3";
    sizes.numChannels = 8;
    nlohmann::json config = training::ponitaConfig(sizes);
    config["task_level"] = "node";
    config["input_scalars"] = 2;
    return makeInitialPonita(config, group, 1);
}

// The rotations of the grid permute its frames, others do not; frames have a handedness.
TEST(Frames, OutputsAreInvariantToRotationsOfTheirGroupOnly) {
    const ModelFile file = makeFrames("octahedral-24");
    TrainableTensors tensors(file, torch::kFloat64);
    const PonitaNetwork network(readPonita(file, "frames"), tensors);
    torch::manual_seed(1);
    const auto type = torch::TensorOptions().dtype(torch::kFloat64);
    const torch::Tensor positions = torch::randn({4, 3}, type);
    const NodeFields inputs{torch::randn({4, 2}, type), {}};
    DirectedEdges edges{c10::make_intrusive<ConvolutionEdges>(
                            std::vector<int64_t>{1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2},
                            std::vector<int64_t>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}, 4),
                        {}};
    const auto evaluate = [&](const Eigen::Matrix3d& turn) {
        const Eigen::Matrix<double, 3, 3, Eigen::RowMajor> rows = turn;
        const torch::Tensor turned =
            torch::matmul(positions, makeTensor({rows.data(), rows.data() + 9}, {3, 3}).t());
        edges.displacements = turned.index_select(0, edges.lists->receiverIndex) -
                              turned.index_select(0, edges.lists->senderIndex);
        return numbersOf(network.evaluate(edges, inputs).scalars);
    };
    const std::vector<double> expected = evaluate(Eigen::Matrix3d::Identity());
    const auto differs = [&](const Eigen::Matrix3d& turn) {
        return !allClose(evaluate(turn), expected, 1e-6);
    };
    for (const Eigen::Matrix3d& rotation : rotationsOf(RotationGroup::Octahedral))
        EXPECT_TRUE(allClose(evaluate(rotation), expected, 1e-12));
    EXPECT_TRUE(differs(Eigen::AngleAxisd(0.3, Eigen::Vector3d::UnitX()).toRotationMatrix()));
    EXPECT_TRUE(differs(-Eigen::Matrix3d::Identity()));
}

TEST(Frames, WhatIsWrongIsNamed) {
    EXPECT_TRUE(throwsNaming<Error>("octahedral-24", [] { makeFrames("dodecahedron-20"); }));
    ModelFile file = makeFrames("tetrahedral-12");
    EXPECT_TRUE(throwsNaming<Error>("SE3", [&] { Model::fromBytes(file.serialize(), "frames"); }));
    for (int k = 3; k < 6; k++) // the second axis the other way
        file.tensors["orientations"].data[k] *= -1;
    EXPECT_TRUE(throwsNaming<Error>("not a rotation", [&] { readPonita(file, "frames"); }));
}

} // namespace
