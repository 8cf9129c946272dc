// SPDX-License-Identifier: MIT
#include "PonitaPotential.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"

#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

PonitaParameters readPotential(const ModelFile& file) {
    PonitaParameters model = readPonita(file, "the model to train");
    if (!model.isPotential)
        throw Error("this PONITA model is no potential: it has outputs per node and no energy");
    return model;
}

Tensor makeMatrix(const Eigen::Matrix3d& matrix, const torch::TensorOptions& options) {
    return torch::tensor(std::vector<double>(matrix.data(), matrix.data() + 9), torch::kFloat64)
        .reshape({3, 3})
        .t() // Eigen's columns come first
        .to(options);
}

DirectedEdges makeEdges(const Batch& batch, const Tensor& displacements) {
    return {batch.convolutionEdges, displacements};
}

} // namespace

PonitaPotential::PonitaPotential(const ModelFile& file, const torch::TensorOptions& options)
    : Potential(file, options), model(readPotential(file)), network(model, *this) {
    inputOfSpecies = torch::zeros({int64_t(model.inputIndex.size()), model.inputScalars}, options);
    for (std::size_t s = 0; s < model.inputIndex.size(); s++)
        inputOfSpecies[int64_t(s)][model.inputIndex[s]] = 1;
}

NodeFields PonitaPotential::makeInputs(const Batch& batch) const {
    return {inputOfSpecies.index_select(0, batch.species), {}};
}

void PonitaPotential::calibrate(const Batch& batch) {
    network.calibrate(makeEdges(batch, batch.displacements), makeInputs(batch));
}

Tensor PonitaPotential::evaluate(const Batch& batch, const Tensor& displacements) {
    const auto& rotations = rotationsOf(model.rotationAverage);
    const NodeFields inputs = makeInputs(batch);
    Tensor sum = torch::zeros({batch.numAtoms}, displacements.options().requires_grad(false));
    for (const Eigen::Matrix3d& rotation : rotations) {
        const Tensor turned =
            rotations.size() == 1
                ? displacements
                : torch::matmul(displacements, makeMatrix(rotation, getOptions()).t());
        sum = sum + network.evaluate(makeEdges(batch, turned), inputs).scalars.squeeze(1);
    }
    return model.scale / double(rotations.size()) * sum +
           (model.shift / batch.sizes).index_select(0, batch.frames);
}

} // namespace equivariant::training
