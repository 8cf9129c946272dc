// SPDX-License-Identifier: MIT
//
// Messages to one atom over its edges, and their reverse. For each path and block of channels the
// loop over edges is innermost, so that sums stay in registers and one slice of the radial table in
// the first-level cache.
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

/// Where the data of one edge begin.
template <class Real, int knots, bool derivatives> struct EdgeData {
    EQUIVARIANT_INLINE EdgeData(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path,
                                int block, int e) {
        constexpr int width = lanes<Real>, kinds = derivatives ? 3 : 1;
        const std::size_t edgeBlock = e / width, lane = e % width;
        kindStride = std::size_t(args.numTargets) * width;
        coefficients =
            args.coefficients + edgeBlock * kinds * kindStride + path.firstTarget * width + lane;
        weights = args.weights + edgeBlock * (derivatives ? 2 : 1) * knots * width + lane;
        table = args.table[e] +
                (std::size_t(path.function) * args.channelBlocks + block) * args.tableStride;
    }
    EQUIVARIANT_INLINE Real coefficient(int kind, int index) const {
        return coefficients[kind * kindStride + index * lanes<Real>];
    }
    EQUIVARIANT_INLINE Vec<Real> radial() const {
        Vec<Real> value = weights[0] * load(table);
        for (int s = 1; s < knots; s++)
            value += weights[s * lanes<Real>] * load(table + s * lanes<Real>);
        return value;
    }
    EQUIVARIANT_INLINE void radialWithSlope(Vec<Real>& value, Vec<Real>& slope) const {
        value = weights[0] * load(table);
        slope = weights[knots * lanes<Real>] * load(table);
        for (int s = 1; s < knots; s++) {
            const Vec<Real> knot = load(table + s * lanes<Real>);
            value += weights[s * lanes<Real>] * knot;
            slope += weights[(knots + s) * lanes<Real>] * knot;
        }
    }
    const Real *coefficients, *weights, *table;
    std::size_t kindStride;
};

/// Brings a row of the next channel block into the cache while this one is at work.
template <class Real> EQUIVARIANT_INLINE void prefetchRow(const Real* row, int size) {
    constexpr int line = 64 / int(sizeof(Real));
#pragma GCC unroll 8
    for (int k = 0; k < size * lanes<Real>; k += line)
        __builtin_prefetch(row + k);
}

template <class Real, class Panels>
EQUIVARIANT_INLINE auto rowOf(const Panels& panel, int block, int row, int size) {
    return panel.data + block * panel.stride + std::size_t(row) * size * lanes<Real>;
}

template <class Real, class DegreesOf, int knots, bool isDiagonal>
void forwardPath(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path) {
    constexpr int width = lanes<Real>;
    const DegreesOf degrees(path);
    const int size1 = degrees.size1, size3 = degrees.size3;
    for (int block = 0; block < args.channelBlocks; block++) {
        Real* out = rowOf<Real>(args.messages[path.group], block, args.messageRow, size3);
        Vec<Real> sums[DegreesOf::max3];
        for (int m = 0; m < size3; m++)
            sums[m] = path.firstOfGroup ? broadcast(Real(0)) : load(out + m * width);
        for (int e = 0; e < args.count; e++) {
            const EdgeData<Real, knots, false> edge(args, path, block, e);
            const Real* h = rowOf<Real>(args.features[path.l1], block, args.featureRow[e], size1);
            prefetchRow(h + args.features[path.l1].stride, size1);
            const Vec<Real> radial = edge.radial();
            if constexpr (isDiagonal) {
                const Vec<Real> scaled = edge.coefficient(0, 0) * radial;
                for (int m = 0; m < size3; m++)
                    sums[m] += scaled * load(h + m * width);
            } else {
                Vec<Real> u[DegreesOf::max1];
                for (int m = 0; m < size1; m++)
                    u[m] = radial * load(h + m * width);
                for (int m3 = 0; m3 < size3; m3++)
                    for (int m1 = 0; m1 < size1; m1++)
                        sums[m3] += edge.coefficient(0, m3 * size1 + m1) * u[m1];
            }
        }
        for (int m = 0; m < size3; m++)
            store(out + m * width, sums[m]);
    }
}

