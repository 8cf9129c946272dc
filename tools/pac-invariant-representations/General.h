// SPDX-License-Identifier: MIT
#pragma once

#include "Environment.h"

namespace equivariant::pac_invariant_representations {

/// mean_t error_t + lambda sum_t |P (E_t[XX^T] b - E_t[XY])|^2 for the predictor b = Psi^T u and
/// the projection P onto the rows of Psi, which need not be orthonormal: what matters is their
/// span. Variables: Psi [r][n] row by row, then u [r].
class GeneralObjective {
public:
    GeneralObjective(const std::vector<Environment>& environments, Eigen::Index rank);

    Eigen::Index size() const { return rank * n + rank; }

    /// @param gradient  [size()], or null
    double evaluate(const Eigen::VectorXd& variables, double lambda,
                    Eigen::VectorXd* gradient) const;

    /// With orthonormal rows.
    Representation representation(const Eigen::VectorXd& variables) const;

private:
    const std::vector<Environment>& environments;
    Eigen::Index rank, n;
};

} // namespace equivariant::pac_invariant_representations
