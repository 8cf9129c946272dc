// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/ModelFile.h"

#include <map>
#include <string>
#include <torch/types.h>

namespace equivariant::training {

/// The tensors of a model file as parameters, under the names that they have there.
class TrainableTensors {
public:
    /// @param options  type and device of the tensors
    TrainableTensors(ModelFile file, const torch::TensorOptions& options)
        : file(std::move(file)), options(options) {}

    /// Makes a parameter of a tensor of the file, and a constant if it is not to be trained.
    torch::Tensor addTensor(const std::string& name, bool isTrained = true);

    /// By name; those that training changes.
    std::map<std::string, torch::Tensor>& getParameters() { return parameters; }

    /// The model file with the parameters as they are now, or with others of their shapes.
    ModelFile makeFile() const { return makeFile(parameters); }
    ModelFile makeFile(const std::map<std::string, torch::Tensor>& values) const;

    /// Copies that training leaves as they are.
    std::map<std::string, torch::Tensor> copyParameters() const;

    /// Sets all parameters. Throws Error naming one that is absent or of another shape.
    void setParameters(const std::map<std::string, torch::Tensor>& values);

    const torch::TensorOptions& getOptions() const { return options; }

private:
    const ModelFile file;
    const torch::TensorOptions options;
    std::map<std::string, torch::Tensor> parameters;
};

} // namespace equivariant::training
