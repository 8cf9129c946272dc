// SPDX-License-Identifier: MIT
//
// The stages of the network and their adjoints: lift, kernel basis, layers (Forward.cpp and
// Backward.cpp). An adjoint is the derivative of the sought function by an intermediate.
#pragma once

#include "equivariant/PonitaKernel.h"

namespace equivariant {

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

RowMatrix kernelBackward(const PonitaParameters& parameters, const PonitaTrace& trace,
                         const RowMatrix& basisAdjoint);

/// Convolution over the orientations of each node with the kernels [O O][C]. Transposed: the
/// adjoint of that.
RowMatrix fiberStep(const PonitaParameters& parameters, const RowMatrix& kernels,
                    const RowMatrix& features, bool transposed);

} // namespace equivariant
