// SPDX-License-Identifier: MIT
//
// What OpenMM calls when it has loaded the plugin for its OpenCL platform.
#include "CommonKernelFactory.h"

#include <openmm/PluginInitializer.h>
#include <openmm/internal/windowsExport.h>
#include <openmm/opencl/OpenCLContext.h>
#include <openmm/opencl/OpenCLPlatform.h>

extern "C" OPENMM_EXPORT void registerPlatforms() {}

extern "C" OPENMM_EXPORT void registerKernelFactories() {
    EquivariantPlugin::CommonKernelFactory<OpenMM::OpenCLPlatform>::registerFor("OpenCL");
}
