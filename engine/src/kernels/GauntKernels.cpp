// SPDX-License-Identifier: MIT
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

template <class Real> void gauntSparse(const GauntSparseArgs<Real>&);
template <class Real> void gauntSparseBack(const GauntSparseArgs<Real>&);
template <class Real> void gauntGrid(const GauntGridArgs<Real>&);
template <class Real> void gauntGridBack(const GauntGridArgs<Real>&);
template <class Real> void gauntPowers(const GauntPowerArgs<Real>&);
template <class Real> void gauntPowersBack(const GauntPowerArgs<Real>&);
template <class Real> void gauntConvolve(const GauntConvolutionArgs<Real>&);
template <class Real> void gauntConvolveBack(const GauntConvolutionArgs<Real>&);

template <class Real> const GauntKernels<Real>& gauntKernels() {
    static constexpr GauntKernels<Real> table = {
        gauntSparse<Real>, gauntSparseBack<Real>, gauntGrid<Real>,     gauntGridBack<Real>,
        gauntPowers<Real>, gauntPowersBack<Real>, gauntConvolve<Real>, gauntConvolveBack<Real>};
    return table;
}

template const GauntKernels<float>& gauntKernels<float>();
template const GauntKernels<double>& gauntKernels<double>();

} // namespace equivariant::EQUIVARIANT_ISA
