// SPDX-License-Identifier: MIT
//
// The kernels of a PONITA model with an orientation grid as tensor-product splines of the two
// attributes of an edge and an orientation.
#pragma once

#include "ponita/PonitaWeights.h"

namespace equivariant {

template <class Real> struct KernelTable {
    int degree = 0;
    double firstA = 0, firstB = 0, spacing = 0; ///< Å; knots from floor((a - firstA) / spacing) on
    int sizeA = 0, sizeB = 0;
    int mirrorA = 0, mirrorB = 0; ///< as TableArgs
    /// [layer][channel block][a][b][lane], to be multiplied by scales
    VectorArray<typename TableNumber<Real>::type> coefficients;
    VectorArray<Real> scales; ///< [layer][channel block][lane]
    /// Largest error found of a value or a slope, relative to the largest one of the channel.
    double error = 0;

    /// Of a knot and a channel within a layer.
    std::size_t indexOf(int a, int b, int channel, int lanes) const {
        return ((static_cast<std::size_t>(channel / lanes) * static_cast<std::size_t>(sizeA) +
                 static_cast<std::size_t>(a)) *
                    static_cast<std::size_t>(sizeB) +
                static_cast<std::size_t>(b)) *
                   static_cast<std::size_t>(lanes) +
               static_cast<std::size_t>(channel % lanes);
    }

    /// Numbers of one layer, for as many channels in whole blocks.
    std::size_t layerSize(int paddedChannels) const {
        return static_cast<std::size_t>(sizeA) * static_cast<std::size_t>(sizeB) *
               static_cast<std::size_t>(paddedChannels);
    }
};

/// Makes tables whose slopes have root mean square errors of about 5e-6 in single and 1e-7 in
/// double precision, relative to the largest slope of the channel. Returns null where that would
/// take more than half a gigabyte, or where there are no such tables: without a cutoff, without a
/// grid.
template <class Real>
std::shared_ptr<const KernelTable<Real>> makeKernelTable(const PonitaWeights<Real>& weights);

/// The convolution with tables.
template <class Real>
std::unique_ptr<SpatialConvolution<Real>>
makeTableConvolution(const PonitaWeights<Real>& weights,
                     std::shared_ptr<const KernelTable<Real>> table);

} // namespace equivariant
