// SPDX-License-Identifier: MIT
#pragma once

#include "BridgeModel.h"

namespace equivariant::light_sb {

/// Means of the end points of each x, [rows of x][D], under the discrete entropic plan between the
/// two sets (cost |x-y|^2/2, entropy times eps), by Sinkhorn's iteration in logarithms. Needs no
/// model, but knows nothing of other points. Throws Error for eps <= 0, sets of different
/// dimension, numbers that are not finite, and if the marginals still deviate by more than
/// `tolerance` of their sum after 100 000 iterations.
Matrix sinkhornMeans(const MatrixView& x, const MatrixView& y, double eps, double tolerance = 1e-9);

} // namespace equivariant::light_sb
