// SPDX-License-Identifier: MIT
#pragma once

#include "Sample.h"

namespace equivariant::lp_sensitivity_sampling {

/// The range of ||S A x||_p^p / ||A x||_p^p over directions x.
struct Distortion {
    double maxRatio, minRatio;
    int directions; ///< where a search started

    /// max |ratio - 1|
    double value() const { return std::max(maxRatio - 1, 1 - minRatio); }
};

struct DistortionOptions {
    int directions = 2000; ///< random, isotropic after A is made orthonormal
    /// Also tries the direction of each of the most important rows, and follows the gradient of the
    /// ratio from the best and worst directions.
    bool search = true;
    std::uint64_t seed = 0;
};

/// What is found is a lower bound of the true distortion. Throws Error for rows that do not exist,
/// weights that are not positive, and what computeScores() refuses.
Distortion measureDistortion(const MatrixView& a, const std::vector<int>& rows,
                             const VectorView& weights, double p, const DistortionOptions& options);

} // namespace equivariant::lp_sensitivity_sampling
