// SPDX-License-Identifier: MIT
#pragma once

#include "mace/PreparedMace.h"

#include <vector>

namespace EquivariantPlugin {

/// The dense maps of a layer in one array, and their transposes in the same order for the reverse
/// pass. Where they lie is counted in maps of channels * channels.
template <class Real> struct MaceWeights {
    MaceWeights(const equivariant::PreparedMace<Real>& prepared, int t);

    std::vector<Real> forward, reverse;
    int mix = 0, mixStride = 0;   ///< [species or 1][group]
    int product = 0;              ///< [L]
    int skip = 0, skipStride = 0; ///< [species][L], or [species] rows of the first layer
    int up = 0;                   ///< [L], linear_up of the next layer

private:
    void add(const equivariant::MapPair<Real>& map);

    std::size_t size;
};

/// Constants of the repulsion of each pair of species in use, four numbers each.
template <class Real>
std::vector<Real> getRepulsionArray(const equivariant::PreparedMace<Real>& prepared);

} // namespace EquivariantPlugin
