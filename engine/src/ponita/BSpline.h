// SPDX-License-Identifier: MIT
//
// Interpolation by uniform B-splines of degree 3 to 6. M. Unser, IEEE Signal Process. Mag. 16, 22
// (1999).
#pragma once

#include "equivariant/Ponita.h"

namespace equivariant {

/// Samples beyond the ends of the range of interest, so that what happens there is not felt inside
/// (powers of the largest pole fall below 1e-13).
constexpr int splineMargin = 44;

/// Turns samples at neighboring knots into coefficients c of sum over j of c_j beta(x - j). Sample
/// k of every series is row first + k * step.
void toSplineCoefficients(int degree, RowMatrix& samples, Eigen::Index first, Eigen::Index step,
                          Eigen::Index count);

/// Weights of coefficients floor(x) - degree/2 and following, [degree+1], and their derivatives by
/// x, for odd degrees; for even ones x is to be shifted by 1/2 before.
struct SplineWeights {
    Eigen::VectorXd values, slopes;
};
SplineWeights splineWeights(int degree, double fraction);

} // namespace equivariant
