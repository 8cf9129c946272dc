// SPDX-License-Identifier: MIT
#include "GaussianBridge.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace equivariant::light_sb {

using Eigen::MatrixXd;
using Eigen::SelfAdjointEigenSolver;
using Eigen::VectorXd;

Model gaussianBridge(const Moments& source, const Moments& target, double eps) {
    const auto d = source.mean.size();
    for (const Moments& moments : {source, target})
        if (moments.mean.size() != d || moments.covariance.rows() != d ||
            moments.covariance.cols() != d)
            throw Error("means and covariances have to be of one dimension");
    const SelfAdjointEigenSolver<MatrixXd> c0(source.covariance), c1(target.covariance);
    if (!(c0.eigenvalues().minCoeff() > 0 && c1.eigenvalues().minCoeff() > 0))
        throw Error("covariances have to be positive definite");
    const MatrixXd root = c0.operatorSqrt(), inverse = c0.operatorInverseSqrt();
    const SelfAdjointEigenSolver<MatrixXd> inner(eps * eps / 4 * MatrixXd::Identity(d, d) +
                                                 root * target.covariance * root);
    const MatrixXd s =
        inverse * (inner.operatorSqrt() - eps / 2 * MatrixXd::Identity(d, d)) * inverse;
    const SelfAdjointEigenSolver<MatrixXd> axes((s + s.transpose()) / 2);
    const VectorXd r = target.mean - s * source.mean;
    return Model({eps,
                  VectorXd::Zero(1),
                  r.transpose(),
                  axes.eigenvalues().array().log().matrix().transpose(),
                  {axes.eigenvectors()}});
}

} // namespace equivariant::light_sb
