// SPDX-License-Identifier: MIT
//
// Spins and bits of a state tau in 0 … 2^spins - 1: spin 0 is the most significant bit, and a bit n
// stands for the spin 2n - 1.
#pragma once

#include "equivariant/Error.h"

#include <Eigen/Core>
#include <string>

namespace equivariant::probabilistic_world {

constexpr int mostSpins = 24;

/// 2^spins. Throws Error for a number of spins that is not 1 … 24.
inline Eigen::Index countStates(int spins) {
    if (spins < 1 || spins > mostSpins)
        throw Error("the number of spins has to be 1 to 24, not " + std::to_string(spins));
    return Eigen::Index(1) << spins;
}

/// Throws Error for a spin that is not 0 … spins - 1.
inline void requireSpin(int spin, int spins) {
    if (spin < 0 || spin >= spins)
        throw Error("there is no spin " + std::to_string(spin) + " among " + std::to_string(spins));
}

/// 0 or 1.
inline int bitOf(Eigen::Index state, int spin, int spins) {
    return static_cast<int>(state >> (spins - 1 - spin)) & 1;
}

/// -1 or 1.
inline int spinOf(Eigen::Index state, int spin, int spins) {
    return 2 * bitOf(state, spin, spins) - 1;
}

} // namespace equivariant::probabilistic_world
