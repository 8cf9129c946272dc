// SPDX-License-Identifier: MIT
//
// PONITA's convolution with tabulated kernels. Edges are taken a vector at a time: first, for one
// orientation, their attributes and spline weights, one edge a lane; then edge by edge, one channel
// a lane, the (degree+1)^2 knots around each.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// What depends on an edge and an orientation only, for a vector of edges.
template <class Real, int knots> struct Lookups {
    static constexpr int width = lanes<Real>;
    alignas(64) Real a[knots][width], b[knots][width];   ///< weights
    alignas(64) Real da[knots][width], db[knots][width]; ///< their derivatives, 1/Å
    alignas(64) Real byA[3][width],
        byB[3][width];              ///< derivatives of a and b by v, times the window
    alignas(64) int offsets[width]; ///< of the first knot
};

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

template <class Real, int knots, bool derivatives>
EQUIVARIANT_INLINE void prepare(const TableArgs<Real>& args, int first, int o,
                                Lookups<Real, knots>& out) {
    constexpr int width = lanes<Real>;
    const double nx = args.directions[3 * o], ny = args.directions[3 * o + 1],
                 nz = args.directions[3 * o + 2];
    const double *vx = args.vx + first, *vy = args.vy + first, *vz = args.vz + first;
    const double delta = args.smoothDelta, scale = args.inverseSpacing, sign = args.sign;
    alignas(64) Real fractionA[width], fractionB[width];
    const int rowStride = int(args.rowStride);
    for (int e = 0; e < width; e++) {
        const double x = sign * vx[e], y = sign * vy[e], z = sign * vz[e];
        const double a = x * nx + y * ny + z * nz;
        double b, mx, my, mz;
        if (args.isPlanar) {
            b = y * nx - x * ny;
            mx = -ny;
            my = nx;
            mz = 0;
        } else {
            const double acrossX = x - a * nx, acrossY = y - a * ny, acrossZ = z - a * nz;
            // zero only as far as n is normalized, which single-precision grids are not
            const double rest = acrossX * nx + acrossY * ny + acrossZ * nz;
            const double root = __builtin_sqrt(acrossX * acrossX + acrossY * acrossY +
                                               acrossZ * acrossZ + delta * delta);
            const double inverse = root > 0 ? 1 / root : 0; // derivative of a norm at zero: 0
            b = root - delta;
            mx = (acrossX - rest * nx) * inverse;
            my = (acrossY - rest * ny) * inverse;
            mz = (acrossZ - rest * nz) * inverse;
        }
        const double placeA = (a - args.firstA) * scale, placeB = (b - args.firstB) * scale;
        const int cellA = int(placeA), cellB = int(placeB);
        fractionA[e] = Real(placeA - cellA);
        fractionB[e] = Real(placeB - cellB);
        out.offsets[e] = cellA * rowStride + cellB * width;
        if (derivatives) {
            const Real window = args.windows[first + e];
            out.byA[0][e] = window * Real(nx);
            out.byA[1][e] = window * Real(ny);
            out.byA[2][e] = window * Real(nz);
            out.byB[0][e] = window * Real(mx);
            out.byB[1][e] = window * Real(my);
            out.byB[2][e] = window * Real(mz);
        }
    }
    splineWeights<Real, knots, derivatives>(fractionA, Real(scale), out.a, out.da);
    splineWeights<Real, knots, derivatives>(fractionB, Real(scale), out.b, out.db);
}

template <class Real, int knots> void forward(const TableArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    Real* y = args.y + std::size_t(args.ownRow) * width;
    const Real* h = args.x + std::size_t(args.ownRow) * width;
    for (int o = 0; o < args.orientations; o++)
        store(y + o * width, load(args.self) * load(h + o * width));
    Lookups<Real, knots> lookups;
    for (int first = 0; first < args.count; first += width) {
        const int count = args.count - first < width ? args.count - first : width;
        for (int o = 0; o < args.orientations; o++) {
            prepare<Real, knots, false>(args, first, o, lookups);
            const Vec<Real> windows = loadUnaligned(args.windows + first);
            for (int s = 0; s < knots; s++)
                store(lookups.a[s], windows * load(lookups.a[s]));
            Vec<Real> sum = load(y + o * width);
            for (int e = 0; e < count; e++) {
                const Real* table = args.table + lookups.offsets[e];
                Vec<Real> kernel = {};
#pragma GCC unroll 8
                for (int s = 0; s < knots; s++, table += args.rowStride) {
                    Vec<Real> row = lookups.b[0][e] * load(table);
#pragma GCC unroll 8
                    for (int t = 1; t < knots; t++)
                        row += lookups.b[t][e] * load(table + t * width);
                    kernel += lookups.a[s][e] * row;
                }
                sum += kernel * load(args.x + (std::size_t(args.row[first + e]) + o) * width);
            }
            store(y + o * width, sum);
        }
    }
}

