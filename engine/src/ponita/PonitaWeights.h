// SPDX-License-Identifier: MIT
//
// The weights of a PONITA model in the layout of the kernels, and what changes from step to step
// in the same terms: rows, displacements, windows.
#pragma once

#include "Network.h"
#include "Packed.h"
#include "equivariant/PonitaKernel.h"

namespace equivariant {

template <class Real> struct PackedPonitaLayer {
    PackedLinear<Real> kernel, kernelBack;   ///< C from B and its transpose
    VectorArray<Real> fiber, fiberBack;      ///< [block][o][p][lane], weights included
    VectorArray<Real> bias;                  ///< after the convolution
    PackedLinear<Real> linear1, linear1Back; ///< weight and bias of the LayerNorm included
    PackedLinear<Real> linear2, linear2Back; ///< layer scale included
    VectorArray<Real> readout;               ///< [block][lane]; empty: none
    double readoutBias = 0;
};

template <class Real> struct PonitaWeights {
    PonitaWeights(const PonitaParameters& model, const Kernels<Real>& kernels);

    const PonitaParameters model;
    const Kernels<Real>& kernels;
    const PonitaKernels<Real>& ponita;
    int lanes, channels, blocks;
    int basisBlocks, bands; ///< of B; l from 0 to bands-1, or 1 of an MLP
    int wideBlocks;         ///< of the widened channels
    int orientations;       ///< O, or 1
    bool isCloud, isBanded, isDirected;
    PackedLinear<Real> inner, innerBack, outer, outerBack; ///< of the kernel basis
    VectorArray<Real> mask;                                ///< 1 for each channel
    std::vector<VectorArray<Real>> embedding;              ///< [species]
    std::vector<PackedPonitaLayer<Real>> layers;
    int numReadouts;

private:
    void packFiber(const RowMatrix& basis, const PonitaLayer& layer, PackedPonitaLayer<Real>& out);
    PackedPonitaLayer<Real> packLayer(const PonitaLayer& layer, const RowMatrix& fiberBasis);
};

/// Rows and pairs of a step. With a grid row i O + o is atom i and orientation o, in a point cloud
/// row e is edge e, at its receiver.
struct PonitaStep {
    PonitaStep(const PonitaParameters& model, const Edges& edges, const Eigen::Matrix3d& rotation);

    const Edges& edges;
    std::size_t numRows;
    std::vector<int> firstRow;          ///< [atoms + 1]
    std::vector<Eigen::Vector3d> v;     ///< [edges] x_sender - x_receiver, rotated
    std::vector<Window> windows;        ///< [edges]
    std::vector<double> readoutWeights; ///< [rows] of the mean over an atom's rows
};

/// The convolution over neighbors with its reverse pass. One object serves one step at a time.
template <class Real> class SpatialConvolution {
public:
    virtual ~SpatialConvolution() = default;

    virtual void begin(const PonitaStep& step, Workers& workers) = 0;
    /// y = convolution of h.
    virtual void forward(int layer, const RowArray<Real>& h, RowArray<Real>& y,
                         Workers& workers) = 0;
    /// Called for the layers from last to first. Adds to hAdjoint unless that is null. The arrays
    /// are left as they are until finish().
    virtual void backward(int layer, const RowArray<Real>& h, const RowArray<Real>& yAdjoint,
                          RowArray<Real>* hAdjoint, Workers& workers) = 0;
    /// Adds dE/dv of every edge, v of the step.
    /// @param rowOutputs  [rows] dE/d(readout weight) of a point cloud
    virtual void finish(const std::vector<double>& rowOutputs,
                        std::vector<Eigen::Vector3d>& gradients, Workers& workers) = 0;
};

/// Kernels by their networks, for every space.
template <class Real>
std::unique_ptr<SpatialConvolution<Real>> makeExactConvolution(const PonitaWeights<Real>& weights);

} // namespace equivariant
