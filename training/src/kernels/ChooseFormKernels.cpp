// SPDX-License-Identifier: MIT
#include "FormKernels.h"

namespace equivariant::training {

template <class Real> FormKernels<Real> chooseFormKernels() {
#ifdef EQUIVARIANT_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return {avx512::convolve<Real>, avx512::evaluatePolynomials<Real>};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return {avx2::convolve<Real>, avx2::evaluatePolynomials<Real>};
#endif
    return {baseline::convolve<Real>, baseline::evaluatePolynomials<Real>};
}

template FormKernels<float> chooseFormKernels();
template FormKernels<double> chooseFormKernels();

} // namespace equivariant::training
