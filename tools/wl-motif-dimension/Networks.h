// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Structure.h"

#include <cstdint>

namespace equivariant::wl_motif_dimension {

/// Ideal beta-cristobalite, SiO2: silicon on a diamond lattice (Si-Si 3.1 Å), oxygen halfway, as a
/// periodic cube of `cells`^3 cells of 8 silicon atoms; every atom then moved by a normal
/// displacement of this standard deviation in Å.
Structure disorderedSilica(int cells, double displacement, std::uint64_t seed);

} // namespace equivariant::wl_motif_dimension
