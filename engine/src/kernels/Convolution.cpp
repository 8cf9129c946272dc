// SPDX-License-Identifier: MIT
//
// Messages to one atom over its edges, and their reverse. For each path and two blocks of channels
// the loop over edges is innermost, so that sums stay in registers and a slice of the radial table
// in the first-level cache. Rows of neighbors lie here and there in arrays larger than the caches:
// those of the next blocks are asked for while one is at work.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// Degrees of a path, known to the compiler or not.
template <int fixedL1, int fixedL3> struct Degrees {
    static constexpr int max1 = 2 * fixedL1 + 1, max3 = 2 * fixedL3 + 1;
    explicit Degrees(const ConvolutionPath3&) {}
    static constexpr int size1 = max1, size3 = max3;
};
struct AnyDegrees {
    static constexpr int max1 = 2 * maxPathDegree + 1, max3 = max1;
    explicit AnyDegrees(const ConvolutionPath3& path)
        : size1(2 * path.l1 + 1), size3(2 * path.l3 + 1) {}
    const int size1, size3;
};

/// Where the data of one edge begin, for `size` blocks of channels.
template <class Real, int knots, bool derivatives, int size> struct EdgeData {
    static constexpr int kinds = derivatives ? 3 : 1;

    EQUIVARIANT_INLINE EdgeData(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path,
                                int block, int e) {
        constexpr int width = lanes<Real>;
        const std::size_t edgeBlock = e / width, lane = e % width;
        const std::size_t kindStride = std::size_t(args.numTargets) * width;
        const Real* first =
            args.coefficients + edgeBlock * kinds * kindStride + path.firstTarget * width + lane;
        for (int kind = 0; kind < kinds; kind++)
            coefficients[kind] = opaque(first + kind * kindStride);
        weights = opaque(args.weights + edgeBlock * (derivatives ? 2 : 1) * knots * width + lane);
        const Real* slice =
            args.table[e] +
            (std::size_t(path.function) * args.channelBlocks + block) * args.tableStride;
        for (int g = 0; g < size; g++)
            table[g] = opaque(slice + g * args.tableStride);
    }
    EQUIVARIANT_INLINE Vec<Real> coefficient(int kind, int index) const {
        return broadcast(coefficients[kind][index * lanes<Real>]);
    }
    /// The radial functions and, with derivatives, their slopes.
    EQUIVARIANT_INLINE void radial(Vec<Real> (&value)[size], Vec<Real> (&slope)[size]) const {
        for (int s = 0; s < knots; s++) {
            const Vec<Real> weight = broadcast(weights[s * lanes<Real>]);
            const Vec<Real> derivative =
                broadcast(weights[((derivatives ? knots : 0) + s) * lanes<Real>]);
            for (int g = 0; g < size; g++) {
                const Vec<Real> knot = load(table[g] + s * lanes<Real>);
                value[g] = s == 0 ? weight * knot : value[g] + weight * knot;
                if (derivatives)
                    slope[g] = s == 0 ? derivative * knot : slope[g] + derivative * knot;
            }
        }
    }
    const Real *coefficients[kinds], *weights, *table[size];
};

/// The same row of `size` blocks of channels.
template <class Real, int size> struct Rows {
    EQUIVARIANT_INLINE Rows(const Panel<Real>& panel, int block, int row, int components) {
        Real* first =
            panel.data + block * panel.stride + std::size_t(row) * components * lanes<Real>;
        for (int g = 0; g < size; g++)
            data[g] = opaque(first + g * panel.stride);
        toNext = size * panel.stride;
    }
    EQUIVARIANT_INLINE Real* at(int g, int m) const { return data[g] + m * lanes<Real>; }
    /// Asks for the row of the next blocks; what it takes to come overlaps with work on these.
    EQUIVARIANT_INLINE void prefetchNext(int components) const {
        constexpr int line = 64 / int(sizeof(Real));
        for (int g = 0; g < size; g++) {
            const Real* next = opaque(data[g] + toNext);
#pragma GCC unroll 8
            for (int k = 0; k < components * lanes<Real>; k += line)
                __builtin_prefetch(next + k);
        }
    }
    Real* data[size];
    std::size_t toNext;
};

