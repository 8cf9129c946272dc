// SPDX-License-Identifier: MIT
#include "GraphCollections.h"

#include "Pattern.h"

#include "support/Random.h"

#include <map>

namespace equivariant::wl_motif_dimension {

std::vector<LabelledGraph> allGraphs(int size) {
    std::map<std::string, LabelledGraph> classes;
    for (unsigned set = 0; set < 1u << (size * (size - 1) / 2); set++) {
        Pattern pattern(size);
        int bit = 0;
        for (int v = 0; v < size; v++)
            for (int u = 0; u < v; u++, bit++)
                pattern.join(u, v, set >> bit & 1);
        const CanonicalForm form = canonicalForm(pattern);
        if (!classes.count(form.key))
            classes[form.key] = form.pattern.toGraph();
    }
    std::vector<LabelledGraph> graphs;
    for (const auto& [key, graph] : classes)
        graphs.push_back(graph);
    return graphs;
}

std::vector<LabelledGraph> connectedGraphs(int maxSize) {
    std::vector<LabelledGraph> connected;
    for (int size = 1; size <= maxSize; size++)
        for (const LabelledGraph& graph : allGraphs(size))
            if (findComponents(graph).size() == 1)
                connected.push_back(graph);
    return connected;
}

LabelledGraph randomGraph(int size, double probability, std::uint64_t seed) {
    support::Random random(seed);
    std::vector<LabelledGraph::Edge> edges;
    for (int v = 0; v < size; v++)
        for (int u = 0; u < v; u++)
            if (random.uniform() < probability)
                edges.push_back({u, v});
    return {size, edges};
}

} // namespace equivariant::wl_motif_dimension
