// SPDX-License-Identifier: MIT
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// y += x w for `rows` rows and `columns` blocks of outputs, with all of y's tile in registers.
template <class Real, int rows, int columns>
void multiplyTile(const LinearArgs<Real>& args, const Real* x, const Real* w, Real* y) {
    constexpr int width = lanes<Real>;
    Vec<Real> sums[rows][columns];
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++)
            sums[r][c] =
                args.accumulate ? load(y + c * args.yStride + r * width) : broadcast(Real(0));
    const std::size_t wStride = std::size_t(args.inputs) * width;
    for (int first = 0; first < args.inputs; first += width, x += args.xStride) {
        const int count = args.inputs - first < width ? args.inputs - first : width;
        for (int i = 0; i < count; i++, w += width) {
            Vec<Real> weights[columns];
            for (int c = 0; c < columns; c++)
                weights[c] = load(w + c * wStride);
            for (int r = 0; r < rows; r++) {
                const Vec<Real> value = broadcast(x[r * width + i]);
                for (int c = 0; c < columns; c++)
                    sums[r][c] += value * weights[c];
            }
        }
    }
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++)
            store(y + c * args.yStride + r * width, sums[r][c]);
}

/// Rows left over after the full tiles, by halving the tile.
template <class Real, int rows, int columns>
void multiplyRows(const LinearArgs<Real>& args, int first, int count, const Real* w, Real* y) {
    constexpr int width = lanes<Real>;
    for (; count >= rows; count -= rows, first += rows)
        multiplyTile<Real, rows, columns>(args, args.x + first * width, w, y + first * width);
    if constexpr (rows > 1)
        multiplyRows<Real, rows / 2, columns>(args, first, count, w, y);
}

} // namespace

template <class Real> void linear(const LinearArgs<Real>& args) {
    constexpr int columns = 3, rows = numRegisters == 32 ? 8 : 4;
    const std::size_t wStride = std::size_t(args.inputs) * lanes<Real>;
    int block = 0;
    for (; block + columns <= args.outputBlocks; block += columns)
        multiplyRows<Real, rows, columns>(args, 0, args.rows, args.w + block * wStride,
                                          args.y + block * args.yStride);
    for (; block < args.outputBlocks; block++)
        multiplyRows<Real, rows, 1>(args, 0, args.rows, args.w + block * wStride,
                                    args.y + block * args.yStride);
}

template void linear(const LinearArgs<float>&);
template void linear(const LinearArgs<double>&);

} // namespace equivariant::EQUIVARIANT_ISA
