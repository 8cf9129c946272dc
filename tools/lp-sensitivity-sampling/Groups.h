// SPDX-License-Identifier: MIT
#pragma once

#include "support/Arrays.h"

#include <string>
#include <vector>

namespace equivariant::lp_sensitivity_sampling {

/// Which group each row belongs to, 0 … count-1: frames, whose rows are those of their atoms.
struct Groups {
    std::vector<int> ofRow;
    int count;

    /// Scores of the groups: the sum or the largest of those of their rows. The sum is an upper
    /// bound of the sensitivity of a group.
    Eigen::VectorXd collect(const support::VectorView& rowScores, bool largest) const;
};

/// Every row for itself.
Groups singleRows(Eigen::Index rows);

/// The atoms of each frame of an extended XYZ file, in order, or the energy and the components of
/// the forces of each frame. Throws Error if the file has neither as many atoms nor as many labels
/// as there are rows.
Groups readFrames(const std::string& path, Eigen::Index rows);

} // namespace equivariant::lp_sensitivity_sampling
