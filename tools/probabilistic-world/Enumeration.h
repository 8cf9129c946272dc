// SPDX-License-Identifier: MIT
#pragma once

#include "Sweep.h"

#include "support/Random.h"

namespace equivariant::probabilistic_world {

/// Everything a chain says, summed over all histories one by one.
struct Enumeration {
    double logZ;
    MatrixXd probabilities;      ///< [states][times]
    std::vector<MatrixXd> pairs; ///< [t * times + t'] joint probabilities, t <= t'
    const MatrixXd& joint(int t, int later) const {
        return pairs[t * probabilities.cols() + later];
    }
};
Enumeration enumerate(const Chain& chain);

/// 1 to 3 spins, 1 to 4 steps of all kinds with positive weights, 1 to 3 boundary pairs.
Chain randomChain(support::Random& random);

/// The largest error of log Z, of any p(t) and of any two-time correlator of random observables.
double largestError(const Chain& chain, support::Random& random);

} // namespace equivariant::probabilistic_world
