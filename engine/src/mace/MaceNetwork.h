// SPDX-License-Identifier: MIT
#pragma once

#include "mace/MaceEdges.h"
#include "mace/PreparedMace.h"

namespace equivariant {

/// Features of some atoms, one array a degree.
template <class Real> struct FeatureArrays {
    std::vector<RowArray<Real>> degrees;

    void resize(int lMax, int blocks, std::size_t atoms, int lanes) {
        degrees.resize(lMax + 1);
        for (int l = 0; l <= lMax; l++)
            degrees[l].resize(blocks, atoms * (2 * l + 1), lanes);
    }
    /// From an atom on.
    std::vector<Panel<Real>> panels(int firstAtom, int lanes) {
        std::vector<Panel<Real>> result;
        for (std::size_t l = 0; l < degrees.size(); l++)
            result.push_back({degrees[l].data.data() + std::size_t(firstAtom) * (2 * l + 1) * lanes,
                              degrees[l].stride});
        return result;
    }
};

template <class Real>
inline std::vector<Panel<const Real>> readOnly(const std::vector<Panel<Real>>& panels) {
    std::vector<Panel<const Real>> result;
    for (const Panel<Real>& panel : panels)
        result.push_back({panel.data, panel.stride});
    return result;
}

/// The passes over the atoms. Atoms are renumbered so that those of a block are neighbors in space
/// and those of one element in a block lie together. Each layer is one pass over blocks; what a
/// block needs for itself alone stays in the worker's scratch. The reverse pass of a layer gathers
/// at the senders, so nothing is ever added to by two workers.
template <class Real> class MaceNetwork : public Network {
public:
    explicit MaceNetwork(std::shared_ptr<const PreparedMace<Real>> prepared);
    void evaluate(const NetworkTask& task, NetworkResult& result) override;

private:
    using Panels = std::vector<Panel<Real>>;

    /// Atoms of one element within a block, counted from the block's first.
    struct Run {
        int species, first, count;
    };
    struct Block {
        int first, count;
        std::vector<Run> runs;
    };
    /// What lasts from pass to pass.
    struct LayerState {
        FeatureArrays<Real> input; ///< h on entry; not of the first layer
        FeatureArrays<Real> up;    ///< linear_up of it
        FeatureArrays<Real> a;     ///< input of the product, unless the reverse follows at once
        FeatureArrays<Real> inputAdjoint;              ///< what the self-connection gives to it
        std::vector<RowArray<Real>> messageAdjoints;   ///< [group]
        std::vector<double> divisors, divisorAdjoints; ///< [atoms] of density layers
    };
    struct Scratch {
        MaceEdges<Real> edges;
        std::vector<RowArray<Real>> messages; ///< [group]
        FeatureArrays<Real> a, b, h, adjoint, bAdjoint, aAdjoint, upAdjoint;
        RowArray<Real> hidden;
    };

    void arrange(const NetworkTask& task);
    void resize(const NetworkTask& task);
    void forwardBlock(const NetworkTask& task, NetworkResult& result, int t, const Block& block,
                      Scratch& scratch);
    void collect(const NetworkTask& task, int t, const Block& block, Scratch& scratch,
                 const Panels& a);
    void nextFeatures(int t, const Block& block, const Panels& b, const Panels& h);
    void runProduct(int t, const Block& block, const Panels& a, const Panels* b,
                    const Panels* bAdjoint, const Panels* aAdjoint);
    void addReadout(const NetworkTask& task, NetworkResult& result, int t, const Block& block,
                    const Panel<Real>& scalars, Scratch& scratch, bool energies,
                    const Panel<Real>* adjoint);
    void startEnergies(const NetworkTask& task, NetworkResult& result, const Block& block);
    void reverseBlock(const NetworkTask& task, NetworkResult& result, int t, const Block& block,
                      const Panels& a, Scratch& scratch);
    void reverseFirstEdges(const NetworkTask& task, NetworkResult& result, const Block& block,
                           Scratch& scratch);
    void gatherBlock(const NetworkTask& task, NetworkResult& result, int t, const Block& block,
                     Scratch& scratch);

    void apply(const PackedLinear<Real>& map, int l, int first, int count, const Panel<Real>& x,
               const Panel<Real>& y, bool accumulate) const;
    void divide(const Panels& features, const std::vector<double>& divisors,
                const Block& block) const;

    std::shared_ptr<const PreparedMace<Real>> prepared;
    const MaceParameters& model;
    const int lanes, blocks;
    std::vector<Block> atomBlocks;
    std::vector<int> order, inverse; ///< atom of an internal number and back
    std::vector<int> species;        ///< [internal number] in use
    std::vector<LayerState> states;
    std::vector<Scratch> scratches; ///< [workers]
};

} // namespace equivariant
