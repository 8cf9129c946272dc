// SPDX-License-Identifier: MIT
#pragma once

#include "Covariance.h"

namespace equivariant::one_connection_rule {

/// Variables s01 (s0x11 with more than ten vertices) for the covariances i <= j, row by row.
RingPointer makeCovarianceRing(int n);

/// Polynomials in the covariances that are 0 on a model, up to some degree.
struct VanishingIdeal {
    struct Generator {
        Polynomial polynomial; ///< of integers without a common divisor
        int degree;
    };
    std::vector<long> dimensions; ///< [degree - 1] of all vanishing polynomials of that degree
    /// Those of each degree that are no combinations of multiples of generators of lower degree.
    /// Each was verified exactly, by substituting the formulas of the covariances.
    std::vector<Generator> generators;
};

/// Every monomial in the covariances has a multidegree: how often every vertex is an index. The
/// ideal is graded by it, so each multidegree is solved alone: monomials evaluated at random points
/// of the model modulo a 61-bit prime, the kernel lifted to rationals. The dimensions are exact: no
/// polynomial that vanishes escapes random points, and those that were found are verified. Throws
/// Failure with status 4 if there are more than two million monomials, or formulas are too large.
VanishingIdeal findVanishing(const MixedGraph& graph, int maxDegree, std::uint64_t seed = 0);

/// Whether a polynomial in makeCovarianceRing() that is homogeneous in the multidegree is 0 on a
/// model, by substitution. `formula` is of the model.
class Substitution {
public:
    explicit Substitution(const MixedGraph& graph);
    bool isZero(const Polynomial& polynomial) const;

private:
    std::vector<Polynomial> numerators; ///< of the covariances i <= j
};

} // namespace equivariant::one_connection_rule
