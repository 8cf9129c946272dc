// SPDX-License-Identifier: MIT
//
// How far an energy depends on how a structure is turned. Zero to roundoff for MACE, Gaunt-MACE and
// the exactly invariant modes of PONITA; a property of model and grid for the others.
#pragma once

#include "equivariant/Model.h"
#include "equivariant/Structure.h"

#include <random>
#include <vector>

namespace equivariant {

/// Root mean squares over structures and rotations.
struct RotationError {
    double energy = 0; ///< meV, standard deviation of a structure's energy over its rotations
    double force = 0;  ///< meV/Å, the same of force components in the frame of the structure
    double torque = 0; ///< meV, length of the net torque, which is -dE/d(angle)
};

/// A rotation drawn uniformly.
/// @param planar  about z only
Eigen::Matrix3d randomRotation(std::mt19937& random, bool planar = false);

/// Such rotations for a model, planar if it is; the same seed gives the same ones.
std::vector<Eigen::Matrix3d> randomRotations(const Model& model, int count, unsigned seed);

/// Evaluates every structure in every rotation, box included, with the reference evaluator and the
/// first head. Deviations are from the mean over the rotations and unbiased (divided by their
/// number less one). Throws Error if there are fewer than two rotations or no structures.
RotationError rotationError(const Model& model, const std::vector<Structure>& structures,
                            const std::vector<Eigen::Matrix3d>& rotations);

/// The same with randomRotations().
RotationError rotationError(const Model& model, const std::vector<Structure>& structures,
                            int numRotations, unsigned seed);

} // namespace equivariant