template <class Real, class DegreesOf, int knots, bool isDiagonal, int size>
EQUIVARIANT_INLINE void forwardBlocks(const ConvolutionArgs<Real>& args,
                                      const ConvolutionPath3& path, int block) {
    const DegreesOf degrees(path);
    const int size1 = degrees.size1, size3 = degrees.size3;
    const Rows<Real, size> out(args.messages[path.group], block, args.messageRow, size3);
    Vec<Real> sums[size][DegreesOf::max3];
    for (int g = 0; g < size; g++)
        for (int m = 0; m < size3; m++)
            sums[g][m] = path.firstOfGroup ? broadcast(Real(0)) : load(out.at(g, m));
    for (int e = 0; e < args.count; e++) {
        const EdgeData<Real, knots, false, size> edge(args, path, block, e);
        const Rows<const Real, size> h(args.features[path.l1], block, args.featureRow[e], size1);
        Vec<Real> radial[size], none[size];
        edge.radial(radial, none);
        h.prefetchNext(size1);
        if constexpr (isDiagonal) {
            for (int g = 0; g < size; g++) {
                const Vec<Real> scaled = edge.coefficient(0, 0) * radial[g];
                for (int m = 0; m < size3; m++)
                    sums[g][m] += scaled * load(h.at(g, m));
            }
        } else {
            for (int m1 = 0; m1 < size1; m1++) {
                Vec<Real> u[size];
                for (int g = 0; g < size; g++)
                    u[g] = radial[g] * load(h.at(g, m1));
                for (int m3 = 0; m3 < size3; m3++) {
                    const Vec<Real> coefficient = edge.coefficient(0, m3 * size1 + m1);
                    for (int g = 0; g < size; g++)
                        sums[g][m3] += coefficient * u[g];
                }
            }
        }
    }
    for (int g = 0; g < size; g++)
        for (int m = 0; m < size3; m++)
            store(out.at(g, m), sums[g][m]);
}

/// With a the adjoint of the messages and q = C^T a: the feature's adjoint is R q, the energy of
/// the edge h·(R q); the tangential derivatives have dC in place of C.
template <class Real, class DegreesOf, int knots, bool isDiagonal, int size>
EQUIVARIANT_INLINE void reverseBlocks(const ConvolutionArgs<Real>& args,
                                      const ConvolutionPath3& path, int block) {
    constexpr int width = lanes<Real>;
    const DegreesOf degrees(path);
    const int size1 = degrees.size1, size3 = degrees.size3;
    Vec<Real> featureAdjoint[size][DegreesOf::max1];
    for (int g = 0; g < size; g++)
        for (int m = 0; m < size1; m++)
            featureAdjoint[g][m] = broadcast(Real(0));
    for (int e = 0; e < args.count; e++) {
        const EdgeData<Real, knots, true, size> edge(args, path, block, e);
        const Rows<const Real, size> h(args.features[path.l1], block, args.featureRow[e], size1);
        const Rows<const Real, size> a(args.messageAdjoints[path.group], block, args.adjointRow[e],
                                       size3);
        Real* sums = args.sums + std::size_t(e) * 3 * width;
        Vec<Real> radial[size], slope[size];
        edge.radial(radial, slope);
        a.prefetchNext(size3);
        Vec<Real> energy[size], along[size][2];
        for (int g = 0; g < size; g++)
            energy[g] = along[g][0] = along[g][1] = broadcast(Real(0));
        for (int m1 = 0; m1 < size1; m1++) {
            Vec<Real> q[size], t[size][2];
            for (int g = 0; g < size; g++)
                q[g] = t[g][0] = t[g][1] = broadcast(Real(0));
            for (int m3 = isDiagonal ? m1 : 0; m3 < (isDiagonal ? m1 + 1 : size3); m3++) {
                const int entry = isDiagonal ? 0 : m3 * size1 + m1;
                const Vec<Real> c = edge.coefficient(0, entry);
                for (int g = 0; g < size; g++) {
                    const Vec<Real> adjoint = load(a.at(g, m3));
                    q[g] += c * adjoint;
                    if constexpr (!isDiagonal)
                        for (int k = 0; k < 2; k++)
                            t[g][k] += edge.coefficient(k + 1, entry) * adjoint;
                }
            }
            for (int g = 0; g < size; g++) {
                const Vec<Real> feature = load(h.at(g, m1));
                if constexpr (!isDiagonal)
                    for (int k = 0; k < 2; k++)
                        along[g][k] += t[g][k] * feature;
                energy[g] += q[g] * feature;
                featureAdjoint[g][m1] += radial[g] * q[g];
            }
        }
        Vec<Real> all[3] = {load(sums), load(sums + width), load(sums + 2 * width)};
        for (int g = 0; g < size; g++) {
            all[0] += slope[g] * energy[g];
            if constexpr (!isDiagonal)
                for (int k = 0; k < 2; k++)
                    all[k + 1] += radial[g] * along[g][k];
        }
        for (int k = 0; k < (isDiagonal ? 1 : 3); k++)
            store(sums + k * width, all[k]);
    }
    if (!args.featureAdjoints)
        return;
    const Rows<Real, size> out(args.featureAdjoints[path.l1], block, args.featureAdjointRow, size1);
    for (int g = 0; g < size; g++)
        for (int m = 0; m < size1; m++)
            store(out.at(g, m), load(out.at(g, m)) + featureAdjoint[g][m]);
}

