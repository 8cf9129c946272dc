// SPDX-License-Identifier: MIT
#include "Scores.h"

#include "equivariant/Error.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <string>

namespace equivariant::lp_sensitivity_sampling {

Eigen::VectorXd lewisWeights(const MatrixView& q, double p) {
    // log w <- (1 - theta) log w + theta p/2 log(a (A^T W^(1-2/p) A)^-1 a^T). The undamped map of
    // Cohen & Peng (arXiv:1412.0588) has eigenvalues between 0 and 1 - p/2 at its fixed point;
    // theta = 4/(p+2) brings those of p > 2, which are negative, closest to 0.
    const double theta = p > 2 ? 4 / (p + 2) : 1;
    constexpr int mostSweeps = 1000;
    constexpr double tolerance = 1e-12;
    const Eigen::Array<bool, Eigen::Dynamic, 1> isZero = q.rowwise().squaredNorm().array() == 0;
    Eigen::VectorXd logW = Eigen::VectorXd::Constant(
        q.rows(), std::log(static_cast<double>(q.cols()) / static_cast<double>(q.rows())));
    for (int sweep = 0; sweep < mostSweeps; sweep++) {
        const Eigen::VectorXd scale = isZero.select(0, ((1 - 2 / p) * logW.array()).exp()).matrix();
        const Eigen::MatrixXd gram = q.transpose() * scale.asDiagonal() * q;
        const Eigen::LLT<Eigen::MatrixXd> factor(gram);
        if (factor.info() != Eigen::Success)
            break;
        const Eigen::MatrixXd solved = factor.matrixL().solve(q.transpose());
        const Eigen::ArrayXd form =
            isZero.select(1, solved.colwise().squaredNorm().transpose().array());
        const Eigen::VectorXd change = theta * (p / 2 * form.log() - logW.array()).matrix();
        logW += change;
        if (isZero.select(0, change.array()).abs().maxCoeff() <= tolerance)
            return isZero.select(0, logW.array().exp());
    }
    throw Error("the Lewis weights for p = " + std::to_string(p) + " do not converge");
}

} // namespace equivariant::lp_sensitivity_sampling
