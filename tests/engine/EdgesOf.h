// SPDX-License-Identifier: MIT
//
// The edges of a graph as the engine's networks take them, and back.
#pragma once

#include "Network.h"
#include "equivariant/Graph.h"

#include <map>
#include <tuple>

namespace equivariant::test {

inline Edges edgesOf(const Graph& graph) {
    using Key = std::tuple<int, int, std::array<int, 3>>;
    Edges edges;
    edges.numAtoms = graph.numNodes;
    edges.first.assign(static_cast<std::size_t>(graph.numNodes) + 1, 0);
    std::map<Key, int> index;
    for (const Graph::Edge& edge : graph.edges) { // sorted by receiver
        index[{edge.receiver, edge.sender, edge.shift}] = static_cast<int>(edges.sender.size());
        edges.first[static_cast<std::size_t>(edge.receiver) + 1]++;
        edges.sender.push_back(edge.sender);
        edges.displacements.push_back(edge.displacement);
        edges.distances.push_back(edge.displacement.norm());
    }
    for (std::size_t i = 1; i < edges.first.size(); i++)
        edges.first[i] += edges.first[i - 1];
    for (const Graph::Edge& edge : graph.edges)
        edges.reverse.push_back(index.at(
            {edge.sender, edge.receiver, {-edge.shift[0], -edge.shift[1], -edge.shift[2]}}));
    return edges;
}

/// Forces of edge gradients, and after them the nine components of the virial.
inline std::vector<double> forcesAndVirial(const Graph& graph,
                                           const std::vector<Eigen::Vector3d>& edgeGradients) {
    std::vector<double> result(static_cast<std::size_t>(3 * graph.numNodes) + 9, 0.0);
    double* virial = result.data() + 3 * graph.numNodes;
    for (std::size_t e = 0; e < graph.edges.size(); e++)
        for (int k = 0; k < 3; k++) {
            result[static_cast<std::size_t>(3 * graph.edges[e].receiver + k)] -=
                edgeGradients[e][k];
            result[static_cast<std::size_t>(3 * graph.edges[e].sender + k)] += edgeGradients[e][k];
            for (int m = 0; m < 3; m++)
                virial[3 * k + m] -= graph.edges[e].displacement[k] * edgeGradients[e][m];
        }
    return result;
}

} // namespace equivariant::test
