// SPDX-License-Identifier: MIT
//
// PONITA's convolution with tabulated kernels. Pairs of an edge and an orientation come in chunks
// of neighbors in the table. Of a chunk, first the attributes and spline weights are computed, one
// pair a lane; they serve all layers. Then, block by block of channels, one channel a lane, the
// knots around all pairs of a chunk are copied into the first-level cache and the (degree+1)^2 of
// each pair are summed.
//
// This file is long because everything in it is inlined into two loops.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// Weights of the uniform B-splines that are not zero at the fraction u of an interval, by Cox and
/// de Boor's recursion, and their derivatives; times a factor, [knot][lane].
template <class Real, int knots>
EQUIVARIANT_INLINE void splineWeights(Vec<Real> u, Vec<Real> factor, Real scale, Real* w,
                                      Real* dw) {
    constexpr int degree = knots - 1, width = lanes<Real>;
    Vec<Real> b[knots];
    b[0] = broadcast(Real(1));
#pragma GCC unroll 8
    for (int d = 1; d <= degree; d++) {
        if (d == degree) {
            const Vec<Real> slope = scale * factor;
            store(dw, -slope * b[0]);
#pragma GCC unroll 8
            for (int j = 1; j < degree; j++)
                store(dw + j * width, slope * (b[j - 1] - b[j]));
            store(dw + degree * width, slope * b[degree - 1]);
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
        store(w + j * width, factor * b[j]);
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

/// Attributes of the lookups from `first` on.
template <class Real> struct VectorOfLookups {
    static constexpr int width = lanes<Real>;
    alignas(64) double n[3][width], m[3][width]; ///< derivatives of a and b by v
    alignas(64) Real fractions[2][width];
    int edges[width];

    EQUIVARIANT_INLINE void find(const TableArgs<Real>& args, int first, int* cells) {
        alignas(64) double v[3][width];
        for (int e = 0; e < width; e++) {
            const int k = first + e < args.count ? first + e : args.count - 1;
            const double* direction = args.directions + 3 * args.orientation[k];
            const int edge = edges[e] = args.edge[k];
            const double sign = args.signs[first + e];
            v[0][e] = sign * args.vx[edge];
            v[1][e] = sign * args.vy[edge];
            v[2][e] = sign * args.vz[edge];
            for (int i = 0; i < 3; i++)
                n[i][e] = direction[i];
        }
        attributes(args, v, n, m, fractions[0], fractions[1], cells, cells + width);
    }
};

template <class Real, int knots> void prepare(const TableArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int first = 0; first < args.count; first += width) {
        int* rows = args.rows + 4 * first;
        alignas(64) Real windows[width];
        for (int e = 0; e < width; e++) {
            const int k = first + e < args.count ? first + e : args.count - 1;
            const int edge = args.edge[k], o = args.orientation[k];
            const double* direction = args.directions + 3 * o;
            const double along = args.vx[edge] * direction[0] + args.vy[edge] * direction[1] +
                                 args.vz[edge] * direction[2];
            const int reversed = args.antipodes ? 0 : along < 0; // no branch: unpredictable
            const int atoms[2] = {args.senderRow[edge], args.receiverRow[edge]};
            const int sender = atoms[reversed], receiver = atoms[1 - reversed];
            const int p = args.antipodes ? args.antipodes[o] : o;
            rows[e] = (sender + o) * width;
            rows[width + e] = (receiver + o) * width;
            rows[2 * width + e] = (receiver + p) * width;
            rows[3 * width + e] = (sender + p) * width;
            args.signs[first + e] = Real(1 - 2 * reversed);
            windows[e] = args.windows[edge];
        }
        VectorOfLookups<Real> own;
        own.find(args, first, args.cells + 2 * first);
        Real* weights = args.weights + 2 * knots * first;
        Real* slopes = args.slopes + 2 * knots * first;
        const Real scale = Real(args.inverseSpacing);
        splineWeights<Real, knots>(load(own.fractions[0]), load(windows), scale, weights, slopes);
        splineWeights<Real, knots>(load(own.fractions[1]), broadcast(Real(1)), scale,
                                   weights + knots * width, slopes + knots * width);
    }
    for (int c = 0, first = 0; c < args.numChunks; first = args.chunkEnds[c++]) {
        int* range = args.chunkCells + 4 * c;
        range[0] = range[2] = 1 << 30;
        range[1] = range[3] = -1;
        for (int k = first; k < args.chunkEnds[c]; k++)
            for (int i = 0; i < 2; i++) {
                const int cell = args.cells[(k / width * 2 + i) * width + k % width];
                range[2 * i] = cell < range[2 * i] ? cell : range[2 * i];
                range[2 * i + 1] = cell > range[2 * i + 1] ? cell : range[2 * i + 1];
            }
    }
}

/// A lookup.
template <class Real, int knots> struct Lookup {
    const Real* weights; ///< [a or b][knot], each `lanes` from the next
    const Real* slopes;
    const int* cells;
    const int* rows;

    EQUIVARIANT_INLINE Lookup(const TableArgs<Real>& args, int k) {
        constexpr int width = lanes<Real>;
        const std::ptrdiff_t first = k / width * width, e = k % width;
        weights = args.weights + (2 * knots * first + e);
        slopes = args.slopes + (2 * knots * first + e);
        cells = args.cells + (2 * first + e);
        rows = args.rows + (4 * first + e);
    }
    EQUIVARIANT_INLINE int cellA() const { return cells[0]; }
    EQUIVARIANT_INLINE int cellB() const { return cells[lanes<Real>]; }
    EQUIVARIANT_INLINE int sender() const { return rows[0]; }
    EQUIVARIANT_INLINE int receiver() const { return rows[lanes<Real>]; }
    EQUIVARIANT_INLINE int reverseSender() const { return rows[2 * lanes<Real>]; }
    EQUIVARIANT_INLINE int reverseReceiver() const { return rows[3 * lanes<Real>]; }
};

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

/// Brings the rows of a pair, from which and to which there are messages, into the cache.
template <class Real, class Lookup>
EQUIVARIANT_INLINE void prefetchRows(const TableArgs<Real>& args, const Lookup& own, int block) {
    if (block >= args.blocks)
        return;
    const Real* x = args.x + block * args.xStride;
    if (args.features) {
        __builtin_prefetch(x + own.receiver());
        __builtin_prefetch(x + own.reverseReceiver());
        const Real* features = args.features + block * args.featureStride;
        __builtin_prefetch(features + own.sender());
        __builtin_prefetch(features + own.reverseSender());
    } else {
        __builtin_prefetch(x + own.sender());
        __builtin_prefetch(x + own.reverseSender());
    }
    if (!args.y)
        return;
    Real* y = args.y + block * args.yStride;
    __builtin_prefetch(y + (args.features ? own.sender() : own.receiver()), 1);
    __builtin_prefetch(y + (args.features ? own.reverseSender() : own.reverseReceiver()), 1);
}

/// Copies of the knots around the lookups of a chunk.
template <class Real> struct Copies {
    static constexpr std::ptrdiff_t rowStride = tableTile * lanes<Real>;
    alignas(64) Real knots[2][tableTile * tableTile * lanes<Real>];
};

/// Lookups that are near each other in the table.
template <class Real, int knots> struct Chunk {
    int first, end;
    const int* cells; ///< least and largest of a and b
    bool isCopied;

    EQUIVARIANT_INLINE Chunk(const TableArgs<Real>& args, int index) {
        first = index > 0 ? args.chunkEnds[index - 1] : 0;
        end = args.chunkEnds[index];
        cells = args.chunkCells + 4 * index;
        isCopied = end - first >= leastCopied && cells[1] - cells[0] + knots <= tableTile &&
                   cells[3] - cells[2] + knots <= tableTile;
        for (int k = first; k < end; k++)
            prefetchRows(args, Lookup<Real, knots>(args, k), 0);
    }
};

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
EQUIVARIANT_INLINE void copyKnots(const TableArgs<Real>& args, const Chunk<Real, knots>& chunk,
                                  int block, int next, bool isMirrored, Real* copy) {
    constexpr int width = lanes<Real>;
    const int rows = chunk.cells[1] - chunk.cells[0] + knots;
    const int columns = chunk.cells[3] - chunk.cells[2] + knots;
    auto from = knotsAt(args, block, chunk.cells[0], chunk.cells[2], isMirrored);
    const std::size_t ahead = next < args.blocks ? (next - block) * args.blockStride : 0;
    for (int s = 0; s < rows; s++, copy += Copies<Real>::rowStride, from.first += from.rowStride)
        for (int t = 0; t < columns; t++) {
            const auto* knot = from.first + t * from.knotStride;
            store(copy + t * width, loadKnot<Real>(knot));
            __builtin_prefetch(knot + ahead);
        }
}

/// Calls use(lookup, k, places) for every lookup of a chunk, for `size` kernels: those of as many
/// blocks where an edge and its reverse share them, else those of an edge and its reverse.
template <class Real, int knots, bool isPaired, int size, class Use>
EQUIVARIANT_INLINE void forEachLookup(const TableArgs<Real>& args, const Chunk<Real, knots>& chunk,
                                      int block, Copies<Real>& copies, const Use& use) {
    constexpr int width = lanes<Real>;
    const auto blockOf = [&](int g) { return isPaired ? block + g : block; };
    const auto isMirrored = [&](int g) { return !isPaired && g == 1; };
    constexpr int blocks = isPaired ? size : 1;
    if (chunk.isCopied) {
        for (int g = 0; g < size; g++)
            copyKnots(args, chunk, blockOf(g), blockOf(g) + blocks, isMirrored(g), copies.knots[g]);
        for (int k = chunk.first; k < chunk.end; k++) {
            const Lookup<Real, knots> own(args, k);
            for (int b = block + blocks; b < block + 2 * blocks; b++)
                prefetchRows(args, own, b);
            const std::ptrdiff_t place = (own.cellA() - chunk.cells[0]) * copies.rowStride +
                                         (own.cellB() - chunk.cells[2]) * width;
            Knots<Real> places[size];
            for (int g = 0; g < size; g++)
                places[g] = {copies.knots[g] + place, copies.rowStride, width};
            use(own, k, places);
        }
        return;
    }
    for (int k = chunk.first; k < chunk.end; k++) {
        const Lookup<Real, knots> own(args, k);
        Knots<typename TableNumber<Real>::type> places[size];
        for (int g = 0; g < size; g++)
            places[g] = knotsAt(args, blockOf(g), own.cellA(), own.cellB(), isMirrored(g));
        use(own, k, places);
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
EQUIVARIANT_INLINE void addMessages(const TableArgs<Real>& args, const Chunk<Real, knots>& chunk,
                                    int block, Copies<Real>& copies) {
    constexpr int width = lanes<Real>;
    constexpr int blocks = isPaired ? size : 1;
    const auto pair = [&](const Lookup<Real, knots>& own, int, const auto& places) {
        Vec<Real> kernel[size];
        lookUp<Real, knots>(places, opaque(own.weights), kernel);
        const auto send = [&](int from, int to, const Vec<Real>* kernels) {
            const Real* x = args.x + (block * args.xStride + from);
            Real* y = args.y + (block * args.yStride + to);
            for (int g = 0; g < blocks; g++, x += args.xStride, y += args.yStride)
                store(y, multiplyAdd<Real>(kernels[g],
                                           load(args.scales + (block + g) * width) * load(x),
                                           load(y)));
        };
        send(own.sender(), own.receiver(), kernel);
        send(own.reverseSender(), own.reverseReceiver(), isPaired ? kernel : kernel + 1);
    };
    forEachLookup<Real, knots, isPaired, size>(args, chunk, block, copies, pair);
}

template <class Real, int knots, bool isPaired> void forward(const TableArgs<Real>& args) {
    Copies<Real> copies;
    for (int c = 0; c < args.numChunks; c++) {
        const Chunk<Real, knots> chunk(args, c);
        int block = 0;
        for (; block + 1 < args.blocks || (!isPaired && block < args.blocks);
             block += isPaired ? 2 : 1)
            addMessages<Real, knots, isPaired, 2>(args, chunk, block, copies);
        if (isPaired && block < args.blocks)
            addMessages<Real, knots, true, 1>(args, chunk, block, copies);
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
                               const Real* slopes, KernelsWithSlopes<Real, size>& kernel) {
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
            const Vec<Real> derivative = broadcast(slopes[(knots + t) * width]);
            for (int g = 0; g < size; g++) {
                const Vec<Real> value = loadKnot<Real>(knot[g] + t * places[g].knotStride);
                row[g] = t == 0 ? weight * value : multiplyAdd<Real>(weight, value, row[g]);
                slope[g] =
                    t == 0 ? derivative * value : multiplyAdd<Real>(derivative, value, slope[g]);
            }
        }
        const Vec<Real> weight = broadcast(weights[s * width]);
        const Vec<Real> derivative = broadcast(slopes[s * width]);
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
EQUIVARIANT_INLINE void addAdjoints(const TableArgs<Real>& args, const Chunk<Real, knots>& chunk,
                                    int block, Copies<Real>& copies, PairSums<Real>* allSums) {
    constexpr int width = lanes<Real>;
    constexpr int blocks = isPaired ? size : 1;
    const auto pair = [&](const Lookup<Real, knots>& own, int k, const auto& places) {
        KernelsWithSlopes<Real, size> kernel;
        lookUp<Real, knots>(places, opaque(own.weights), opaque(own.slopes), kernel);
        PairSums<Real> sums = allSums[k - chunk.first];
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
                store(y, multiplyAdd<Real>(kernel.value[firstKernel + g], adjoints[g], load(y)));
        };
        sendBack(own.sender(), own.receiver(), 0);
        sendBack(own.reverseSender(), own.reverseReceiver(), isPaired ? 0 : 1);
        allSums[k - chunk.first] = sums;
    };
    forEachLookup<Real, knots, isPaired, size>(args, chunk, block, copies, pair);
}

template <class Real, int knots, bool isPaired> void backward(const TableArgs<Real>& args) {
    Copies<Real> copies;
    PairSums<Real> sums[tableChunk];
    for (int c = 0; c < args.numChunks; c++) {
        const Chunk<Real, knots> chunk(args, c);
        for (int k = 0; k < chunk.end - chunk.first; k++)
            sums[k] = PairSums<Real>{};
        int block = 0;
        for (; block + 1 < args.blocks || (!isPaired && block < args.blocks);
             block += isPaired ? 2 : 1)
            addAdjoints<Real, knots, isPaired, 2>(args, chunk, block, copies, sums);
        if (isPaired && block < args.blocks)
            addAdjoints<Real, knots, true, 1>(args, chunk, block, copies, sums);
        for (int k = chunk.first; k < chunk.end; k++) {
            const PairSums<Real>& own = sums[k - chunk.first];
            args.sums[k] += double(sum<Real>(own.byA));
            args.sums[args.sumStride + k] += double(sum<Real>(own.byB));
            args.sums[2 * args.sumStride + k] += double(sum<Real>(own.value));
        }
    }
}

} // namespace

/// By the window divides the sum of kernels times windows, as accurate as the kernels unless the
/// window is zero to all digits.
template <class Real> void ponitaTableFinish(const TableArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int first = 0; first < args.count; first += width) {
        VectorOfLookups<Real> own;
        int cells[2 * width];
        own.find(args, first, cells);
        alignas(64) double gradients[4][width];
        for (int e = 0; e < width; e += lanes<double>) {
            const Vec<double> byA = loadUnaligned(args.sums + first + e);
            const Vec<double> byB = loadUnaligned(args.sums + args.sumStride + first + e);
            for (int i = 0; i < 3; i++)
                store(gradients[i] + e,
                      multiplyAdd<double>(byA, load(own.n[i] + e), byB * load(own.m[i] + e)));
        }
        for (int e = 0; e < width; e++) {
            const double window = double(args.windows[own.edges[e]]);
            const double value = args.sums[2 * args.sumStride + first + e];
            for (int i = 0; i < 3; i++)
                gradients[i][e] *= double(args.signs[first + e]);
            gradients[3][e] = window > leastWindow ? value / window : 0;
        }
        for (int e = 0; e < width && first + e < args.count; e++) {
            const int o = args.orientation[first + e];
            double* gradient = args.gradients + args.sumOf[o] * args.gradientStride +
                               4 * std::size_t(own.edges[e]);
            for (int i = 0; i < 4; i++)
                gradient[i] += gradients[i][e];
        }
    }
}

template <class Real> void ponitaTablePrepare(const TableArgs<Real>& args) {
    static_assert(minTableDegree == 3 && maxTableDegree == 6, "the cases below");
    switch (args.degree) {
    case 3:
        return prepare<Real, 4>(args);
    case 4:
        return prepare<Real, 5>(args);
    case 5:
        return prepare<Real, 6>(args);
    default:
        return prepare<Real, 7>(args);
    }
}

template <class Real> void ponitaTable(const TableArgs<Real>& args) {
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
    template void ponitaTablePrepare(const TableArgs<Real>&);                                      \
    template void ponitaTableFinish(const TableArgs<Real>&);                                       \
    template void ponitaTable(const TableArgs<Real>&);                                             \
    template void ponitaTableBack(const TableArgs<Real>&);
EQUIVARIANT_INSTANTIATE(float)
EQUIVARIANT_INSTANTIATE(double)

} // namespace equivariant::EQUIVARIANT_ISA
