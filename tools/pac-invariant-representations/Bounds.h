// SPDX-License-Identifier: MIT
//
// How sure one can be of unseen environments: by counting violations in others, and in theory.
#pragma once

#include "Search.h"

namespace equivariant::pac_invariant_representations {

/// Exact upper confidence bound (Clopper & Pearson 1934) of a probability at level 1 - eta, of v
/// events in m trials: 1 - eta^(1/m) for v = 0. Throws Error for v > m, m < 1 or eta outside (0,
/// 1).
double clopperPearson(long v, long m, double eta);

struct Certificate {
    long environments, violations; ///< where |g| (or its value without units) > eps
    long withinSlack;              ///< of the violations, such as finite samples alone may explain
    double upperBound;             ///< of the share of violated environments
    double largestNorm, largestRelative;
    double smallestError, largestError; ///< mean squared errors
};

/// Of environments that took no part in the search, drawn from the same family.
Certificate certify(const Representation& representation, const std::vector<Environment>& heldOut,
                    const SearchOptions& options);

/// What the theory asks for: numbers of training environments such that, with probability 1 - eta,
/// everything that is invariant on them is on all but a share delta of the family.
struct SampleBound {
    double parameters, degree; ///< of the polynomials
    double vc;                 ///< bound of the VC dimension
    double environments;       ///< max((4/delta) log2(2/eta), (8 VC/delta) log2(13/delta))
};

/// As sets of representations: polynomials of degree 6 in r n + r numbers, VC <= 2 p log2(8 e D q),
/// q = 1 (Goldberg & Jerrum 1995). Grows with the number n of features.
SampleBound ambientBound(int rank, int features, double delta, double eta);

/// As sets of interventions at k given variables of at most d parents: polynomials of degree 4 k +
/// 2 in k (d+1) numbers, VC <= their number of monomials (Dudley 1978). Knows nothing of n.
SampleBound dimensionFreeBound(int sites, int indegree, double delta, double eta);

} // namespace equivariant::pac_invariant_representations
