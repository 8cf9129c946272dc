// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Model.h"

namespace EquivariantPlugin {

/// Kernels that one evaluation of the force launches on a device, with a neighbor list that serves:
/// positions, edges and output, and those of DeviceMace or DevicePonita.
int countLaunches(const equivariant::Model& model, bool withForces);

} // namespace EquivariantPlugin
