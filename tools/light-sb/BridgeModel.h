// SPDX-License-Identifier: MIT
//
// The Schrödinger bridge between two sets of points with a mixture of Gaussians as potential
// (Korotin, Gushchin & Burnaev, ICLR 2024, arXiv:2310.01174): the most likely way to get from one
// to the other for a Brownian motion of variance eps, under the cost |x - y|^2 / 2.
#pragma once

#include "support/Arrays.h"

#include <functional>
#include <vector>

namespace equivariant::light_sb {

using support::Matrix;
using support::MatrixView;
using support::VectorView;

/// The law of the end point y, given where the bridge is: a mixture of Gaussians, component k with
/// the covariance Q_k diag(variances_k) Q_k^T.
struct Conditional {
    Eigen::VectorXd weights; ///< [K] sum 1
    Matrix means;            ///< [K][D]
    Matrix variances;        ///< [K][D]
    double logNormalisation; ///< log of the integral over y, up to a constant: log c(x) at t = 0

    Eigen::VectorXd mean() const { return means.transpose() * weights; }
};

/// v(y) = sum_k a_k N(y | r_k, eps S_k), S_k = Q_k diag(s_k) Q_k^T. The end point y of x has the
/// law pi(y|x) = sum_k w_k(x) N(y | r_k + S_k x, eps S_k), w_k ~ a_k exp((x S_k x + 2 r_k x)/(2
/// eps)).
class Model {
public:
    struct Parameters {
        double eps = 0;
        Eigen::VectorXd logWeights;    ///< [K] log a_k; a common summand means nothing
        Matrix means;                  ///< [K][D] r_k
        Matrix logScales;              ///< [K][D] log s_k
        std::vector<Matrix> rotations; ///< K times [D][D], Q_k; empty: all are 1
    };

    /// Throws Error for eps <= 0, shapes that do not fit, numbers that are not finite and rotations
    /// that are not orthogonal.
    explicit Model(Parameters parameters);

    const Parameters& getParameters() const { return parameters; }
    double eps() const { return parameters.eps; }
    Eigen::Index components() const { return parameters.means.rows(); }
    Eigen::Index dimension() const { return parameters.means.cols(); }

    /// [rows of y]
    Eigen::VectorXd logV(const MatrixView& y) const;

    /// log of the integral of exp(xy/eps) v(y) over y, [rows of x]
    Eigen::VectorXd logC(const MatrixView& x) const;

    /// log of the density of y, where row i is the end point of row i of x; [rows]
    Eigen::VectorXd logPlan(const MatrixView& x, const MatrixView& y) const;

    /// The law of the end point of a bridge that is at x at time 0 <= t < 1.
    Conditional conditional(const VectorView& x, double t = 0) const;

    /// Covariance of a mixture that conditional() returned.
    Eigen::MatrixXd covariance(const Conditional& conditional) const;

    /// Means of the end points, [rows of x][D]: the barycentric projection.
    Matrix conditionalMeans(const MatrixView& x) const;

    /// log of what eps times the gradient of which is drift(), up to a constant.
    double logPotential(const VectorView& x, double t) const;

    /// Drift of dX = g(X, t) dt + sqrt(eps) dW for each row of x, 0 <= t < 1. Throws Error for
    /// other t: at t = 1 there is none.
    Matrix drift(const MatrixView& x, double t) const;

    /// x in the axes of component k, Q_k^T x, and back.
    Eigen::VectorXd rotate(Eigen::Index k, const VectorView& x) const;
    Eigen::VectorXd rotateBack(Eigen::Index k, const VectorView& z) const;

    /// Throws Error if the points have another number of coordinates, or if one is not finite.
    void requirePoints(const MatrixView& x) const;

private:
    Parameters parameters;
    Matrix scales, rotatedMeans; ///< [K][D] s_k, Q_k^T r_k
};

/// Calls body(i) for all rows, in parallel.
void forEachRow(Eigen::Index rows, const std::function<void(Eigen::Index)>& body);

} // namespace equivariant::light_sb
