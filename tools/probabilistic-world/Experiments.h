// SPDX-License-Identifier: MIT
//
// The parts of `reproduce`.
#pragma once

#include "support/Reproduction.h"

namespace equivariant::probabilistic_world {

using support::Reproduction;

void reproduceAutomata(Reproduction& run);
void reproduceQubits(Reproduction& run);
void reproduceMsm(Reproduction& run);

} // namespace equivariant::probabilistic_world
