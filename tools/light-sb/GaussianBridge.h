// SPDX-License-Identifier: MIT
#pragma once

#include "TwoSample.h"

namespace equivariant::light_sb {

/// The exact bridge between two Gaussians, a model of one component: with covariances C0 and C1
/// S = C0^-1/2 [(eps^2/4 + C0^1/2 C1 C0^1/2)^1/2 - eps/2] C0^-1/2, r = m1 - S m0.
/// Throws Error for sizes that differ and covariances that are not positive definite.
Model gaussianBridge(const Moments& source, const Moments& target, double eps);

} // namespace equivariant::light_sb
