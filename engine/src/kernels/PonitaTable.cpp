// SPDX-License-Identifier: MIT
//
// PONITA's convolution with tabulated kernels. Pairs of an edge and an orientation come in chunks
// of neighbors in the table. Of a chunk, first the attributes and spline weights are computed, one
// pair a lane; then, block by block of channels, one channel a lane, the knots around all its pairs
// are copied into the first-level cache and the (degree+1)^2 of each pair are summed.
//
// This file is long because everything in it is inlined into two loops.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// What does not depend on the channel, for a vector of pairs.
template <class Real, int knots> struct Lookups {
    static constexpr int width = lanes<Real>;
    /// Weights in a and b, and their derivatives (1/Å), [which][knot]
    alignas(64) Real weights[4][knots][width];
    alignas(64) double n[3][width], m[3][width];      ///< derivatives of a and b by v
    int cellA[width], cellB[width];                   ///< first knots
    alignas(64) double sign[width];                   ///< -1 if the reverse is taken for the edge
    int sender[width], receiver[width];               ///< first number of the rows
    int reverseSender[width], reverseReceiver[width]; ///< of the reverse edge
    std::size_t gradient[width];                      ///< index
    alignas(64) Real window[width];
};

/// The pointer, in a register that the compiler computes no further pointers from: it would keep
/// dozens of them, and spill them.
template <class T> EQUIVARIANT_INLINE T* opaque(T* pointer) {
    asm("" : "+r"(pointer));
    return pointer;
}

/// Weights of the uniform B-splines that are not zero at the fraction u of an interval, by Cox and
/// de Boor's recursion.
template <class Real, int knots, bool derivatives>
EQUIVARIANT_INLINE void splineWeights(const Real* fractions, Real scale, Real (*w)[lanes<Real>],
                                      Real (*dw)[lanes<Real>]) {
    constexpr int degree = knots - 1;
    const Vec<Real> u = load(fractions);
    Vec<Real> b[knots];
    b[0] = broadcast(Real(1));
#pragma GCC unroll 8
    for (int d = 1; d <= degree; d++) {
        if (derivatives && d == degree) {
            store(dw[0], -scale * b[0]);
#pragma GCC unroll 8
            for (int j = 1; j < degree; j++)
                store(dw[j], scale * (b[j - 1] - b[j]));
            store(dw[degree], scale * b[degree - 1]);
        }
        const Real inverse = Real(1) / Real(d);
        b[d] = inverse * u * b[d - 1];
#pragma GCC unroll 8
        for (int j = d - 1; j > 0; j--)
            b[j] = inverse * ((u + Real(d - j)) * b[j - 1] + (Real(j + 1) - u) * b[j]);
        b[0] = inverse * (Real(1) - u) * b[0];
    }
#pragma GCC unroll 8
    for (int j = 0; j < knots; j++)
        store(w[j], b[j]);
}

/// As many elements as a vector of double has.
template <class T> struct AsManyAsDoubles {
    typedef T type __attribute__((vector_size(vectorBytes / sizeof(double) * sizeof(T))));
};

