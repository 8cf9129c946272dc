// SPDX-License-Identifier: MIT
//
// MACE's contraction to scalars as an integral over the sphere (docs/theory/gaunt.md). An invariant
// of up to three degrees is unique, so every column of the couplings to L = 0 is a constant times
// one Gaunt block, and the contraction is the integral of a polynomial in the degree-wise functions
// f_l(r) = sum_m x_lm Y_lm(r).
#pragma once

#include "equivariant/Couplings.h"
#include "equivariant/SphereQuadrature.h"

#include <Eigen/Core>
#include <vector>

namespace equivariant {

class SphereContraction {
public:
    /// What one path of the couplings is: scale times the integral of f_l for its degrees.
    struct Path {
        std::vector<int> degrees;
        double scale;
    };

    /// @param couplings  to L = 0, of orders 1, 2, … up to 3
    /// Throws Error for couplings of another kind, for instance a basis that mixes blocks.
    explicit SphereContraction(const std::vector<UTensor>& couplings);

    const std::vector<std::vector<Path>>& getPaths() const { return paths; }
    int getNumPoints() const { return static_cast<int>(quadrature.weights.size()); }

    struct Result {
        double value;
        Eigen::VectorXd gradient; ///< [lm]
    };
    /// The contraction of x [lm] with weights [order-1][path].
    Result evaluate(const Eigen::VectorXd& x, const std::vector<Eigen::VectorXd>& weights) const;

private:
    std::vector<std::vector<Path>> paths; ///< [order-1]
    int lMax;
    SphereQuadrature quadrature;
    Eigen::MatrixXd harmonics; ///< [point][lm]
};

} // namespace equivariant
