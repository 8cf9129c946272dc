// SPDX-License-Identifier: MIT
#pragma once

#include "LabelledGraph.h"

#include <cstdint>

namespace equivariant::wl_motif_dimension {

/// A small labelled graph as a matrix: what is looked for in others.
struct Pattern {
    static constexpr int maxSize = 64;
    static constexpr int maxEdgeLabel = 14; ///< codes have four bits

    explicit Pattern(int size = 0)
        : size(size), labels(size, 0), codes(static_cast<std::size_t>(size) * size, 0) {}

    /// Throws Error for no vertex, more than 64, and labels above 126 (vertices) or 14 (edges).
    explicit Pattern(const LabelledGraph& graph);

    /// 1 + label of the edge between two vertices, 0 if there is none.
    std::uint8_t edge(int u, int v) const { return codes[u * size + v]; }
    void join(int u, int v, std::uint8_t code) { codes[u * size + v] = codes[v * size + u] = code; }

    int countEdges() const;

    /// [size] bit v of entry u is set if u and v are joined
    std::vector<std::uint64_t> neighbourMasks() const;

    LabelledGraph toGraph() const;

    int size;
    std::vector<std::uint8_t> labels; ///< [size]
    std::vector<std::uint8_t> codes;  ///< [size][size]
};

/// Makes one vertex of v and w, which is w; all vertices above v move down by one. Returns false,
/// and changes nothing, if they are joined, have different labels, or if edges of different labels
/// would fall on one another.
bool mergeVertices(Pattern& pattern, int v, int w);

/// The vertices renumbered: vertex i is order[i] of before. Those that are not in the order vanish.
Pattern reorder(const Pattern& pattern, const std::vector<int>& order);

/// What two patterns share exactly if a bijection of the vertices keeps labels, edges and marks.
struct CanonicalForm {
    Pattern pattern; ///< with renumbered vertices
    std::uint64_t marked;
    std::string key; ///< names the class of isomorphism
    std::int64_t automorphisms;
};

/// By nauty (McKay and Piperno 2014). Edges with labels become a graph of layers, one for each bit.
/// Throws Error for patterns whose layers have more than 64 vertices together: 16 with the most
/// labels of edges, 64 without any.
/// @param marked  a set of vertices that isomorphisms keep, as bits
CanonicalForm canonicalForm(const Pattern& pattern, std::uint64_t marked = 0);

} // namespace equivariant::wl_motif_dimension