/// Attributes of a vector of pairs, their derivatives by v, and where in the table they are.
template <class Real>
EQUIVARIANT_INLINE void attributes(const TableArgs<Real>& args, const double (*v)[lanes<Real>],
                                   const double (*n)[lanes<Real>], double (*m)[lanes<Real>],
                                   Real* fractionA, Real* fractionB, int* firstA, int* firstB) {
    using Double = Vec<double>;
    constexpr int width = lanes<Real>, step = lanes<double>;
    using Integers = typename AsManyAsDoubles<int>::type;
    using Reals = typename AsManyAsDoubles<Real>::type;
    const double delta = args.smoothDelta, scale = args.inverseSpacing;
    for (int first = 0; first < width; first += step) {
        const Double x = load(v[0] + first), y = load(v[1] + first), z = load(v[2] + first);
        const Double nx = load(n[0] + first), ny = load(n[1] + first), nz = load(n[2] + first);
        const Double a = x * nx + y * ny + z * nz;
        Double b, mx, my, mz;
        if (args.isPlanar) {
            b = y * nx - x * ny;
            mx = -ny;
            my = nx;
            mz = Double{};
        } else {
            const Double acrossX = x - a * nx, acrossY = y - a * ny, acrossZ = z - a * nz;
            // zero only as far as n is normalized, which single-precision grids are not
            const Double rest = acrossX * nx + acrossY * ny + acrossZ * nz;
            alignas(64) double root[step];
            store(root, acrossX * acrossX + acrossY * acrossY + acrossZ * acrossZ + delta * delta);
            for (int k = 0; k < step; k++)
                root[k] = __builtin_sqrt(root[k]);
            const Double roots = load(root);
            const Double inverse = // derivative of a norm at zero: 0
                roots > 0.0 ? 1.0 / (roots > 0.0 ? roots : broadcast(1.0)) : broadcast(0.0);
            b = roots - delta;
            mx = (acrossX - rest * nx) * inverse;
            my = (acrossY - rest * ny) * inverse;
            mz = (acrossZ - rest * nz) * inverse;
        }
        store(m[0] + first, mx);
        store(m[1] + first, my);
        store(m[2] + first, mz);
        const Double placeA = (a - args.firstA) * scale, placeB = (b - args.firstB) * scale;
        const Integers cellA = __builtin_convertvector(placeA, Integers);
        const Integers cellB = __builtin_convertvector(placeB, Integers);
        const Reals restA =
            __builtin_convertvector(placeA - __builtin_convertvector(cellA, Double), Reals);
        const Reals restB =
            __builtin_convertvector(placeB - __builtin_convertvector(cellB, Double), Reals);
        __builtin_memcpy(fractionA + first, &restA, sizeof(restA));
        __builtin_memcpy(fractionB + first, &restB, sizeof(restB));
        __builtin_memcpy(firstA + first, &cellA, sizeof(cellA));
        __builtin_memcpy(firstB + first, &cellB, sizeof(cellB));
    }
}

template <class Real, int knots, bool isPaired, bool derivatives>
EQUIVARIANT_INLINE void prepare(const TableArgs<Real>& args, int first, Lookups<Real, knots>& out) {
    constexpr int width = lanes<Real>;
    alignas(64) double v[3][width];
    for (int e = 0; e < width; e++) {
        const int k = first + e < args.count ? first + e : args.count - 1;
        const int edge = args.edge[k], o = args.orientation[k];
        double* n[3] = {&out.n[0][e], &out.n[1][e], &out.n[2][e]};
        const double* direction = args.directions + 3 * o;
        const double along = args.vx[edge] * direction[0] + args.vy[edge] * direction[1] +
                             args.vz[edge] * direction[2];
        const int reversed = isPaired ? 0 : along < 0; // no branch: it cannot be predicted
        const double sign = 1.0 - 2.0 * reversed;
        const int rows[2] = {args.senderRow[edge], args.receiverRow[edge]};
        const int senderRow = rows[reversed], receiverRow = rows[1 - reversed];
        out.sign[e] = sign;
        out.sender[e] = (senderRow + o) * width;
        out.receiver[e] = (receiverRow + o) * width;
        const int p = isPaired ? args.antipodes[o] : o;
        out.reverseSender[e] = (receiverRow + p) * width;
        out.reverseReceiver[e] = (senderRow + p) * width;
        if (derivatives) {
            out.gradient[e] = args.sumOf[o] * args.gradientStride + 4 * std::size_t(edge);
            __builtin_prefetch(args.gradients + out.gradient[e], 1);
        }
        out.window[e] = args.windows[edge];
        v[0][e] = sign * args.vx[edge];
        v[1][e] = sign * args.vy[edge];
        v[2][e] = sign * args.vz[edge];
        for (int i = 0; i < 3; i++)
            *n[i] = direction[i];
    }
    alignas(64) Real fractionA[width], fractionB[width];
    attributes(args, v, out.n, out.m, fractionA, fractionB, out.cellA, out.cellB);
    const Real scale = Real(args.inverseSpacing);
    splineWeights<Real, knots, derivatives>(fractionA, scale, out.weights[0], out.weights[2]);
    splineWeights<Real, knots, derivatives>(fractionB, scale, out.weights[1], out.weights[3]);
}

