// SPDX-License-Identifier: MIT
#pragma once

#include "DeviceEdges.h"
#include "DeviceNetwork.h"
#include "equivariant/Ponita.h"

#include <memory>
#include <vector>

namespace EquivariantPlugin {

/// PONITA on a device, in every space but the point cloud. Forward, a layer is two kernels: the
/// convolution over neighbors, one work-group for an atom and an orientation, then the rest. The
/// reverse is two kernels, too; that of the convolution is gathered at the senders. Kernels are
/// evaluated by their networks.
///
/// @param species  [atoms] index into the model's elements
/// Throws equivariant::Error for a model that is no potential.
std::unique_ptr<DeviceNetwork> makeDevicePonita(OpenMM::ComputeContext& cc,
                                                const equivariant::PonitaParameters& model,
                                                const std::vector<int>& species,
                                                DeviceEdges& edges);

} // namespace EquivariantPlugin
