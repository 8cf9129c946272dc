// SPDX-License-Identifier: MIT
#pragma once

#include "KernelText.h"

#include <algorithm>
#include <openmm/common/ComputeContext.h>
#include <string>
#include <vector>

namespace EquivariantPlugin {

/// An array with these values, at least one long, since kernels need something to point to.
template <class Real, class Values>
void makeArray(OpenMM::ComputeContext& cc, OpenMM::ComputeArray& array, const Values& values,
               const std::string& name) {
    const std::vector<Real> copy(values.begin(), values.end());
    array.initialize(cc, std::max<std::size_t>(copy.size(), 1), sizeof(Real), "equivariant" + name);
    if (!copy.empty())
        array.upload(copy);
}

inline OpenMM::ComputeKernel compile(OpenMM::ComputeContext& cc, const KernelText& text) {
    return cc.compileProgram(text.source, text.defines)->createKernel(text.kernel);
}

/// Sets an argument of the dialect's type `mixed`.
inline void setMixed(const OpenMM::ComputeContext& cc, const OpenMM::ComputeKernel& kernel,
                     int index, double value) {
    if (cc.getUseDoublePrecision() || cc.getUseMixedPrecision())
        kernel->setArg(index, value);
    else
        kernel->setArg(index, static_cast<float>(value));
}

} // namespace EquivariantPlugin
