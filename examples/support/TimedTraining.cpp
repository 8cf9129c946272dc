// SPDX-License-Identifier: MIT
#include "TimedTraining.h"

#include <cmath>
#include <torch/torch.h>

namespace equivariant::examples {

using torch::Tensor;
using training::TrainableTensors;

namespace {

std::vector<Tensor> valuesOf(TrainableTensors& tensors) {
    std::vector<Tensor> values;
    for (auto& [name, parameter] : tensors.getParameters())
        values.push_back(parameter);
    return values;
}

} // namespace

training::DirectedEdges joinAll(const std::vector<int64_t>& sizes, const Tensor& positions) {
    std::vector<int64_t> senders, receivers;
    int64_t first = 0;
    for (const int64_t size : sizes) {
        for (int64_t i = first; i < first + size; i++)
            for (int64_t j = first; j < first + size; j++)
                if (i != j) {
                    senders.push_back(j);
                    receivers.push_back(i);
                }
        first += size;
    }
    training::DirectedEdges edges{
        c10::make_intrusive<training::ConvolutionEdges>(senders, receivers, first), {}};
    edges.displacements = positions.index_select(0, edges.lists->receiverIndex) -
                          positions.index_select(0, edges.lists->senderIndex);
    return edges;
}

TimedTraining::TimedTraining(TrainableTensors& tensors, double learningRate, double minutes)
    : learningRate(learningRate), minutes(minutes), start(std::chrono::steady_clock::now()),
      optimizer(valuesOf(tensors), torch::optim::AdamOptions(learningRate)) {}

double TimedTraining::getProgress() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
           (60 * minutes);
}

void TimedTraining::step(const Tensor& loss) {
    const double progress = std::min(getProgress(), 1.0);
    for (auto& group : optimizer.param_groups())
        group.options().set_lr(learningRate * 0.5 * (1 + std::cos(std::acos(-1.0) * progress)));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
}

} // namespace equivariant::examples