/// With a the adjoint of the messages and q = C^T a: the feature's adjoint is R q, the energy of
/// the edge h·(R q); the tangential derivatives have dC in place of C.
template <class Real, class DegreesOf, int knots, bool isDiagonal>
void reversePath(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path) {
    constexpr int width = lanes<Real>;
    const DegreesOf degrees(path);
    const int size1 = degrees.size1, size3 = degrees.size3;
    for (int block = 0; block < args.channelBlocks; block++) {
        Vec<Real> featureAdjoint[DegreesOf::max1];
        for (int m = 0; m < size1; m++)
            featureAdjoint[m] = broadcast(Real(0));
        for (int e = 0; e < args.count; e++) {
            const EdgeData<Real, knots, true> edge(args, path, block, e);
            const Real* h = rowOf<Real>(args.features[path.l1], block, args.featureRow[e], size1);
            const Real* adjoint =
                rowOf<Real>(args.messageAdjoints[path.group], block, args.adjointRow[e], size3);
            prefetchRow(adjoint + args.messageAdjoints[path.group].stride, size3);
            Real* sums = args.sums + std::size_t(e) * 3 * width;
            Vec<Real> radial, slope;
            edge.radialWithSlope(radial, slope);
            Vec<Real> q[DegreesOf::max1], a[DegreesOf::max3];
            for (int m = 0; m < size3; m++)
                a[m] = load(adjoint + m * width);
            Vec<Real> energy = broadcast(Real(0)), along[2] = {energy, energy};
            for (int m1 = 0; m1 < size1; m1++) {
                const Vec<Real> feature = load(h + m1 * width);
                if constexpr (isDiagonal) {
                    q[m1] = edge.coefficient(0, 0) * a[m1];
                } else {
                    q[m1] = edge.coefficient(0, m1) * a[0];
                    Vec<Real> t0 = edge.coefficient(1, m1) * a[0];
                    Vec<Real> t1 = edge.coefficient(2, m1) * a[0];
                    for (int m3 = 1; m3 < size3; m3++) {
                        q[m1] += edge.coefficient(0, m3 * size1 + m1) * a[m3];
                        t0 += edge.coefficient(1, m3 * size1 + m1) * a[m3];
                        t1 += edge.coefficient(2, m3 * size1 + m1) * a[m3];
                    }
                    along[0] += t0 * feature;
                    along[1] += t1 * feature;
                }
                energy += q[m1] * feature;
            }
            if (args.featureAdjoints)
                for (int m = 0; m < size1; m++)
                    featureAdjoint[m] += radial * q[m];
            store(sums, load(sums) + slope * energy);
            if constexpr (!isDiagonal) {
                store(sums + width, load(sums + width) + radial * along[0]);
                store(sums + 2 * width, load(sums + 2 * width) + radial * along[1]);
            }
        }
        if (args.featureAdjoints) {
            Real* out =
                rowOf<Real>(args.featureAdjoints[path.l1], block, args.featureAdjointRow, size1);
            for (int m = 0; m < size1; m++)
                store(out + m * width, load(out + m * width) + featureAdjoint[m]);
        }
    }
}

template <bool isForward, class DegreesOf, int knots, class Real>
void runPath(const ConvolutionArgs<Real>& args, const ConvolutionPath3& path) {
    if constexpr (DegreesOf::max1 == DegreesOf::max3)
        if (path.isDiagonal)
            return isForward ? forwardPath<Real, DegreesOf, knots, true>(args, path)
                             : reversePath<Real, DegreesOf, knots, true>(args, path);
    return isForward ? forwardPath<Real, DegreesOf, knots, false>(args, path)
                     : reversePath<Real, DegreesOf, knots, false>(args, path);
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
