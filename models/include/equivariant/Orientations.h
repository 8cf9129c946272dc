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

/// A grid by its name: `icosahedron-12`, `dodecahedron-20` (exact degree 5), `icosahedral-32`
/// (both, with weights 5/168 and 27/840; exact degree 9), `lebedev-N` for N = 6, 14, 26, 38, 50,
/// 86, 110, 146, 170, 194 (degrees 3 to 11 and 15 to 23 in steps of 2), `fibonacci-N`, and for the
/// plane `circle-N`, N up to 1024. Throws Error naming what there is.
OrientationGrid orientationGrid(const std::string& name);

/// The same model with another orientation grid; its energies are not the same.
/// Throws Error if the model has no grid, the grid is of the wrong dimension or unknown, or it is
/// too coarse for the model's kernel.
std::shared_ptr<const Model> withOrientations(const Model& model, const std::string& gridName);

/// The rotations of a group (1, 12, 24 or 60), the identity first.
const std::vector<Eigen::Matrix3d>& rotationsOf(RotationGroup group);

} // namespace equivariant
