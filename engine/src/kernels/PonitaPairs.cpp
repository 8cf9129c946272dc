// SPDX-License-Identifier: MIT
//
// Sums over lists of pairs of rows whose kernels are given, for PONITA without tables; and what its
// tables need besides lookups.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

template <class Real> void ponitaPairMessages(const PairArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int block = 0; block < args.blocks; block++) {
        const Real* kernels = args.kernels + block * args.kernelStride;
        const Real* x = args.x + block * args.xStride;
        Real* y = args.y + block * args.yStride;
        for (int k = 0; k < args.count; k++) {
            Real* to = y + std::size_t(args.to[k]) * width;
            const Vec<Real> kernel = args.windows[k] * load(kernels + k * width);
            store(to, load(to) + kernel * load(x + std::size_t(args.from[k]) * width));
        }
    }
}

template <class Real> void ponitaPairProducts(const PairArgs<Real>& args, Real* products) {
    constexpr int width = lanes<Real>;
    for (int block = 0; block < args.blocks; block++) {
        const Real* x = args.x + block * args.xStride;
        const Real* y = args.y + block * args.yStride;
        for (int k = 0; k < args.count; k++)
            store(products + block * args.kernelStride + k * width,
                  load(x + std::size_t(args.from[k]) * width) *
                      load(y + std::size_t(args.to[k]) * width));
    }
}

template <class Real> void ponitaPairDots(const PairArgs<Real>& args, Real* dots) {
    constexpr int width = lanes<Real>;
    for (int k = 0; k < args.count; k++) {
        Vec<Real> total = {};
        for (int block = 0; block < args.blocks; block++)
            total += load(args.kernels + block * args.kernelStride + k * width) *
                     load(args.x + block * args.xStride + k * width);
        dots[k] = sum<Real>(total);
    }
}

template <class Real> void ponitaMultiply(const PairArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int block = 0; block < args.blocks; block++)
        for (int k = 0; k < args.count; k++) {
            Real* y = args.y + block * args.yStride + k * width;
            const Vec<Real> product = load(y) * load(args.x + block * args.xStride + k * width);
            store(y, args.windows ? args.windows[k] * product : product);
        }
}

template <class Real> void ponitaBands(const BandArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int block = 0; block < args.blocks; block++)
        for (int k = 0; k < args.count; k++) {
            Vec<Real> total = {};
            for (int l = 0; l < args.bands; l++)
                total += args.legendre[l * args.count + k] *
                         load(args.radial + (l * args.blocks + block) * args.stride + k * width);
            store(args.kernels + block * args.stride + k * width, total);
        }
}

template <class Real> void ponitaBandsBack(const BandArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int k = 0; k < args.count; k++) {
        Vec<Real> cosine = {};
        for (int block = 0; block < args.blocks; block++) {
            const Vec<Real> adjoint = load(args.kernels + block * args.stride + k * width);
            for (int l = 0; l < args.bands; l++) {
                Real* radial = args.radial + (l * args.blocks + block) * args.stride + k * width;
                cosine += args.slopes[l * args.count + k] * (adjoint * load(radial));
                store(radial, args.legendre[l * args.count + k] * adjoint);
            }
        }
        args.cosines[k] = sum<Real>(cosine);
    }
}

void ponitaTiles(const TileArgs& args) {
    constexpr int width = 16;
    const float nx = float(args.direction[0]), ny = float(args.direction[1]),
                nz = float(args.direction[2]);
    for (int first = 0; first < args.count; first += width)
        for (int e = first; e < first + width; e++) {
            const float x = float(args.vx[e]), y = float(args.vy[e]), z = float(args.vz[e]);
            const float along = x * nx + y * ny + z * nz;
            const bool isReversed = !args.isPaired && along < 0;
            const float a = isReversed ? -along : along;
            const float squared = x * x + y * y + z * z - a * a;
            const float across = isReversed ? x * ny - y * nx : y * nx - x * ny;
            const float b = args.isPlanar ? across : __builtin_sqrtf(squared > 0 ? squared : 0);
            int tileA = int((a - args.firstA) * args.inverseSize);
            int tileB = int((b - args.firstB) * args.inverseSize);
            tileA = tileA < 0 ? 0 : tileA < args.tilesA ? tileA : args.tilesA - 1;
            tileB = tileB < 0 ? 0 : tileB < args.tilesB ? tileB : args.tilesB - 1;
            args.tiles[e] = tileA * args.tilesB + tileB;
        }
}

template <class Real> void ponitaSelf(const SelfArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int block = 0; block < args.blocks; block++) {
        const Vec<Real> self = load(args.self + block * width);
        for (int row = 0; row < args.rows; row++) {
            Real* y = args.y + block * args.yStride + row * width;
            const Vec<Real> value = self * load(args.x + block * args.xStride + row * width);
            store(y, args.accumulate ? load(y) + value : value);
        }
    }
}

#define EQUIVARIANT_INSTANTIATE(Real)                                                              \
    template void ponitaPairMessages(const PairArgs<Real>&);                                       \
    template void ponitaPairProducts(const PairArgs<Real>&, Real*);                                \
    template void ponitaPairDots(const PairArgs<Real>&, Real*);                                    \
    template void ponitaMultiply(const PairArgs<Real>&);                                           \
    template void ponitaBands(const BandArgs<Real>&);                                              \
    template void ponitaBandsBack(const BandArgs<Real>&);                                          \
    template void ponitaSelf(const SelfArgs<Real>&);
EQUIVARIANT_INSTANTIATE(float)
EQUIVARIANT_INSTANTIATE(double)

} // namespace equivariant::EQUIVARIANT_ISA
