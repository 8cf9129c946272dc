// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace equivariant::command {

constexpr int numElements = 118;

/// Symbol of an element. Requires: 1 <= atomicNumber <= numElements.
const char* getSymbol(int atomicNumber);

/// Mass of an atom, u. Requires: 1 <= atomicNumber <= numElements.
double getMass(int atomicNumber);

/// Atomic number of a symbol as it is written in the periodic table ("Cl"), 0 if there is none.
int findElement(std::string_view symbol);

} // namespace equivariant::command
