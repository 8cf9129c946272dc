// SPDX-License-Identifier: MIT
#pragma once

#include "CommonEquivariantKernel.h"

#include <iostream>
#include <openmm/KernelFactory.h>
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
            if (platform.getName() != platformName)
                continue;
            auto* const factory = new CommonKernelFactory;
            platform.registerKernelFactory(CalcEquivariantForceKernel::Name(), factory);
            platform.registerKernelFactory(CalcEquivariantForceKernel::PonitaName(), factory);
        }
    }

    OpenMM::KernelImpl* createKernelImpl(std::string name, const OpenMM::Platform& platform,
                                         OpenMM::ContextImpl& context) const override {
        auto& data =
            *static_cast<typename CommonPlatform::PlatformData*>(context.getPlatformData());
        if (data.contexts.size() > 1)
            std::cerr << "EquivariantForce is computed on the first of the " << data.contexts.size()
                      << " devices of this Context\n";
        return new CommonEquivariantKernel(name, platform, *data.contexts[0]);
    }
};

} // namespace EquivariantPlugin
