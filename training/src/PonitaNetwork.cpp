// SPDX-License-Identifier: MIT
#include "PonitaNetwork.h"

#include "equivariant/PonitaKernel.h"

#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

/// All products of up to numFactors of the first dimension's entries, older index major.
Tensor makeMonomials(const Tensor& attributes, int numFactors) {
    std::vector<Tensor> orders = {attributes};
    for (int k = 1; k < numFactors; k++)
        orders.push_back((orders.back().unsqueeze(1) * attributes.unsqueeze(0)).flatten(0, 1));
    return torch::cat(orders);
}

/// Legendre polynomials 0 to lMax in a new last dimension.
Tensor makeLegendre(const Tensor& x, int lMax) {
    std::vector<Tensor> p = {torch::ones_like(x)};
    for (int l = 1; l <= lMax; l++)
        p.push_back(l == 1 ? x : ((2 * l - 1) * x * p[l - 1] - (l - 1) * p[l - 2]) / l);
    return torch::stack(p, -1);
}

Tensor makeOrientations(const std::vector<Eigen::Vector3d>& vectors,
                        const torch::TensorOptions& options) {
    Tensor result = torch::empty({int64_t(vectors.size()), 3}, torch::kFloat64);
    for (std::size_t o = 0; o < vectors.size(); o++)
        for (int d = 0; d < 3; d++)
            result[int64_t(o)][d] = vectors[o][d];
    return result.to(options);
}

} // namespace

Tensor PonitaNetwork::Linear::operator()(const Tensor& x) const {
    return torch::matmul(x, weight.t()) + bias;
}

PonitaNetwork::PonitaNetwork(const PonitaParameters& parameters, TrainableTensors& tensors)
    : model(parameters), scalars(c10::make_intrusive<ConvolutionPaths>(
                             std::vector<ConvolutionPath>{{0, 0, 0}}, 0, 0, tensors.getOptions())) {
    basisInner = addLinear(tensors, "basis_fn.1");
    basisOuter = addLinear(tensors, "basis_fn.3");
    embedding = tensors.addTensor("x_embedder.weight");
    orientationWeights = torch::ones({1}, tensors.getOptions());
    if (model.hasGrid()) {
        if (model.kernelType == PonitaKernel::BandLimited) {
            fiberCoefficients = tensors.addTensor("fiber_coefficients");
        } else {
            fiberInner = addLinear(tensors, "fiber_basis_fn.1");
            fiberOuter = addLinear(tensors, "fiber_basis_fn.3");
        }
        orientations = makeOrientations(model.orientations, tensors.getOptions());
        if (model.hasFrames())
            orientations = orientations.reshape({-1, 9});
        orientationWeights = tensors.addTensor("orientation_weights", false);
    }
    for (std::size_t t = 0; t < model.layers.size(); t++) {
        const std::string number = std::to_string(t);
        const std::string prefix = "interaction_layers." + number + ".";
        Layer layer;
        layer.kernel = tensors.addTensor(prefix + "conv.kernel.weight");
        if (model.hasGrid())
            layer.fiberKernel = tensors.addTensor(prefix + "conv.fiber_kernel.weight");
        layer.bias = tensors.addTensor(prefix + "conv.bias");
        layer.normWeight = tensors.addTensor(prefix + "norm.weight");
        layer.normBias = tensors.addTensor(prefix + "norm.bias");
        layer.linear1 = addLinear(tensors, prefix + "linear_1");
        layer.linear2 = addLinear(tensors, prefix + "linear_2");
        if (model.layers[t].layerScale.size() > 0)
            layer.layerScale = tensors.addTensor(prefix + "layer_scale");
        if (model.layers[t].readout.weight.size() > 0)
            layer.readout = addLinear(tensors, "read_out_layers." + number);
        layers.push_back(layer);
    }
}

PonitaNetwork::Linear PonitaNetwork::addLinear(TrainableTensors& tensors,
                                               const std::string& name) const {
    return {tensors.addTensor(name + ".weight"), tensors.addTensor(name + ".bias")};
}

/// The first map of a basis of attributes [attributes][rows][columns]: [rows][columns][outputs].
Tensor PonitaNetwork::mapAttributes(const Linear& inner, const Tensor& attributes) const {
    const Tensor products = makeMonomials(attributes, model.numFactors).flatten(1);
    return torch::gelu(torch::addmm(inner.bias, products.t(), inner.weight.t()))
        .reshape({attributes.size(1), attributes.size(2), -1});
}

/// Of attributes [attributes][pairs][orientations]: [pairs][orientations][basis]; of a band-limited
/// kernel [pairs][degrees][basis].
Tensor PonitaNetwork::makeBasis(const Tensor& attributes) const {
    const Tensor outer = basisOuter(mapAttributes(basisInner, attributes));
    if (model.kernelType == PonitaKernel::Mlp)
        return torch::gelu(outer);
    auto shape = outer.sizes().vec();
    shape.pop_back();
    shape.back() = model.lMax + 1;
    shape.push_back(model.basisDim);
    return outer.reshape(shape);
}

Tensor PonitaNetwork::makeFiberBasis() const {
    const Tensor axes = orientations.reshape({-1, 3});
    const Tensor cosines = torch::matmul(axes, axes.t());
    if (model.kernelType == PonitaKernel::BandLimited)
        return torch::matmul(makeLegendre(cosines, model.lMax), fiberCoefficients);
    Tensor attributes = cosines.unsqueeze(0);
    if (model.hasFrames()) { // of R_to^T R_from two columns: the third one follows from them
        const int64_t count = orientations.size(0);
        const Tensor entries = cosines.reshape({count, 3, count, 3}).permute({1, 3, 2, 0});
        attributes = entries.narrow(1, 0, 2).flatten(0, 1);
    }
    return torch::gelu(fiberOuter(mapAttributes(fiberInner, attributes)));
}

