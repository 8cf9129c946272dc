// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Lattice.h"

#include <vector>

namespace equivariant {

/// Directed pairs of atoms closer than cutoff + skin, from a cell list, kept until one closer than
/// the cutoff could be missing. Periodic images, triclinic cells and cells shorter than the cutoff
/// are all right, and atoms may lie outside the cell.
class NeighborList {
public:
    struct Pair {
        int sender;
        int shift[3]; ///< displacement = r_receiver - r_sender + shift * cell
    };

    /// @param cutoff, skin  Å; an infinite cutoff joins all pairs and is refused for periodic cells
    NeighborList(double cutoff, double skin);

    /// Brings the list up to date for these positions. Returns whether it was rebuilt.
    ///
    /// With F the map from the cell of the last rebuild to this one and u what an atom has moved
    /// apart from that map, a pair that is not listed has a distance of at least
    /// sigma_min(F) (cutoff + skin) - 2 max|u|; the list serves while that is at least the cutoff.
    ///
    /// Throws Error, and keeps no list, for positions that are not finite, coinciding atoms (at a
    /// rebuild; callers compute distances anyway), and the cells that makeLattice() refuses.
    bool update(const Structure& structure);

    /// Pairs of receiver i are pairs[first[i]] … pairs[first[i+1]-1], sorted by sender and shift.
    const std::vector<int>& getFirst() const { return first; }
    const std::vector<Pair>& getPairs() const { return pairs; }
    /// Index of the pair that runs the other way.
    const std::vector<int>& getReverse() const { return reverse; }
    /// The atoms in such an order that near ones are near each other.
    const std::vector<int>& getOrder() const { return order; }
    /// Number of rebuilds since construction, the first one included.
    int getNumRebuilds() const { return numRebuilds; }

private:
    bool isSufficient(const Structure& structure) const;
    void rebuild(const Structure& structure);
    void findReverse();

    double cutoff, skin;
    std::vector<int> first, reverse, order;
    std::vector<Pair> pairs;
    int numRebuilds = 0;
    bool isBuilt = false;
    Structure built; ///< at the last rebuild
    Lattice builtLattice;
};

} // namespace equivariant
