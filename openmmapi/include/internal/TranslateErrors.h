// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Error.h"

#include <openmm/OpenMMException.h>
#include <string>
#include <utility>

namespace EquivariantPlugin {

/// Calls a function; an equivariant::Error becomes the exception that OpenMM and its Python layer
/// expect. `context` comes before the message.
template <class Function>
auto translateErrors(const std::string& context, Function&& function)
    -> decltype(std::forward<Function>(function)()) {
    try {
        return std::forward<Function>(function)();
    } catch (const equivariant::Error& error) {
        throw OpenMM::OpenMMException("EquivariantForce: " + context + error.what());
    }
}

} // namespace EquivariantPlugin
