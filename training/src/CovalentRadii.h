// SPDX-License-Identifier: MIT
#pragma once

namespace equivariant::training {

/// Covalent radius in Å (Cordero et al., doi 10.1039/b801115j). Throws Error for an element beyond
/// curium, for which there is none.
double getCovalentRadius(int atomicNumber);

} // namespace equivariant::training
