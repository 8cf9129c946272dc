// SPDX-License-Identifier: MIT
#pragma once

#include "support/Reproduction.h"

namespace equivariant::halfspace_tester_learner {

/// Verdicts in the plane against the sweep of all angles.
void reproduceSoundness(support::Reproduction& run);

/// Aromatic C-H bonds of 3BPA.
void reproduceMolecule(support::Reproduction& run);

} // namespace equivariant::halfspace_tester_learner
