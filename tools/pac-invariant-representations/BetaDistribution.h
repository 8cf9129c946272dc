// SPDX-License-Identifier: MIT
#pragma once

namespace equivariant::pac_invariant_representations {

/// x with I_x(a, b) = p, for the regularised incomplete beta function and a, b > 0, 0 <= p <= 1.
double betaQuantile(double a, double b, double p);

/// P(F <= x) of the F distribution.
double fDistribution(double x, double degrees0, double degrees1);

} // namespace equivariant::pac_invariant_representations
