// SPDX-License-Identifier: MIT
#pragma once

#include "PonitaNetwork.h"
#include "Potential.h"

namespace equivariant::training {

/// A PONITA whose one output per node is summed to the energy, in every space.
class PonitaPotential : public Potential {
public:
    /// Throws Error for a model that is no potential.
    PonitaPotential(const ModelFile& file, const torch::TensorOptions& options);

    void calibrate(const Batch& batch) override;

private:
    torch::Tensor evaluate(const Batch& batch, const torch::Tensor& displacements) override;
    NodeFields makeInputs(const Batch& batch) const;

    const PonitaParameters model;
    PonitaNetwork network;
    torch::Tensor inputOfSpecies; ///< [species][input scalars], one of which is 1
};

} // namespace equivariant::training
