// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace equivariant {

/// Instruction sets that the kernels are compiled for, the widest last.
enum class InstructionSet { Baseline, Avx2, Avx512 };

/// The widest set of this processor, or the one that the environment variable
/// EQUIVARIANT_INSTRUCTION_SET names (for tests and comparisons). Throws Error if that names none,
/// or one that this processor or this build lacks.
InstructionSet chooseInstructionSet();

std::string nameOf(InstructionSet set);

} // namespace equivariant
