// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Structure.h"

#include <vector>

namespace equivariant {

/// Directed pairs of atoms closer than cutoff + skin, kept until an atom has moved by more than
/// half the skin (or the cell has changed enough to matter). Periodic images, triclinic cells and
/// cells shorter than the cutoff are all right; the order of pairs depends on the positions at the
/// last rebuild only as far as which pairs there are.
class NeighborList {
public:
    struct Pair {
        int sender;
        int shift[3]; ///< displacement = r_receiver - r_sender + shift * cell
    };

    /// @param cutoff, skin  Å; an infinite cutoff joins all pairs and is refused for periodic cells
    NeighborList(double cutoff, double skin);

    /// Brings the list up to date for these positions. Returns whether it was rebuilt.
    /// Throws Error as buildGraph() does: positions that are not finite, coinciding atoms at a
    /// rebuild, singular or absurdly flat cells.
    bool update(const Structure& structure);

    /// Pairs of receiver i are pairs[first[i]] … pairs[first[i+1]-1], sorted by sender and shift.
    const std::vector<int>& getFirst() const { return first; }
    const std::vector<Pair>& getPairs() const { return pairs; }
    /// Index of the pair that runs the other way.
    const std::vector<int>& getReverse() const { return reverse; }
    /// Number of rebuilds since construction, the first one included.
    int getNumRebuilds() const { return numRebuilds; }

private:
    double cutoff, skin;
    std::vector<int> first, reverse;
    std::vector<Pair> pairs;
    int numRebuilds = 0;
    Structure built; ///< positions and cell of the last rebuild
};

} // namespace equivariant