template <class Real> EQUIVARIANT_INLINE Vec<Real> loadKnot(const Real* p) {
    return load(p);
}
template <class Real> EQUIVARIANT_INLINE Vec<double> loadKnot(const std::int32_t* p) {
    using Integers = AsManyAsDoubles<std::int32_t>::type;
#ifdef __AVX2__ // of the builtin the compiler makes several instructions
    typedef std::int32_t Unaligned
        __attribute__((vector_size(sizeof(Integers)), aligned(sizeof(std::int32_t)), may_alias));
    Vec<double> result;
    asm("vcvtdq2pd %1, %0" : "=v"(result) : "m"(*reinterpret_cast<const Unaligned*>(p)));
    return result;
#else
    Integers integers;
    __builtin_memcpy(&integers, p, sizeof(integers));
    return __builtin_convertvector(integers, Vec<double>);
#endif
}
/// Where a lookup's knots of one block are: from the first on, or from the last back.
template <class Number> struct Knots {
    const Number* first;
    std::ptrdiff_t rowStride, knotStride;
};

/// The lookups of a chunk, and the copies of the knots around them.
template <class Real, int knots> struct Chunk {
    static constexpr int width = lanes<Real>, groups = tableChunk / width;
    static constexpr std::ptrdiff_t rowStride = tableTile * width;
    Lookups<Real, knots> lookups[groups];
    alignas(64) Real copies[2][tableTile * tableTile * width];
    int count;
    int cells[4]; ///< least and largest of a and b
    bool isCopied;
};

/// Brings the rows of a pair, from which and to which there are messages, into the cache.
template <class Real, class Lookup>
EQUIVARIANT_INLINE void prefetchRows(const TableArgs<Real>& args, const Lookup& own, int e,
                                     int block) {
    if (block >= args.blocks)
        return;
    const Real* x = args.x + block * args.xStride;
    if (args.features) {
        __builtin_prefetch(x + own.receiver[e]);
        __builtin_prefetch(x + own.reverseReceiver[e]);
        const Real* features = args.features + block * args.featureStride;
        __builtin_prefetch(features + own.sender[e]);
        __builtin_prefetch(features + own.reverseSender[e]);
    } else {
        __builtin_prefetch(x + own.sender[e]);
        __builtin_prefetch(x + own.reverseSender[e]);
    }
    if (!args.y)
        return;
    Real* y = args.y + block * args.yStride;
    __builtin_prefetch(y + (args.features ? own.sender[e] : own.receiver[e]), 1);
    __builtin_prefetch(y + (args.features ? own.reverseSender[e] : own.reverseReceiver[e]), 1);
}

template <class Real, int knots, bool isPaired, bool derivatives>
EQUIVARIANT_INLINE void prepareChunk(const TableArgs<Real>& args, int first, int end,
                                     Chunk<Real, knots>& chunk) {
    constexpr int width = lanes<Real>;
    chunk.count = end - first;
    int cells[4] = {1 << 30, -1, 1 << 30, -1};
    for (int e = 0; e < chunk.count; e += width) {
        Lookups<Real, knots>& own = chunk.lookups[e / width];
        prepare<Real, knots, isPaired, derivatives>(args, first + e, own);
        for (int k = 0; k < width && e + k < chunk.count; k++) {
            cells[0] = own.cellA[k] < cells[0] ? own.cellA[k] : cells[0];
            cells[1] = own.cellA[k] > cells[1] ? own.cellA[k] : cells[1];
            cells[2] = own.cellB[k] < cells[2] ? own.cellB[k] : cells[2];
            cells[3] = own.cellB[k] > cells[3] ? own.cellB[k] : cells[3];
            prefetchRows(args, own, k, 0);
        }
        if (!derivatives) {
            const Vec<Real> windows = load(own.window);
            for (int s = 0; s < knots; s++)
                store(own.weights[0][s], windows * load(own.weights[0][s]));
        }
    }
    for (int i = 0; i < 4; i++)
        chunk.cells[i] = cells[i];
    chunk.isCopied = chunk.count >= leastCopied && cells[1] - cells[0] + knots <= tableTile &&
                     cells[3] - cells[2] + knots <= tableTile;
}

