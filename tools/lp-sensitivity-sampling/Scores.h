// SPDX-License-Identifier: MIT
//
// How much a row of a matrix can matter for ||A x||_p (Woodruff & Yasuda, ICML 2023,
// arXiv:2306.00732): its sensitivity sigma_i = max_x |a_i x|^p / ||A x||_p^p, and what bounds it.
#pragma once

#include "support/Arrays.h"

#include <cstdint>

namespace equivariant::lp_sensitivity_sampling {

using support::Matrix;
using support::MatrixView;
using support::VectorView;

/// Leverage: tau_i = a_i (A^T A)^+ a_i^T. Lewis: w_i = tau_i(W^(1/2-1/p) A). RootLeverage:
/// tau_i^(p/2), for p <= 2.
enum class ScoreKind { Sensitivity, Leverage, Lewis, RootLeverage };

/// How sensitivities are computed. Exact: a convex program a row. Lewis: the bound
/// d^max(0, p/2-1) w_i. Batch: programs for random signed sums of the rows of a bucket (after
/// Padmanabhan, Woodruff & Zhang, arXiv:2311.04158): with probability 1 - 2^-signs for a row, at
/// least its sensitivity, and at most the size of the bucket to the power of p-1 times the sum of
/// those in it.
enum class Approximation { Exact, Lewis, Batch };

struct ScoreOptions {
    double p = 1;
    ScoreKind kind = ScoreKind::Sensitivity;
    Approximation approximation = Approximation::Exact;
    Eigen::VectorXd rowWeights; ///< row i counts this many times in ||A x||_p^p; empty: once
    int bucketSize = 16;        ///< Batch
    int signs = 10;             ///< Batch: sums of each bucket
    std::uint64_t seed = 0;     ///< Batch
};

struct Scores {
    Eigen::VectorXd values;      ///< [rows]
    Eigen::VectorXd upperBounds; ///< [rows] min(1, d^max(0, p/2-1) w_i), w_i Lewis weights
    Eigen::Index rank;           ///< of A; pivots below 1e-12 of the largest count as zero
    double total;                ///< sum of the values
    double largestGap; ///< relative width of the certified interval around a sensitivity, else 0
};

/// Throws Error for p < 1 or infinite, numbers that are not finite, weights that are not positive,
/// a matrix of rank 0, and root leverage scores with p > 2.
Scores computeScores(const MatrixView& a, const ScoreOptions& options);

/// Orthonormal basis of the column space, [rows][rank]. Columns count relative to their length.
Matrix columnSpace(const MatrixView& a);

/// Lewis weights of the rows, [rows]; zero rows have 0. A damped fixed-point iteration, which
/// contracts by |p-2|/(p+2) for p > 2 and by 1-p/2 below; throws Error if it does not converge.
/// @param q  any matrix of full column rank
Eigen::VectorXd lewisWeights(const MatrixView& q, double p);

/// Sums of sensitivities over rows of a standard normal matrix with many rows and d columns:
/// E||a||_2^p / E|g|^p.
double gaussianTotalSensitivity(int d, double p);

/// Orders of the number of rows that keep ||A x||_p; eps^-2 and logarithms are left out, and no
/// constant is known.
struct SampleSizes {
    double sensitivity;  ///< S^(2/p) for p < 2, else S^(2-2/p)
    double generic;      ///< S d, what was known before
    double rootLeverage; ///< d, p < 2 (0 else)
    double mixed;        ///< d^(2/p) S^(2-4/p), leverage mixed with sensitivity, p > 2 (0 else)
};
SampleSizes sampleSizes(double p, double rank, double totalSensitivity);

} // namespace equivariant::lp_sensitivity_sampling
