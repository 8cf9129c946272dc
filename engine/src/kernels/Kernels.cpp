// SPDX-License-Identifier: MIT
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

template <class Real> void linear(const LinearArgs<Real>&);
template <class Real> void edges(const EdgeArgs<Real>&);
template <class Real> void convolve(const ConvolutionArgs<Real>&);
template <class Real> void convolveBack(const ConvolutionArgs<Real>&);
template <class Real> void polynomial(const PolynomialArgs<Real>&);
template <class Real> void polynomialBack(const PolynomialArgs<Real>&);
template <class Real> void sphere(const SphereArgs<Real>&);
template <class Real> void sphereBack(const SphereArgs<Real>&);
template <class Real> const PonitaKernels<Real>& ponitaKernels();
template <class Real> const GauntKernels<Real>& gauntKernels();

template <class Real> const Kernels<Real>& kernels() {
    static constexpr Kernels<Real> table = {
        lanes<Real>,        linear<Real>,        edges<Real>,          convolve<Real>,
        convolveBack<Real>, polynomial<Real>,    polynomialBack<Real>, sphere<Real>,
        sphereBack<Real>,   ponitaKernels<Real>, gauntKernels<Real>};
    return table;
}

template const Kernels<float>& kernels<float>();
template const Kernels<double>& kernels<double>();

} // namespace equivariant::EQUIVARIANT_ISA
