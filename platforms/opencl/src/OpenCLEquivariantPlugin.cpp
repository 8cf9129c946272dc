// SPDX-License-Identifier: MIT
//
// What OpenMM calls when it has loaded the plugin for its OpenCL platform.
#include "CommonEquivariantKernel.h"

#include <openmm/KernelFactory.h>
#include <openmm/OpenMMException.h>
#include <openmm/PluginInitializer.h>
#include <openmm/internal/ContextImpl.h>
#include <openmm/internal/windowsExport.h>
#include <openmm/opencl/OpenCLContext.h>
#include <openmm/opencl/OpenCLPlatform.h>

namespace EquivariantPlugin {

namespace {

class OpenCLKernelFactory : public OpenMM::KernelFactory {
public:
    OpenMM::KernelImpl* createKernelImpl(std::string name, const OpenMM::Platform& platform,
                                         OpenMM::ContextImpl& context) const override {
        auto& data = *static_cast<OpenMM::OpenCLPlatform::PlatformData*>(context.getPlatformData());
        if (name == CalcEquivariantForceKernel::Name())
            return new CommonEquivariantKernel(name, platform, *data.contexts[0]);
        throw OpenMM::OpenMMException("the OpenCL plugin of EquivariantForce has no kernel '" +
                                      name + "'");
    }
};

} // namespace

} // namespace EquivariantPlugin

extern "C" OPENMM_EXPORT void registerPlatforms() {}

extern "C" OPENMM_EXPORT void registerKernelFactories() {
    for (int i = 0; i < OpenMM::Platform::getNumPlatforms(); i++) {
        OpenMM::Platform& platform = OpenMM::Platform::getPlatform(i);
        if (platform.getName() == "OpenCL")
            platform.registerKernelFactory(EquivariantPlugin::CalcEquivariantForceKernel::Name(),
                                           new EquivariantPlugin::OpenCLKernelFactory);
    }
}
