// SPDX-License-Identifier: MIT
//
// Descent towards a known matrix, as the theorems have it.
#pragma once

#include "Descent.h"

namespace equivariant::matrix_sensing {

struct StudyOptions {
    Eigen::Index rows = 50, columns = 50, rank = 3, k = 5;
    double condition = 1;          ///< singular values of the matrix from 1 down to 1/condition
    Eigen::Index measurements = 0; ///< Gaussian ones; 0: all entries (the population)
    double scale = 1, ratio = 3;   ///< of the start, see randomStart
    bool balanced = false;         ///< G = F at the start
    std::uint64_t seed = 0;
    DescentOptions descent;
};

/// The matrix: diagonal, zero after the first `rank` entries.
Matrix makeTarget(const StudyOptions& options);

struct Study {
    Descent descent;
    Eigen::VectorXd imbalance; ///< eigenvalues of F^T F - G^T G at the start, ascending
};

/// @param isSymmetric  one factor, else two
Study runStudy(const StudyOptions& options, bool isSymmetric);

/// Alternating least squares with the right rank, for comparison: M = F G^T from measurements, each
/// factor in turn by a QR decomposition. Dense measurements [m][n1 n2] only.
Matrix solveAlternating(const MatrixView& a, const VectorView& y, Eigen::Index rows,
                        Eigen::Index columns, Eigen::Index rank, int sweeps, std::uint64_t seed);

} // namespace equivariant::matrix_sensing
