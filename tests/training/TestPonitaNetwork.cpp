// SPDX-License-Identifier: MIT
//
// The differentiable PONITA with vectors, against the published modules (tests/data/ponita).
#include "PonitaNetwork.h"

#include "support/Compare.h"
#include "support/PonitaModels.h"

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
        DirectedEdges edges{count, torch::tensor(senders), torch::tensor(receivers), {}};
        edges.displacements =
            positions.index_select(0, edges.receivers) - positions.index_select(0, edges.senders);
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

} // namespace
