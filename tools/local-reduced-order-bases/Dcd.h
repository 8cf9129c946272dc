// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace equivariant::local_reduced_order_bases {

/// Positions of all frames of a DCD file of CHARMM, OpenMM or NAMD (little endian, no fixed atoms,
/// three dimensions), Å, [frames] of [3][atoms]. Throws Error naming file and frame.
std::vector<Eigen::Matrix3Xd> readDcd(const std::string& path);

} // namespace equivariant::local_reduced_order_bases
