// SPDX-License-Identifier: MIT
#include "Cpu.h"

#include "equivariant/Error.h"

#include <cstdlib>

namespace equivariant {

namespace {

bool isAvailable(InstructionSet set) {
    switch (set) {
#ifdef EQUIVARIANT_X86
    case InstructionSet::Avx512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    case InstructionSet::Avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    default:
        return set == InstructionSet::Baseline;
    }
}

} // namespace

std::string nameOf(InstructionSet set) {
    switch (set) {
    case InstructionSet::Avx512:
        return "avx512";
    case InstructionSet::Avx2:
        return "avx2";
    default:
        return "baseline";
    }
}

InstructionSet chooseInstructionSet() {
    const char* wanted = std::getenv("EQUIVARIANT_INSTRUCTION_SET");
    for (InstructionSet set :
         {InstructionSet::Avx512, InstructionSet::Avx2, InstructionSet::Baseline})
        if (wanted ? nameOf(set) == wanted : isAvailable(set)) {
            if (!isAvailable(set))
                break;
            return set;
        }
    throw Error(std::string("EQUIVARIANT_INSTRUCTION_SET is '") + wanted +
                "', which is not one of avx512, avx2 and baseline that this processor has");
}

} // namespace equivariant
