// SPDX-License-Identifier: MIT
//
// Whether Ising spins can have given means of products at once. Bell inequalities presuppose that.
#pragma once

#include "Qubit.h"

namespace equivariant::probabilistic_world {

/// The mean of a product of different spins.
struct Moment {
    std::vector<int> spins;
    double value;
};

struct Joint {
    bool exists;

    /// The largest v such that all means times v have a joint distribution; at most 2.
    double visibility;

    VectorXd probabilities; ///< [2^spins] if it exists: one that has the means, else empty

    /// Else: sum_m coefficients_m <m> <= bound for every distribution, as the 2^spins states say,
    /// and the means make it `value`, which is more.
    VectorXd coefficients;
    double bound = 0, value = 0;
};

/// A linear program (CLP). Throws Error for more than 16 spins, a moment of no spins, a spin that
/// is not there or twice in a moment, and a mean that is not within -1 … 1.
Joint findJoint(int spins, const std::vector<Moment>& moments);

} // namespace equivariant::probabilistic_world
