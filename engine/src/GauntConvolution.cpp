// SPDX-License-Identifier: MIT
#include "GauntPlans.h"
#include "Packed.h"
#include "equivariant/Error.h"
#include "equivariant/GauntKernel.h"
#include "equivariant/SphericalHarmonics.h"
#include "kernels/Kernels.h"

#include <vector>

namespace equivariant {

template <class Real> class GauntConvolution<Real>::Implementation {
public:
    Implementation(int lMax1, int lMax2, int lMaxOut)
        : kernels(getKernels<Real>()), columns(numHarmonics(lMax1)), rows(numHarmonics(lMaxOut)),
          harmonics(numHarmonics(lMax2)), first(std::size_t(rows) * columns + 1) {
        const std::vector<CouplingEntry> entries = gauntCoefficients(lMax1, lMax2, lMaxOut);
        const auto indexOf = [&](const CouplingEntry& entry) {
            return std::size_t(entry.c) * columns + entry.a;
        };
        for (const CouplingEntry& entry : entries)
            first[indexOf(entry) + 1]++;
        for (std::size_t i = 1; i < first.size(); i++)
            first[i] += first[i - 1];
        b.resize(entries.size());
        values.resize(entries.size());
        std::vector<int> next = first;
        for (const CouplingEntry& entry : entries) {
            const int position = next[indexOf(entry)]++;
            b[position] = entry.b;
            values[position] = static_cast<Real>(entry.value);
        }
    }

    GauntConvolutionArgs<Real> args(std::size_t numEdges, int channelBlocks,
                                    VectorArray<Real>& scratch) const {
        const std::size_t entries = first.size() - 1;
        scratch.resize((entries + harmonics) * kernels.lanes);
        GauntConvolutionArgs<Real> args{};
        args.numEdges = static_cast<int>(numEdges);
        args.channelBlocks = channelBlocks;
        args.columns = columns;
        args.rows = rows;
        args.numHarmonics = harmonics;
        args.terms = {static_cast<int>(entries), first.data(), b.data(), values.data()};
        args.matrices = scratch.data();
        args.harmonics = scratch.data() + entries * kernels.lanes;
        return args;
    }

    const Kernels<Real>& kernels;
    const int columns, rows, harmonics;
    std::vector<int> first, b;
    std::vector<Real> values;
};

template <class Real> GauntConvolution<Real>::GauntConvolution(int lMax1, int lMax2, int lMaxOut) {
    checkGauntDegrees(lMax1, lMax2, lMaxOut);
    implementation = std::make_unique<const Implementation>(lMax1, lMax2, lMaxOut);
}

template <class Real> GauntConvolution<Real>::~GauntConvolution() = default;

template <class Real>
void GauntConvolution<Real>::multiply(std::size_t numEdges, int channelBlocks, const Real* x,
                                      const Real* y, Real* z) const {
    VectorArray<Real> scratch;
    GauntConvolutionArgs<Real> args = implementation->args(numEdges, channelBlocks, scratch);
    args.x = x;
    args.y = y;
    args.z = z;
    implementation->kernels.gaunt().convolve(args);
}

template <class Real>
void GauntConvolution<Real>::pullBack(std::size_t numEdges, int channelBlocks, const Real* x,
                                      const Real* y, const Real* zAdjoint, Real* xAdjoint,
                                      Real* yAdjoint) const {
    VectorArray<Real> scratch;
    GauntConvolutionArgs<Real> args = implementation->args(numEdges, channelBlocks, scratch);
    args.x = x;
    args.y = y;
    args.zAdjoint = zAdjoint;
    args.xAdjoint = xAdjoint;
    args.yAdjoint = yAdjoint;
    implementation->kernels.gaunt().convolveBack(args);
}

template <class Real> int GauntConvolution<Real>::getNumLanes() const {
    return implementation->kernels.lanes;
}

template class GauntConvolution<float>;
template class GauntConvolution<double>;

} // namespace equivariant
