// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Structure.h"

#include <array>
#include <openmm/Vec3.h>
#include <vector>

namespace equivariant::command {

/// A structure as OpenMM takes it: in nm, and a periodic one turned so that its first box vector
/// lies along x and its second in the plane of x and y, its lattice described by reduced vectors.
struct OpenMMBox {
    bool periodic = false;
    std::array<OpenMM::Vec3, 3> vectors;                    ///< nm; only if periodic
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity(); ///< x in the file = rotation * x there

    /// Throws Error for a structure that is periodic in some directions only, or whose box vectors
    /// are linearly dependent.
    explicit OpenMMBox(const Structure& structure);

    /// nm, of a position in Å.
    OpenMM::Vec3 toOpenMM(const Eigen::Vector3d& position) const;

    /// Turns a vector of a Context back; units stay.
    Eigen::Vector3d turnBack(const OpenMM::Vec3& vector) const;
};

} // namespace equivariant::command
