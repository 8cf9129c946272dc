// SPDX-License-Identifier: MIT
#include "Cpu.h"
#include "kernels/Kernels.h"

namespace equivariant {

template <class Real> const Kernels<Real>& getKernels() {
    switch (chooseInstructionSet()) {
#ifdef EQUIVARIANT_X86
    case InstructionSet::Avx512:
        return avx512::kernels<Real>();
    case InstructionSet::Avx2:
        return avx2::kernels<Real>();
#endif
    default:
        return baseline::kernels<Real>();
    }
}

template const Kernels<float>& getKernels<float>();
template const Kernels<double>& getKernels<double>();

} // namespace equivariant
