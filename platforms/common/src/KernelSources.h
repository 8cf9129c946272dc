// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace EquivariantPlugin {

/// The text of a file in platforms/common/kernels, by its name without the ending. Throws
/// OpenMMException if there is none.
const std::string& getKernelSource(const std::string& name);

} // namespace EquivariantPlugin