PonitaNetwork::Geometry PonitaNetwork::makeGeometry(const DirectedEdges& edges) const {
    Geometry geometry;
    geometry.lift = liftEdges(model, edges, orientations, orientationWeights);
    const PonitaLift& lift = geometry.lift;
    geometry.basis = makeBasis(lift.attributes);
    if (lift.cosines.defined())
        geometry.legendre = makeLegendre(lift.cosines, model.lMax);
    if (lift.windows.defined())
        geometry.basis = geometry.basis * lift.windows.reshape({-1, 1, 1});
    if (!model.isPointCloud()) {
        const auto options = lift.attributes.options().requires_grad(false);
        geometry.selfBasis =
            makeBasis(torch::zeros({lift.attributes.size(0), 1, 1}, options))[0][0];
    }
    if (model.hasGrid())
        geometry.fiberBasis = makeFiberBasis();
    return geometry;
}

/// Scalars go to every orientation, vectors as their components along it.
Tensor PonitaNetwork::embed(const PonitaLift& lift, const NodeFields& inputs) const {
    const int64_t numOrientations = lift.orientations.defined() ? lift.orientations.size(1) : 1;
    Tensor x =
        inputs.scalars.index_select(0, lift.nodes).unsqueeze(1).expand({-1, numOrientations, -1});
    if (inputs.vectors.defined()) {
        const Tensor vectors = inputs.vectors.index_select(0, lift.nodes);
        x = torch::cat({x, torch::matmul(lift.orientations, vectors.transpose(1, 2))}, 2);
    }
    return torch::matmul(x, embedding.t());
}

Tensor PonitaNetwork::convolve(const Layer& layer, const Geometry& geometry,
                               const Tensor& x) const {
    Tensor kernels = torch::matmul(geometry.basis, layer.kernel.t());
    if (geometry.legendre.defined())
        kernels = torch::matmul(geometry.legendre, kernels);
    // Without degrees a convolution of MACE is just this; an orientation's channels are channels.
    const Tensor ones = torch::ones({kernels.size(0), 1}, kernels.options().requires_grad(false));
    const Tensor sums =
        training::convolve(scalars, geometry.lift.pairs, kernels.flatten(1).unsqueeze(1), ones,
                           x.flatten(1).unsqueeze(1))
            .reshape(x.sizes());
    if (!geometry.selfBasis.defined())
        return sums;
    return sums + torch::matmul(layer.kernel, geometry.selfBasis) * x;
}

Tensor PonitaNetwork::convolveFiber(const Layer& layer, const Geometry& geometry,
                                    const Tensor& y) const {
    const Tensor fiber = model.fiberScale * orientationWeights.reshape({-1, 1, 1}) *
                         torch::matmul(geometry.fiberBasis, layer.fiberKernel.t());
    return torch::bmm(y.permute({2, 0, 1}), fiber.permute({2, 0, 1})).permute({1, 2, 0});
}

Tensor PonitaNetwork::runLayer(const Layer& layer, const Geometry& geometry,
                               const Tensor& x) const {
    Tensor y = convolve(layer, geometry, x);
    if (model.hasGrid())
        y = convolveFiber(layer, geometry, y);
    y = y + layer.bias;
    y = y - y.mean(2, true);
    y = y / (y.square().mean(2, true) + model.layerNormEps).sqrt();
    y = layer.linear2(torch::gelu(layer.linear1(y * layer.normWeight + layer.normBias)));
    return x + (layer.layerScale.defined() ? y * layer.layerScale : y);
}

void PonitaNetwork::calibrate(const DirectedEdges& edges, const NodeFields& inputs) {
    const torch::NoGradGuard noGradients;
    const Geometry geometry = makeGeometry(edges);
    Tensor x = embed(geometry.lift, inputs);
    for (const Layer& layer : layers) {
        const Tensor y = convolve(layer, geometry, x);
        layer.kernel.mul_(x.std() / y.std());
        if (model.hasGrid()) {
            const Tensor z = convolveFiber(layer, geometry, y);
            layer.fiberKernel.mul_(y.std() / z.std());
        }
        x = runLayer(layer, geometry, x);
    }
}

NodeFields PonitaNetwork::evaluate(const DirectedEdges& edges, const NodeFields& inputs) const {
    const Geometry geometry = makeGeometry(edges);
    const PonitaLift& lift = geometry.lift;
    Tensor x = embed(lift, inputs);
    Tensor sum;
    for (const Layer& layer : layers) {
        x = runLayer(layer, geometry, x);
        if (layer.readout.weight.defined()) {
            const Tensor part = layer.readout(x);
            sum = sum.defined() ? sum + part : part;
        }
    }
    const Tensor weighted = sum / countReadouts(model) * lift.readoutWeights.unsqueeze(2);
    const auto ofNodes = [&](const Tensor& ofRows) {
        auto shape = ofRows.sizes().vec();
        shape[0] = edges.lists->numAtoms;
        return torch::zeros(shape, ofRows.options().requires_grad(false))
            .index_add(0, lift.nodes, ofRows);
    };
    NodeFields outputs;
    outputs.scalars = ofNodes(weighted.narrow(2, 0, model.outputScalars).sum(1));
    if (model.outputVectors > 0)
        outputs.vectors = ofNodes(torch::matmul(
            weighted.narrow(2, model.outputScalars, model.outputVectors).transpose(1, 2),
            lift.orientations));
    return outputs;
}

} // namespace equivariant::training
