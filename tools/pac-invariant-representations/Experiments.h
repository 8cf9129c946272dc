// SPDX-License-Identifier: MIT
#pragma once

#include "support/Reproduction.h"

namespace equivariant::pac_invariant_representations {

/// The example of the page, on molecules (ReproduceEnsembles.cpp).
void reproduceEnsembles(support::Reproduction& run);

} // namespace equivariant::pac_invariant_representations
