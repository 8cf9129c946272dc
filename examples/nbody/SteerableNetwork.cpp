// SPDX-License-Identifier: MIT
#include "SteerableNetwork.h"

#include "WeightFiller.h"

#include "equivariant/SphericalHarmonics.h"

#include <torch/torch.h>

namespace equivariant::nbody {

using namespace training;
using torch::Tensor;

namespace {

constexpr int numInputScalars = 2;     // charge and speed
constexpr int numEdgeScalars = 2;      // of the distance, and the product of charges
constexpr double residualSpread = 0.1; // how large what a layer adds is at first
constexpr double smallestSquare = 1e-5;

std::string prefixOf(int layer) {
    return "layers." + std::to_string(layer) + ".";
}

/// The blocks of a layer with their numbers of input channels.
std::vector<std::pair<std::string, int>> blocksOf(int channels) {
    return {{"message1", 2 * channels + numEdgeScalars},
            {"message2", channels},
            {"update1", 2 * channels},
            {"update2", channels}};
}

/// As features of degree 0. @param scalars  [rows][channels]
Tensor liftScalars(const Tensor& scalars, int lMax) {
    return torch::constant_pad_nd(scalars.unsqueeze(1), {0, 0, 0, numHarmonics(lMax) - 1});
}

Tensor addToScalars(const Tensor& features, const Tensor& bias) {
    return features + torch::constant_pad_nd(bias.unsqueeze(0), {0, 0, 0, features.size(1) - 1});
}

} // namespace

ModelFile SteerableNetwork::makeInitial(const SteerableSizes& sizes, unsigned seed) {
    WeightFiller filler(seed);
    const auto channels = std::size_t(sizes.channels), degrees = std::size_t(sizes.lMax + 1);
    const auto paths = pathsUpTo(sizes.lMax).size();
    const double perPath = perRoot(double(paths) / double(degrees)),
                 spread = perRoot(sizes.channels);
    filler.fill("scalar_embedding", {numInputScalars, channels});
    filler.fill("vector_embedding", {channels});
    filler.fill("readout", {channels}, spread);
    for (int t = 0; t < sizes.layers; t++) {
        for (const auto& [block, inputs] : blocksOf(sizes.channels)) {
            const std::string name = prefixOf(t) + block;
            const double scale = block == "update2" ? residualSpread : 1;
            if (sizes.isGaunt) {
                filler.fill(name + ".input", {degrees, std::size_t(inputs), channels},
                            perRoot(inputs));
                filler.fill(name + ".attribute", {degrees, channels}, perRoot(double(degrees)));
                filler.fill(name + ".output", {degrees, channels, channels}, scale * spread);
            } else {
                filler.fill(name + ".paths", {paths, std::size_t(inputs), channels},
                            scale * perPath * perRoot(inputs));
            }
            filler.fill(name + ".bias", {channels}, 0);
            filler.fill(name + ".gate_weight", {channels, channels}, spread);
            filler.fill(name + ".gate_bias", {channels}, 0);
        }
        if (sizes.selfMix)
            for (const char* part : {"left", "right", "output"})
                filler.fill(prefixOf(t) + "mix_" + part, {degrees, channels, channels},
                            (part == std::string("output") ? residualSpread : 1) * spread);
    }
    return filler.file;
}

SteerableNetwork::SteerableNetwork(const SteerableSizes& sizes, TrainableTensors& tensors)
    : sizes(sizes), sphere(sizes.lMax, tensors.getOptions()),
      scalarEmbedding(tensors.addTensor("scalar_embedding")),
      vectorEmbedding(tensors.addTensor("vector_embedding")),
      readout(tensors.addTensor("readout")) {
    const auto makeBlock = [&](const std::string& name) {
        Block block;
        block.product = sizes.isGaunt
                            ? makeGauntProduct(sizes.lMax, tensors.addTensor(name + ".input"),
                                               tensors.addTensor(name + ".attribute"),
                                               tensors.addTensor(name + ".output"))
                            : makePathProduct(sizes.lMax, tensors.addTensor(name + ".paths"));
        block.bias = tensors.addTensor(name + ".bias");
        block.gateWeight = tensors.addTensor(name + ".gate_weight");
        block.gateBias = tensors.addTensor(name + ".gate_bias");
        return block;
    };
    for (int t = 0; t < sizes.layers; t++) {
        const std::string prefix = prefixOf(t);
        Layer layer{makeBlock(prefix + "message1"),
                    makeBlock(prefix + "message2"),
                    makeBlock(prefix + "update1"),
                    makeBlock(prefix + "update2"),
                    {},
                    {},
                    {}};
        if (sizes.selfMix) {
            layer.mixLeft = tensors.addTensor(prefix + "mix_left");
            layer.mixRight = tensors.addTensor(prefix + "mix_right");
            layer.mixOutput = tensors.addTensor(prefix + "mix_output");
        }
        layers.push_back(std::move(layer));
    }
}

Tensor SteerableNetwork::Block::evaluate(const Tensor& features, const Tensor& attributes) const {
    return addToScalars(product->evaluate(features, attributes), bias.unsqueeze(0));
}

/// Scalars pass SiLU; the other degrees are multiplied by gates that the scalars open.
Tensor SteerableNetwork::Block::evaluateGated(const Tensor& features,
                                              const Tensor& attributes) const {
    const Tensor x = evaluate(features, attributes);
    const Tensor scalars = x.narrow(1, 0, 1);
    const Tensor gates = torch::sigmoid(torch::matmul(scalars, gateWeight) + gateBias);
    return torch::cat({torch::silu(scalars), x.narrow(1, 1, x.size(1) - 1) * gates}, 1);
}

Tensor SteerableNetwork::harmonicsOf(const Tensor& vectors) const {
    const Tensor rows = vectors.detach().to(torch::kFloat64).contiguous();
    const int64_t count = rows.size(0), width = numHarmonics(sizes.lMax);
    Tensor result = torch::empty({count, width}, torch::kFloat64);
    for (int64_t i = 0; i < count; i++)
        Eigen::Map<Eigen::VectorXd>(result.data_ptr<double>() + i * width, width) =
            sphericalHarmonics(sizes.lMax,
                               Eigen::Map<const Eigen::Vector3d>(rows.data_ptr<double>() + 3 * i),
                               Normalization::Component);
    return result.to(vectors.scalar_type());
}

NodeFields SteerableNetwork::evaluate(const DirectedEdges& edges, const NodeFields& inputs) const {
    const Tensor &senders = edges.lists->senderIndex, &receivers = edges.lists->receiverIndex;
    const int64_t numNodes = edges.lists->numAtoms;
    const auto atSender = [&](const Tensor& x) { return x.index_select(0, senders); };
    const auto atReceiver = [&](const Tensor& x) { return x.index_select(0, receivers); };
    const double perNeighbor = double(numNodes) / double(senders.size(0));
    const auto meanOverEdges = [&](const Tensor& x) {
        auto shape = x.sizes().vec();
        shape[0] = numNodes;
        return perNeighbor * torch::zeros(shape, x.options()).index_add(0, receivers, x);
    };
    const Tensor velocities = inputs.vectors.squeeze(1), charges = inputs.scalars;
    const Tensor edgeScalars =
        liftScalars(torch::cat({torch::log1p(edges.displacements.square().sum(1, true)),
                                atSender(charges) * atReceiver(charges)},
                               1),
                    sizes.lMax);
    const Tensor edgeAttributes = harmonicsOf(edges.displacements);
    const Tensor nodeAttributes = meanOverEdges(edgeAttributes) + harmonicsOf(velocities);

    const Tensor scalars = torch::cat({charges, velocities.square().sum(1, true).sqrt()}, 1);
    Tensor h = liftScalars(torch::matmul(scalars, scalarEmbedding), sizes.lMax) +
               torch::constant_pad_nd(velocities.unsqueeze(2) * vectorEmbedding,
                                      {0, 0, 1, numHarmonics(sizes.lMax) - 4});
    for (const Layer& layer : layers) {
        Tensor m = torch::cat({atReceiver(h), atSender(h), edgeScalars}, 2);
        m = layer.message1.evaluateGated(m, edgeAttributes);
        m = meanOverEdges(layer.message2.evaluateGated(m, edgeAttributes));
        m = layer.update1.evaluateGated(torch::cat({h, m}, 2), nodeAttributes);
        h = h + layer.update2.evaluate(m, nodeAttributes);
        if (sizes.selfMix) {
            const Tensor x = h / (h.square().mean({1, 2}, true) + smallestSquare).sqrt();
            h = h + mapChannels(sphere.multiply(mapChannels(x, layer.mixLeft),
                                                mapChannels(x, layer.mixRight)),
                                layer.mixOutput);
        }
    }
    return {{}, torch::matmul(h.narrow(1, 1, 3), readout).unsqueeze(1)};
}

} // namespace equivariant::nbody
