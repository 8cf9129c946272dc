// SPDX-License-Identifier: MIT
//
// The text of MACE's kernels for one layer of one model: the files maceConvolve, maceGather,
// maceNode and maceNodeBack with what depends on the model filled in. Radial functions are tables,
// or exact where the prepared model has none.
#pragma once

#include "KernelText.h"
#include "MaceWeights.h"
#include "mace/PreparedMace.h"

#include <string>
#include <vector>

namespace EquivariantPlugin {

/// A model as its kernels are made from: all channels side by side, tables in single precision and
/// exact radial functions in double. @param used  [species of the model]
template <class Real>
equivariant::PreparedMace<Real> prepareForDevice(const equivariant::MaceParameters& model,
                                                 const std::vector<bool>& used);

/// Threads of a work-group, a power of two: one for each channel as far as the device and its local
/// memory allow.
template <class Real> int chooseGroup(const equivariant::MaceParameters& model, int mostThreads);

/// The text of the repulsion; there must be one.
template <class Real>
KernelText makeRepulsionText(const equivariant::PreparedMace<Real>& prepared,
                             const Defines& common);

template <class Real> class MaceSource {
public:
    /// @param common  of getEdgesDefines()
    MaceSource(const equivariant::PreparedMace<Real>& prepared, int t, const Defines& common,
               int group);

    KernelText makeConvolve() const;
    KernelText makeNode() const;
    KernelText makeNodeBack() const;
    KernelText makeGather() const;

    const MaceWeights<Real>& getWeights() const { return weights; }
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

    const equivariant::PreparedMace<Real>& prepared;
    const equivariant::PreparedLayer<Real>& layer;
    const int t, group;
    const bool isLast;
    const MaceWeights<Real> weights;
    Defines common;
    std::vector<int> rowOfGroup;
    std::vector<Part> messageParts;
    int numMessageRows = 0, numOutputs, numInputs, numUnits = 0;
    int numWeights = 0; ///< that radial functions of an edge are sums of
};

} // namespace EquivariantPlugin
