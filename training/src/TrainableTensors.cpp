// SPDX-License-Identifier: MIT
#include "TrainableTensors.h"

#include "equivariant/Error.h"

#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

Tensor TrainableTensors::addTensor(const std::string& name, bool isTrained) {
    const auto& source = file.tensors.at(name);
    const std::vector<int64_t> shape(source.shape.begin(), source.shape.end());
    Tensor tensor = torch::tensor(source.data, torch::kFloat64).reshape(shape).to(options);
    if (isTrained)
        parameters[name] = tensor.requires_grad_(true);
    return tensor;
}

ModelFile TrainableTensors::makeFile(const std::map<std::string, Tensor>& given) const {
    ModelFile result = file;
    for (const auto& [name, parameter] : given) {
        const Tensor values = parameter.detach().cpu().to(torch::kFloat64).contiguous();
        auto& target = result.tensors.at(name);
        target.type = options.dtype() == torch::kFloat64 ? DataType::Float64 : DataType::Float32;
        target.data.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
    }
    return result;
}

std::map<std::string, Tensor> TrainableTensors::copyParameters() const {
    std::map<std::string, Tensor> copy;
    for (const auto& [name, parameter] : parameters)
        copy[name] = parameter.detach().clone();
    return copy;
}

void TrainableTensors::setParameters(const std::map<std::string, Tensor>& values) {
    const torch::NoGradGuard noGradients;
    for (auto& [name, parameter] : parameters) {
        const auto found = values.find(name);
        if (found == values.end() || found->second.sizes() != parameter.sizes())
            throw Error("parameter '" + name + "' is absent or has another shape");
        parameter.copy_(found->second);
    }
}

} // namespace equivariant::training