/// The knots of the table for the cell (cellA, cellB), or those of its mirror image.
template <class Real>
EQUIVARIANT_INLINE Knots<typename TableNumber<Real>::type>
knotsAt(const TableArgs<Real>& args, int block, int cellA, int cellB, bool isMirrored) {
    constexpr std::ptrdiff_t width = lanes<Real>;
    const std::ptrdiff_t rowStride = std::ptrdiff_t(args.rowStride);
    const bool isFlipped = isMirrored && args.isPlanar;
    if (isMirrored)
        cellA = args.mirrorA - cellA;
    if (isFlipped)
        cellB = args.mirrorB - cellB;
    return {args.table + block * args.blockStride + cellA * rowStride + cellB * width,
            isMirrored ? -rowStride : rowStride, isFlipped ? -width : width};
}

/// Copies the knots around a chunk.
template <class Real, int knots>
EQUIVARIANT_INLINE void copyKnots(const TableArgs<Real>& args, Chunk<Real, knots>& chunk, int block,
                                  int next, bool isMirrored, Real* copy) {
    constexpr int width = lanes<Real>;
    const int rows = chunk.cells[1] - chunk.cells[0] + knots;
    const int columns = chunk.cells[3] - chunk.cells[2] + knots;
    auto from = knotsAt(args, block, chunk.cells[0], chunk.cells[2], isMirrored);
    const std::size_t ahead = next < args.blocks ? (next - block) * args.blockStride : 0;
    for (int s = 0; s < rows; s++, copy += chunk.rowStride, from.first += from.rowStride)
        for (int t = 0; t < columns; t++) {
            const auto* knot = from.first + t * from.knotStride;
            store(copy + t * width, loadKnot<Real>(knot));
            __builtin_prefetch(knot + ahead);
        }
}

/// Calls use(group, e, places) for every pair of a chunk, for `size` kernels: those of as many
/// blocks where an edge and its reverse share them, else those of an edge and its reverse.
template <class Real, int knots, bool isPaired, int size, class Use>
EQUIVARIANT_INLINE void forEachPair(const TableArgs<Real>& args, Chunk<Real, knots>& chunk,
                                    int block, const Use& use) {
    constexpr int width = lanes<Real>;
    const auto blockOf = [&](int g) { return isPaired ? block + g : block; };
    const auto isMirrored = [&](int g) { return !isPaired && g == 1; };
    const int next = block + (isPaired ? size : 1);
    if (chunk.isCopied) {
        for (int g = 0; g < size; g++)
            copyKnots(args, chunk, blockOf(g), isPaired ? blockOf(g) + size : next, isMirrored(g),
                      chunk.copies[g]);
        for (int k = 0; k < chunk.count; k++) {
            Lookups<Real, knots>& own = chunk.lookups[k / width];
            const int e = k % width;
            for (int b = next; b < next + (isPaired ? size : 1); b++)
                prefetchRows(args, own, e, b);
            const std::ptrdiff_t place = (own.cellA[e] - chunk.cells[0]) * chunk.rowStride +
                                         (own.cellB[e] - chunk.cells[2]) * width;
            Knots<Real> places[size];
            for (int g = 0; g < size; g++)
                places[g] = {chunk.copies[g] + place, chunk.rowStride, width};
            use(own, e, k, places);
        }
        return;
    }
    for (int k = 0; k < chunk.count; k++) {
        Lookups<Real, knots>& own = chunk.lookups[k / width];
        const int e = k % width;
        Knots<typename TableNumber<Real>::type> places[size];
        for (int g = 0; g < size; g++)
            places[g] = knotsAt(args, blockOf(g), own.cellA[e], own.cellB[e], isMirrored(g));
        use(own, e, k, places);
    }
}