template <class Real, int knots> void backward(const TableArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const Real* own = args.own + std::size_t(args.ownRow) * width;
    Real* y = args.y ? args.y + std::size_t(args.ownRow) * width : nullptr;
    const Real* adjoint = args.x + std::size_t(args.ownRow) * width;
    for (int o = 0; y && o < args.orientations; o++)
        store(y + o * width, load(y + o * width) + load(args.self) * load(adjoint + o * width));
    Lookups<Real, knots> lookups;
    alignas(64) Real sums[width][4][width];
    for (int first = 0; first < args.count; first += width) {
        const int count = args.count - first < width ? args.count - first : width;
        for (int e = 0; e < count; e++)
            for (int k = 0; k < 4; k++)
                store(sums[e][k], Vec<Real>{});
        for (int o = 0; o < args.orientations; o++) {
            prepare<Real, knots, true>(args, first, o, lookups);
            const Vec<Real> h = load(own + o * width);
            Vec<Real> total = {};
            for (int e = 0; e < count; e++) {
                const Real* table = args.table + lookups.offsets[e];
                Vec<Real> kernel = {}, byA = {}, byB = {};
#pragma GCC unroll 8
                for (int s = 0; s < knots; s++, table += args.rowStride) {
                    Vec<Real> knot = load(table);
                    Vec<Real> row = lookups.b[0][e] * knot, slope = lookups.db[0][e] * knot;
#pragma GCC unroll 8
                    for (int t = 1; t < knots; t++) {
                        knot = load(table + t * width);
                        row += lookups.b[t][e] * knot;
                        slope += lookups.db[t][e] * knot;
                    }
                    kernel += lookups.a[s][e] * row;
                    byA += lookups.da[s][e] * row;
                    byB += lookups.a[s][e] * slope;
                }
                const Vec<Real> other =
                    load(args.x + (std::size_t(args.row[first + e]) + o) * width);
                total += args.windows[first + e] * kernel * other;
                const Vec<Real> product = h * other;
                byA *= product;
                byB *= product;
                for (int k = 0; k < 3; k++)
                    store(sums[e][k],
                          load(sums[e][k]) + lookups.byA[k][e] * byA + lookups.byB[k][e] * byB);
                store(sums[e][3], load(sums[e][3]) + kernel * product);
            }
            if (y)
                store(y + o * width, load(y + o * width) + total);
        }
        for (int e = 0; e < count; e++)
            for (int k = 0; k < 4; k++)
                args.gradients[4 * (first + e) + k] +=
                    (k < 3 ? args.sign : 1) * double(sum<Real>(load(sums[e][k])));
    }
}

} // namespace

template <class Real> void ponitaTable(const TableArgs<Real>& args) {
    static_assert(minTableDegree == 3 && maxTableDegree == 6, "the cases below");
    switch (args.degree) {
    case 3:
        return forward<Real, 4>(args);
    case 4:
        return forward<Real, 5>(args);
    case 5:
        return forward<Real, 6>(args);
    default:
        return forward<Real, 7>(args);
    }
}

template <class Real> void ponitaTableBack(const TableArgs<Real>& args) {
    switch (args.degree) {
    case 3:
        return backward<Real, 4>(args);
    case 4:
        return backward<Real, 5>(args);
    case 5:
        return backward<Real, 6>(args);
    default:
        return backward<Real, 7>(args);
    }
}

#define EQUIVARIANT_INSTANTIATE(Real)                                                              \
    template void ponitaTable(const TableArgs<Real>&);                                             \
    template void ponitaTableBack(const TableArgs<Real>&);
EQUIVARIANT_INSTANTIATE(float)
EQUIVARIANT_INSTANTIATE(double)

} // namespace equivariant::EQUIVARIANT_ISA
