// SPDX-License-Identifier: MIT
//
// The functions of two points' invariants that PONITA's kernels are made of, stage by stage, for
// evaluators that tabulate or vectorize them.
#pragma once

#include "equivariant/PonitaNetwork.h"

#include <cmath>

namespace equivariant {

inline double gelu(double x) {
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}

inline double geluDerivative(double x) {
    return 0.5 * (1 + std::erf(x / std::sqrt(2.0))) +
           x * std::exp(-0.5 * x * x) / std::sqrt(2 * EIGEN_PI);
}

/// The window of a distance and its derivative; 1 and 0 without a cutoff.
struct Window {
    double value, derivative;
};
Window windowOf(const PonitaParameters& parameters, double distance);

/// The second attribute and its derivatives by v and by the orientation.
struct SecondAttribute {
    double value;
    Eigen::Vector3d byDisplacement, byOrientation;
};
SecondAttribute secondAttribute(const PonitaParameters& parameters, const Eigen::Vector3d& v,
                                const Eigen::Vector3d& orientation);

/// All products of up to numFactors attributes, older index major: [rows][features].
RowMatrix monomialsOf(const RowMatrix& attributes, int numFactors);
RowMatrix monomialsBackward(const RowMatrix& attributes, const RowMatrix& monomials,
                            RowMatrix adjoint);

/// Values of the Legendre polynomials 0 to lMax and their derivatives.
struct Legendre {
    Eigen::VectorXd values, derivatives;
};
Legendre legendre(int lMax, double x);

/// Fills monomials, inner, outer and kernelBasis of a trace whose lift has attributes and pairs.
void kernelForward(const PonitaParameters& parameters, PonitaTrace& trace);

/// [O O][B], first the orientation that is summed over
RowMatrix fiberBasisOf(const PonitaParameters& parameters);

/// Number of layers with a readout, over which outputs are averaged.
int countReadouts(const PonitaParameters& parameters);

} // namespace equivariant
