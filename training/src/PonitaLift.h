// SPDX-License-Identifier: MIT
//
// From the edges of a graph to pairs of points of position-orientation space and their invariants
// (docs/theory/ponita.md).
#pragma once

#include "Convolution.h"
#include "equivariant/Ponita.h"

#include <torch/types.h>

namespace equivariant::training {

/// Edges without those of nodes with themselves.
struct DirectedEdges {
    c10::intrusive_ptr<ConvolutionEdges> lists;
    torch::Tensor displacements; ///< [edges][xyz] receiver minus sender
};

/// Rows are nodes, or directed edges in a point cloud; each has all orientations of the grid, or
/// one. With a grid and without orientations a row's pair with itself is not among the pairs.
struct PonitaLift {
    torch::Tensor nodes;          ///< [rows]
    torch::Tensor orientations;   ///< [rows or 1][orientations][xyz, or axes of a frame];
                                  ///< undefined in R^n
    torch::Tensor readoutWeights; ///< [rows or 1][orientations], of the mean over a node's
    c10::intrusive_ptr<ConvolutionEdges> pairs; ///< of rows
    torch::Tensor attributes; ///< [attributes][pairs][orientations], or [1][pairs][1] if they do
                              ///< not depend on the orientation
    torch::Tensor cosines;    ///< [pairs][orientations]; of a band-limited kernel
    torch::Tensor windows;    ///< [pairs]; undefined if all are 1
};

/// @param orientations, orientationWeights  of the grid, [orientations][xyz, or axes of a frame]
///                                          and [orientations]
PonitaLift liftEdges(const PonitaParameters& model, const DirectedEdges& edges,
                     const torch::Tensor& orientations, const torch::Tensor& orientationWeights);

} // namespace equivariant::training
