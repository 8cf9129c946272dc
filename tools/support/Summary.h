// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

namespace equivariant::support {

/// The number that this share of the others is below: 0.5 is the (lower) median. Requires: a value.
double quantile(std::vector<double> values, double share);

/// Slope of log y over log x by least squares. Requires: two different x at least, all positive.
double logLogSlope(const std::vector<double>& x, const std::vector<double>& y);

} // namespace equivariant::support
