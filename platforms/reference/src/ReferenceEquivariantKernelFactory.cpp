// SPDX-License-Identifier: MIT
//
// What OpenMM calls when it has loaded the plugin.
#include "ReferenceEquivariantKernels.h"

#include <openmm/KernelFactory.h>
#include <openmm/OpenMMException.h>
#include <openmm/PluginInitializer.h>
#include <openmm/internal/windowsExport.h>

namespace EquivariantPlugin {

namespace {

class ReferenceEquivariantKernelFactory : public OpenMM::KernelFactory {
public:
    OpenMM::KernelImpl* createKernelImpl(std::string name, const OpenMM::Platform& platform,
                                         OpenMM::ContextImpl&) const override {
        if (name == CalcEquivariantForceKernel::Name())
            return new ReferenceCalcEquivariantForceKernel(name, platform);
        throw OpenMM::OpenMMException("the Reference plugin of EquivariantForce has no kernel '" +
                                      name + "'");
    }
};

} // namespace

} // namespace EquivariantPlugin

extern "C" OPENMM_EXPORT void registerPlatforms() {}

/// By exact name: the CPU platform is also a ReferencePlatform, but it is to have its own kernel
/// and must not run this slow one in silence.
extern "C" OPENMM_EXPORT void registerKernelFactories() {
    for (int i = 0; i < OpenMM::Platform::getNumPlatforms(); i++) {
        OpenMM::Platform& platform = OpenMM::Platform::getPlatform(i);
        if (platform.getName() == "Reference")
            platform.registerKernelFactory(
                EquivariantPlugin::CalcEquivariantForceKernel::Name(),
                new EquivariantPlugin::ReferenceEquivariantKernelFactory);
    }
}