template <bool isForward, class DegreesOf, int knots, bool isDiagonal, int size, class Real>
EQUIVARIANT_INLINE void runBlocks(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path,
                                  int block) {
    if constexpr (isForward)
        forwardBlocks<Real, DegreesOf, knots, isDiagonal, size>(args, path, block);
    else
        reverseBlocks<Real, DegreesOf, knots, isDiagonal, size>(args, path, block);
}

/// All blocks of channels, two at a time: what is the same for all channels is read half as often.
template <bool isForward, class DegreesOf, int knots, bool isDiagonal, class Real>
void runAllBlocks(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path) {
    int block = 0;
    for (; block + 1 < args.channelBlocks; block += 2)
        runBlocks<isForward, DegreesOf, knots, isDiagonal, 2>(args, path, block);
    if (block < args.channelBlocks)
        runBlocks<isForward, DegreesOf, knots, isDiagonal, 1>(args, path, block);
}

template <bool isForward, class DegreesOf, int knots, class Real>
void runPath(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path) {
    if constexpr (DegreesOf::max1 == DegreesOf::max3)
        if (path.isDiagonal)
            return runAllBlocks<isForward, DegreesOf, knots, true>(args, path);
    return runAllBlocks<isForward, DegreesOf, knots, false>(args, path);
}

template <bool isForward, int knots, class Real>
void dispatchPath(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path) {
    switch (10 * path.l1 + path.l3) {
    case 0:
        return runPath<isForward, Degrees<0, 0>, knots>(args, path);
    case 1:
        return runPath<isForward, Degrees<0, 1>, knots>(args, path);
    case 2:
        return runPath<isForward, Degrees<0, 2>, knots>(args, path);
    case 3:
        return runPath<isForward, Degrees<0, 3>, knots>(args, path);
    case 10:
        return runPath<isForward, Degrees<1, 0>, knots>(args, path);
    case 11:
        return runPath<isForward, Degrees<1, 1>, knots>(args, path);
    case 12:
        return runPath<isForward, Degrees<1, 2>, knots>(args, path);
    case 13:
        return runPath<isForward, Degrees<1, 3>, knots>(args, path);
    case 20:
        return runPath<isForward, Degrees<2, 0>, knots>(args, path);
    case 21:
        return runPath<isForward, Degrees<2, 1>, knots>(args, path);
    case 22:
        return runPath<isForward, Degrees<2, 2>, knots>(args, path);
    case 23:
        return runPath<isForward, Degrees<2, 3>, knots>(args, path);
    default:
        return runPath<isForward, AnyDegrees, knots>(args, path);
    }
}

template <bool isForward, class Real> void run(const ConvolutionArgs<Real>& args) {
    for (int p = 0; p < args.numPaths; p++)
        switch (args.degree) {
        case 1:
            dispatchPath<isForward, 2>(args, args.paths[p]);
            break;
        case 3:
            dispatchPath<isForward, 4>(args, args.paths[p]);
            break;
        default:
            dispatchPath<isForward, 6>(args, args.paths[p]);
        }
}

} // namespace

template <class Real> void convolve(const ConvolutionArgs<Real>& args) {
    run<true>(args);
}

template <class Real> void convolveBack(const ConvolutionArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int i = 0; i < 3 * args.count; i++)
        store(args.sums + std::size_t(i) * width, broadcast(Real(0)));
    run<false>(args);
    for (int i = 0; i < 3 * args.count; i++)
        args.gradients[i] = sum<Real>(load(args.sums + std::size_t(i) * width));
}

template void convolve(const ConvolutionArgs<float>&);
template void convolve(const ConvolutionArgs<double>&);
template void convolveBack(const ConvolutionArgs<float>&);
template void convolveBack(const ConvolutionArgs<double>&);

} // namespace equivariant::EQUIVARIANT_ISA
