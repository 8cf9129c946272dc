// SPDX-License-Identifier: MIT
//
// The text of MACE's kernels for one layer of one model: the files maceConvolve, maceGather,
// maceNode and maceNodeBack with what depends on the model filled in. Radial functions are tables,
// or exact where the prepared model has none.
#pragma once

#include "mace/PreparedMace.h"

#include <map>
#include <openmm/common/ComputeContext.h>
#include <string>
#include <vector>

namespace EquivariantPlugin {

using Defines = std::map<std::string, std::string>;

/// Where the square maps of a layer lie in its array of weights, counted in maps, and their
/// transposes in that of the reverse pass.
struct MaceWeightOffsets {
    int mix = 0, mixStride = 0;   ///< [species or 1][group]
    int product = 0;              ///< [L]
    int skip = 0, skipStride = 0; ///< [species][L], or [species] rows of the first layer
    int up = 0;                   ///< [L], linear_up of the next layer
};

template <class Real> class MaceSource {
public:
    MaceSource(OpenMM::ComputeContext& cc, const equivariant::PreparedMace<Real>& prepared, int t,
               const Defines& common, int group, const MaceWeightOffsets& offsets);

    OpenMM::ComputeKernel makeConvolve() const;
    OpenMM::ComputeKernel makeNode() const;
    OpenMM::ComputeKernel makeNodeBack() const;
    OpenMM::ComputeKernel makeGather() const;

    /// What the kernels call table and density.
    std::vector<Real> getRadialArray() const;
    std::vector<Real> getDensityArray() const;

    int getNumParts() const { return static_cast<int>(messageParts.size()); }
    int getNumMessageRows() const { return numMessageRows; }

private:
    /// Some paths that a kernel treats together; in the forward pass with all paths of their rows.
    struct Part {
        int firstPath, lastPath, firstTarget, numTargets, firstRow, lastRow;
    };
    void divideMessages();
    std::vector<Part> dividePaths() const;
    static int mostTargets(const std::vector<Part>& parts);
    int couplingSize(const equivariant::ConvolutionPath3& path) const;
    void addBasisConstants(std::vector<Real>& values) const;
    void addRadialDefines();
    std::string distanceSource() const;
    std::string radialSource() const;
    Defines hiddenLayers(int stride) const;
    std::string makeFunctions(int firstPath, int lastPath, bool derivatives) const;
    std::string radial(const equivariant::ConvolutionPath3& path, bool derivative,
                       const std::string& name) const;
    std::string addPath(const equivariant::ConvolutionPath3& path, int target, int row) const;
    std::string pullBackPath(const equivariant::ConvolutionPath3& path) const;
    std::string dense(const std::string& name, int rows, const std::string& x,
                      const std::string& map) const;
    std::string evaluateTrie(int depth, int level, const std::string& node) const;
    std::string pullBackTrie(int depth, int level, const std::string& node) const;
    std::string row(const std::string& array, const std::string& rows, const std::string& at) const;
    std::string densitySource() const;
    std::string hiddenUnitSource() const;
    std::string activationSource(const equivariant::Activation& activation, bool derivative) const;
    OpenMM::ComputeKernel compile(const std::string& name, const std::string& source,
                                  const Defines& defines) const;

    OpenMM::ComputeContext& cc;
    const equivariant::PreparedMace<Real>& prepared;
    const equivariant::PreparedLayer<Real>& layer;
    const int t, group;
    const bool isLast;
    const MaceWeightOffsets offsets;
    Defines common;
    std::vector<int> rowOfGroup;
    std::vector<Part> messageParts;
    int numMessageRows = 0, numOutputs, numInputs, numUnits = 0;
    int numWeights = 0; ///< that radial functions of an edge are sums of
};

} // namespace EquivariantPlugin
