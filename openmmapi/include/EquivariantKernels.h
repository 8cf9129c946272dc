// SPDX-License-Identifier: MIT
#pragma once

#include "EquivariantForce.h"

#include <openmm/KernelFactory.h>
#include <openmm/KernelImpl.h>
#include <openmm/Platform.h>
#include <openmm/System.h>
#include <openmm/internal/ContextImpl.h>
#include <string>
#include <vector>

namespace EquivariantPlugin {

/// What a platform implements. The force has been validated before each call that gets one.
class CalcEquivariantForceKernel : public OpenMM::KernelImpl {
public:
    static std::string Name() { return "CalcEquivariantForce"; }

    /// Lets a factory, which OpenMM comes to own, make the kernels for the platform of exactly this
    /// name, if OpenMM has it.
    static void registerFactory(const std::string& platformName,
                                OpenMM::KernelFactory* (*makeFactory)()) {
        for (int i = 0; i < OpenMM::Platform::getNumPlatforms(); i++) {
            OpenMM::Platform& platform = OpenMM::Platform::getPlatform(i);
            if (platform.getName() == platformName)
                platform.registerKernelFactory(Name(), makeFactory());
        }
    }

    CalcEquivariantForceKernel(const std::string& name, const OpenMM::Platform& platform)
        : OpenMM::KernelImpl(name, platform) {}

    virtual void initialize(const OpenMM::System& system, const EquivariantForce& force) = 0;

    /// Adds to the forces if `includeForces`, and to the parameter derivatives in any case. Without
    /// forces there is no reverse pass. May be called again for the same positions.
    /// @return kJ/mol, scaled; what it is without `includeEnergy` does not matter
    virtual double execute(OpenMM::ContextImpl& context, bool includeForces,
                           bool includeEnergy) = 0;

    /// Takes atomic numbers, head and energy type.
    virtual void copyParametersToContext(OpenMM::ContextImpl& context,
                                         const EquivariantForce& force) = 0;

    /// [atoms], kJ/mol, not scaled.
    virtual std::vector<double> getAtomEnergies(OpenMM::ContextImpl& context) = 0;

    /// Three rows, kJ/mol, symmetrised, not scaled.
    virtual std::vector<OpenMM::Vec3> getVirial(OpenMM::ContextImpl& context) = 0;
};

} // namespace EquivariantPlugin
