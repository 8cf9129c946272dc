// SPDX-License-Identifier: MIT
#pragma once

#include "Packed.h"
#include "equivariant/Mace.h"
#include "kernels/Kernels.h"

namespace equivariant {

/// How the features of a sender and the harmonics of an edge make messages: as MACE's coupled paths
/// or as a Gaunt product, in the same terms for the kernels. Messages come in groups, each with its
/// own dense map.
template <class Real> struct ConvolutionPlan {
    ConvolutionPlan(const MaceParameters& model, const MaceLayer& layer);

    /// What the radial network gives for an edge, as the values and slopes of the plan's functions,
    /// [function * channel][2].
    ValuesAndDerivatives functionsOf(const ValuesAndDerivatives& network) const;

    CouplingTerms<Real> getCouplings() const {
        return {static_cast<int>(first.size()) - 1, first.data(), harmonic.data(), value.data()};
    }

    int channels = 0, numFunctions = 0;
    std::vector<ConvolutionPath3> paths; ///< those of a group together
    std::vector<int> groups;             ///< [group] degree of the messages
    /// [function] of a Gaunt network, the two of its outputs whose product it is; else empty.
    std::vector<std::pair<int, int>> factors;

private:
    void addPaths(const MaceLayer& layer);
    void addGauntPaths(int inputLMax, int maxEll);
    void addCoupling(int l1, int l3, const std::vector<CouplingEntry>& entries);

    std::vector<int> first = {0}, harmonic;
    std::vector<Real> value;
};

} // namespace equivariant
