// SPDX-License-Identifier: MIT
//
// Kernels compiled for CUDA without a GPU: by NVRTC, as OpenMM's CudaContext does it.
#pragma once

#include "KernelText.h"

#include <string>
#include <vector>

namespace equivariant::test {

/// What the assembler says of a kernel.
struct CompiledKernel {
    std::string name;
    int registers = 0, sharedBytes = 0, stackBytes = 0, spillBytes = 0;
};

/// OpenMM's definitions in front of every CUDA kernel, taken from its library. Throws
/// std::runtime_error if that cannot be loaded.
std::string loadOpenMMPrelude(const std::string& library, const std::string& stubFolder);

/// Compiles a program for an architecture like "sm_80" and returns all kernels in it. Throws
/// std::runtime_error with the compiler's messages.
std::vector<CompiledKernel> compileForCuda(const std::string& prelude,
                                           const EquivariantPlugin::KernelText& text,
                                           EquivariantPlugin::DevicePrecision precision,
                                           const std::string& architecture);

} // namespace equivariant::test
