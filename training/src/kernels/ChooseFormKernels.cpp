// SPDX-License-Identifier: MIT
#include "FormKernels.h"

namespace equivariant::training {

template <class Real> FormKernels<Real> chooseFormKernels() {
#ifdef EQUIVARIANT_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return avx512::getFormKernels<Real>();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return avx2::getFormKernels<Real>();
#endif
    return baseline::getFormKernels<Real>();
}

template FormKernels<float> chooseFormKernels();
template FormKernels<double> chooseFormKernels();

} // namespace equivariant::training
