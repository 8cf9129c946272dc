// SPDX-License-Identifier: MIT
#pragma once

#include "Parameter.h"

namespace equivariant::wl_motif_dimension {

/// Number of maps of the vertices that keep labels and edges, exact. Dynamic programming over the
/// tree decomposition that belongs to an elimination order of least width, with sparse tables: at
/// most O(n^(treewidth+1)) rows, on graphs of bounded degree O(n).
/// Throws Error if a table would not fit into memory.
mpz_class countHomomorphisms(const Pattern& pattern, const LabelledGraph& graph);

/// The value of a parameter on a graph.
mpq_class evaluate(const Parameter& parameter, const LabelledGraph& graph);

/// The same for a parameter that counts something. Throws std::logic_error if the value is not a
/// natural number, which would be a mistake of ours.
mpz_class evaluateCount(const Parameter& parameter, const LabelledGraph& graph);

/// Number of homomorphisms for all images of some vertices.
struct RootedCounts {
    std::vector<int> roots;               ///< vertices of the pattern, ascending
    std::vector<std::vector<int>> images; ///< [rows][roots], those with a count other than 0
    std::vector<mpz_class> counts;        ///< [rows]
};

/// The roots are the last `numRoots` vertices (all, if there are fewer) of an elimination order of
/// least width, so that joining them pairwise makes the treewidth at most max(treewidth,
/// numRoots-1).
RootedCounts countRooted(const Pattern& pattern, const LabelledGraph& graph, int numRoots);

} // namespace equivariant::wl_motif_dimension
