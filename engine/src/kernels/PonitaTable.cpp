// SPDX-License-Identifier: MIT
//
// PONITA's convolution with tabulated kernels. Pairs of an edge and an orientation come sorted by
// their place in the table, so that its knots are found in the first-level cache. They are taken a
// vector at a time: first their attributes and spline weights, one pair a lane; then pair by pair,
// one channel a lane, the (degree+1)^2 knots around each.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// Blocks of channels that share the loads of weights.
constexpr int group = numRegisters == 32 ? 4 : 2;

/// What does not depend on the channel, for a vector of pairs.
template <class Real, int knots> struct Lookups {
    static constexpr int width = lanes<Real>;
    /// Weights in a and b, and their derivatives (1/Å), [which][knot]
    alignas(64) Real weights[4][knots][width];
    alignas(64) double n[3][width], m[3][width];      ///< derivatives of a and b by v
    int offset[width], mirrored[width];               ///< of the first knot; of the last for -a
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
                                   Real* fractionA, Real* fractionB, int* offset, int* mirrored) {
    using Double = Vec<double>;
    constexpr int width = lanes<Real>, step = lanes<double>;
    using Integers = typename AsManyAsDoubles<int>::type;
    using Reals = typename AsManyAsDoubles<Real>::type;
    const double delta = args.smoothDelta, scale = args.inverseSpacing;
    const int rowStride = int(args.rowStride), knotStride = args.blocks * width;
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
        const Integers place = cellA * rowStride + cellB * knotStride;
        const Integers otherPlace = (args.mirrorA - cellA) * rowStride +
                                    (args.isPlanar ? args.mirrorB - cellB : cellB) * knotStride;
        __builtin_memcpy(fractionA + first, &restA, sizeof(restA));
        __builtin_memcpy(fractionB + first, &restB, sizeof(restB));
        __builtin_memcpy(offset + first, &place, sizeof(place));
        __builtin_memcpy(mirrored + first, &otherPlace, sizeof(otherPlace));
    }
}

template <class Real, int knots, bool isPaired, bool derivatives>
EQUIVARIANT_INLINE void prepare(const TableArgs<Real>& args, int first, Lookups<Real, knots>& out) {
    constexpr int width = lanes<Real>;
    alignas(64) double v[3][width];
    for (int e = 0; e < width; e++) {
        const int k = first + e < args.count ? first + e : args.count - 1;
        const int edge = args.edge[k], o = args.orientation[k];
        const int senderRow = args.senderRow[edge], receiverRow = args.receiverRow[edge];
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
        v[0][e] = args.vx[edge];
        v[1][e] = args.vy[edge];
        v[2][e] = args.vz[edge];
        for (int i = 0; i < 3; i++)
            out.n[i][e] = args.directions[3 * o + i];
    }
    alignas(64) Real fractionA[width], fractionB[width];
    attributes(args, v, out.n, out.m, fractionA, fractionB, out.offset, out.mirrored);
    const Real scale = Real(args.inverseSpacing);
    splineWeights<Real, knots, derivatives>(fractionA, scale, out.weights[0], out.weights[2]);
    splineWeights<Real, knots, derivatives>(fractionB, scale, out.weights[1], out.weights[3]);
}

