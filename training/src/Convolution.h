// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Mace.h"
#include "kernels/FormKernels.h"

#include <ATen/core/ivalue.h>
#include <torch/types.h>

namespace equivariant::training {

/// Edges of a batch: lists for kernels, and the same as tensors for other operations.
struct ConvolutionEdges : torch::CustomClassHolder, EdgeLists {
    /// @param receivers  ascending
    ConvolutionEdges(std::vector<int64_t> senders, std::vector<int64_t> receivers, int64_t numAtoms,
                     torch::Device device = torch::kCPU);
    const int64_t numAtoms;
    torch::Tensor senderIndex, receiverIndex; ///< [edges]
};

/// The paths of a convolution, ascending in l3. Rows of messages are those of one after the other.
struct ConvolutionPaths : torch::CustomClassHolder, ConvolutionTables {
    ConvolutionPaths(const std::vector<ConvolutionPath>& paths, int inputLMax, int maxEll,
                     const torch::TensorOptions& options);
    int countPaths(int l3) const { return pathsOfDegree[l3]; }
    torch::Tensor couplings; ///< [harmonics][rows * inputs], the tables' as a matrix
    torch::Tensor pathIndex; ///< [rows]

private:
    std::vector<int> pathsOfDegree; ///< [l3]
};

/// MACE's edge convolution (docs/theory/mace.md), differentiable as often as one likes: it is
/// linear in each argument, so that every derivative is a sum of the same kind.
/// @param radial     [edges][paths][channels]
/// @param harmonics  [edges][lm]
/// @param features   [atoms][lm][channels]
/// @return           [atoms][rows][channels]
///
/// On a processor its kernels are our own (src/kernels); elsewhere it is made of LibTorch's
/// operations, at the cost of [edges][rows][channels] of memory.
torch::Tensor convolve(const c10::intrusive_ptr<ConvolutionPaths>& paths,
                       const c10::intrusive_ptr<ConvolutionEdges>& edges,
                       const torch::Tensor& radial, const torch::Tensor& harmonics,
                       const torch::Tensor& features);
torch::Tensor convolveByOperations(const ConvolutionPaths& paths, const ConvolutionEdges& edges,
                                   const torch::Tensor& radial, const torch::Tensor& harmonics,
                                   const torch::Tensor& features);

} // namespace equivariant::training
