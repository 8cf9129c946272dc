// SPDX-License-Identifier: MIT
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

template <class Real> void ponitaGelu(const GeluArgs<Real>&);
template <class Real> void ponitaNorm(const NormArgs<Real>&);
template <class Real> void ponitaNormBack(const NormArgs<Real>&);
template <class Real> void ponitaFiber(const FiberArgs<Real>&);
template <class Real> void ponitaPairMessages(const PairArgs<Real>&);
template <class Real> void ponitaPairProducts(const PairArgs<Real>&, Real*);
template <class Real> void ponitaPairDots(const PairArgs<Real>&, Real*);
template <class Real> void ponitaMultiply(const PairArgs<Real>&);
template <class Real> void ponitaBands(const BandArgs<Real>&);
template <class Real> void ponitaBandsBack(const BandArgs<Real>&);
template <class Real> void ponitaTablePrepare(const TableArgs<Real>&);
template <class Real> void ponitaTableFinish(const TableArgs<Real>&);
template <class Real> void ponitaTable(const TableArgs<Real>&);
template <class Real> void ponitaTableBack(const TableArgs<Real>&);
template <class Real> void ponitaSelf(const SelfArgs<Real>&);
void ponitaTiles(const TileArgs&);

template <class Real> const PonitaKernels<Real>& ponitaKernels() {
    static constexpr PonitaKernels<Real> table = {
        ponitaGelu<Real>,      ponitaNorm<Real>,         ponitaNormBack<Real>,
        ponitaFiber<Real>,     ponitaPairMessages<Real>, ponitaPairProducts<Real>,
        ponitaPairDots<Real>,  ponitaMultiply<Real>,     ponitaBands<Real>,
        ponitaBandsBack<Real>, ponitaTablePrepare<Real>, ponitaTableFinish<Real>,
        ponitaTable<Real>,     ponitaTableBack<Real>,    ponitaTiles,
        ponitaSelf<Real>};
    return table;
}

template const PonitaKernels<float>& ponitaKernels<float>();
template const PonitaKernels<double>& ponitaKernels<double>();

} // namespace equivariant::EQUIVARIANT_ISA
