// SPDX-License-Identifier: MIT
#include "LabelledGraph.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <numeric>

namespace equivariant::wl_motif_dimension {

namespace {

bool isBefore(const LabelledGraph::Neighbour& a, const LabelledGraph::Neighbour& b) {
    return a.vertex < b.vertex;
}

} // namespace

LabelledGraph::LabelledGraph(int size, const std::vector<Edge>& edges, std::vector<int> given)
    : labels(std::move(given)), adjacency(size) {
    if (labels.empty())
        labels.assign(size, 0);
    if (static_cast<int>(labels.size()) != size)
        throw Error(std::to_string(labels.size()) + " labels for " + std::to_string(size) +
                    " vertices");
    if (std::any_of(labels.begin(), labels.end(), [](int label) { return label < 0; }))
        throw Error("labels of vertices are numbers from 1, or 0 for none");
    const auto describe = [](int u, int v) {
        return "edge [" + std::to_string(u) + ", " + std::to_string(v) + "]";
    };
    for (const auto& [u, v, label] : edges) {
        if (u < 0 || v < 0 || u >= size || v >= size)
            throw Error(describe(u, v) + " is of a vertex that is not one of the " +
                        std::to_string(size));
        if (u == v)
            throw Error(describe(u, v) + " is a self-loop");
        if (label < 0)
            throw Error(describe(u, v) + " has a negative label");
        adjacency[u].push_back({v, label});
        adjacency[v].push_back({u, label});
    }
    for (int u = 0; u < size; u++) {
        std::sort(adjacency[u].begin(), adjacency[u].end(), isBefore);
        for (std::size_t k = 1; k < adjacency[u].size(); k++)
            if (adjacency[u][k].vertex == adjacency[u][k - 1].vertex)
                throw Error(describe(u, adjacency[u][k].vertex) + " is given twice");
    }
}

int LabelledGraph::edgeCode(int u, int v) const {
    const auto& list = adjacency[u];
    const auto place = std::lower_bound(list.begin(), list.end(), Neighbour{v, 0}, isBefore);
    return place != list.end() && place->vertex == v ? 1 + place->label : 0;
}

std::vector<LabelledGraph::Edge> LabelledGraph::edges() const {
    std::vector<Edge> all;
    for (int u = 0; u < size(); u++)
        for (const auto& [v, label] : adjacency[u])
            if (u < v)
                all.push_back({u, v, label});
    return all;
}

bool LabelledGraph::hasVertexLabels() const {
    return std::any_of(labels.begin(), labels.end(), [](int label) { return label > 0; });
}

bool LabelledGraph::hasEdgeLabels() const {
    const std::vector<Edge> all = edges();
    return std::any_of(all.begin(), all.end(), [](const Edge& edge) { return edge.label > 0; });
}

LabelledGraph removeLabels(const LabelledGraph& graph, bool ofVertices, bool ofEdges) {
    auto edges = graph.edges();
    std::vector<int> labels(graph.size(), 0);
    for (int v = 0; v < graph.size() && !ofVertices; v++)
        labels[v] = graph.label(v);
    for (auto& edge : edges)
        if (ofEdges)
            edge.label = 0;
    return {graph.size(), edges, labels};
}

LabelledGraph disjointUnion(const LabelledGraph& a, const LabelledGraph& b) {
    auto edges = a.edges();
    for (const auto& [u, v, label] : b.edges())
        edges.push_back({a.size() + u, a.size() + v, label});
    std::vector<int> labels;
    for (const LabelledGraph* graph : {&a, &b})
        for (int v = 0; v < graph->size(); v++)
            labels.push_back(graph->label(v));
    return {a.size() + b.size(), edges, labels};
}

LabelledGraph tensorProduct(const LabelledGraph& a, const LabelledGraph& b) {
    std::vector<std::vector<int>> index(a.size(), std::vector<int>(b.size(), -1));
    std::vector<int> labels;
    for (int u = 0; u < a.size(); u++)
        for (int v = 0; v < b.size(); v++)
            if (a.label(u) == b.label(v)) {
                index[u][v] = static_cast<int>(labels.size());
                labels.push_back(a.label(u));
            }
    std::vector<LabelledGraph::Edge> edges;
    const auto join = [&](int from, int to, int label) {
        if (from >= 0 && to >= 0)
            edges.push_back({from, to, label});
    };
    for (const auto& [u, v, label] : a.edges())
        for (const auto& [x, y, other] : b.edges())
            if (label == other) {
                join(index[u][x], index[v][y], label);
                join(index[u][y], index[v][x], label);
            }
    return {static_cast<int>(labels.size()), edges, labels};
}

LabelledGraph inducedSubgraph(const LabelledGraph& graph, const std::vector<int>& vertices) {
    std::vector<int> index(graph.size(), -1), labels;
    for (int v : vertices) {
        index[v] = static_cast<int>(labels.size());
        labels.push_back(graph.label(v));
    }
    std::vector<LabelledGraph::Edge> edges;
    for (const auto& [u, v, label] : graph.edges())
        if (index[u] >= 0 && index[v] >= 0)
            edges.push_back({index[u], index[v], label});
    return {static_cast<int>(labels.size()), edges, labels};
}

std::vector<std::vector<int>> findComponents(const LabelledGraph& graph) {
    std::vector<std::vector<int>> components;
    std::vector<bool> seen(graph.size(), false);
    for (int start = 0; start < graph.size(); start++) {
        if (seen[start])
            continue;
        std::vector<int> found = {start};
        seen[start] = true;
        for (std::size_t k = 0; k < found.size(); k++)
            for (const auto& [v, label] : graph.neighbours(found[k]))
                if (!seen[v]) {
                    seen[v] = true;
                    found.push_back(v);
                }
        std::sort(found.begin(), found.end());
        components.push_back(std::move(found));
    }
    return components;
}

} // namespace equivariant::wl_motif_dimension
