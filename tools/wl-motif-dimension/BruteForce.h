// SPDX-License-Identifier: MIT
//
// Counting by enumeration: slow, and nothing in common with Homomorphisms.h, which it checks.
#pragma once

#include "LabelledGraph.h"

namespace equivariant::wl_motif_dimension {

/// Maps of the vertices that keep labels and edges; injective ones if asked for, and among these
/// those that also keep pairs that are not joined.
struct BruteForce {
    bool isInjective = true;
    bool isInduced = false;

    long countMaps(const LabelledGraph& pattern, const LabelledGraph& graph) const;

    /// Copies of a pattern: injective maps over its automorphisms.
    long countCopies(const LabelledGraph& pattern, const LabelledGraph& graph) const;
};

/// Cycles of a length, each once, by walking from its lowest vertex.
long countRings(const LabelledGraph& graph, int length);

} // namespace equivariant::wl_motif_dimension
