// SPDX-License-Identifier: MIT
#include "MacePotential.h"

#include <cmath>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

/// A map for each degree: rows of degree l times maps[l] ([degrees][in][out]). Degrees beyond them
/// are zero.
Tensor applyMaps(const Tensor& maps, const Tensor& x, int lMax) {
    std::vector<Tensor> degrees;
    const auto count = static_cast<int>(maps.size(0));
    for (int l = 0; l < count; l++)
        degrees.push_back(torch::matmul(x.narrow(1, l * l, 2 * l + 1), maps[l]));
    if (count <= lMax)
        degrees.push_back(
            torch::zeros({x.size(0), (lMax + 1) * (lMax + 1) - count * count, maps.size(2)},
                         x.options().requires_grad(false)));
    return torch::cat(degrees, 1);
}

double perRoot(double fanIn) {
    return 1 / std::sqrt(fanIn);
}

std::string numbered(const std::string& before, std::size_t number, const std::string& after) {
    return before + std::to_string(number) + after;
}

} // namespace

MacePotential::MacePotential(const ModelFile& source, int head, const torch::TensorOptions& options)
    : Potential(source, options), model(readMace(source, "the model to train")), head(head),
      harmonics(model.maxEll, options) {
    embedding = addTensor("node_embedding.weight");
    if (model.radialBasis.type != RadialBasisType::Chebyshev)
        basisWeights =
            addTensor(model.radialBasis.type == RadialBasisType::Bessel ? "bessel_weights"
                                                                        : "gaussian_weights",
                      false);
    std::vector<double> numbers(model.atomicNumbers.begin(), model.atomicNumbers.end());
    charges = torch::tensor(numbers, torch::kFloat64).to(options);
    if (model.covalentRadii.size() > 0)
        radii = addTensor("covalent_radii", false);
    for (int t = 0; t < model.numLayers; t++)
        readLayer(t);
    for (std::size_t i = 0; i < model.readouts.size(); i++) {
        const std::string prefix = numbered("readouts.", i, ".");
        if (model.readouts[i].isLinear)
            readouts.push_back({addTensor(prefix + "linear.weight"), {}, {}});
        else
            readouts.push_back(
                {{}, addTensor(prefix + "linear_1.weight"), addTensor(prefix + "linear_2.weight")});
    }
}

void MacePotential::readLayer(int t) {
    const MaceLayer& parameters = model.layers[t];
    const std::string prefix = numbered("layers.", t, ".");
    Layer layer;
    layer.linearUp = addTensor(prefix + "linear_up.weight");
    for (std::size_t q = 0; q < parameters.radialNetwork.size(); q++)
        layer.radial.push_back(addTensor(numbered(prefix + "radial_mlp.", q, ".weight")));
    if (parameters.isDensity)
        layer.density = addTensor(prefix + "density_fn.weight");
    layer.linear = addTensor(prefix + "linear.weight");
    layer.skip = addTensor(prefix + "skip_tp.weight");
    layer.productLinear = addTensor(prefix + "product_linear.weight");
    layer.product = readProduct(t);
    if (parameters.gauntConvolution)
        readGauntConvolution(layer, parameters);
    else
        layer.paths = c10::make_intrusive<ConvolutionPaths>(parameters.paths, parameters.inputLMax,
                                                            model.maxEll, getOptions());
    layers.push_back(std::move(layer));
}

std::unique_ptr<Product> MacePotential::readProduct(int t) {
    const MaceLayer& parameters = model.layers[t];
    const std::string prefix = numbered("layers.", t, ".");
    if (parameters.gauntProduct) {
        const GauntManyBody::Sizes& sizes = parameters.gauntProduct->getSizes();
        GauntSphereProduct::Weights weights;
        weights.weights = addTensor(prefix + "product.weights");
        if (sizes.copies > 0) {
            weights.linear = addTensor(prefix + "product.linear_weights");
            weights.factors = addTensor(prefix + "product.factors");
            if (sizes.oddPaths)
                weights.odd = addTensor(prefix + "product.odd_weights");
        }
        return std::make_unique<GauntSphereProduct>(sizes, weights, getOptions());
    }
    std::vector<std::vector<Tensor>> weights;
    for (int L = 0; L <= parameters.outputLMax; L++) {
        weights.emplace_back();
        for (int order = 1; order <= model.correlation; order++)
            weights[L].push_back(
                addTensor(prefix + numbered("contractions.", L, ".") + std::to_string(order)));
    }
    return std::make_unique<SymmetricContraction>(model.uTensors, weights, getOptions());
}

