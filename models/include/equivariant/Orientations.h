// SPDX-License-Identifier: MIT
//
// Orientation grids of PONITA on the sphere, and fixed groups of rotations.
#pragma once

#include "equivariant/Ponita.h"

#include <memory>

namespace equivariant {

class Model;

/// Directions and weights that sum to 1: a mean over the sphere.
struct OrientationGrid {
    std::vector<Eigen::Vector3d> points;
    Eigen::VectorXd weights;
};

/// Highest degree up to which the weighted mean over the grid of every spherical harmonic but the
/// constant vanishes (to 1e-5: grids may come from single precision), at most `most`.
int exactDegreeOf(const OrientationGrid& grid, int most);

/// Throws Error, naming `name`, if an orientation is not a unit vector, the weights are not
/// positive with sum 1, or the grid is not exact to twice the degree of a band-limited kernel.
void checkOrientations(const PonitaParameters& parameters, const std::string& name);

/// The rotations of a group (1, 12, 24 or 60), the identity first.
const std::vector<Eigen::Matrix3d>& rotationsOf(RotationGroup group);

} // namespace equivariant
