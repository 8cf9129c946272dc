// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

namespace equivariant {

/// Coefficients of functions on the sphere, [lm][channel]: one column a function.
using Features = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

} // namespace equivariant
