// SPDX-License-Identifier: MIT
#include "PonitaPotential.h"

#include "EdgeFunctions.h"
#include "equivariant/Error.h"
#include "equivariant/Orientations.h"
#include "equivariant/PonitaKernel.h"

#include <cmath>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

/// All products of up to numFactors of the last dimension's entries, older index major.
Tensor makeMonomials(const Tensor& attributes, int numFactors) {
    std::vector<Tensor> orders = {attributes};
    for (int k = 1; k < numFactors; k++)
        orders.push_back((orders.back().unsqueeze(-1) * attributes.unsqueeze(-2)).flatten(-2));
    return torch::cat(orders, -1);
}

/// Legendre polynomials 0 to lMax in a new last dimension.
Tensor makeLegendre(const Tensor& x, int lMax) {
    std::vector<Tensor> p = {torch::ones_like(x)};
    for (int l = 1; l <= lMax; l++)
        p.push_back(l == 1 ? x : ((2 * l - 1) * x * p[l - 1] - (l - 1) * p[l - 2]) / l);
    return torch::stack(p, -1);
}

} // namespace

Tensor PonitaPotential::Linear::operator()(const Tensor& x) const {
    return torch::matmul(x, weight.t()) + bias;
}

PonitaPotential::PonitaPotential(const ModelFile& source, torch::Dtype type)
    : Potential(source, type), model(readPonita(source, "the model to train")) {
    if (model.isPointCloud())
        throw Error("a PONITA on a point cloud cannot be trained yet");
    if (!model.isPotential)
        throw Error("this PONITA model is no potential: it has outputs per node and no energy");
    basisInner = addLinear("basis_fn.1");
    basisOuter = addLinear("basis_fn.3");
    embedding = addTensor("x_embedder.weight");
    inputIndex = torch::tensor(
        std::vector<int64_t>(model.inputIndex.begin(), model.inputIndex.end()), torch::kInt64);
    if (model.hasGrid()) {
        if (model.kernelType == PonitaKernel::BandLimited) {
            fiberCoefficients = addTensor("fiber_coefficients");
        } else {
            fiberInner = addLinear("fiber_basis_fn.1");
            fiberOuter = addLinear("fiber_basis_fn.3");
        }
        orientations = torch::empty({int64_t(model.orientations.size()), 3}, torch::kFloat64);
        for (std::size_t o = 0; o < model.orientations.size(); o++)
            for (int d = 0; d < 3; d++)
                orientations[int64_t(o)][d] = model.orientations[o][d];
        orientations = orientations.to(type);
        orientationWeights = addTensor("orientation_weights", false);
    } else {
        orientationWeights = torch::ones({1}, type);
    }
    for (std::size_t t = 0; t < model.layers.size(); t++) {
        const std::string number = std::to_string(t);
        const std::string prefix = "interaction_layers." + number + ".";
        Layer layer;
        layer.kernel = addTensor(prefix + "conv.kernel.weight");
        if (model.hasGrid())
            layer.fiberKernel = addTensor(prefix + "conv.fiber_kernel.weight");
        layer.bias = addTensor(prefix + "conv.bias");
        layer.normWeight = addTensor(prefix + "norm.weight");
        layer.normBias = addTensor(prefix + "norm.bias");
        layer.linear1 = addLinear(prefix + "linear_1");
        layer.linear2 = addLinear(prefix + "linear_2");
        if (model.layers[t].layerScale.size() > 0)
            layer.layerScale = addTensor(prefix + "layer_scale");
        if (model.layers[t].readout.weight.size() > 0)
            layer.readout = addLinear("read_out_layers." + number);
        layers.push_back(layer);
    }
}

PonitaPotential::Linear PonitaPotential::addLinear(const std::string& name) {
    return {addTensor(name + ".weight"), addTensor(name + ".bias")};
}

Tensor PonitaPotential::evaluate(const Batch& batch, const Tensor& displacements) {
    const auto& rotations = rotationsOf(model.rotationAverage);
    Tensor sum;
    for (const Eigen::Matrix3d& rotation : rotations) {
        Tensor matrix = torch::empty({3, 3}, torch::kFloat64);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                matrix[i][j] = rotation(i, j);
        const Tensor turned =
            rotations.size() == 1
                ? displacements
                : torch::matmul(displacements, matrix.t().to(displacements.scalar_type()));
        const Tensor part = evaluateTurned(batch, turned);
        sum = sum.defined() ? sum + part : part;
    }
    return model.scale / double(rotations.size()) * sum +
           (model.shift / batch.sizes).index_select(0, batch.frames);
}

/// Attributes of the kernel, [edges][orientations][attributes], of v = sender minus receiver; and
/// the cosines for a band-limited one.
Tensor PonitaPotential::makeAttributes(const Tensor& v, Tensor& cosines) const {
    const Tensor r = v.square().sum(1).sqrt().reshape({-1, 1, 1});
    if (!model.hasGrid())
        return r;
    const Tensor along = torch::matmul(v, orientations.t());
    if (model.kernelType == PonitaKernel::BandLimited) {
        cosines = along / r.squeeze(2);
        return r.expand({-1, orientations.size(0), -1});
    }
    Tensor across;
    if (model.getDimension() == 2) {
        across = v.select(1, 1).unsqueeze(1) * orientations.select(1, 0) -
                 v.select(1, 0).unsqueeze(1) * orientations.select(1, 1);
    } else {
        const Tensor rest = v.unsqueeze(1) - along.unsqueeze(2) * orientations;
        const Tensor squared = rest.square().sum(2) + model.smoothDelta * model.smoothDelta;
        // The derivative of a norm at zero is taken to be 0.
        const Tensor isZero = squared == 0;
        across = torch::where(isZero, torch::ones_like(squared), squared).sqrt();
        across = torch::where(isZero, torch::zeros_like(across), across - model.smoothDelta);
    }
    return torch::stack({along, across}, 2);
}

