// SPDX-License-Identifier: MIT
#pragma once

#include "DeviceEdges.h"
#include "DeviceNetwork.h"
#include "equivariant/Mace.h"

#include <memory>
#include <vector>

namespace EquivariantPlugin {

/// MACE and Gaunt-MACE on a device. Forward, a layer is two kernels: messages from the edges, then
/// all that an atom does for itself. The reverse of a layer is two kernels, too: the atoms' part,
/// then the edges' part, gathered at the senders, so that no two threads add to the same number.
///
/// @param species  [atoms] index into the model's elements, ascending
std::unique_ptr<DeviceNetwork> makeDeviceMace(OpenMM::ComputeContext& cc,
                                              const equivariant::MaceParameters& model,
                                              const std::vector<int>& species, DeviceEdges& edges);

} // namespace EquivariantPlugin