/// Gaunt coefficients are 3j symbols times a factor for each path, so the convolution is MACE's
/// with other radial weights, whose paths to the same degree add up.
void MacePotential::readGauntConvolution(Layer& layer, const MaceLayer& parameters) {
    std::vector<ConvolutionPath> paths;
    std::vector<int64_t> edgePlaces, outputPlaces;
    std::vector<double> factors;
    for (int l3 = 0; l3 <= model.maxEll; l3++)
        for (int l1 = 0; l1 <= parameters.inputLMax; l1++)
            for (int l2 = 0; l2 <= model.maxEll; l2++)
                if (isTriangle(l1, l2, l3) && (l1 + l2 + l3) % 2 == 0) {
                    paths.push_back({l1, l2, l3});
                    edgePlaces.push_back(l2);
                    outputPlaces.push_back(model.maxEll + 1 + l3);
                    factors.push_back(std::sqrt(4 * std::acos(-1.0) / (2 * l3 + 1)) *
                                      gauntFactor(l1, l2, l3));
                }
    layer.paths = c10::make_intrusive<ConvolutionPaths>(paths, parameters.inputLMax, model.maxEll,
                                                        getOptions());
    const torch::Device device = getOptions().device();
    layer.edgePlaces = torch::tensor(edgePlaces, torch::kInt64).to(device);
    layer.outputPlaces = torch::tensor(outputPlaces, torch::kInt64).to(device);
    layer.gauntFactors =
        torch::tensor(factors, torch::kFloat64).to(getOptions()).reshape({1, -1, 1});
}

Tensor MacePotential::evaluate(const Batch& batch, const Tensor& displacements) {
    Tensor energies = torch::zeros({batch.numAtoms}, displacements.options().requires_grad(false));
    Tensor repulsion;
    const Edges edges = makeEdges(batch, displacements, repulsion);
    if (repulsion.defined())
        energies = energies.index_add(0, batch.receivers, repulsion);
    Tensor h = (embedding * perRoot(double(embedding.size(0))))
                   .index_select(0, batch.species)
                   .unsqueeze(1);
    for (int t = 0; t < model.numLayers; t++) {
        h = evaluateLayer(t, batch, edges, h);
        if (!model.useLastReadoutOnly || t + 1 == model.numLayers)
            energies =
                energies + readOut(readouts[model.useLastReadoutOnly ? 0 : t], h.select(1, 0));
    }
    return model.scale[head] * energies + model.shift[head];
}

MacePotential::Edges MacePotential::makeEdges(const Batch& batch, const Tensor& displacements,
                                              Tensor& repulsion) const {
    const Tensor r = displacements.square().sum(1).sqrt();
    Edges edges;
    edges.harmonics = harmonics.evaluate(displacements / r.unsqueeze(1));
    edges.cutoff = evaluateCutoff(r, model.cutoff, model.cutoffPower).unsqueeze(1);
    const Tensor receivers = batch.species.index_select(0, batch.receivers);
    const Tensor senders = batch.species.index_select(0, batch.senders);
    Tensor radiusSums;
    if (radii.defined())
        radiusSums = radii.index_select(0, senders) + radii.index_select(0, receivers);
    edges.basis =
        evaluateBasis(model.radialBasis, basisWeights, transformDistance(model, r, radiusSums));
    if (model.applyCutoff)
        edges.basis = edges.basis * edges.cutoff;
    if (model.zbl)
        repulsion = evaluateZbl(*model.zbl, r, charges.index_select(0, senders),
                                charges.index_select(0, receivers), radiusSums);
    return edges;
}

Tensor MacePotential::evaluateLayer(int t, const Batch& batch, const Edges& edges,
                                    const Tensor& input) const {
    const MaceLayer& parameters = model.layers[t];
    const Layer& layer = layers[t];
    const double perChannel = perRoot(model.numChannels);
    const Tensor up = applyMaps(layer.linearUp * perChannel, input, parameters.inputLMax);
    const Tensor messages = collectMessages(t, batch, edges, up);
    const Tensor a = parameters.isResidual ? messages : mixElements(layer.skip, messages, batch);
    const Tensor b = layer.product->evaluate(batch, a);
    const Tensor h = applyMaps(layer.productLinear * perChannel, b, parameters.outputLMax);
    if (!parameters.isResidual)
        return h;
    const Tensor skipped = mixElements(layer.skip, input, batch);
    const auto missing = h.size(1) - skipped.size(1);
    return h + (missing > 0 ? torch::constant_pad_nd(skipped, {0, 0, 0, missing})
                            : skipped.narrow(1, 0, h.size(1)));
}

