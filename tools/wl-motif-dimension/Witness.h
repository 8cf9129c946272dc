// SPDX-License-Identifier: MIT
#pragma once

#include "Parameter.h"

namespace equivariant::wl_motif_dimension {

/// The graph of Cai, Fuerer and Immerman (1992) over a connected base: a vertex for every vertex v
/// of the base and every even set of edges at v (an odd set at vertex 0, if `isTwisted`), joined
/// over every edge of the base where both sets have it or neither has. For a base of treewidth t,
/// folklore (t-1)-WL cannot tell the twisted graph from the other. Labels are those of the base.
/// Throws Error if it would have more than 20000 vertices.
LabelledGraph cfiGraph(const LabelledGraph& base, bool isTwisted);

/// Two graphs that folklore (d-1)-WL cannot tell apart, d the dimension of the parameter, and whose
/// values differ: why no smaller dimension is enough.
struct Witness {
    LabelledGraph first, second;
    mpq_class firstValue, secondValue;
};

/// CFI graphs over the widest pattern, beside the rest of it, and if their values happen to be
/// equal times the other patterns (lemma of the paper: one of these products works). Nothing if the
/// dimension is 0 or all that can be evaluated here are equal. Throws Error if the dimension is not
/// known exactly.
std::optional<Witness> findWitness(const Parameter& parameter);

} // namespace equivariant::wl_motif_dimension
