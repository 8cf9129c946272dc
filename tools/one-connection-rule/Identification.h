// SPDX-License-Identifier: MIT
#pragma once

#include "MixedGraph.h"
#include "ModularMatrix.h"

#include "support/Random.h"

namespace equivariant::one_connection_rule {

/// A random point of a model modulo a prime.
struct ModelPoint {
    ModularMatrix inverse; ///< (I - Lambda)^-1
    ModularMatrix sigma;
};
ModelPoint drawPoint(const MixedGraph& graph, unsigned long prime, support::Random& random);

/// Whether the covariance matrix determines the parameters up to finitely many choices.
struct Identification {
    int parameters;
    int rank;      ///< of the Jacobian of sigma, the largest that was met
    bool isFinite; ///< rank = parameters
    int points;    ///< that were tried
    unsigned long prime;
};

/// The rank of d sigma/d(lambda, omega) at random points modulo primes from 2^31 - 1 on. Full rank
/// at one point proves full rank in general; it is called deficient after three points, each with a
/// prime of its own, which is wrong with a probability of about (d/2^31)^3, d the degree of the
/// minors in the parameters (Schwartz and Zippel).
Identification identify(const MixedGraph& graph, std::uint64_t seed = 0);

} // namespace equivariant::one_connection_rule
