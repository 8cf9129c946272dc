// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Structure.h"

namespace equivariant {

/// Directed edges between atoms closer than a cutoff, periodic images included. Every edge has its
/// reverse; an atom is joined to its own images but not to itself. Sorted by receiver, then sender,
/// then shift, so that the order depends on nothing but the structure.
struct Graph {
    struct Edge {
        int sender;
        int receiver;
        std::array<int, 3> shift;     ///< in units of the cell's rows
        Eigen::Vector3d displacement; ///< r_receiver - r_sender + shift * cell, Å
    };
    int numNodes = 0;
    std::vector<Edge> edges;
};

/// Builds the graph by comparing all pairs; positions need not be wrapped, the cell may be
/// triclinic and shorter than the cutoff.
///
/// @param cutoff  Å, pairs at distance < cutoff are joined; infinity joins all pairs and is refused
///                for periodic structures
/// Throws Error for a position that is not finite, two atoms (or images) closer than 1e-6 Å, and a
/// cell that is singular or so flat that an atom would have more than 100,000 images in range.
Graph buildGraph(const Structure& structure, double cutoff);

} // namespace equivariant
