// SPDX-License-Identifier: MIT
#pragma once

#include "Convolution.h"
#include "EdgeFunctions.h"
#include "Potential.h"
#include "Product.h"

namespace equivariant::training {

/// MACE and Gaunt-MACE of differentiable operations: docs/theory/mace.md and gaunt-mace.md have the
/// formulas, docs/model-file.md the tensors. Features are [atoms][lm][channels].
class MacePotential : public Potential {
public:
    MacePotential(const ModelFile& file, int head, const torch::TensorOptions& options);

private:
    struct Layer {
        torch::Tensor linearUp, linear, skip, productLinear, density;
        std::vector<torch::Tensor> radial;
        c10::intrusive_ptr<ConvolutionPaths> paths;
        /// Of a Gaunt convolution, whose radial weights are products of two: places of both, and
        /// the couplings' factors, [paths].
        torch::Tensor edgePlaces, outputPlaces, gauntFactors;
        std::unique_ptr<Product> product;
    };
    struct Readout {
        torch::Tensor linear, linear1, linear2;
    };
    /// What the layers need of the edges.
    struct Edges {
        torch::Tensor harmonics, basis, cutoff;
    };

    void readLayer(int t);
    std::unique_ptr<Product> readProduct(int t);
    void readGauntConvolution(Layer& layer, const MaceLayer& parameters);
    torch::Tensor evaluate(const Batch& batch, const torch::Tensor& displacements) override;
    Edges makeEdges(const Batch& batch, const torch::Tensor& displacements,
                    torch::Tensor& repulsion) const;
    torch::Tensor evaluateLayer(int t, const Batch& batch, const Edges& edges,
                                const torch::Tensor& input) const;
    torch::Tensor collectMessages(int t, const Batch& batch, const Edges& edges,
                                  const torch::Tensor& up) const;
    torch::Tensor makeRadial(int t, const Edges& edges) const;
    torch::Tensor mixElements(const torch::Tensor& maps, const torch::Tensor& x,
                              const Batch& batch) const;
    torch::Tensor readOut(const Readout& readout, const torch::Tensor& scalars) const;

    const MaceParameters model;
    const int head;
    const Harmonics harmonics;
    torch::Tensor embedding, basisWeights, radii, charges;
    std::vector<Layer> layers;
    std::vector<Readout> readouts;
};

} // namespace equivariant::training
