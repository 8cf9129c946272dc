// SPDX-License-Identifier: MIT
#include "equivariant/Ponita.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"
#include "equivariant/PonitaNetwork.h"

namespace equivariant {

namespace {

void requirePotential(const PonitaParameters& parameters, const Graph& graph) {
    if (!parameters.isPotential)
        throw Error("this PONITA model is no potential: it has outputs per node and no energy");
    if (parameters.getDimension() == 2)
        for (const Graph::Edge& edge : graph.edges)
            if (edge.displacement[2] != 0)
                throw Error("this PONITA model is planar, but atoms " +
                            std::to_string(edge.sender) + " and " + std::to_string(edge.receiver) +
                            " differ in z");
}

Graph rotated(const Graph& graph, const Eigen::Matrix3d& rotation) {
    Graph result = graph;
    for (Graph::Edge& edge : result.edges)
        edge.displacement = rotation * edge.displacement;
    return result;
}

} // namespace

NetworkOutput evaluatePonita(const PonitaParameters& parameters, const Graph& graph,
                             const std::vector<int>& species, bool gradients) {
    requirePotential(parameters, graph);
    const int numNodes = graph.numNodes;
    PonitaFields inputs{RowMatrix::Zero(numNodes, parameters.inputScalars),
                        RowMatrix::Zero(numNodes, 0)};
    for (int i = 0; i < numNodes; i++)
        inputs.scalars(
            i,
            parameters.inputIndex[static_cast<std::size_t>(species[static_cast<std::size_t>(i)])]) =
            1;
    const auto& rotations = rotationsOf(parameters.rotationAverage);
    const double share = parameters.scale / static_cast<double>(rotations.size());
    const PonitaFields weights{RowMatrix::Constant(numNodes, 1, share),
                               RowMatrix::Zero(numNodes, 0)};
    NetworkOutput output;
    output.nodeEnergies =
        Eigen::VectorXd::Constant(numNodes, parameters.shift / std::max(1, numNodes));
    if (gradients)
        output.edgeGradients.assign(graph.edges.size(), Eigen::Vector3d::Zero());
    for (const Eigen::Matrix3d& rotation : rotations) {
        const Graph turned = rotated(graph, rotation);
        const PonitaTrace trace = forwardPonita(parameters, turned, inputs);
        output.nodeEnergies += share * trace.output.scalars.col(0);
        if (!gradients)
            continue;
        const auto partial = backwardPonita(parameters, turned, inputs, trace, weights);
        for (std::size_t e = 0; e < partial.size(); e++)
            output.edgeGradients[e] += rotation.transpose() * partial[e];
    }
    return output;
}

} // namespace equivariant
