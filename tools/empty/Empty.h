// SPDX-License-Identifier: MIT
#pragma once

#include "support/Arrays.h"

namespace equivariant::empty {

/// Sum of the entries.
double sum(const support::MatrixView& matrix);

} // namespace equivariant::empty
