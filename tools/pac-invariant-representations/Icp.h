// SPDX-License-Identifier: MIT
#pragma once

#include "support/Arrays.h"

#include <vector>

namespace equivariant::pac_invariant_representations {

/// Rows of one environment.
struct Samples {
    support::Matrix features; ///< [N][n]
    Eigen::VectorXd target;   ///< [N]
};

/// p of the hypothesis that the residuals of one regression of the target on some features, with an
/// intercept, have the same mean and variance in all environments: invariant causal prediction
/// (Peters, Bühlmann & Meinshausen 2016, their test of two moments: t and F, each environment
/// against the others, Bonferroni). Another criterion than |g|, as a check of it. Throws Error for
/// fewer than two environments or rows, and features that do not exist.
double invarianceTest(const std::vector<Samples>& environments, const std::vector<int>& features);

} // namespace equivariant::pac_invariant_representations
