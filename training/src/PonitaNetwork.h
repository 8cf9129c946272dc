// SPDX-License-Identifier: MIT
#pragma once

#include "PonitaLift.h"
#include "TrainableTensors.h"

namespace equivariant::training {

/// Scalars and vectors of nodes, inputs or outputs.
struct NodeFields {
    torch::Tensor scalars; ///< [nodes][scalars]
    torch::Tensor vectors; ///< [nodes][vectors][xyz]; undefined if there are none
};

/// The network of PONITA of differentiable operations, in every space: docs/theory/ponita.md has
/// the formulas, docs/model-file-ponita.md the tensors. Features are
/// [rows][orientations][channels].
class PonitaNetwork {
public:
    /// @param tensors  of the model's file; they have to outlive the network
    PonitaNetwork(const PonitaParameters& model, TrainableTensors& tensors);

    NodeFields evaluate(const DirectedEdges& edges, const NodeFields& inputs) const;

    /// Scales the kernels so that features keep their spread (as the published program does).
    void calibrate(const DirectedEdges& edges, const NodeFields& inputs);

private:
    struct Linear {
        torch::Tensor weight, bias;
        torch::Tensor operator()(const torch::Tensor& x) const;
    };
    struct Layer {
        torch::Tensor kernel, fiberKernel, bias, normWeight, normBias, layerScale;
        Linear linear1, linear2, readout;
    };
    /// What the layers need of the edges.
    struct Geometry {
        PonitaLift lift;
        torch::Tensor basis;      ///< [pairs][orientations or degrees][basis], with the window
        torch::Tensor legendre;   ///< [pairs][orientations][degrees]; of a band-limited kernel
        torch::Tensor selfBasis;  ///< [basis], of a row with itself; undefined in a point cloud
        torch::Tensor fiberBasis; ///< [from][to][basis]; undefined without a grid
    };

    Linear addLinear(TrainableTensors& tensors, const std::string& name) const;
    Geometry makeGeometry(const DirectedEdges& edges) const;
    torch::Tensor mapAttributes(const Linear& inner, const torch::Tensor& attributes) const;
    torch::Tensor makeBasis(const torch::Tensor& attributes) const;
    torch::Tensor makeFiberBasis() const;
    torch::Tensor embed(const PonitaLift& lift, const NodeFields& inputs) const;
    torch::Tensor convolve(const Layer& layer, const Geometry& geometry,
                           const torch::Tensor& x) const;
    torch::Tensor convolveFiber(const Layer& layer, const Geometry& geometry,
                                const torch::Tensor& y) const;
    torch::Tensor runLayer(const Layer& layer, const Geometry& geometry,
                           const torch::Tensor& x) const;

    const PonitaParameters model;
    const c10::intrusive_ptr<ConvolutionPaths> scalars; ///< of a convolution without degrees
    Linear basisInner, basisOuter, fiberInner, fiberOuter;
    torch::Tensor fiberCoefficients, embedding, orientations, orientationWeights;
    std::vector<Layer> layers;
};

} // namespace equivariant::training
