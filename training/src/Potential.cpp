// SPDX-License-Identifier: MIT
#include "Potential.h"

#include "MacePotential.h"
#include "PonitaPotential.h"
#include "equivariant/Error.h"

#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

Prediction Potential::predict(const Batch& batch, bool gradients, bool trainable) {
    const torch::AutoGradMode mode(gradients || trainable);
    const Tensor displacements = batch.displacements.detach().requires_grad_(gradients);
    const Tensor nodeEnergies = evaluate(batch, displacements);
    const auto options = nodeEnergies.options().requires_grad(false);
    Prediction result;
    result.energies =
        torch::zeros({batch.numFrames}, options).index_add(0, batch.frames, nodeEnergies);
    if (!gradients)
        return result;
    // With no edges nothing depends on a displacement.
    Tensor slopes = torch::zeros_like(displacements);
    if (batch.numEdges > 0)
        slopes = torch::autograd::grad({result.energies.sum()}, {displacements}, {}, trainable,
                                       trainable, true)[0];
    result.forces = torch::zeros({batch.numAtoms, 3}, options)
                        .index_add(0, batch.receivers, -slopes)
                        .index_add(0, batch.senders, slopes);
    const Tensor ofEdges = batch.displacements.unsqueeze(2) * slopes.unsqueeze(1);
    result.virials = torch::zeros({batch.numFrames, 3, 3}, options)
                         .index_add(0, batch.frames.index_select(0, batch.receivers), ofEdges);
    if (!trainable)
        result.energies = result.energies.detach();
    return result;
}

Tensor Potential::addTensor(const std::string& name, bool isTrained) {
    const auto& source = file.tensors.at(name);
    const std::vector<int64_t> shape(source.shape.begin(), source.shape.end());
    Tensor tensor = torch::tensor(source.data, torch::kFloat64).reshape(shape).to(type);
    if (isTrained)
        parameters[name] = tensor.requires_grad_(true);
    return tensor;
}

ModelFile Potential::makeFile(const std::map<std::string, Tensor>& given) const {
    ModelFile result = file;
    for (const auto& [name, parameter] : given) {
        const Tensor values = parameter.detach().to(torch::kFloat64).contiguous();
        auto& target = result.tensors.at(name);
        target.type = type == torch::kFloat64 ? DataType::Float64 : DataType::Float32;
        target.data.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
    }
    return result;
}

void Potential::setParameters(const std::map<std::string, Tensor>& values) {
    const torch::NoGradGuard noGradients;
    for (auto& [name, parameter] : parameters) {
        const auto found = values.find(name);
        if (found == values.end() || found->second.sizes() != parameter.sizes())
            throw Error("parameter '" + name + "' is absent or has another shape");
        parameter.copy_(found->second);
    }
}

std::unique_ptr<Potential> makePotential(const ModelFile& file, int head, torch::Dtype type) {
    if (file.architecture == "mace" || file.architecture == "gaunt-mace")
        return std::make_unique<MacePotential>(file, head, type);
    if (file.architecture == "ponita")
        return std::make_unique<PonitaPotential>(file, type);
    throw Error("models of the architecture '" + file.architecture + "' cannot be trained");
}

} // namespace equivariant::training
