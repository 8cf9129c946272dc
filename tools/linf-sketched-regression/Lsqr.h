// SPDX-License-Identifier: MIT
#pragma once

#include "support/Arrays.h"

#include <functional>

namespace equivariant::linf_sketched_regression {

struct LsqrResult {
    Eigen::VectorXd x;
    int iterations;
    bool converged; ///< before the iterations were used up
};

/// argmin ||B x - b|| by LSQR (Paige & Saunders 1982) for a well-conditioned B; stops when
/// ||B^T r|| <= tolerance ||B|| ||r||, or ||r|| <= tolerance ||b||.
/// @param multiply   B x
/// @param transpose  B^T y
LsqrResult lsqr(const std::function<Eigen::VectorXd(const Eigen::VectorXd&)>& multiply,
                const std::function<Eigen::VectorXd(const Eigen::VectorXd&)>& transpose,
                const Eigen::VectorXd& b, double tolerance, int mostIterations);

} // namespace equivariant::linf_sketched_regression
