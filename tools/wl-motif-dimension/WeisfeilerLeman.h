// SPDX-License-Identifier: MIT
#pragma once

#include "LabelledGraph.h"

namespace equivariant::wl_motif_dimension {

/// Stable colours of the tuples of k vertices.
struct Colouring {
    int k;
    std::vector<std::vector<int>> colours; ///< [graphs][n^k], the first vertex varies slowest
    int numColours;                        ///< over all graphs together
    int rounds;
};

/// Folklore k-WL (k = 1: colour refinement) of several graphs at once, so that equal colours mean
/// the same in all of them. What other texts call "k-WL" of graph networks often is folklore
/// (k-1)-WL. Multisets are compared by 128-bit hashes: an error has a probability below 1e-20.
/// Throws Error for k outside 1 … 4, no graph, an empty graph, and when it would take more than 4
/// GB, with an estimate.
Colouring refine(const std::vector<LabelledGraph>& graphs, int k);

/// [graphs] the first graph with equally many tuples of every colour.
std::vector<int> findClasses(const std::vector<LabelledGraph>& graphs, int k);

/// Whether two graphs have equally many tuples of every colour.
bool isEquivalent(const LabelledGraph& a, const LabelledGraph& b, int k);

} // namespace equivariant::wl_motif_dimension
