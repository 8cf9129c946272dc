// SPDX-License-Identifier: MIT
//
// Collective variables of molecules: what a bridge runs in.
#pragma once

#include "ExtendedXyz.h"
#include "support/Arrays.h"

#include <string>
#include <vector>

namespace equivariant::light_sb {

/// Values for all frames, one column a variable, named as it was asked for:
///   distance:I-J     Å
///   angle:I-J-K      degrees, 0 … 180
///   torsion:I-J-K-L  degrees, 0 … 360 (IUPAC), a circle: a bridge in angles that may turn around
///                    needs cos:I-J-K-L and sin:I-J-K-L
///   energy           eV
/// Atoms count from 0 and lie as the file says, without periodic images. Throws Error for anything
/// else, frames that lack an atom or an energy, and frames with periodic boundaries.
support::Table computeVariables(const std::vector<command::Frame>& frames,
                                const std::vector<std::string>& variables);

} // namespace equivariant::light_sb
