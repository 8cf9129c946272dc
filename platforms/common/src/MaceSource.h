// SPDX-License-Identifier: MIT
//
// The text of MACE's kernels for one layer of one model: the files maceConvolve, maceGather,
// maceNode and maceNodeBack with what depends on the model filled in.
#pragma once

#include "mace/PreparedMace.h"

#include <map>
#include <openmm/common/ComputeContext.h>
#include <string>
#include <vector>

namespace EquivariantPlugin {

using Defines = std::map<std::string, std::string>;

/// Where the square maps of a layer lie in its arrays of weights, counted in maps.
struct MaceWeightOffsets {
    int mix = 0, mixStride = 0;   ///< [species or 1][group]
    int product = 0;              ///< [L]
    int skip = 0, skipStride = 0; ///< [species][L], or [species] rows of the first layer
    int up = 0;                   ///< [L], linear_up of the next layer
};

/// What the text depends on besides the precision; the same for both precisions of prepared models.
template <class Real> class MaceSource {
public:
    MaceSource(OpenMM::ComputeContext& cc, const equivariant::PreparedMace<Real>& prepared, int t,
               const Defines& common, int group, const MaceWeightOffsets& forward,
               const MaceWeightOffsets& reverse);

    OpenMM::ComputeKernel makeConvolve() const;
    OpenMM::ComputeKernel makeNode() const;
    OpenMM::ComputeKernel makeNodeBack() const;
    OpenMM::ComputeKernel makeGather() const;

    int getNumParts() const { return static_cast<int>(parts.size()); }
    int getNumMessageRows() const { return numMessageRows; }

private:
    /// Some groups of messages that one work-group makes.
    struct Part {
        int firstPath, lastPath, firstRow, lastRow, firstTarget, numTargets;
    };
    void divideMessages();
    int couplingSize(const equivariant::ConvolutionPath3& path) const;
    std::string radial(const equivariant::ConvolutionPath3& path, int weight,
                       const std::string& name) const;
    std::string addPath(const equivariant::ConvolutionPath3& path) const;
    std::string pullBackPath(const equivariant::ConvolutionPath3& path) const;
    std::string dense(const std::string& name, int rows, const std::string& x,
                      const std::string& map) const;
    std::string evaluateTrie(int depth, int level, const std::string& node) const;
    std::string pullBackTrie(int depth, int level, const std::string& node) const;
    std::string row(const std::string& array, const std::string& rows, const std::string& at) const;
    Defines edgeDefines(int tile) const;
    std::string densitySource() const;
    std::string hiddenUnitSource() const;
    std::string activationSource(bool derivative) const;
    OpenMM::ComputeKernel compile(const std::string& name, const std::string& source,
                                  const Defines& defines) const;

    OpenMM::ComputeContext& cc;
    const equivariant::PreparedMace<Real>& prepared;
    const equivariant::PreparedLayer<Real>& layer;
    const int t, group;
    const bool isLast;
    const MaceWeightOffsets forward, reverse;
    Defines common;
    std::vector<int> rowOfGroup;
    std::vector<Part> parts;
    int numMessageRows = 0, numOutputs, numInputs, numUnits = 0;
};

} // namespace EquivariantPlugin
