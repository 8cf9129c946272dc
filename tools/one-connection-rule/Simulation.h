// SPDX-License-Identifier: MIT
#pragma once

#include "MixedGraph.h"

#include "support/Arrays.h"

#include <gmpxx.h>

namespace equivariant::one_connection_rule {

/// Samples of X with normal noise, [count][n]. Values are those of makeParameterRing().
/// Throws what evaluateNumerically() does.
support::Matrix simulate(const MixedGraph& graph, const std::vector<double>& values, int count,
                         std::uint64_t seed);

/// Values of makeParameterRing(): lambda of either sign with 0.3 <= |lambda| <= 0.8, omega_ii from
/// 1 to 2 and |omega_ij| < 1/(2n), so that Omega is diagonally dominant.
std::vector<double> randomValues(const MixedGraph& graph, std::uint64_t seed);

/// The same in small rationals, without any condition on their size.
std::vector<mpq_class> randomRationals(const MixedGraph& graph, std::uint64_t seed);

/// A graph in which any two vertices are joined with some probability by edges of random kind; not
/// `simple`: by several.
MixedGraph randomMixedGraph(int n, double probability, bool simple, std::uint64_t seed);

} // namespace equivariant::one_connection_rule
