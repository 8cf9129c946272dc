// SPDX-License-Identifier: MIT
//
// What OpenMM calls when it has loaded the plugin for its CUDA platform.
#include "CommonKernelFactory.h"

#include <openmm/PluginInitializer.h>
#include <openmm/cuda/CudaContext.h>
#include <openmm/cuda/CudaPlatform.h>
#include <openmm/internal/windowsExport.h>

extern "C" OPENMM_EXPORT void registerPlatforms() {}

extern "C" OPENMM_EXPORT void registerKernelFactories() {
    EquivariantPlugin::CommonKernelFactory<OpenMM::CudaPlatform>::registerFor("CUDA");
}
