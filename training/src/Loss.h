// SPDX-License-Identifier: MIT
#pragma once

#include "Potential.h"

namespace equivariant::training {

/// Weighted sum of the mean errors of energies an atom (eV), force components (eV/Å) and stress
/// components (eV/Å³), and of the mean square of the components of the net torque (eV): it is
/// -dE/d(angle), zero if the energy does not depend on how a structure is turned.
struct Loss {
    enum class Type { Mse, Huber };
    Type type = Type::Mse;
    double delta = 0.01; ///< Huber: where the square becomes linear
    double energyWeight = 1, forcesWeight = 100, stressWeight = 0, torqueWeight = 0;

    torch::Tensor evaluate(const Batch& batch, const Prediction& prediction) const;
};

/// Sums of squared errors over some batches.
struct ErrorSums {
    double energy = 0, energyPerAtom = 0, forces = 0; ///< eV², eV², (eV/Å)²
    double frames = 0, components = 0;

    void add(const Batch& batch, const Prediction& prediction);
    double getEnergyRmse() const;        ///< meV
    double getEnergyRmsePerAtom() const; ///< meV
    double getForceRmse() const;         ///< meV/Å
};

} // namespace equivariant::training
