// SPDX-License-Identifier: MIT
//
// The network of a PONITA model as a function of displacements and node inputs, and its reverse
// pass; evaluatePonita() makes a potential of it. Everything is in double, one loop per formula of
// docs/theory/ponita.md.
#pragma once

#include "equivariant/Ponita.h"

namespace equivariant {

/// Scalars and vectors of nodes, inputs or outputs.
struct PonitaFields {
    RowMatrix scalars; ///< [nodes][scalars]
    RowMatrix vectors; ///< [nodes][vectors * 3], components inner
};

/// Points of position-orientation space and the pairs of them that exchange messages. Rows are
/// (node, orientation) with a grid, nodes in R^n, directed edges in a point cloud.
struct PonitaLift {
    struct Pair {
        int sender, receiver; ///< rows
        int edge;             ///< of the graph, or -1 for the self-edge of a node
    };
    std::vector<int> nodes;                    ///< [rows]
    std::vector<Eigen::Vector3d> orientations; ///< [rows], zero in R^n
    Eigen::VectorXd readoutWeights;            ///< [rows] of the mean over a node's rows
    std::vector<Pair>
        pairs;            ///< with a grid: of edge e (self-edges last) and orientation o, e O + o
    RowMatrix attributes; ///< [pairs][1: r | 2: a, b | 3: a, b, c | band-limited: r, cos]
    Eigen::VectorXd windows; ///< [pairs]
};

/// What one layer leaves for the reverse pass.
struct PonitaLayerTrace {
    RowMatrix features;           ///< [rows][C], before the layer
    RowMatrix convolved;          ///< [rows][C], bias included, before the LayerNorm
    RowMatrix normalized;         ///< [rows][C], before weight and bias of the LayerNorm
    Eigen::VectorXd inverseWidth; ///< [rows], 1/sigma of the LayerNorm
    RowMatrix hidden;             ///< [rows][wC], before the GELU
    RowMatrix readout;            ///< [rows][outputs], or empty
};

/// Every intermediate of a forward pass.
struct PonitaTrace {
    PonitaLift lift;
    RowMatrix monomials;   ///< [pairs][features]
    RowMatrix inner;       ///< [pairs][C], of the kernel basis, before the GELU
    RowMatrix outer;       ///< [pairs][B or (lMax+1) B], before the GELU if there is one
    RowMatrix kernelBasis; ///< [pairs][B], before the window
    RowMatrix fiberBasis;  ///< [O O][B], o major
    std::vector<PonitaLayerTrace> layers;
    RowMatrix features; ///< [rows][C], after the last layer
    PonitaFields output;
};

/// Runs the network.
/// @param inputs  scalars [nodes][inputScalars] and vectors [nodes][inputVectors * 3]
PonitaTrace forwardPonita(const PonitaParameters& parameters, const Graph& graph,
                          const PonitaFields& inputs);

/// d(sum of outputs * weights)/d(displacement) for each edge of the graph.
/// @param trace    of forwardPonita() with the same arguments
/// @param weights  of the outputs, in their shape
std::vector<Eigen::Vector3d> backwardPonita(const PonitaParameters& parameters, const Graph& graph,
                                            const PonitaFields& inputs, const PonitaTrace& trace,
                                            const PonitaFields& weights);

} // namespace equivariant