Tensor PonitaPotential::makeBasis(const Tensor& attributes, const Tensor& cosines) const {
    const Tensor inner = torch::gelu(basisInner(makeMonomials(attributes, model.numFactors)));
    const Tensor outer = basisOuter(inner);
    if (model.kernelType == PonitaKernel::Mlp)
        return torch::gelu(outer);
    auto shape = outer.sizes().vec();
    shape.back() = model.lMax + 1;
    shape.push_back(model.basisDim);
    const Tensor degrees = outer.reshape(shape);
    if (!cosines.defined()) // an atom with itself: there is no direction
        return degrees.select(-2, 0);
    return (makeLegendre(cosines, model.lMax).unsqueeze(-1) * degrees).sum(-2);
}

PonitaPotential::Edges PonitaPotential::makeEdges(const Tensor& displacements) const {
    Edges edges;
    Tensor cosines;
    const Tensor attributes = makeAttributes(-displacements, cosines);
    edges.basis = makeBasis(attributes, cosines);
    if (std::isfinite(model.cutoff) && model.windowPower > 0) {
        const Tensor r = displacements.square().sum(1).sqrt();
        edges.basis =
            edges.basis * evaluateCutoff(r, model.cutoff, model.windowPower).reshape({-1, 1, 1});
    }
    const bool isSingle = !model.hasGrid() || model.kernelType == PonitaKernel::BandLimited;
    edges.selfBasis = makeBasis(
        torch::zeros({isSingle ? 1 : 2}, displacements.options().requires_grad(false)), {});
    return edges;
}

/// [from][to][basis]
Tensor PonitaPotential::makeFiberBasis() const {
    const Tensor cosines = torch::matmul(orientations, orientations.t());
    if (model.kernelType == PonitaKernel::BandLimited)
        return torch::matmul(makeLegendre(cosines, model.lMax), fiberCoefficients);
    return torch::gelu(
        fiberOuter(torch::gelu(fiberInner(makeMonomials(cosines.unsqueeze(2), model.numFactors)))));
}

Tensor PonitaPotential::convolve(const Layer& layer, const Batch& batch, const Edges& edges,
                                 const Tensor& x) const {
    const Tensor kernels = torch::matmul(edges.basis, layer.kernel.t());
    const Tensor selfKernel = torch::matmul(layer.kernel, edges.selfBasis);
    return (selfKernel * x)
        .index_add(0, batch.receivers, kernels * x.index_select(0, batch.senders));
}

Tensor PonitaPotential::convolveFiber(const Layer& layer, const Tensor& fiberBasis,
                                      const Tensor& y) const {
    const Tensor fiber = model.fiberScale * orientationWeights.reshape({-1, 1, 1}) *
                         torch::matmul(fiberBasis, layer.fiberKernel.t());
    return torch::bmm(y.permute({2, 0, 1}), fiber.permute({2, 0, 1})).permute({1, 2, 0});
}

Tensor PonitaPotential::runLayer(const Layer& layer, const Batch& batch, const Edges& edges,
                                 const Tensor& fiberBasis, const Tensor& x) const {
    Tensor y = convolve(layer, batch, edges, x);
    if (model.hasGrid())
        y = convolveFiber(layer, fiberBasis, y);
    y = y + layer.bias;
    y = y - y.mean(2, true);
    y = y / (y.square().mean(2, true) + model.layerNormEps).sqrt();
    y = layer.linear2(torch::gelu(layer.linear1(y * layer.normWeight + layer.normBias)));
    return x + (layer.layerScale.defined() ? y * layer.layerScale : y);
}

Tensor PonitaPotential::embed(const Batch& batch) const {
    return embedding.t()
        .index_select(0, inputIndex.index_select(0, batch.species))
        .unsqueeze(1)
        .expand({-1, orientationWeights.size(0), -1});
}

void PonitaPotential::calibrate(const Batch& batch) {
    const torch::NoGradGuard noGradients;
    const Edges edges = makeEdges(batch.displacements);
    const Tensor fiberBasis = model.hasGrid() ? makeFiberBasis() : Tensor();
    Tensor x = embed(batch);
    for (const Layer& layer : layers) {
        const Tensor y = convolve(layer, batch, edges, x);
        layer.kernel.mul_(x.std() / y.std());
        if (model.hasGrid()) {
            const Tensor z = convolveFiber(layer, fiberBasis, y);
            layer.fiberKernel.mul_(y.std() / z.std());
        }
        x = runLayer(layer, batch, edges, fiberBasis, x);
    }
}

/// Outputs of the atoms, [atoms].
Tensor PonitaPotential::evaluateTurned(const Batch& batch, const Tensor& displacements) {
    const Edges edges = makeEdges(displacements);
    const Tensor fiberBasis = model.hasGrid() ? makeFiberBasis() : Tensor();
    Tensor x = embed(batch);
    Tensor sum = torch::zeros({batch.numAtoms}, x.options().requires_grad(false));
    for (const Layer& layer : layers) {
        x = runLayer(layer, batch, edges, fiberBasis, x);
        if (layer.readout.weight.defined())
            sum = sum + torch::matmul(layer.readout(x).squeeze(2), orientationWeights);
    }
    return sum / countReadouts(model);
}

} // namespace equivariant::training
