// SPDX-License-Identifier: MIT
#pragma once

#include "LabelledGraph.h"

#include <cstdint>

namespace equivariant::wl_motif_dimension {

/// One graph of every isomorphism class on this many vertices, at most 7.
std::vector<LabelledGraph> allGraphs(int size);

/// The connected ones of allGraphs(1) … allGraphs(maxSize).
std::vector<LabelledGraph> connectedGraphs(int maxSize);

/// Every pair of vertices joined with some probability.
LabelledGraph randomGraph(int size, double probability, std::uint64_t seed);

} // namespace equivariant::wl_motif_dimension
