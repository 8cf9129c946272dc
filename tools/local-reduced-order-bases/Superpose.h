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

/// [atoms][3] mean of the frames after each was superposed on it (generalised Procrustes analysis),
/// starting from the first frame. Where the frames have several conformations, how one lies on
/// another may be ambiguous, so that one frame as the reference would tear clusters apart; on the
/// mean it is not.
Matrix meanStructure(const std::vector<Positions>& frames);

} // namespace equivariant::local_reduced_order_bases
