// SPDX-License-Identifier: MIT
#pragma once

#include "GraphFile.h"

#include "equivariant/Structure.h"

#include <limits>

namespace equivariant::wl_motif_dimension {

/// Which atoms are bonded: those closer than a cutoff, one for all or one for each pair of
/// elements.
class BondRule {
public:
    /// "1.9", or "Si-O=2.0,O-H=1.2": pairs that are not named do not bond. Throws Error otherwise.
    explicit BondRule(const std::string& text);

    double cutoff(int atomicNumber, int other) const;
    double largestCutoff() const { return largest; }

private:
    double forAll = 0, largest = 0;                ///< Å
    std::map<std::pair<int, int>, double> ofPairs; ///< smaller number first
};

/// Atoms and bonds, periodic images included; vertices have the atomic number as label, if wanted.
/// Throws Error for an atom bonded to its own image or to two images of another: such a cell is too
/// small for a graph without self-loops and parallel edges.
LabelledGraph makeBondGraph(const Structure& structure, const BondRule& rule, bool isLabelled);

/// Symbols of the elements, numbered by atomic number, and complete.
Alphabets elementAlphabets();

} // namespace equivariant::wl_motif_dimension
