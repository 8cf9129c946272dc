// SPDX-License-Identifier: MIT
#pragma once

#include "Batch.h"
#include "TrainableTensors.h"

#include <memory>

namespace equivariant::training {

/// What a potential says about a batch. eV and Å.
struct Prediction {
    torch::Tensor energies; ///< [frames], without the isolated atoms
    torch::Tensor forces;   ///< [atoms][xyz]; undefined if not asked
    torch::Tensor virials;  ///< [frames][3][3], sum of displacement times gradient (minus the
                            ///< virial); undefined if not asked
};

/// A potential of differentiable operations.
class Potential : public TrainableTensors {
public:
    using TrainableTensors::TrainableTensors;
    virtual ~Potential() = default;

    /// @param gradients  forces and virials, too
    /// @param trainable  whether what is returned can be differentiated by the parameters
    Prediction predict(const Batch& batch, bool gradients, bool trainable);

    /// Called once with structures of the training set before a new model is trained.
    virtual void calibrate(const Batch&) {}

protected:
    /// Energies of the atoms without the isolated ones, [atoms].
    virtual torch::Tensor evaluate(const Batch& batch, const torch::Tensor& displacements) = 0;
};

/// The potential of a model file, for one of its heads. Throws Error for an architecture that
/// cannot be trained.
/// @param options  type and device of its tensors
std::unique_ptr<Potential> makePotential(const ModelFile& file, int head,
                                         const torch::TensorOptions& options);

} // namespace equivariant::training
