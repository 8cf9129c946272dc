// SPDX-License-Identifier: MIT
//
// Loading the library makes the force known to OpenMM's serializer.
#include "EquivariantForce.h"
#include "EquivariantForceProxy.h"

namespace {

const struct Registration {
    Registration() {
        OpenMM::SerializationProxy::registerProxy(typeid(EquivariantPlugin::EquivariantForce),
                                                  new EquivariantPlugin::EquivariantForceProxy);
    }
} registration;

} // namespace
