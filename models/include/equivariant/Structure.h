// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <array>
#include <vector>

namespace equivariant {

/// One arrangement of atoms, Å.
struct Structure {
    std::vector<int> atomicNumbers;
    std::vector<Eigen::Vector3d> positions;
    Eigen::Matrix3d cell = Eigen::Matrix3d::Zero(); ///< rows are the box vectors
    std::array<bool, 3> periodic = {false, false, false};
};

} // namespace equivariant
