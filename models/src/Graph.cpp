// SPDX-License-Identifier: MIT
#include "equivariant/Graph.h"

#include "equivariant/Error.h"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <cmath>
#include <sstream>

namespace equivariant {

namespace {

constexpr double closestApproach = 1e-6; // Å
constexpr double maxImages = 1e5;

void checkPositions(const Structure& structure) {
    if (structure.positions.size() != structure.atomicNumbers.size())
        throw Error("a structure has " + std::to_string(structure.atomicNumbers.size()) +
                    " atomic numbers but " + std::to_string(structure.positions.size()) +
                    " positions");
    for (std::size_t i = 0; i < structure.positions.size(); i++)
        if (!structure.positions[i].allFinite())
            throw Error("the position of atom " + std::to_string(i) + " is not finite");
}

/// Cells to search on each side of the home cell: the cutoff in units of the distance between
/// opposite faces. Directions that are not periodic get a unit vector, so that the rest keeps its
/// meaning.
struct Lattice {
    Eigen::Matrix3d cell, inverse;
    Eigen::Vector3d range;
};

Lattice makeLattice(const Structure& structure, double cutoff) {
    Lattice lattice;
    lattice.cell = structure.cell;
    const auto& periodic = structure.periodic;
    if (!periodic[0] && !periodic[1] && !periodic[2]) {
        lattice.cell.setIdentity();
    } else {
        if (!std::isfinite(cutoff))
            throw Error("this model joins all pairs of atoms and cannot be used with periodic "
                        "boundary conditions");
        if (!lattice.cell.allFinite())
            throw Error("a box vector is not finite");
        for (int d = 0; d < 3; d++)
            if (!periodic[d]) {
                const Eigen::Vector3d a = lattice.cell.row((d + 1) % 3);
                const Eigen::Vector3d b = lattice.cell.row((d + 2) % 3);
                // With two open directions the other open row may be zero: any independent one
                // does.
                Eigen::Vector3d normal = a.cross(b);
                if (normal.norm() == 0) {
                    const Eigen::Vector3d along = a.norm() > 0 ? a : b;
                    int smallest;
                    along.cwiseAbs().minCoeff(&smallest);
                    normal = along.cross(Eigen::Vector3d::Unit(smallest));
                }
                if (normal.norm() == 0)
                    throw Error("a box vector of a periodic direction is zero");
                lattice.cell.row(d) = normal.normalized();
            }
    }
    const double scale = lattice.cell.rowwise().norm().prod();
    const double volume = std::abs(lattice.cell.determinant());
    if (!(volume > 1e-10 * scale))
        throw Error("the box vectors are linearly dependent");
    lattice.inverse = lattice.cell.inverse();
    for (int d = 0; d < 3; d++)
        lattice.range[d] = periodic[d] ? cutoff * lattice.inverse.col(d).norm() : 0;
    const double images =
        (2 * lattice.range[0] + 1) * (2 * lattice.range[1] + 1) * (2 * lattice.range[2] + 1);
    if (!(images < maxImages)) {
        std::ostringstream message;
        message << "the box is too small: an atom would have " << images
                << " images within the cutoff of " << cutoff << " Å";
        throw Error(message.str());
    }
    return lattice;
}

[[noreturn]] void throwCoincident(int i, int j, double distance) {
    std::ostringstream message;
    if (i == j)
        message << "atom " << i << " coincides with an image of itself";
    else
        message << "atoms " << std::min(i, j) << " and " << std::max(i, j) << " coincide";
    message << " (distance " << distance << " Å)";
    throw Error(message.str());
}

} // namespace

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
