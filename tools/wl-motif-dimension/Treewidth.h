// SPDX-License-Identifier: MIT
#pragma once

#include "Pattern.h"

namespace equivariant::wl_motif_dimension {

/// lower <= treewidth <= upper.
struct Treewidth {
    int lower, upper;
    std::vector<int> order; ///< of eliminating the vertices, of width `upper`

    bool isExact() const { return lower == upper; }
};

/// By bounds (min-fill; contraction of vertices of least degree), then, where these differ and
/// there are at most 16 vertices, by dynamic programming over sets of eliminated vertices
/// (Bodlaender et al. 2012). Exact up to 16 vertices.
Treewidth computeTreewidth(const Pattern& pattern);

/// An upper bound of the treewidth of any graph with this many vertices and edges: what eliminating
/// a vertex of least degree, again and again, can cost at worst.
int treewidthBound(int vertices, int edges);

} // namespace equivariant::wl_motif_dimension
