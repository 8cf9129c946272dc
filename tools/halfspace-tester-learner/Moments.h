// SPDX-License-Identifier: MIT
//
// How far the moments of points are from those of the standard normal distribution, in units of
// 1/sqrt(points). All are means of Hermite polynomials, which have mean 0 and variance 1 there.
#pragma once

#include "Learn.h"

namespace equivariant::halfspace_tester_learner {

/// Largest mean of a product h_a(x_i) h_b(x_j), i != j, a + b <= 4, or h_a(x_i), a <= 4.
double pairMoments(const MatrixView& x);

/// Largest mean of h_a(<v, x>), a <= 4, over directions v, the columns.
double directionMoments(const MatrixView& x, const MatrixView& directions);

/// Largest |log eigenvalue| of the matrix of second moments.
double spectralDeviation(const MatrixView& x);

/// Columns: the coordinate axes, turned by the columns of `basis`, and 64 random directions that
/// are the same in each call. Axes that vanish are left out.
Matrix testDirections(const MatrixView& basis);

/// An orthonormal basis of what is orthogonal to w (of length 1), [d][d-1].
Matrix orthogonalBasis(const VectorView& w);

} // namespace equivariant::halfspace_tester_learner
