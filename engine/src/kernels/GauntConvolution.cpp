// SPDX-License-Identifier: MIT
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// Matrices of up to `lanes` edges, beginning with edge `first`.
template <class Real> void makeMatrices(const GauntConvolutionArgs<Real>& args, int first) {
    constexpr int width = lanes<Real>;
    for (int lane = 0; lane < width; lane++) {
        const int edge = first + lane < args.numEdges ? first + lane : first;
        for (int b = 0; b < args.numHarmonics; b++)
            args.harmonics[b * width + lane] = args.y[std::size_t(edge) * args.numHarmonics + b];
    }
    for (int entry = 0; entry < args.terms.numEntries; entry++) {
        Vec<Real> value = broadcast(Real(0));
        for (int t = args.terms.first[entry]; t < args.terms.first[entry + 1]; t++)
            value += args.terms.values[t] * load(args.harmonics + args.terms.b[t] * width);
        store(args.matrices + std::size_t(entry) * width, value);
    }
}

/// out[row + r] = sum over c of matrix(row + r, c) in[c] for `rows` rows and `blocks` blocks.
template <int rows, int blocks, class Real>
EQUIVARIANT_INLINE void multiplyTile(const Real* matrix, std::size_t rowStride,
                                     std::size_t columnStride, int columns, const Real* in,
                                     std::size_t inStride, Real* out, std::size_t outStride) {
    constexpr int width = lanes<Real>;
    Vec<Real> sums[rows][blocks];
    for (int r = 0; r < rows; r++)
        for (int k = 0; k < blocks; k++)
            sums[r][k] = broadcast(Real(0));
    for (int c = 0; c < columns; c++) {
        Vec<Real> values[blocks];
        for (int k = 0; k < blocks; k++)
            values[k] = loadUnaligned(in + k * inStride + c * width);
        for (int r = 0; r < rows; r++) {
            const Vec<Real> entry = broadcast(matrix[r * rowStride + c * columnStride]);
            for (int k = 0; k < blocks; k++)
                sums[r][k] += entry * values[k];
        }
    }
    for (int r = 0; r < rows; r++)
        for (int k = 0; k < blocks; k++)
            storeUnaligned(out + k * outStride + r * width, sums[r][k]);
}

template <int blocks, class Real>
void multiplyBlocks(const Real* matrix, std::size_t rowStride, std::size_t columnStride, int rows,
                    int columns, const Real* in, Real* out) {
    constexpr int width = lanes<Real>, tile = numRegisters == 32 ? 6 : 3;
    const std::size_t inStride = columns * width, outStride = rows * width;
    int row = 0;
    for (; row + tile <= rows; row += tile)
        multiplyTile<tile, blocks>(matrix + row * rowStride, rowStride, columnStride, columns, in,
                                   inStride, out + row * width, outStride);
    for (; row < rows; row++)
        multiplyTile<1, blocks>(matrix + row * rowStride, rowStride, columnStride, columns, in,
                                inStride, out + row * width, outStride);
}

/// All blocks of channels of one edge.
template <class Real>
void multiplyEdge(const Real* matrix, std::size_t rowStride, std::size_t columnStride, int rows,
                  int columns, int channelBlocks, const Real* in, Real* out) {
    constexpr int width = lanes<Real>;
    int block = 0;
    for (; block + 4 <= channelBlocks; block += 4)
        multiplyBlocks<4>(matrix, rowStride, columnStride, rows, columns,
                          in + block * columns * width, out + block * rows * width);
    for (; block < channelBlocks; block++)
        multiplyBlocks<1>(matrix, rowStride, columnStride, rows, columns,
                          in + block * columns * width, out + block * rows * width);
}

/// Adjoint of one edge's matrix: the sum over channels of zAdjoint[c] x[a], into its lane.
template <class Real>
void matrixAdjoint(const GauntConvolutionArgs<Real>& args, const Real* x, const Real* zAdjoint,
                   Real* out) {
    constexpr int width = lanes<Real>;
    for (int c = 0; c < args.rows; c++)
        for (int a = 0; a < args.columns; a++, out += width) {
            Vec<Real> value = broadcast(Real(0));
            for (int k = 0; k < args.channelBlocks; k++)
                value += loadUnaligned(zAdjoint + (k * args.rows + c) * width) *
                         loadUnaligned(x + (k * args.columns + a) * width);
            *out = sum<Real>(value);
        }
}

} // namespace

template <class Real> void gauntConvolve(const GauntConvolutionArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const std::size_t xSize = std::size_t(args.channelBlocks) * args.columns * width,
                      zSize = std::size_t(args.channelBlocks) * args.rows * width;
    for (int first = 0; first < args.numEdges; first += width) {
        makeMatrices(args, first);
        for (int lane = 0; lane < width && first + lane < args.numEdges; lane++)
            multiplyEdge(args.matrices + lane, args.columns * width, width, args.rows, args.columns,
                         args.channelBlocks, args.x + (first + lane) * xSize,
                         args.z + (first + lane) * zSize);
    }
}

template <class Real> void gauntConvolveBack(const GauntConvolutionArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const std::size_t xSize = std::size_t(args.channelBlocks) * args.columns * width,
                      zSize = std::size_t(args.channelBlocks) * args.rows * width;
    for (int first = 0; first < args.numEdges; first += width) {
        const int count = args.numEdges - first < width ? args.numEdges - first : width;
        makeMatrices(args, first);
        for (int lane = 0; lane < count; lane++) {
            const Real *x = args.x + (first + lane) * xSize,
                       *zAdjoint = args.zAdjoint + (first + lane) * zSize;
            multiplyEdge(args.matrices + lane, width, args.columns * width, args.columns, args.rows,
                         args.channelBlocks, zAdjoint, args.xAdjoint + (first + lane) * xSize);
            matrixAdjoint(args, x, zAdjoint, args.matrices + lane);
        }
        for (int b = 0; b < args.numHarmonics; b++)
            store(args.harmonics + b * width, broadcast(Real(0)));
        for (int entry = 0; entry < args.terms.numEntries; entry++) {
            const Vec<Real> adjoint = load(args.matrices + std::size_t(entry) * width);
            for (int t = args.terms.first[entry]; t < args.terms.first[entry + 1]; t++) {
                Real* out = args.harmonics + args.terms.b[t] * width;
                store(out, load(out) + args.terms.values[t] * adjoint);
            }
        }
        for (int lane = 0; lane < count; lane++)
            for (int b = 0; b < args.numHarmonics; b++)
                args.yAdjoint[std::size_t(first + lane) * args.numHarmonics + b] =
                    args.harmonics[b * width + lane];
    }
}

template void gauntConvolve(const GauntConvolutionArgs<float>&);
template void gauntConvolve(const GauntConvolutionArgs<double>&);
template void gauntConvolveBack(const GauntConvolutionArgs<float>&);
template void gauntConvolveBack(const GauntConvolutionArgs<double>&);

} // namespace equivariant::EQUIVARIANT_ISA