EQUIVARIANT_INLINE Vec<float> loadKnotAs(const float* p, float) {
    return load(p);
}
EQUIVARIANT_INLINE Vec<double> loadKnotAs(const std::int32_t* p, double) {
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
template <class Real>
EQUIVARIANT_INLINE Vec<Real> loadKnot(const typename TableNumber<Real>::type* p) {
    return loadKnotAs(p, Real());
}

/// Where a lookup's knots are: from those of the least attributes on or, for the reverse edge,
/// whose attributes are -a and b (in the plane -a and -b), from the last ones back.
template <class Real> struct Place {
    const typename TableNumber<Real>::type* table;
    std::ptrdiff_t rowStride, knotStride;

    EQUIVARIANT_INLINE Place(const TableArgs<Real>& args, int offset, bool isMirrored)
        : table(args.table + offset), rowStride(std::ptrdiff_t(args.rowStride)),
          knotStride(std::ptrdiff_t(args.blocks) * lanes<Real>) {
        if (isMirrored)
            rowStride = -rowStride;
        if (isMirrored && args.isPlanar)
            knotStride = -knotStride;
    }
};

/// Kernels of one lookup for `size` blocks of channels.
template <class Real, int knots, int size>
EQUIVARIANT_INLINE void lookUp(const Place<Real>& place, int block, const Real* weights,
                               Vec<Real> (&kernel)[size]) {
    constexpr int width = lanes<Real>;
    const auto* table = place.table + block * width;
#pragma GCC unroll 8
    for (int s = 0; s < knots; s++, table += place.rowStride) {
        Vec<Real> row[size];
        const auto* knot = opaque(table);
#pragma GCC unroll 8
        for (int t = 0; t < knots; t++, knot += place.knotStride) {
            const Vec<Real> weight = broadcast(weights[(knots + t) * width]);
            for (int g = 0; g < size; g++)
                row[g] = t == 0 ? weight * loadKnot<Real>(knot + g * width)
                                : row[g] + weight * loadKnot<Real>(knot + g * width);
        }
        const Vec<Real> weight = broadcast(weights[s * width]);
        for (int g = 0; g < size; g++)
            kernel[g] = s == 0 ? weight * row[g] : kernel[g] + weight * row[g];
    }
}

/// Adds the messages of an edge and its reverse, for `size` blocks of channels from `block` on.
template <class Real, int knots, bool isPaired, int size>
EQUIVARIANT_INLINE void addMessages(const TableArgs<Real>& args,
                                    const Lookups<Real, knots>& lookups, int e, int block) {
    constexpr int width = lanes<Real>;
    const Real* weights = opaque(&lookups.weights[0][0][0] + e);
    Vec<Real> kernel[size];
    const auto send = [&](int from, int to) {
        const Real* x = opaque(args.x + (block * args.xStride + from));
        Real* y = opaque(args.y + (block * args.yStride + to));
        for (int g = 0; g < size; g++, x += args.xStride, y += args.yStride)
            store(y, load(y) + kernel[g] * (load(args.scales + (block + g) * width) * load(x)));
    };
    lookUp<Real, knots>(Place<Real>(args, lookups.offset[e], false), block, weights, kernel);
    send(lookups.sender[e], lookups.receiver[e]);
    if (!isPaired)
        lookUp<Real, knots>(Place<Real>(args, lookups.mirrored[e], true), block, weights, kernel);
    send(lookups.reverseSender[e], lookups.reverseReceiver[e]);
}

template <class Real, int knots, bool isPaired> void forward(const TableArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    Lookups<Real, knots> lookups;
    for (int first = 0; first < args.count; first += width) {
        const int count = args.count - first < width ? args.count - first : width;
        prepare<Real, knots, isPaired, false>(args, first, lookups);
        const Vec<Real> windows = load(lookups.window);
        for (int s = 0; s < knots; s++)
            store(lookups.weights[0][s], windows * load(lookups.weights[0][s]));
        for (int e = 0; e < count; e++) {
            int block = 0;
            for (; block + group <= args.blocks; block += group)
                addMessages<Real, knots, isPaired, group>(args, lookups, e, block);
            for (; block < args.blocks; block++)
                addMessages<Real, knots, isPaired, 1>(args, lookups, e, block);
        }
    }
}

/// Sums over channels of one pair: adjoints of the kernel's derivatives and of the kernel.
template <class Real> struct PairSums { Vec<Real> byA, byB, value; };

/// Kernels of one lookup and their derivatives by the attributes.
template <class Real, int size> struct KernelsWithSlopes {
    Vec<Real> value[size], byA[size], byB[size];
};

template <class Real, int knots, int size>
EQUIVARIANT_INLINE void lookUp(const Place<Real>& place, int block, const Real* weights,
                               KernelsWithSlopes<Real, size>& kernel) {
    constexpr int width = lanes<Real>;
    const auto* table = place.table + block * width;
#pragma GCC unroll 8
    for (int s = 0; s < knots; s++, table += place.rowStride) {
        Vec<Real> row[size], slope[size];
        const auto* knot = opaque(table);
#pragma GCC unroll 8
        for (int t = 0; t < knots; t++, knot += place.knotStride) {
            const Vec<Real> weight = broadcast(weights[(knots + t) * width]);
            const Vec<Real> derivative = broadcast(weights[(3 * knots + t) * width]);
            for (int g = 0; g < size; g++) {
                const Vec<Real> value = loadKnot<Real>(knot + g * width);
                row[g] = t == 0 ? weight * value : row[g] + weight * value;
                slope[g] = t == 0 ? derivative * value : slope[g] + derivative * value;
            }
        }
        const Vec<Real> weight = broadcast(weights[s * width]);
        const Vec<Real> derivative = broadcast(weights[(2 * knots + s) * width]);
        for (int g = 0; g < size; g++) {
            kernel.value[g] = s == 0 ? weight * row[g] : kernel.value[g] + weight * row[g];
            kernel.byA[g] = s == 0 ? derivative * row[g] : kernel.byA[g] + derivative * row[g];
            kernel.byB[g] = s == 0 ? weight * slope[g] : kernel.byB[g] + weight * slope[g];
        }
    }
}

/// The reverse of addMessages. For the mirrored knots the derivatives of the weights are those by
/// the attributes of the edge itself, so that everything adds up to derivatives by its v.
template <class Real, int knots, bool isPaired, int size>
EQUIVARIANT_INLINE void addAdjoints(const TableArgs<Real>& args,
                                    const Lookups<Real, knots>& lookups, int e, int block,
                                    PairSums<Real>& sums) {
    constexpr int width = lanes<Real>;
    const Real* weights = opaque(&lookups.weights[0][0][0] + e);
    KernelsWithSlopes<Real, size> kernel;
    const auto sendBack = [&](int sender, int receiver) {
        const Real* x = opaque(args.x + (block * args.xStride + receiver));
        const Real* features = opaque(args.features + (block * args.featureStride + sender));
        Vec<Real> messages[size];
        const Vec<Real> window = broadcast(lookups.window[e]);
        for (int g = 0; g < size; g++, x += args.xStride, features += args.featureStride) {
            const Vec<Real> adjoint = load(args.scales + (block + g) * width) * load(x);
            const Vec<Real> product = adjoint * load(features);
            sums.byA += kernel.byA[g] * product;
            sums.byB += kernel.byB[g] * product;
            sums.value += kernel.value[g] * product;
            messages[g] = window * kernel.value[g] * adjoint;
        }
        if (!args.y)
            return;
        Real* y = opaque(args.y + (block * args.yStride + sender));
        for (int g = 0; g < size; g++, y += args.yStride)
            store(y, load(y) + messages[g]);
    };
    lookUp<Real, knots>(Place<Real>(args, lookups.offset[e], false), block, weights, kernel);
    sendBack(lookups.sender[e], lookups.receiver[e]);
    if (!isPaired)
        lookUp<Real, knots>(Place<Real>(args, lookups.mirrored[e], true), block, weights, kernel);
    sendBack(lookups.reverseSender[e], lookups.reverseReceiver[e]);
}

template <class Real, int knots, bool isPaired> void backward(const TableArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    Lookups<Real, knots> lookups;
    alignas(64) double byA[width] = {}, byB[width] = {}, gradients[4][width] = {};
    for (int first = 0; first < args.count; first += width) {
        const int count = args.count - first < width ? args.count - first : width;
        prepare<Real, knots, isPaired, true>(args, first, lookups);
        for (int e = 0; e < count; e++) {
            PairSums<Real> sums = {};
            int block = 0;
            for (; block + group <= args.blocks; block += group)
                addAdjoints<Real, knots, isPaired, group>(args, lookups, e, block, sums);
            for (; block < args.blocks; block++)
                addAdjoints<Real, knots, isPaired, 1>(args, lookups, e, block, sums);
            byA[e] = lookups.window[e] * sum<Real>(sums.byA);
            byB[e] = lookups.window[e] * sum<Real>(sums.byB);
            gradients[3][e] = double(sum<Real>(sums.value));
        }
        for (int k = 0; k < 3; k++)
            for (int e = 0; e < width; e++)
                gradients[k][e] = byA[e] * lookups.n[k][e] + byB[e] * lookups.m[k][e];
        for (int e = 0; e < count; e++)
            for (int k = 0; k < 4; k++)
                args.gradients[lookups.gradient[e] + k] += gradients[k][e];
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
