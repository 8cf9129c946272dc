// SPDX-License-Identifier: MIT
//
// PONITA against the published modules (tests/data/ponita/README.md).
#include "support/Compare.h"
#include "support/PonitaModels.h"

#include <Eigen/Geometry>
#include <map>

using namespace equivariant;
using namespace equivariant::test;

namespace {

constexpr double tolerance = 1e-12;

nlohmann::json golden(const std::string& name) {
    return readJson(goldenPath("ponita/" + name + ".json"));
}

class GoldenEnergies : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenEnergies, MatchThePublishedModules) {
    const ReferenceEvaluator evaluator(Model::load(modelPath(GetParam())));
    for (const auto& expected : golden(std::string(GetParam()) + ".expected")) {
        const Structure structure = readStructure(expected);
        const Evaluation found = evaluator.evaluate(structure);
        EXPECT_EQ(found.numEdges, expected["num_edges_without_self"]);
        EXPECT_TRUE(close(found.energy, expected["energy"], tolerance));
        EXPECT_TRUE(allClose(numbers(found.forces), numbers(expected["forces"]), tolerance));
        EXPECT_TRUE(
            close(evaluator.evaluate(structure, 0, false).energy, expected["energy"], tolerance));
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenEnergies,
                         ::testing::Values("a_r3s2_o12_all_pairs", "b_r3s2_o20_cutoff",
                                           "c_r3_cutoff", "g_r3s2_point_cloud",
                                           "h_r3s2_point_cloud_cutoff"));

class GoldenNodes : public ::testing::TestWithParam<const char*> {};

/// Vectors [nodes][vectors][dimension] as three components each.
RowMatrix readVectors(const nlohmann::json& rows, int numVectors) {
    RowMatrix result = RowMatrix::Zero(static_cast<int>(rows.size()), 3 * numVectors);
    for (std::size_t i = 0; i < rows.size(); i++)
        for (std::size_t v = 0; v < rows[i].size(); v++)
            for (std::size_t k = 0; k < rows[i][v].size(); k++)
                result(static_cast<int>(i), static_cast<int>(3 * v + k)) = rows[i][v][k];
    return result;
}

TEST_P(GoldenNodes, OutputsAndGradientsMatchThePublishedModules) {
    const auto model = Model::load(modelPath(GetParam()));
    const PonitaParameters& parameters = ponitaOf(*model);
    for (const auto& expected : golden(std::string(GetParam()) + ".expected")) {
        const Graph graph = buildGraph(readStructure(expected), parameters.cutoff);
        PonitaFields inputs;
        inputs.scalars = Eigen::Map<const RowMatrix>(numbers(expected["scalars"]).data(),
                                                     graph.numNodes, parameters.inputScalars);
        inputs.vectors = readVectors(expected["vectors"], parameters.inputVectors);
        const PonitaTrace trace = forwardPonita(parameters, graph, inputs);
        EXPECT_TRUE(
            allClose(numbers(trace.output.scalars), numbers(expected["node_scalars"]), tolerance));
        EXPECT_TRUE(allClose(numbers(trace.output.vectors),
                             numbers(readVectors(expected["node_vectors"], 1)), tolerance));
        // The sum of all components; the third one of a planar model is zero.
        const PonitaFields ones{RowMatrix::Ones(graph.numNodes, 1),
                                RowMatrix::Ones(graph.numNodes, 3)};
        const auto gradients =
            positionGradients(graph, backwardPonita(parameters, graph, inputs, trace, ones));
        EXPECT_TRUE(allClose(numbers(gradients, parameters.getDimension()),
                             numbers(expected["gradient_of_sum_of_outputs"]), tolerance));
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenNodes, ::testing::Values("e_r2s1_vectors", "f_r3s2_vectors"));

class GoldenTraces : public ::testing::TestWithParam<const char*> {};

/// Rows of `found` for the edges of the trace: the graph's edges by sender and receiver, self-edges
/// last. `count` rows each.
RowMatrix inTraceOrder(const RowMatrix& found, const Graph& graph, const nlohmann::json& edges,
                       int count) {
    std::map<std::pair<int, int>, int> indexOf;
    int index = 0;
    for (const Graph::Edge& edge : graph.edges)
        indexOf[{edge.sender, edge.receiver}] = index++;
    for (int i = 0; i < graph.numNodes; i++)
        indexOf[{i, i}] = index++;
    RowMatrix result(static_cast<int>(edges.size()) * count, found.cols());
    index = 0;
    for (const auto& edge : edges)
        result.middleRows(count * index++, count) =
            found.middleRows(count * indexOf.at({edge[0], edge[1]}), count);
    return result;
}

TEST_P(GoldenTraces, EveryIntermediateMatches) {
    const auto model = Model::load(modelPath(GetParam()));
    const PonitaParameters& parameters = ponitaOf(*model);
    const auto expected = golden(std::string(GetParam()) + ".trace");
    const Structure structure = readStructure(golden(std::string(GetParam()) + ".expected")[2]);
    const Graph graph = buildGraph(structure, parameters.cutoff);
    const PonitaTrace trace = forwardPonita(parameters, graph, oneHot(*model, structure));
    const auto& edges = expected["edges_sender_receiver"];
    const int O = static_cast<int>(parameters.orientations.size());
    ASSERT_EQ(edges.size() * static_cast<std::size_t>(O), trace.lift.pairs.size());
    const auto compare = [&](const RowMatrix& found, const std::string& name) {
        ASSERT_TRUE(expected.contains(name)) << name;
        EXPECT_TRUE(allClose(numbers(found), numbers(expected[name]), tolerance)) << name;
    };
    compare(inTraceOrder(trace.lift.attributes, graph, edges, O), "a_b");
    compare(inTraceOrder(trace.kernelBasis, graph, edges, O), "kernel_basis_before_window");
    compare(trace.fiberBasis, "fiber_basis");
    for (std::size_t e = 0; e < edges.size(); e++)
        EXPECT_TRUE(
            close(inTraceOrder(trace.lift.windows, graph, edges, O)(static_cast<int>(e) * O, 0),
                  numbers(expected["window"])[e], tolerance));
    for (std::size_t t = 0; t < trace.layers.size(); t++) {
        const std::string layer = std::to_string(t);
        compare(trace.layers[t].features, "h" + layer);
        compare(trace.layers[t].convolved, "conv_out_" + layer);
        if (trace.layers[t].readout.size() != 0)
            compare(trace.layers[t].readout, "readout_" + layer);
    }
    compare(trace.features, "h" + std::to_string(trace.layers.size()));
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenTraces,
                         ::testing::Values("a_r3s2_o12_all_pairs", "b_r3s2_o20_cutoff"));

/// Sum of (x - mean x) x F.
Eigen::Vector3d torqueOf(const Structure& structure, const std::vector<Eigen::Vector3d>& forces) {
    Eigen::Vector3d center = Eigen::Vector3d::Zero(), torque = center;
    for (const Eigen::Vector3d& position : structure.positions)
        center += position / static_cast<double>(structure.positions.size());
    for (std::size_t i = 0; i < forces.size(); i++)
        torque += (structure.positions[i] - center).cross(forces[i]);
    return torque;
}

TEST(GoldenRotations, EnergiesForcesAndTorquesMatchThePublishedModules) {
    for (const auto& entry : golden("rotated")) {
        const std::string name = entry["case"];
        const auto& rotations = entry["rows"];
        const ReferenceEvaluator evaluator(Model::load(modelPath(name)));
        const Structure original =
            readStructure(golden(name + ".expected").at(entry["structure"].get<std::size_t>()));
        ASSERT_EQ(rotations.size(), 12u);
        for (const auto& expected : rotations) {
            Structure structure = original;
            Eigen::Matrix3d rotation;
            for (int k = 0; k < 9; k++)
                rotation(k / 3, k % 3) = expected["rotation"][static_cast<std::size_t>(k / 3)]
                                                 [static_cast<std::size_t>(k % 3)];
            for (Eigen::Vector3d& position : structure.positions)
                position = rotation * position;
            const Evaluation found = evaluator.evaluate(structure);
            EXPECT_TRUE(close(found.energy, expected["energy"], tolerance));
            EXPECT_TRUE(allClose(numbers(found.forces), numbers(expected["forces"]), tolerance));
            EXPECT_TRUE(allClose(torqueOf(structure, found.forces), numbers(expected["torque"]),
                                 tolerance));
        }
    }
}

} // namespace
