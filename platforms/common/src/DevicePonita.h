// SPDX-License-Identifier: MIT
#pragma once

#include "DeviceEdges.h"
#include "DeviceNetwork.h"
#include "equivariant/Ponita.h"

#include <memory>
#include <vector>

namespace EquivariantPlugin {

/// PONITA on a device. Forward, a layer is two kernels: the convolution over neighbors, one
/// work-group for a row of features, then the rest. So is the reverse: that of the rest, and the
/// convolution gathered at the senders, or for the first layer what gives the gradients of all
/// layers. Kernels are evaluated by their networks. A row of a point cloud is an entry of the
/// edges; one more kernel adds up rows for atoms and edges.
///
/// @param species  [atoms] index into the model's elements
/// Throws equivariant::Error for a model that is no potential.
std::unique_ptr<DeviceNetwork> makeDevicePonita(OpenMM::ComputeContext& cc,
                                                const equivariant::PonitaParameters& model,
                                                const std::vector<int>& species,
                                                DeviceEdges& edges);

} // namespace EquivariantPlugin
