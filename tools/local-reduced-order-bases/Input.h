// SPDX-License-Identifier: MIT
#pragma once

#include "Snapshots.h"

namespace equivariant::local_reduced_order_bases {

struct Input {
    Snapshots snapshots;
    Matrix reference; ///< [atoms][3] that frames were superposed on, centre at 0; empty for arrays
};

/// Snapshots of a file. An array (.npy, .csv, .h5:DATASET) of two dimensions is [runs][size], one
/// of three [runs][steps][size]. Frames of atoms (.xyz, .extxyz, .dcd) are superposed on a
/// reference (rotated and shifted, all atoms alike), so that rigid motion does not count; one frame
/// is a run.
/// @param array      of frames, "positions" or "forces", which turn as the positions do
/// @param reference  if empty, the mean structure of the frames
/// Throws Error naming file and frame, row or element.
Input readSnapshots(const std::string& path, const std::string& array, const Matrix& reference);

} // namespace equivariant::local_reduced_order_bases
