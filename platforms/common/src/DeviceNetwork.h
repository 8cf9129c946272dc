// SPDX-License-Identifier: MIT
#pragma once

namespace EquivariantPlugin {

/// The kernels of an architecture. They read the edges of a DeviceEdges, set its atomEnergies and
/// add to its gradients.
class DeviceNetwork {
public:
    virtual ~DeviceNetwork() = default;
    /// Launches everything; nothing is waited for.
    virtual void evaluate(bool gradients) = 0;
    /// Takes the readouts of another head.
    virtual void setHead(int head) = 0;
};

} // namespace EquivariantPlugin
