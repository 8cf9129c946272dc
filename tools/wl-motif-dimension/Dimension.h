// SPDX-License-Identifier: MIT
#pragma once

#include "Parameter.h"

namespace equivariant::wl_motif_dimension {

/// The least k such that two graphs that folklore k-WL cannot tell apart have the same value of a
/// parameter: the largest treewidth among its patterns (Lanzinger and Barcelo, theorem 1.1). An
/// interval where that is not computed exactly.
struct Dimension {
    int lower, upper;
    Pattern witness; ///< of treewidth at least `lower`

    bool isExact() const { return lower == upper; }
};

/// Exact if no pattern has more than 16 vertices, as then their treewidths are. Throws Error for
/// the parameter 0.
Dimension computeDimension(const Parameter& parameter);

/// Of patterns too large to expand: the upper end is what no graph of as many edges and vertices
/// exceeds, the lower end what a random search among quotients (seeded) found.
Dimension boundDimension(const Pattern& pattern, Mode mode, int trials = 2000);

} // namespace equivariant::wl_motif_dimension
