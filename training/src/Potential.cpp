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

std::unique_ptr<Potential> makePotential(const ModelFile& file, int head,
                                         const torch::TensorOptions& options) {
    if (file.architecture == "mace" || file.architecture == "gaunt-mace")
        return std::make_unique<MacePotential>(file, head, options);
    if (file.architecture == "ponita")
        return std::make_unique<PonitaPotential>(file, options);
    throw Error("models of the architecture '" + file.architecture + "' cannot be trained");
}

} // namespace equivariant::training
