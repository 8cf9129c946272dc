// SPDX-License-Identifier: MIT
#pragma once

#include "CommonEquivariantKernel.h"

#include <openmm/KernelFactory.h>
#include <openmm/OpenMMException.h>
#include <openmm/Platform.h>
#include <openmm/internal/ContextImpl.h>

namespace EquivariantPlugin {

/// Makes the kernels of a platform of OpenMM's common layer. The force is computed on the first of
/// a Context's devices.
template <class CommonPlatform> class CommonKernelFactory : public OpenMM::KernelFactory {
public:
    /// Registers the kernels with the platform of that name, if OpenMM has it.
    static void registerFor(const std::string& platformName) {
        for (int i = 0; i < OpenMM::Platform::getNumPlatforms(); i++) {
            OpenMM::Platform& platform = OpenMM::Platform::getPlatform(i);
            if (platform.getName() == platformName)
                platform.registerKernelFactory(CalcEquivariantForceKernel::Name(),
                                               new CommonKernelFactory);
        }
    }

    OpenMM::KernelImpl* createKernelImpl(std::string name, const OpenMM::Platform& platform,
                                         OpenMM::ContextImpl& context) const override {
        auto& data =
            *static_cast<typename CommonPlatform::PlatformData*>(context.getPlatformData());
        if (name == CalcEquivariantForceKernel::Name())
            return new CommonEquivariantKernel(name, platform, *data.contexts[0]);
        throw OpenMM::OpenMMException("the plugin of EquivariantForce has no kernel '" + name +
                                      "' for the platform " + platform.getName());
    }
};

} // namespace EquivariantPlugin
