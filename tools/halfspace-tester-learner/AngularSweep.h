// SPDX-License-Identifier: MIT
#pragma once

#include "Learn.h"

namespace equivariant::halfspace_tester_learner {

struct BestHalfspace {
    double error;
    double angle; ///< of a w with this error, from the first axis
};

/// The smallest error rate of all sign(<w, x>) in the plane, by a sweep of w over all angles in
/// O(n log n), ties included. Throws Error for other dimensions.
BestHalfspace sweepAngles(const MatrixView& x, const VectorView& y);

} // namespace equivariant::halfspace_tester_learner
