// SPDX-License-Identifier: MIT
#pragma once

#include "Potential.h"
#include "equivariant/Ponita.h"

namespace equivariant::training {

/// PONITA of differentiable operations, in every space but the point cloud: docs/theory/ponita.md
/// has the formulas, docs/model-file-ponita.md the tensors. Features are [atoms][orientations]
/// [channels]; without orientations there is one of them.
class PonitaPotential : public Potential {
public:
    /// Throws Error for a point cloud, and for a model that is no potential.
    PonitaPotential(const ModelFile& file, torch::Dtype type);

    /// Scales the kernels so that features keep their spread (as the published program does).
    void calibrate(const Batch& batch) override;

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
    struct Edges {
        torch::Tensor basis;     ///< [edges][orientations][basis], with the window
        torch::Tensor selfBasis; ///< [basis], of an atom with itself
    };

    Linear addLinear(const std::string& name);
    torch::Tensor evaluate(const Batch& batch, const torch::Tensor& displacements) override;
    torch::Tensor evaluateTurned(const Batch& batch, const torch::Tensor& displacements);
    torch::Tensor makeAttributes(const torch::Tensor& v, torch::Tensor& cosines) const;
    torch::Tensor makeBasis(const torch::Tensor& attributes, const torch::Tensor& cosines) const;
    Edges makeEdges(const torch::Tensor& displacements) const;
    torch::Tensor makeFiberBasis() const;
    torch::Tensor convolve(const Layer& layer, const Batch& batch, const Edges& edges,
                           const torch::Tensor& x) const;
    torch::Tensor convolveFiber(const Layer& layer, const torch::Tensor& fiberBasis,
                                const torch::Tensor& y) const;
    torch::Tensor embed(const Batch& batch) const;
    torch::Tensor runLayer(const Layer& layer, const Batch& batch, const Edges& edges,
                           const torch::Tensor& fiberBasis, const torch::Tensor& x) const;

    const PonitaParameters model;
    Linear basisInner, basisOuter, fiberInner, fiberOuter;
    torch::Tensor fiberCoefficients, embedding, inputIndex, orientations, orientationWeights;
    std::vector<Layer> layers;
};

} // namespace equivariant::training
