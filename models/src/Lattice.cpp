// SPDX-License-Identifier: MIT
#include "equivariant/Lattice.h"

#include "equivariant/Error.h"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <cmath>
#include <sstream>

namespace equivariant {

namespace {

constexpr double maxImages = 1e5;

} // namespace

void checkPositions(const Structure& structure) {
    if (structure.positions.size() != structure.atomicNumbers.size())
        throw Error("a structure has " + std::to_string(structure.atomicNumbers.size()) +
                    " atomic numbers but " + std::to_string(structure.positions.size()) +
                    " positions");
    for (std::size_t i = 0; i < structure.positions.size(); i++)
        if (!structure.positions[i].allFinite())
            throw Error("the position of atom " + std::to_string(i) + " is not finite");
}

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

void throwCoincident(int i, int j, double distance) {
    std::ostringstream message;
    if (i == j)
        message << "atom " << i << " coincides with an image of itself";
    else
        message << "atoms " << std::min(i, j) << " and " << std::max(i, j) << " coincide";
    message << " (distance " << distance << " Å)";
    throw Error(message.str());
}

} // namespace equivariant