/// Kernels of one lookup.
template <class Real, int knots, int size, class Number>
EQUIVARIANT_INLINE void lookUp(const Knots<Number> (&places)[size], const Real* weights,
                               Vec<Real> (&kernel)[size]) {
    constexpr int width = lanes<Real>;
    const Number* rows[size];
    for (int g = 0; g < size; g++)
        rows[g] = places[g].first;
#pragma GCC unroll 8
    for (int s = 0; s < knots; s++) {
        Vec<Real> row[size];
        const Number* knot[size];
        for (int g = 0; g < size; g++) {
            knot[g] = opaque(rows[g]);
            rows[g] += places[g].rowStride;
        }
#pragma GCC unroll 8
        for (int t = 0; t < knots; t++) {
            const Vec<Real> weight = broadcast(weights[(knots + t) * width]);
            for (int g = 0; g < size; g++) {
                const Vec<Real> value = loadKnot<Real>(knot[g] + t * places[g].knotStride);
                row[g] = t == 0 ? weight * value : multiplyAdd<Real>(weight, value, row[g]);
            }
        }
        const Vec<Real> weight = broadcast(weights[s * width]);
        for (int g = 0; g < size; g++)
            kernel[g] = s == 0 ? weight * row[g] : multiplyAdd<Real>(weight, row[g], kernel[g]);
    }
}

/// Adds the messages of the edges of a chunk and their reverses, for some blocks of channels.
template <class Real, int knots, bool isPaired, int size>
EQUIVARIANT_INLINE void addMessages(const TableArgs<Real>& args, Chunk<Real, knots>& chunk,
                                    int block) {
    constexpr int width = lanes<Real>;
    constexpr int blocks = isPaired ? size : 1;
    const auto pair = [&](const Lookups<Real, knots>& own, int e, int, const auto& places) {
        Vec<Real> kernel[size];
        lookUp<Real, knots>(places, opaque(&own.weights[0][0][0] + e), kernel);
        const auto send = [&](int from, int to, const Vec<Real>* kernels) {
            const Real* x = args.x + (block * args.xStride + from);
            Real* y = args.y + (block * args.yStride + to);
            for (int g = 0; g < blocks; g++, x += args.xStride, y += args.yStride)
                store(y, multiplyAdd<Real>(kernels[g],
                                           load(args.scales + (block + g) * width) * load(x),
                                           load(y)));
        };
        send(own.sender[e], own.receiver[e], kernel);
        send(own.reverseSender[e], own.reverseReceiver[e], isPaired ? kernel : kernel + 1);
    };
    forEachPair<Real, knots, isPaired, size>(args, chunk, block, pair);
}

template <class Real, int knots, bool isPaired> void forward(const TableArgs<Real>& args) {
    Chunk<Real, knots> chunk;
    for (int c = 0, first = 0; c < args.numChunks; first = args.chunkEnds[c++]) {
        prepareChunk<Real, knots, isPaired, false>(args, first, args.chunkEnds[c], chunk);
        int block = 0;
        for (; block + 1 < args.blocks || (!isPaired && block < args.blocks);
             block += isPaired ? 2 : 1)
            addMessages<Real, knots, isPaired, 2>(args, chunk, block);
        if (isPaired && block < args.blocks)
            addMessages<Real, knots, true, 1>(args, chunk, block);
    }
}

/// Sums over channels of one pair: adjoints of the kernel's derivatives and of the kernel.
template <class Real> struct PairSums { Vec<Real> byA, byB, value; };

/// Kernels of one lookup and their derivatives by the attributes.
template <class Real, int size> struct KernelsWithSlopes {
    Vec<Real> value[size], byA[size], byB[size];
};

