// SPDX-License-Identifier: MIT
#pragma once

#include "Parameter.h"
#include "WeisfeilerLeman.h"

namespace equivariant::wl_motif_dimension {

/// A parameter as a sum over tuples of k vertices: what every tuple contributes.
struct Contributions {
    std::vector<mpq_class> ofTuples; ///< [n^k], numbered as in Colouring
    mpq_class total;                 ///< their sum, the value of the parameter
};

/// sum over patterns F of coefficient(F) * number of homomorphisms of F that send k vertices of a
/// bag to the tuple. If k is at least the dimension this depends on the tuple's folklore k-WL
/// colour alone (theorem on local computation; roots as in countRooted).
Contributions computeContributions(const Parameter& parameter, const LabelledGraph& graph, int k);

/// What tuples of each colour contribute, over several graphs.
struct ColourTable {
    struct Row {
        int colour;
        mpq_class contribution;          ///< of each tuple: of the first that was seen
        std::vector<std::size_t> tuples; ///< [graphs] of this colour
    };
    std::vector<Row> rows;
    bool isFunction;               ///< all tuples of a colour contribute the same
    std::vector<mpq_class> totals; ///< [graphs]
    /// [graphs] from the contributions that graph 0 has; nothing where a colour is new.
    std::vector<std::optional<mpq_class>> predicted;
};
ColourTable makeColourTable(const Parameter& parameter, const std::vector<LabelledGraph>& graphs,
                            int k);

} // namespace equivariant::wl_motif_dimension
