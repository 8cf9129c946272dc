// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/SphereQuadrature.h"
#include "equivariant/SphericalHarmonics.h"

#include <array>

namespace equivariant {

/// Values and tangential gradients of the orthonormal harmonics at the points of a quadrature.
struct SphereValues {
    Eigen::MatrixXd values;                   ///< [point][lm]
    std::array<Eigen::MatrixXd, 3> gradients; ///< [xyz] of [point][lm]

    SphereValues(const SphereQuadrature& rule, int lMax);
};

/// r·(grad f x grad g) at every point, [point][channel], of gradients [xyz] of [point][channel].
Eigen::MatrixXd curlProduct(const SphereQuadrature& rule, const std::array<Eigen::MatrixXd, 3>& f,
                            const std::array<Eigen::MatrixXd, 3>& g);

/// Gradients [xyz] of [point][channel] of functions with coefficients x [lm][channel].
std::array<Eigen::MatrixXd, 3> gradientsOf(const SphereValues& harmonics, const Eigen::MatrixXd& x);

} // namespace equivariant
