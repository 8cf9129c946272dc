// SPDX-License-Identifier: MIT
#include "Lsqr.h"

#include <cmath>

namespace equivariant::linf_sketched_regression {

using Eigen::VectorXd;

LsqrResult lsqr(const std::function<VectorXd(const VectorXd&)>& multiply,
                const std::function<VectorXd(const VectorXd&)>& transpose, const VectorXd& b,
                double tolerance, int mostIterations) {
    // The names of the paper.
    VectorXd u = b;
    double beta = u.norm();
    if (beta > 0)
        u /= beta;
    VectorXd v = transpose(u);
    double alpha = v.norm();
    if (alpha > 0)
        v /= alpha;
    VectorXd w = v, x = VectorXd::Zero(v.size());
    double phiBar = beta, rhoBar = alpha, squaredNormOfB = alpha * alpha;
    const double normOfRight = beta;
    for (int i = 0; i < mostIterations; i++) {
        // ||r|| = phiBar and ||B^T r|| = phiBar |rhoBar|
        if (std::abs(rhoBar) <= tolerance * std::sqrt(squaredNormOfB) ||
            phiBar <= tolerance * normOfRight || alpha == 0)
            return {x, i, true};
        u = multiply(v) - alpha * u;
        beta = u.norm();
        if (beta > 0)
            u /= beta;
        squaredNormOfB += beta * beta;
        v = transpose(u) - beta * v;
        alpha = v.norm();
        if (alpha > 0)
            v /= alpha;
        squaredNormOfB += alpha * alpha;
        const double rho = std::hypot(rhoBar, beta), c = rhoBar / rho, s = beta / rho;
        const double theta = s * alpha, phi = c * phiBar;
        rhoBar = -c * alpha;
        phiBar = s * phiBar;
        x += phi / rho * w;
        w = v - theta / rho * w;
    }
    return {x, mostIterations, false};
}

} // namespace equivariant::linf_sketched_regression
