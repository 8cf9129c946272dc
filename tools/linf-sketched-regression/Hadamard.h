// SPDX-License-Identifier: MIT
#pragma once

#include "support/Arrays.h"

namespace equivariant::linf_sketched_regression {

/// The smallest power of two >= n. Requires: n <= 2^62.
Eigen::Index nextPowerOfTwo(Eigen::Index n);

/// In place: columns times the Hadamard matrix H with entries (-1)^popcount(i & j), not normalised.
/// @param data  [rows][width] row-major, rows a power of two
void hadamardTransform(double* data, Eigen::Index rows, Eigen::Index width);

} // namespace equivariant::linf_sketched_regression
