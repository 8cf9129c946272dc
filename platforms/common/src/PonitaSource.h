// SPDX-License-Identifier: MIT
//
// The text of PONITA's kernels: the files ponita*.cc with what depends on the model filled in, and
// the arrays that they read.
#pragma once

#include "KernelText.h"
#include "equivariant/Ponita.h"

#include <vector>

namespace EquivariantPlugin {

template <class Real> class PonitaSource {
public:
    /// @param common  of getEdgesDefines()
    PonitaSource(const equivariant::PonitaParameters& model, const Defines& common);

    KernelText makeConvolve(int t) const;
    KernelText makeBlock(int t) const;
    KernelText makeBlockBack(int t) const;
    KernelText makeConvolveBack() const; ///< of every layer but the first
    KernelText makeDifferentiate() const;
    KernelText makeCollect() const; ///< of a point cloud

    std::vector<Real> getDirections() const; ///< [rotations][orientations] vector and weight
    std::vector<Real> getEmbedding() const;  ///< [species][channels]
    std::vector<Real> getBasisArray() const;
    std::vector<Real> getKernelArray() const; ///< of all layers
    std::vector<Real> getBlockArray(int t) const;

    int getNumOrientations() const { return orientations; }
    int getNumRotations() const { return rotations; }
    int getBlockTile() const { return blockTile; }
    /// Threads of a work-group, powers of two.
    int chooseConvolveGroup(int mostThreads) const;
    int chooseBlockGroup(int mostThreads) const;

private:
    Defines blockDefines(int t) const;
    KernelText makePairsText(const std::string& kernel, const std::string& file, bool isFirst,
                             Defines defines) const;

    const equivariant::PonitaParameters& model;
    Defines common;
    const int channels, orientations, rotations, bands, hidden, wide;
    int convolveTile, differentiateTile, blockTile;
};

} // namespace EquivariantPlugin
