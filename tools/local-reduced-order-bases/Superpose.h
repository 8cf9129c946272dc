// SPDX-License-Identifier: MIT
#pragma once

#include "Snapshots.h"

namespace equivariant::local_reduced_order_bases {

/// Positions of one frame, [3][atoms].
using Positions = Eigen::Matrix3Xd;

/// [atoms][3] positions with the centre at 0.
Matrix centred(const Positions& positions);

/// [frames][3 atoms] x, y, z of every atom after each frame was turned and shifted as a whole to
/// lie on the reference with the least squares (Umeyama 1991). Masses do not count.
/// @param turned     vectors of the atoms that turn with the positions and are returned in their
///                   place, for instance forces; or empty
/// @param reference  [atoms][3]
Matrix superpose(const std::vector<Positions>& frames, const std::vector<Positions>& turned,
                 const Matrix& reference);

} // namespace equivariant::local_reduced_order_bases
