// SPDX-License-Identifier: MIT
//
// Real spherical harmonics in e3nn's convention; docs/conventions.md states it for the project.
#pragma once

#include <Eigen/Core>

namespace equivariant {

/// Integral: orthonormal, the integral of Y_a Y_b is delta_ab. Component: sqrt(4 pi) times that, so
/// that the squares of one degree sum to 2l+1. Norm: they sum to 1.
enum class Normalization { Component, Integral, Norm };

/// Number of harmonics of degrees 0 to lMax. The harmonic (l, m) has the packed index l*l + l + m.
inline int numHarmonics(int lMax) {
    return (lMax + 1) * (lMax + 1);
}

/// The degree of a packed index.
int degreeOf(int lm);

/// Factor from Integral to another normalisation for degree l.
double normalizationFactor(int l, Normalization normalization);

/// Y_lm of direction/|direction|, [numHarmonics(lMax)]. The direction may not be zero.
Eigen::VectorXd sphericalHarmonics(int lMax, const Eigen::Vector3d& direction,
                                   Normalization normalization);

struct HarmonicsWithGradient {
    Eigen::VectorXd values;                             ///< [lm]
    Eigen::Matrix<double, Eigen::Dynamic, 3> gradients; ///< [lm][xyz]
};

/// The same with d/d(direction) of Y_lm(direction/|direction|), regular everywhere on the sphere.
HarmonicsWithGradient sphericalHarmonicsWithGradient(int lMax, const Eigen::Vector3d& direction,
                                                     Normalization normalization);

} // namespace equivariant
