// SPDX-License-Identifier: MIT
#pragma once

#include "Snapshots.h"

#include <utility>

namespace equivariant::local_reduced_order_bases {

/// Orthonormal columns.
using Space = Eigen::MatrixXd;

/// The spaces that the runs of a and b span, all of one dimension (see dissimilarities).
/// @param same  b is a, and not computed again
std::pair<std::vector<Space>, std::vector<Space>>
computeSpaces(const MatrixView& a, const MatrixView& b, Eigen::Index steps, bool same);

/// Angles between two spaces, ascending. Small ones come of their sines, large ones of their
/// cosines (Björck & Golub 1973).
Eigen::ArrayXd principalAngles(const Space& a, const Space& b);

} // namespace equivariant::local_reduced_order_bases
