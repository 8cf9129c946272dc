// SPDX-License-Identifier: MIT
//
// The stages of the network and their adjoints: lift, kernel basis, layers (Forward.cpp and
// Backward.cpp). An adjoint is the derivative of the sought function by an intermediate.
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

/// x weight^T + bias, for rows x.
RowMatrix apply(const PonitaLinear& linear, const RowMatrix& x);

/// Adjoints of a lift.
struct LiftAdjoint {
    RowMatrix attributes;
    Eigen::VectorXd windows;
    std::vector<Eigen::Vector3d> orientations;
    Eigen::VectorXd readoutWeights;
};

PonitaLift liftGraph(const PonitaParameters& parameters, const Graph& graph);
std::vector<Eigen::Vector3d> liftBackward(const PonitaParameters& parameters, const Graph& graph,
                                          const PonitaLift& lift, const LiftAdjoint& adjoint);

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

/// Fills monomials, inner, outer and kernelBasis of the trace.
void kernelForward(const PonitaParameters& parameters, PonitaTrace& trace);
RowMatrix kernelBackward(const PonitaParameters& parameters, const PonitaTrace& trace,
                         const RowMatrix& basisAdjoint);

/// [O O][B]
RowMatrix fiberBasisOf(const PonitaParameters& parameters);

/// Convolution over the orientations of each node with the kernels [O O][C]. Transposed: the
/// adjoint of that.
RowMatrix fiberStep(const PonitaParameters& parameters, const RowMatrix& kernels,
                    const RowMatrix& features, bool transposed);

/// Number of layers with a readout, over which outputs are averaged.
int countReadouts(const PonitaParameters& parameters);

} // namespace equivariant
