// SPDX-License-Identifier: MIT
#pragma once

#include "SensingOperator.h"

#include <utility>

namespace equivariant::matrix_sensing {

/// Files of measurements; exactly one of operators, left with right, mask, target.
struct MeasurementFiles {
    std::string operators;           ///< array [m][n1][n2]
    std::string left, right;         ///< matrices [m][n1] and [m][n2]: A_i = a_i b_i^T
    std::string mask;                ///< matrix of lines (i, j, value)
    std::string target;              ///< the matrix itself [n1][n2]
    std::string values;              ///< y of the first two
    std::vector<Eigen::Index> shape; ///< n1, n2 of a mask; empty: as large as its indices need
};

struct Measurements {
    support::Array array; ///< that a dense operator refers to
    std::unique_ptr<SensingOperator> op;
    Eigen::VectorXd y;
    Entries entries; ///< of a mask
};

/// Throws Error naming the file and what is wrong.
Measurements readMeasurements(const MeasurementFiles& files);

/// Throws Error if the measurements show that the matrix is not symmetric: a mask with different
/// values for (i, j) and (j, i), or a target.
void requireSymmetric(const Measurements& measurements, const MeasurementFiles& files);

/// Matrices of atoms that have a low rank or nearly so. Squared distances between the atoms of the
/// first frame, [atoms][atoms], of rank 5 at most; or the covariance of the positions over all
/// frames, superposed on the first, [3 atoms][3 atoms]. Throws Error naming file and frame.
Matrix squaredDistances(const std::string& xyzFile);
Matrix positionCovariance(const std::string& xyzFile);

} // namespace equivariant::matrix_sensing
