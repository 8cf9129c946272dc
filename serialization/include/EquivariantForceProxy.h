// SPDX-License-Identifier: MIT
#pragma once

#include <openmm/serialization/SerializationNode.h>
#include <openmm/serialization/SerializationProxy.h>

namespace EquivariantPlugin {

/// Writes an EquivariantForce to XML and reads it. The model file is embedded, so that the XML is
/// all another machine needs. docs/openmm-force.md lists the attributes.
///
/// Reading is strict: a checksum over all settings and the hash of the model must be right. If the
/// model is in the process already, the embedded text is not even looked at; CustomCVForce and
/// ATMForce, which copy their inner forces this way, thus share one model.
class EquivariantForceProxy : public OpenMM::SerializationProxy {
public:
    EquivariantForceProxy() : OpenMM::SerializationProxy("EquivariantForce") {}

    void serialize(const void* object, OpenMM::SerializationNode& node) const override;
    void* deserialize(const OpenMM::SerializationNode& node) const override;
};

} // namespace EquivariantPlugin