template <class Real, int knots, int size, class Number>
EQUIVARIANT_INLINE void lookUp(const Knots<Number> (&places)[size], const Real* weights,
                               KernelsWithSlopes<Real, size>& kernel) {
    constexpr int width = lanes<Real>;
    const Number* rows[size];
    for (int g = 0; g < size; g++)
        rows[g] = places[g].first;
#pragma GCC unroll 8
    for (int s = 0; s < knots; s++) {
        Vec<Real> row[size], slope[size];
        const Number* knot[size];
        for (int g = 0; g < size; g++) {
            knot[g] = opaque(rows[g]);
            rows[g] += places[g].rowStride;
        }
#pragma GCC unroll 8
        for (int t = 0; t < knots; t++) {
            const Vec<Real> weight = broadcast(weights[(knots + t) * width]);
            const Vec<Real> derivative = broadcast(weights[(3 * knots + t) * width]);
            for (int g = 0; g < size; g++) {
                const Vec<Real> value = loadKnot<Real>(knot[g] + t * places[g].knotStride);
                row[g] = t == 0 ? weight * value : multiplyAdd<Real>(weight, value, row[g]);
                slope[g] =
                    t == 0 ? derivative * value : multiplyAdd<Real>(derivative, value, slope[g]);
            }
        }
        const Vec<Real> weight = broadcast(weights[s * width]);
        const Vec<Real> derivative = broadcast(weights[(2 * knots + s) * width]);
        for (int g = 0; g < size; g++) {
            kernel.value[g] =
                s == 0 ? weight * row[g] : multiplyAdd<Real>(weight, row[g], kernel.value[g]);
            kernel.byA[g] =
                s == 0 ? derivative * row[g] : multiplyAdd<Real>(derivative, row[g], kernel.byA[g]);
            kernel.byB[g] =
                s == 0 ? weight * slope[g] : multiplyAdd<Real>(weight, slope[g], kernel.byB[g]);
        }
    }
}

/// The reverse of addMessages. For the mirrored knots the derivatives of the weights are those by
/// the attributes of the edge itself, so that everything adds up to derivatives by its v.
template <class Real, int knots, bool isPaired, int size>
EQUIVARIANT_INLINE void addAdjoints(const TableArgs<Real>& args, Chunk<Real, knots>& chunk,
                                    int block, PairSums<Real>* allSums) {
    constexpr int width = lanes<Real>;
    constexpr int blocks = isPaired ? size : 1;
    const auto pair = [&](const Lookups<Real, knots>& own, int e, int k, const auto& places) {
        KernelsWithSlopes<Real, size> kernel;
        lookUp<Real, knots>(places, opaque(&own.weights[0][0][0] + e), kernel);
        PairSums<Real> sums = allSums[k];
        const Vec<Real> window = broadcast(own.window[e]);
        const auto sendBack = [&](int sender, int receiver, int firstKernel) {
            const Real* x = args.x + (block * args.xStride + receiver);
            const Real* features = args.features + (block * args.featureStride + sender);
            Vec<Real> adjoints[blocks];
            for (int g = 0; g < blocks; g++, x += args.xStride, features += args.featureStride) {
                adjoints[g] = load(args.scales + (block + g) * width) * load(x);
                const Vec<Real> product = adjoints[g] * load(features);
                sums.byA = multiplyAdd<Real>(kernel.byA[firstKernel + g], product, sums.byA);
                sums.byB = multiplyAdd<Real>(kernel.byB[firstKernel + g], product, sums.byB);
                sums.value = multiplyAdd<Real>(kernel.value[firstKernel + g], product, sums.value);
            }
            if (!args.y)
                return;
            Real* y = args.y + (block * args.yStride + sender);
            for (int g = 0; g < blocks; g++, y += args.yStride)
                store(y, multiplyAdd<Real>(window * kernel.value[firstKernel + g], adjoints[g],
                                           load(y)));
        };
        sendBack(own.sender[e], own.receiver[e], 0);
        sendBack(own.reverseSender[e], own.reverseReceiver[e], isPaired ? 0 : 1);
        allSums[k] = sums;
    };
    forEachPair<Real, knots, isPaired, size>(args, chunk, block, pair);
}

