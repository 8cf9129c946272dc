// SPDX-License-Identifier: MIT
//
// Gradient descent on the factors of a matrix that has been measured, with more columns than it has
// rank (Xiong, Ding & Du, ICLR 2024, arXiv:2310.01769).
#pragma once

#include "SensingOperator.h"

#include <optional>

namespace equivariant::matrix_sensing {

struct Factors {
    Matrix f; ///< [n1][k]
    Matrix g; ///< [n2][k]

    Matrix product() const { return f * g.transpose(); }

    /// F^T F - G^T G, [k][k]: what keeps plain descent fast.
    Eigen::MatrixXd imbalance() const { return f.transpose() * f - g.transpose() * g; }
};

/// F = scale * Gaussian / sqrt(n1), G = scale / ratio * Gaussian / sqrt(n2).
Factors randomStart(Eigen::Index rows, Eigen::Index columns, Eigen::Index k, double scale,
                    double ratio, std::uint64_t seed);

struct DescentOptions {
    double step = 0.1; ///< eta; eta (||F||^2 + ||G||^2) < 1 at the start is needed
    int iterations = 1000;
    double tolerance = 0;      ///< stops when the residual is at most this share of mean(y^2)
    double errorTolerance = 0; ///< stops when the squared error is at most this; needs the truth
    bool accelerate = false;   ///< asymmetric: one rescaling, see accelerateOnce
    double beta = 0;           ///< of it; 0: estimateRank, but large enough to be stable
    int switchAt = -1;         ///< iteration of it; -1: told by the residual, see trigger
    double trigger = 1e-2;     ///< share of mean(y^2) below which the residual tells so
    int logEvery = 1;
};

struct Point {
    int iteration;
    double residual; ///< mean of the squares of <A_i, F G^T> - y_i
    double error;    ///< ||F G^T - M||_F^2, NaN if the truth is not known
};

struct Descent {
    Factors factors;
    std::vector<Point> curve;
    int switchedAt = -1; ///< iteration of the rescaling
    double beta = 0;     ///< of it
    bool switchRefused = false;
};

/// X <- X - eta S X, where S is the symmetric part of sum_i (<A_i, X X^T> - y_i) A_i; with start.f
/// = X. Never faster than 1/t^2 if k is more than the rank. Throws Error for bad options or a
/// matrix that is not square, Failure with status 3 if it diverges.
Descent descendSymmetric(const SensingOperator& op, const VectorView& y, const Matrix& start,
                         const DescentOptions& options,
                         const std::optional<Matrix>& truth = std::nullopt);

/// F <- F - eta S G, G <- G - eta S^T F. From a start where F^T F - G^T G is not zero the error
/// falls exponentially; faster after the rescaling.
Descent descendAsymmetric(const SensingOperator& op, const VectorView& y, const Factors& start,
                          const DescentOptions& options,
                          const std::optional<Matrix>& truth = std::nullopt);

/// F = U S V^T becomes beta U and G becomes G V S / beta, which leaves F G^T as it is. The error
/// then falls by (1 - eta beta^2)^2 an iteration, for beta^2 up to the smallest singular value of
/// the matrix. Does nothing and returns false if F has dependent columns or F G^T changes by more
/// than 1e-12. Throws Error if F and G have different numbers of columns, or more than F has rows.
bool accelerateOnce(Factors& factors, double beta);

/// Rank of M as F G^T tells it: singular values that the error of F G^T cannot explain (Weyl: none
/// is further from that of M than ||F G^T - M||). The square root of the last one is a good beta.
struct RankEstimate {
    Eigen::Index rank; ///< at least 1
    double beta;
    double largest; ///< singular value of F G^T
};

/// @param relativeError  of F G^T, about the root of residual / mean(y^2)
RankEstimate estimateRank(const Factors& factors, double relativeError);

/// How fast an error falls.
struct Rate {
    bool isExponential; ///< the better fit of the two
    double exponential; ///< d ln(error) / dt, per iteration
    double power;       ///< d ln(error) / d ln t
    int points;         ///< that the fits use; fewer than 3: no fit, NaN
};

/// Fits both laws to the last half (in t) of the curve above the rounding error, which is `floor`
/// times its first value. Of the error if it is known, else of the residual.
Rate fitRate(const std::vector<Point>& curve, double floor = 1e-26);

/// The same for t from `first` to `last`.
Rate fitRate(const std::vector<Point>& curve, int first, int last, double floor = 1e-26);

} // namespace equivariant::matrix_sensing
