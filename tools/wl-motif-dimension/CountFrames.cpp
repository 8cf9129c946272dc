// SPDX-License-Identifier: MIT
#include "CountFrames.h"

#include "Homomorphisms.h"

#include "support/Parallel.h"

namespace equivariant::wl_motif_dimension {

Motif::Motif(const std::string& name, const GraphWithKinds& pattern, Mode mode)
    : name(name), parameter(makeParameter(Pattern(pattern.graph), mode, pattern.kinds)),
      hasVertexLabels(pattern.graph.hasVertexLabels()),
      hasEdgeLabels(pattern.graph.hasEdgeLabels()) {}

LabelledGraph Motif::simplify(const LabelledGraph& graph) const {
    return removeLabels(graph, !hasVertexLabels, !hasEdgeLabels);
}

mpz_class Motif::count(const LabelledGraph& graph) const {
    return evaluateCount(parameter, simplify(graph));
}

std::vector<int> Motif::findVertices(const LabelledGraph& graph) const {
    const LabelledGraph simple = simplify(graph);
    const mpz_class all = evaluateCount(parameter, simple);
    std::vector<int> found, others;
    for (int v = 0; v < simple.size() && all > 0; v++) {
        others.clear();
        for (int u = 0; u < simple.size(); u++)
            if (u != v)
                others.push_back(u);
        if (evaluateCount(parameter, inducedSubgraph(simple, others)) < all)
            found.push_back(v);
    }
    return found;
}

std::vector<std::vector<mpz_class>> countAll(const std::vector<Motif>& motifs,
                                             const std::vector<LabelledGraph>& graphs) {
    std::vector<std::vector<mpz_class>> counts(graphs.size(),
                                               std::vector<mpz_class>(motifs.size()));
    support::parallelFor(static_cast<int>(graphs.size()), [&](int g) {
        for (std::size_t m = 0; m < motifs.size(); m++)
            counts[g][m] = motifs[m].count(graphs[g]);
    });
    return counts;
}

} // namespace equivariant::wl_motif_dimension
