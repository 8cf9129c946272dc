// SPDX-License-Identifier: MIT
//
// Random end points and paths of a bridge. Row i uses a stream of random numbers of its own.
#pragma once

#include "BridgeModel.h"

#include <cstdint>

namespace equivariant::light_sb {

/// An end point for each row of x, [rows][D].
Matrix sampleEnds(const Model& model, const MatrixView& x, std::uint64_t seed);

/// Where paths from the rows of x to random end points are at ascending times within [0, 1]; one
/// [rows][D] a time. A path is a Brownian bridge between its ends: its law at time t is that of
/// (1-t) x + t y + sqrt(eps t (1-t)) xi. Throws Error for times that are not ascending or not
/// within [0, 1].
std::vector<Matrix> samplePaths(const Model& model, const MatrixView& x,
                                const std::vector<double>& times, std::uint64_t seed);

/// The same by the stochastic differential equation (Euler-Maruyama), at times 0, 1/steps, …, 1.
/// The drift is taken at all but the last, where it does not exist.
std::vector<Matrix> integratePaths(const Model& model, const MatrixView& x, int steps,
                                   std::uint64_t seed);

} // namespace equivariant::light_sb
