// SPDX-License-Identifier: MIT
#pragma once

#include "OpenMMBox.h"
#include "Platforms.h"

#include "EquivariantForce.h"

#include <memory>
#include <openmm/Context.h>
#include <openmm/System.h>
#include <openmm/VerletIntegrator.h>

namespace equivariant::command {

/// A Context of OpenMM with a model as its only force. Throws OpenMMException where that does.
class ModelContext {
public:
    /// @param numbers  atomic numbers
    /// @param box      the first box, and whether there is one
    ModelContext(const std::shared_ptr<const Model>& model, const std::string& head,
                 const PlatformChoice& choice, const std::vector<int>& numbers,
                 const OpenMMBox& box);

    /// Gives it the positions and the box of a structure with the same atoms.
    void setStructure(const Structure& structure, const OpenMMBox& box);

    OpenMM::Context& getContext() { return *context; }
    EquivariantPlugin::EquivariantForce& getForce() { return *force; }

private:
    OpenMM::System system;
    OpenMM::VerletIntegrator integrator{0.001};
    EquivariantPlugin::EquivariantForce* force; // owned by system
    std::unique_ptr<OpenMM::Context> context;   // goes before the others
};

} // namespace equivariant::command
