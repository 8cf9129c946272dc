// SPDX-License-Identifier: MIT
#pragma once

#include "Scores.h"

namespace equivariant::lp_sensitivity_sampling {

/// The smallest ||Q x||_p^p with u x = 1, which is 1/sigma for a row u of Q. The bound is that of
/// the dual program: any y with Q^T y = lambda u proves ||Q x||_p >= lambda / ||y||_(p/(p-1)).
struct SliceMinimum {
    Eigen::VectorXd x;
    double power;      ///< ||Q x||_p^p
    double lowerBound; ///< no feasible x has less
};

/// Newton's method on the slice for 1 < p < infinity; for p < 2 on (r^2 + eps^2)^(p/2) with eps
/// annealed. Throws Error if the interval between value and bound stays wider than 1e-8.
/// @param q  orthonormal columns
/// @param u  not zero
SliceMinimum minimiseOnSlice(const MatrixView& q, const VectorView& u, double p);

} // namespace equivariant::lp_sensitivity_sampling
