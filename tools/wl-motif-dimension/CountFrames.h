// SPDX-License-Identifier: MIT
#pragma once

#include "GraphFile.h"

namespace equivariant::wl_motif_dimension {

/// A pattern that is to be counted in many graphs.
struct Motif {
    Motif(const std::string& name, const GraphWithKinds& pattern, Mode mode);

    /// Its copies in a graph, whose labels are disregarded where the pattern has none.
    mpz_class count(const LabelledGraph& graph) const;

    /// Vertices that belong to a copy: without them there are fewer.
    std::vector<int> findVertices(const LabelledGraph& graph) const;

    std::string name;
    Parameter parameter;

private:
    LabelledGraph simplify(const LabelledGraph& graph) const;
    bool hasVertexLabels, hasEdgeLabels;
};

/// Counts of all motifs in all graphs, on all processors: [graphs][motifs]
std::vector<std::vector<mpz_class>> countAll(const std::vector<Motif>& motifs,
                                             const std::vector<LabelledGraph>& graphs);

} // namespace equivariant::wl_motif_dimension
