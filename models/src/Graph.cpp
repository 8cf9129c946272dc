// SPDX-License-Identifier: MIT
#include "equivariant/Graph.h"

#include "equivariant/Error.h"
#include "equivariant/Lattice.h"

#include <cmath>

namespace equivariant {

Graph buildGraph(const Structure& structure, double cutoff) {
    checkPositions(structure);
    const Lattice lattice = makeLattice(structure, cutoff);
    Graph graph;
    graph.numNodes = static_cast<int>(structure.positions.size());
    for (int receiver = 0; receiver < graph.numNodes; receiver++)
        for (int sender = 0; sender < graph.numNodes; sender++) {
            const Eigen::Vector3d difference =
                structure.positions[receiver] - structure.positions[sender];
            // The displacement is difference + shift * cell, so shifts lie around -fractional.
            const Eigen::Vector3d fractional = lattice.inverse.transpose() * difference;
            std::array<int, 3> low, high;
            for (int d = 0; d < 3; d++) {
                if (!(std::abs(fractional[d]) < 1e6) && structure.periodic[d])
                    throw Error("atoms " + std::to_string(receiver) + " and " +
                                std::to_string(sender) + " are more than a million boxes apart");
                low[d] = structure.periodic[d]
                             ? static_cast<int>(std::ceil(-fractional[d] - lattice.range[d]))
                             : 0;
                high[d] = structure.periodic[d]
                              ? static_cast<int>(std::floor(-fractional[d] + lattice.range[d]))
                              : 0;
            }
            std::array<int, 3> shift;
            for (shift[0] = low[0]; shift[0] <= high[0]; shift[0]++)
                for (shift[1] = low[1]; shift[1] <= high[1]; shift[1]++)
                    for (shift[2] = low[2]; shift[2] <= high[2]; shift[2]++) {
                        if (sender == receiver && shift == std::array<int, 3>{0, 0, 0})
                            continue;
                        const Eigen::Vector3d displacement =
                            difference + lattice.cell.transpose() *
                                             Eigen::Vector3d(shift[0], shift[1], shift[2]);
                        const double distance = displacement.norm();
                        if (!(distance < cutoff))
                            continue;
                        if (distance < closestApproach)
                            throwCoincident(sender, receiver, distance);
                        graph.edges.push_back({sender, receiver, shift, displacement});
                    }
        }
    return graph;
}

} // namespace equivariant