/// Adds a chunk's sums to the edges' derivatives.
template <class Real, int knots>
EQUIVARIANT_INLINE void addGradients(const TableArgs<Real>& args, const Chunk<Real, knots>& chunk,
                                     const PairSums<Real>* sums) {
    constexpr int width = lanes<Real>;
    alignas(64) double byA[width] = {}, byB[width] = {}, gradients[4][width] = {};
    for (int first = 0; first < chunk.count; first += width) {
        const Lookups<Real, knots>& own = chunk.lookups[first / width];
        const int count = chunk.count - first < width ? chunk.count - first : width;
        for (int e = 0; e < count; e++) {
            const double factor = own.sign[e] * double(own.window[e]);
            byA[e] = factor * double(sum<Real>(sums[first + e].byA));
            byB[e] = factor * double(sum<Real>(sums[first + e].byB));
            gradients[3][e] = double(sum<Real>(sums[first + e].value));
        }
        for (int k = 0; k < 3; k++)
            for (int e = 0; e < width; e += lanes<double>)
                store(gradients[k] + e, multiplyAdd<double>(load(byA + e), load(own.n[k] + e),
                                                            load(byB + e) * load(own.m[k] + e)));
        for (int e = 0; e < count; e++)
            for (int k = 0; k < 4; k++)
                args.gradients[own.gradient[e] + k] += gradients[k][e];
    }
}

template <class Real, int knots, bool isPaired> void backward(const TableArgs<Real>& args) {
    Chunk<Real, knots> chunk;
    PairSums<Real> sums[tableChunk];
    for (int c = 0, first = 0; c < args.numChunks; first = args.chunkEnds[c++]) {
        prepareChunk<Real, knots, isPaired, true>(args, first, args.chunkEnds[c], chunk);
        for (int k = 0; k < chunk.count; k++)
            sums[k] = PairSums<Real>{};
        int block = 0;
        for (; block + 1 < args.blocks || (!isPaired && block < args.blocks);
             block += isPaired ? 2 : 1)
            addAdjoints<Real, knots, isPaired, 2>(args, chunk, block, sums);
        if (isPaired && block < args.blocks)
            addAdjoints<Real, knots, true, 1>(args, chunk, block, sums);
        addGradients(args, chunk, sums);
    }
}

} // namespace

template <class Real> void ponitaTable(const TableArgs<Real>& args) {
    static_assert(minTableDegree == 3 && maxTableDegree == 6, "the cases below");
    switch (args.degree) {
    case 3:
        return args.antipodes ? forward<Real, 4, true>(args) : forward<Real, 4, false>(args);
    case 4:
        return args.antipodes ? forward<Real, 5, true>(args) : forward<Real, 5, false>(args);
    case 5:
        return args.antipodes ? forward<Real, 6, true>(args) : forward<Real, 6, false>(args);
    default:
        return args.antipodes ? forward<Real, 7, true>(args) : forward<Real, 7, false>(args);
    }
}

template <class Real> void ponitaTableBack(const TableArgs<Real>& args) {
    switch (args.degree) {
    case 3:
        return args.antipodes ? backward<Real, 4, true>(args) : backward<Real, 4, false>(args);
    case 4:
        return args.antipodes ? backward<Real, 5, true>(args) : backward<Real, 5, false>(args);
    case 5:
        return args.antipodes ? backward<Real, 6, true>(args) : backward<Real, 6, false>(args);
    default:
        return args.antipodes ? backward<Real, 7, true>(args) : backward<Real, 7, false>(args);
    }
}

#define EQUIVARIANT_INSTANTIATE(Real)                                                              \
    template void ponitaTable(const TableArgs<Real>&);                                             \
    template void ponitaTableBack(const TableArgs<Real>&);
EQUIVARIANT_INSTANTIATE(float)
EQUIVARIANT_INSTANTIATE(double)

} // namespace equivariant::EQUIVARIANT_ISA
