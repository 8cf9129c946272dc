// SPDX-License-Identifier: MIT
//
// What everything that looks for neighbors needs: checks of a structure, and its cell.
#pragma once

#include "equivariant/Structure.h"

namespace equivariant {

/// Atoms (or images) closer than this coincide, Å.
constexpr double closestApproach = 1e-6;

/// Throws Error naming the first atom whose position is not finite, or if there are not as many
/// positions as atomic numbers.
void checkPositions(const Structure& structure);

/// A cell with a row for every direction: those that are not periodic have a unit vector normal to
/// the others, so that the rest keeps its meaning.
struct Lattice {
    Eigen::Matrix3d cell, inverse;
    /// Cells to search on each side of the home cell: the cutoff in units of the distance between
    /// opposite faces; 0 in open directions.
    Eigen::Vector3d range;
};

/// Throws Error for an infinite cutoff of a periodic structure, and for a cell that is not finite,
/// singular or so flat that an atom would have more than 100,000 images in range.
Lattice makeLattice(const Structure& structure, double cutoff);

/// Error naming two atoms, or one atom and its image.
[[noreturn]] void throwCoincident(int i, int j, double distance);

} // namespace equivariant