/// Weights of the convolution's paths, [edges][paths][channels].
Tensor MacePotential::makeRadial(int t, const Edges& edges) const {
    const Layer& layer = layers[t];
    Tensor radial = edges.basis;
    for (std::size_t q = 0; q < layer.radial.size(); q++) {
        radial = torch::matmul(radial, layer.radial[q] * perRoot(double(layer.radial[q].size(0))));
        if (q + 1 < layer.radial.size())
            radial = activate(model.radialActivation, radial);
    }
    if (!model.applyCutoff)
        radial = radial * edges.cutoff;
    radial =
        radial.reshape({radial.size(0), radial.size(1) / model.numChannels, model.numChannels});
    if (!layer.gauntFactors.defined())
        return radial;
    return layer.gauntFactors * radial.index_select(1, layer.edgePlaces) *
           radial.index_select(1, layer.outputPlaces);
}

Tensor MacePotential::collectMessages(int t, const Batch& batch, const Edges& edges,
                                      const Tensor& up) const {
    const MaceLayer& parameters = model.layers[t];
    const Layer& layer = layers[t];
    const Tensor all =
        convolve(layer.paths, batch.convolutionEdges, makeRadial(t, edges), edges.harmonics, up);

    std::vector<Tensor> degrees;
    int64_t row = 0, map = 0;
    for (int l3 = 0; l3 <= model.maxEll; l3++) {
        const int width = 2 * l3 + 1;
        const auto numMaps = static_cast<int64_t>(parameters.linear[l3].size());
        const double factor = perRoot(double(numMaps) * model.numChannels);
        Tensor sum;
        for (int p = 0; p < layer.paths->countPaths(l3); p++, row += width) {
            // Of a Gaunt convolution all paths to a degree share a map.
            const int64_t own = parameters.gauntConvolution ? 0 : p;
            const Tensor mixed =
                torch::matmul(all.narrow(1, row, width), layer.linear[map + own] * factor);
            sum = sum.defined() ? sum + mixed : mixed;
        }
        map += numMaps;
        degrees.push_back(sum);
    }
    const Tensor mixed = torch::cat(degrees, 1);
    if (!parameters.isDensity)
        return mixed / parameters.avgNumNeighbors;
    Tensor density = torch::tanh(
        torch::matmul(edges.basis, layer.density * perRoot(double(layer.density.size(0))))
            .square());
    if (!model.applyCutoff)
        density = density * edges.cutoff.squeeze(1);
    const Tensor divisor = torch::ones({batch.numAtoms}, mixed.options().requires_grad(false))
                               .index_add(0, batch.receivers, density);
    return mixed / divisor.reshape({batch.numAtoms, 1, 1});
}

/// Element-dependent maps, [degrees][in][species][out].
Tensor MacePotential::mixElements(const Tensor& maps, const Tensor& x, const Batch& batch) const {
    const double factor = perRoot(double(maps.size(1) * maps.size(2)));
    const auto lMax = static_cast<int>(maps.size(0)) - 1;
    std::vector<Tensor> results;
    int first = 0;
    for (std::size_t z = 0; z < batch.atomsOfSpecies.size(); z++) {
        const int count = batch.atomsOfSpecies[z];
        if (count > 0)
            results.push_back(
                applyMaps(maps.select(2, int64_t(z)) * factor, x.narrow(0, first, count), lMax));
        first += count;
    }
    return torch::cat(results, 0);
}

Tensor MacePotential::readOut(const Readout& readout, const Tensor& scalars) const {
    const double perChannel = perRoot(model.numChannels);
    if (readout.linear.defined())
        return torch::matmul(scalars, readout.linear.select(1, head) * perChannel);
    // Hidden units of a head are those of its mask.
    const auto size = readout.linear1.size(1), count = size / int64_t(model.heads.size());
    const Tensor hidden = activate(
        model.readoutActivation,
        torch::matmul(scalars, readout.linear1.narrow(1, head * count, count) * perChannel));
    return torch::matmul(hidden, readout.linear2.narrow(0, head * count, count).select(1, head) *
                                     perRoot(double(size)));
}

} // namespace equivariant::training
