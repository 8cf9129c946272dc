// SPDX-License-Identifier: MIT
#pragma once

#include "PonitaLift.h"
#include "TrainableTensors.h"

#include <chrono>
#include <torch/optim/adam.h>
#include <vector>

namespace equivariant::examples {

/// Edges between all nodes of the same graph, one graph after the other.
/// @param positions  [nodes][xyz]
training::DirectedEdges joinAll(const std::vector<int64_t>& sizes, const torch::Tensor& positions);

/// Adam for a given time, so that networks of different cost can be compared; its learning rate
/// falls to zero as a cosine of the time.
class TimedTraining {
public:
    TimedTraining(training::TrainableTensors& tensors, double learningRate, double minutes);

    bool isOver() const { return getProgress() >= 1; }
    double getMinutes() const { return getProgress() * minutes; }

    void step(const torch::Tensor& loss);

private:
    double getProgress() const;

    const double learningRate, minutes;
    const std::chrono::steady_clock::time_point start;
    torch::optim::Adam optimizer;
};

} // namespace equivariant::examples
