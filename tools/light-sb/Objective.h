// SPDX-License-Identifier: MIT
#pragma once

#include "BridgeModel.h"

namespace equivariant::light_sb {

/// What a model minimises: mean_x log c(x) - mean_y log v(y), the Kullback-Leibler divergence of
/// the true plan from that of the model, up to a constant. Everything is in logarithms; c(x) itself
/// overflows for small eps.
///
/// Variables, in this order: eps log a [K], r [K][D], log s [K][D], and with full covariances unit
/// lower triangular N [K][D][D], S = N diag(s) N^T. (Rotations in their place would be a saddle
/// where the s of a component are equal, which they are at the start.)
class Objective {
public:
    Objective(double eps, Eigen::Index components, Eigen::Index dimension, bool full);

    Eigen::Index size() const;

    /// K components of weight 1/K, means from the rows, S = s.
    Eigen::VectorXd start(const MatrixView& means, double s) const;

    /// The value for batches of points, and its gradient, [size()].
    double evaluate(const Eigen::VectorXd& variables, const Matrix& x, const Matrix& y,
                    Eigen::VectorXd& gradient) const;

    /// Keeps s within [1e-6, 1e4].
    void clamp(Eigen::VectorXd& variables) const;

    Model::Parameters makeParameters(const Eigen::VectorXd& variables) const;

private:
    struct Views;
    double addSource(const Views& now, const Matrix& x, Views& gradient) const;
    double addTarget(const Views& now, const Matrix& y, Views& gradient) const;
    double addFullSource(const Views& now, const Matrix& x, Views& gradient) const;
    double addFullTarget(const Views& now, const Matrix& y, Views& gradient) const;

    double eps;
    Eigen::Index K, D;
    bool full;
};

} // namespace equivariant::light_sb
