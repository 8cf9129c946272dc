// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

namespace EquivariantPlugin {

using Defines = std::map<std::string, std::string>;

/// A kernel in OpenMM's common dialect and the program that it is in. Texts are made without a
/// device, so that any compiler can be asked what it makes of them.
struct KernelText {
    std::string kernel, source;
    Defines defines;
};

/// OpenMM's precisions. `real` is float unless real is double; `mixed` is double unless all is
/// float.
struct DevicePrecision {
    bool realIsDouble, mixedIsDouble;
};

/// Bytes of local memory that every device has, with some to spare.
constexpr int localMemory = 30000;
/// How many rows of so many bytes a work-group keeps there, at least one.
int tileFor(int bytesPerRow, int largest);
/// Threads of a work-group that has so many numbers to make at once: a power of two from 32 to 256,
/// but above 32 not more than `most`.
int groupFor(int numbers, int most);

/// Replaces whole words; what they are replaced by is not looked at again.
std::string replaceWords(const std::string& text, const Defines& words);

/// A constant of the dialect.
std::string toLiteral(double value, bool isDouble);
template <class Real> std::string toLiteral(double value) {
    return toLiteral(value, sizeof(Real) == sizeof(double));
}

} // namespace EquivariantPlugin
