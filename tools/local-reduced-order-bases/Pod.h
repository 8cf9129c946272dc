// SPDX-License-Identifier: MIT
//
// Proper orthogonal decomposition (POD) and the errors of projecting on its modes.
#pragma once

#include "Snapshots.h"

namespace equivariant::local_reduced_order_bases {

struct Pod {
    Matrix basis;                   ///< [modes][size] orthonormal rows, the most important first
    Eigen::VectorXd singularValues; ///< [modes] above the rounding error
};

/// Svd is exact. Snapshots takes eigenvectors of the matrix of inner products: faster, but modes
/// below the root of the rounding error (about 1e-7) of the first are lost.
enum class PodMethod { Svd, Snapshots };

/// Modes of the rows. Throws Error if all are zero.
Pod computePod(const MatrixView& snapshots, PodMethod method);

/// Every row divided by its norm, so that errors count relative to it. Throws Error for a row that
/// is zero or not finite.
Matrix normalizeRows(Matrix rows);

/// Fewest modes that miss at most eps^2 of the sum of squared singular values.
Eigen::Index modesForEnergy(const Eigen::VectorXd& singularValues, double eps);

/// [rows] ||u - V^T V u|| / ||u|| for orthonormal rows V. Throws Error for a snapshot that is zero
/// or not finite, or of another size than V.
Eigen::VectorXd projectionErrors(const MatrixView& basis, const MatrixView& snapshots);

/// Fewest modes with a relative error of at most tau for every snapshot; all, if these do not
/// suffice.
Eigen::Index modesForTolerance(const MatrixView& basis, const MatrixView& snapshots, double tau);

/// Of relative errors.
struct ErrorSummary {
    double mean, rms, percentile95, max;
};
ErrorSummary summarize(const Eigen::VectorXd& errors);

} // namespace equivariant::local_reduced_order_bases
