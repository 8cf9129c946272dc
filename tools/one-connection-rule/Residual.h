// SPDX-License-Identifier: MIT
#pragma once

#include "Polynomial.h"

#include "support/Arrays.h"

namespace equivariant::one_connection_rule {

/// Covariances of the columns of data, [rows][n]. Throws Error for fewer than two rows and entries
/// that are not finite.
support::Matrix sampleCovariance(const support::MatrixView& data);

/// How far a polynomial that vanishes on a model is from 0 on data.
struct Residual {
    double value;
    double standardError; ///< by the delta method, for normal data
    double z;             ///< value/standardError; NaN if that is 0 (a singular point)
};

/// @param polynomial  in makeCovarianceRing() of as many vertices as `covariance` has columns
/// @param count       number of rows of the data behind the covariances
Residual computeResidual(const Polynomial& polynomial, const support::MatrixView& covariance,
                         long count);

/// The polynomials of a file, one a line. Throws Error naming file and line.
std::vector<Polynomial> readPolynomials(const std::string& path, int n);

} // namespace equivariant::one_connection_rule
