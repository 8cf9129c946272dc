// SPDX-License-Identifier: MIT
//
// The kernels that are compiled once for each instruction set, and the table through which the
// engine calls those of the processor it runs on. Only plain pointers cross this border (Simd.h
// says why). In every array channels come in blocks of `lanes`, the width of a vector.
#pragma once

#include <cstddef>

namespace equivariant {

/// y = x w, or y += x w. Row r of x is x[block * xStride + r * lanes + lane], the same for y.
/// Weights are [output block][input][lane].
template <class Real> struct LinearArgs {
    const Real* x;
    Real* y;
    const Real* w;
    std::size_t xStride, yStride; ///< from one block of channels to the next
    int rows, inputs, outputBlocks;
    bool accumulate;
};

/// The kernels of one instruction set.
template <class Real> struct Kernels {
    int lanes;
    void (*linear)(const LinearArgs<Real>&);
};

/// The kernels for this processor (chooseInstructionSet()).
template <class Real> const Kernels<Real>& getKernels();

namespace baseline {
template <class Real> const Kernels<Real>& kernels();
}
namespace avx2 {
template <class Real> const Kernels<Real>& kernels();
}
namespace avx512 {
template <class Real> const Kernels<Real>& kernels();
}

} // namespace equivariant
