// SPDX-License-Identifier: MIT
#include "Pattern.h"

#include "equivariant/Error.h"

#include <algorithm>

namespace equivariant::wl_motif_dimension {

Pattern::Pattern(const LabelledGraph& graph) : Pattern(graph.size()) {
    if (size == 0)
        throw Error("a pattern needs a vertex");
    if (size > maxSize)
        throw Error("a pattern of " + std::to_string(size) + " vertices is too large, at most " +
                    std::to_string(maxSize));
    for (int v = 0; v < size; v++) {
        if (graph.label(v) > 126)
            throw Error("more than 126 labels of vertices");
        labels[v] = static_cast<std::uint8_t>(graph.label(v));
    }
    for (const auto& [u, v, label] : graph.edges()) {
        if (label > maxEdgeLabel)
            throw Error("more than 14 labels of edges");
        join(u, v, static_cast<std::uint8_t>(1 + label));
    }
}

int Pattern::countEdges() const {
    return static_cast<int>(std::count_if(codes.begin(), codes.end(), [](int c) { return c; })) / 2;
}

std::vector<std::uint64_t> Pattern::neighbourMasks() const {
    std::vector<std::uint64_t> masks(size, 0);
    for (int u = 0; u < size; u++)
        for (int v = 0; v < size; v++)
            masks[u] |= std::uint64_t(edge(u, v) != 0) << v;
    return masks;
}

LabelledGraph Pattern::toGraph() const {
    std::vector<LabelledGraph::Edge> edges;
    for (int v = 0; v < size; v++)
        for (int u = 0; u < v; u++)
            if (edge(u, v))
                edges.push_back({u, v, edge(u, v) - 1});
    return {size, edges, std::vector<int>(labels.begin(), labels.end())};
}

bool mergeVertices(Pattern& pattern, int v, int w) {
    if (pattern.edge(v, w) || pattern.labels[v] != pattern.labels[w])
        return false;
    const int size = pattern.size;
    for (int x = 0; x < size; x++)
        if (pattern.edge(v, x) && pattern.edge(w, x) && pattern.edge(v, x) != pattern.edge(w, x))
            return false;
    for (int x = 0; x < size; x++)
        if (pattern.edge(v, x))
            pattern.join(w, x, pattern.edge(v, x));
    std::vector<int> rest;
    for (int x = 0; x < size; x++)
        if (x != v)
            rest.push_back(x);
    pattern = reorder(pattern, rest);
    return true;
}

Pattern reorder(const Pattern& pattern, const std::vector<int>& order) {
    Pattern result(static_cast<int>(order.size()));
    for (int i = 0; i < result.size; i++) {
        result.labels[i] = pattern.labels[order[i]];
        for (int j = 0; j < result.size; j++)
            result.codes[i * result.size + j] = pattern.edge(order[i], order[j]);
    }
    return result;
}

} // namespace equivariant::wl_motif_dimension
