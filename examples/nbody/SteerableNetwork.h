// SPDX-License-Identifier: MIT
#pragma once

#include "PonitaNetwork.h"
#include "SteerableProduct.h"

namespace equivariant::nbody {

struct SteerableSizes {
    int channels = 64, layers = 4;
    int lMax = 1;         ///< highest degree of features and attributes
    bool isGaunt = false; ///< products are Gaunt products, else sums over Clebsch-Gordan paths
    bool selfMix = false; ///< nodes also take Gaunt products of their features with themselves
};

/// A network of steerable messages (J. Brandstetter et al., ICLR 2022, arXiv:2110.02905) of natural
/// parity. Attributes are harmonics of displacements and of the nodes' vectors.
class SteerableNetwork {
public:
    /// Random weights.
    static ModelFile makeInitial(const SteerableSizes& sizes, unsigned seed);

    /// @param tensors  of makeInitial; they have to outlive the network
    SteerableNetwork(const SteerableSizes& sizes, training::TrainableTensors& tensors);

    /// @param inputs  a scalar (charge) and a vector (velocity, not zero) of each node
    /// @return        a vector of each node
    training::NodeFields evaluate(const training::DirectedEdges& edges,
                                  const training::NodeFields& inputs) const;

private:
    /// A product and, between blocks, its nonlinearity.
    struct Block {
        std::unique_ptr<SteerableProduct> product;
        torch::Tensor bias, gateWeight, gateBias;
        torch::Tensor evaluate(const torch::Tensor& features,
                               const torch::Tensor& attributes) const;
        torch::Tensor evaluateGated(const torch::Tensor& features,
                                    const torch::Tensor& attributes) const;
    };
    struct Layer {
        Block message1, message2, update1, update2;
        torch::Tensor mixLeft, mixRight, mixOutput; ///< undefined without self-mixing
    };

    torch::Tensor harmonicsOf(const torch::Tensor& vectors) const;

    const SteerableSizes sizes;
    const SphereProduct sphere;
    torch::Tensor scalarEmbedding, vectorEmbedding, readout;
    std::vector<Layer> layers;
};

} // namespace equivariant::nbody
