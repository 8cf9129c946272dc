// SPDX-License-Identifier: MIT
#pragma once

#include "Batch.h"
#include "equivariant/ModelFile.h"

#include <map>
#include <memory>
#include <string>
#include <torch/types.h>
#include <vector>

namespace equivariant::training {

/// What a potential says about a batch. eV and Å.
struct Prediction {
    torch::Tensor energies; ///< [frames], without the isolated atoms
    torch::Tensor forces;   ///< [atoms][xyz]; undefined if not asked
    torch::Tensor virials;  ///< [frames][3][3], sum of displacement times gradient (minus the
                            ///< virial); undefined if not asked
};

/// A potential of differentiable operations, whose parameters are the tensors of a model file under
/// the names that they have there.
class Potential {
public:
    virtual ~Potential() = default;

    /// @param gradients  forces and virials, too
    /// @param trainable  whether what is returned can be differentiated by the parameters
    Prediction predict(const Batch& batch, bool gradients, bool trainable);

    /// Called once with structures of the training set before a new model is trained.
    virtual void calibrate(const Batch&) {}

    /// By name; those that training changes.
    std::map<std::string, torch::Tensor>& getParameters() { return parameters; }

    /// The model file with the parameters as they are now, or with others of their shapes.
    ModelFile makeFile() const { return makeFile(parameters); }
    ModelFile makeFile(const std::map<std::string, torch::Tensor>& values) const;

    /// Sets all parameters. Throws Error naming one that is absent or of another shape.
    void setParameters(const std::map<std::string, torch::Tensor>& values);

    torch::Dtype getType() const { return type; }

protected:
    Potential(ModelFile file, torch::Dtype type) : file(std::move(file)), type(type) {}

    /// Makes a parameter of a tensor of the file, and a constant if it is not to be trained.
    torch::Tensor addTensor(const std::string& name, bool isTrained = true);

    /// Energies of the atoms without the isolated ones, [atoms].
    virtual torch::Tensor evaluate(const Batch& batch, const torch::Tensor& displacements) = 0;

    ModelFile file;

private:
    const torch::Dtype type;
    std::map<std::string, torch::Tensor> parameters;
};

/// The potential of a model file, for one of its heads. Throws Error for an architecture that
/// cannot be trained.
std::unique_ptr<Potential> makePotential(const ModelFile& file, int head, torch::Dtype type);

} // namespace equivariant::training
