// SPDX-License-Identifier: MIT
#include "Loss.h"

#include <cmath>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

Tensor penalize(const Loss& loss, const Tensor& difference) {
    if (loss.type == Loss::Type::Mse)
        return difference.square();
    return torch::huber_loss(difference, torch::zeros_like(difference), at::Reduction::None,
                             loss.delta);
}

double milliRoot(double sum, double count) {
    return count > 0 ? 1000 * std::sqrt(sum / count) : 0;
}

} // namespace

Tensor Loss::evaluate(const Batch& batch, const Prediction& prediction) const {
    const Tensor perAtom = (prediction.energies - batch.energies) / batch.sizes;
    Tensor sum = energyWeight * (batch.energyWeights * penalize(*this, perAtom)).mean();
    if (forcesWeight > 0)
        sum = sum + forcesWeight * (batch.forceWeights.unsqueeze(1) *
                                    penalize(*this, prediction.forces - batch.forces))
                                       .mean();
    if (stressWeight > 0) {
        const Tensor stresses = prediction.virials / batch.volumes.reshape({-1, 1, 1});
        sum = sum + stressWeight * (batch.stressWeights.reshape({-1, 1, 1}) *
                                    penalize(*this, stresses - batch.stresses))
                                       .mean();
    }
    if (torqueWeight > 0) {
        const Tensor torques = prediction.virials - prediction.virials.transpose(1, 2);
        sum =
            sum + torqueWeight * torques.square().sum({1, 2}).mean() / 6; // each one is there twice
    }
    return sum;
}

void ErrorSums::add(const Batch& batch, const Prediction& prediction) {
    const Tensor hasEnergy = (batch.energyWeights > 0).to(torch::kFloat64);
    const Tensor hasForces = (batch.forceWeights > 0).to(torch::kFloat64);
    const Tensor difference =
        (prediction.energies.detach() - batch.energies).to(torch::kFloat64) * hasEnergy;
    energy += difference.square().sum().item<double>();
    energyPerAtom += (difference / batch.sizes).square().sum().item<double>();
    frames += hasEnergy.sum().item<double>();
    forces += ((prediction.forces.detach() - batch.forces).to(torch::kFloat64).square().sum(1) *
               hasForces)
                  .sum()
                  .item<double>();
    components += 3 * hasForces.sum().item<double>();
}

double ErrorSums::getEnergyRmse() const {
    return milliRoot(energy, frames);
}

double ErrorSums::getEnergyRmsePerAtom() const {
    return milliRoot(energyPerAtom, frames);
}

double ErrorSums::getForceRmse() const {
    return milliRoot(forces, components);
}

} // namespace equivariant::training
