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
    static void registerFor(const std::string& platformName) {
        CalcEquivariantForceKernel::registerFactory(
            platformName, []() -> OpenMM::KernelFactory* { return new CommonKernelFactory; });
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
