// SPDX-License-Identifier: MIT
#pragma once

#include "support/Reproduction.h"

namespace equivariant::wl_motif_dimension {

/// Rings in frames of 3BPA and in a disordered silica network, counted by the formula and by a
/// search.
void reproduceRings(support::Reproduction& run);

} // namespace equivariant::wl_motif_dimension
