// SPDX-License-Identifier: MIT
//
// Products of functions on the sphere by their values on a grid of latitudes and longitudes, in two
// stages: between coefficients and Fourier coefficients along each latitude, and between those and
// values. Eight points that are images of one another share both (harmonics are even or odd under
// each of the three reflections).
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

constexpr int images = 8; ///< [south][phi, -phi, pi-phi, pi+phi]

constexpr int rowsOf(int lMax) {
    return (lMax + 1) * (lMax + 1);
}

/// Position of (m, l) in the tables.
constexpr int tableIndex(int lMaxTables, int m, int l) {
    return m * (lMaxTables + 1) - m * (m - 1) / 2 + (l - m);
}

/// Fourier coefficients on two latitudes, [m][cos north, cos south, sin north, sin south].
template <class Real>
EQUIVARIANT_INLINE void alongLatitudes(const GauntGrid<Real>& grid, int lMax, int latitude,
                                       const Real* x, Vec<Real> (*fourier)[4]) {
    constexpr int width = lanes<Real>;
    const Real* table =
        grid.theta + std::size_t(latitude) *
                         tableIndex(grid.lMaxTables, grid.lMaxTables + 1, grid.lMaxTables + 1);
    for (int m = 0; m <= lMax; m++) {
        const Real* theta = table + tableIndex(grid.lMaxTables, m, m);
        Vec<Real> sums[2][2] = {}; // [l-m odd][sin]
        for (int parity = 0; parity < 2; parity++)
            for (int l = m + parity; l <= lMax; l += 2) {
                const Real* row = x + (l * l + l) * width;
                sums[parity][0] += theta[l - m] * loadUnaligned(row + m * width);
                sums[parity][1] += theta[l - m] * loadUnaligned(row - m * width);
            }
        for (int sine = 0; sine < 2; sine++) {
            fourier[m][2 * sine] = sums[0][sine] + sums[1][sine];
            fourier[m][2 * sine + 1] = sums[0][sine] - sums[1][sine];
        }
    }
}

/// Values at `quarters` longitudes and their images.
template <int quarters, class Real>
EQUIVARIANT_INLINE void alongLongitudes(const GauntGrid<Real>& grid, int lMax, int quarter,
                                        const Vec<Real> (*fourier)[4], Real* values) {
    constexpr int width = lanes<Real>;
    const int stride = grid.lMaxTables + 1;
    const Real *cosines = grid.cosines + quarter * stride, *sines = grid.sines + quarter * stride;
    Vec<Real> sums[2][quarters][4] = {}; // [m odd][..][cos or sin, north or south]
    for (int parity = 0; parity < 2; parity++)
        for (int m = parity; m <= lMax; m += 2)
            for (int k = 0; k < quarters; k++) {
                const Real cosine = cosines[k * stride + m], sine = sines[k * stride + m];
                sums[parity][k][0] += cosine * fourier[m][0];
                sums[parity][k][1] += cosine * fourier[m][1];
                sums[parity][k][2] += sine * fourier[m][2];
                sums[parity][k][3] += sine * fourier[m][3];
            }
    for (int k = 0; k < quarters; k++)
        for (int south = 0; south < 2; south++) {
            const Vec<Real> evenCos = sums[0][k][south], oddCos = sums[1][k][south];
            const Vec<Real> evenSin = sums[0][k][2 + south], oddSin = sums[1][k][2 + south];
            Real* out = values + ((quarter + k) * images + 4 * south) * width;
            store(out, (evenCos + oddCos) + (evenSin + oddSin));
            store(out + width, (evenCos + oddCos) - (evenSin + oddSin));
            store(out + 2 * width, (evenCos - oddCos) - (evenSin - oddSin));
            store(out + 3 * width, (evenCos - oddCos) + (evenSin - oddSin));
        }
}

/// Values [quarter][image] on two latitudes.
template <class Real>
void synthesize(const GauntGrid<Real>& grid, int lMax, int latitude, const Real* x, Real* values) {
    Vec<Real> fourier[maxGauntDegree + 1][4];
    alongLatitudes(grid, lMax, latitude, x, fourier);
    constexpr int quarters = numRegisters == 32 ? 2 : 1;
    int quarter = 0;
    for (; quarter + quarters <= grid.numQuarters; quarter += quarters)
        alongLongitudes<quarters>(grid, lMax, quarter, fourier, values);
    if constexpr (quarters > 1)
        if (quarter < grid.numQuarters)
            alongLongitudes<1>(grid, lMax, quarter, fourier, values);
}

/// The reverse of the sums in alongLongitudes(): values become [quarter][even m cos, odd m cos,
/// even m sin, odd m sin][north + south, north - south].
template <class Real> EQUIVARIANT_INLINE void fold(Real* values) {
    constexpr int width = lanes<Real>;
    Vec<Real> folded[4][2];
    for (int south = 0; south < 2; south++) {
        const Real* in = values + 4 * south * width;
        const Vec<Real> v0 = load(in), v1 = load(in + width), v2 = load(in + 2 * width),
                        v3 = load(in + 3 * width);
        folded[0][south] = (v0 + v1) + (v2 + v3);
        folded[1][south] = (v0 + v1) - (v2 + v3);
        folded[2][south] = (v0 - v1) - (v2 - v3);
        folded[3][south] = (v0 - v1) + (v2 - v3);
    }
    for (int kind = 0; kind < 4; kind++) {
        store(values + (2 * kind) * width, folded[kind][0] + folded[kind][1]);
        store(values + (2 * kind + 1) * width, folded[kind][0] - folded[kind][1]);
    }
}

/// Fourier coefficients [m][cos +, cos -, sin +, sin -] of folded values for orders m, m+2, ….
template <int orders, class Real>
EQUIVARIANT_INLINE void fourierOf(const GauntGrid<Real>& grid, int m, const Real* folded,
                                  Real* out) {
    constexpr int width = lanes<Real>;
    const int stride = grid.lMaxTables + 1;
    const Real *cosines = grid.cosines + m, *sines = grid.sines + m;
    Vec<Real> sums[orders][4] = {};
    folded += 2 * (m % 2) * width;
    for (int quarter = 0; quarter < grid.numQuarters;
         quarter++, cosines += stride, sines += stride, folded += images * width)
        for (int k = 0; k < orders; k++) {
            sums[k][0] += cosines[2 * k] * load(folded);
            sums[k][1] += cosines[2 * k] * load(folded + width);
            sums[k][2] += sines[2 * k] * load(folded + 4 * width);
            sums[k][3] += sines[2 * k] * load(folded + 5 * width);
        }
    for (int k = 0; k < orders; k++)
        for (int i = 0; i < 4; i++)
            store(out + ((m + 2 * k) * 4 + i) * width, sums[k][i]);
}

/// First half of the projection of values (overwritten) on the harmonics: `out` is
/// [latitude][m][4].
template <class Real>
void analyze(const GauntGrid<Real>& grid, int lMax, int latitude, Real* values, Real* out) {
    constexpr int width = lanes<Real>;
    for (int quarter = 0; quarter < grid.numQuarters; quarter++)
        fold(values + quarter * images * width);
    out += std::size_t(latitude) * (lMax + 1) * 4 * width;
    constexpr int orders = numRegisters == 32 ? 4 : 2;
    for (int parity = 0; parity < 2; parity++) {
        int m = parity;
        for (; m + 2 * (orders - 1) <= lMax; m += 2 * orders)
            fourierOf<orders>(grid, m, values, out);
        for (; m <= lMax; m += 2)
            fourierOf<1>(grid, m, values, out);
    }
}

/// Second half, for all latitudes.
template <class Real>
void project(const GauntGrid<Real>& grid, int lMax, const Real* fourier, Real* z) {
    constexpr int width = lanes<Real>;
    const int stride = tableIndex(grid.lMaxTables, grid.lMaxTables + 1, grid.lMaxTables + 1);
    for (int m = 0; m <= lMax; m++)
        for (int l = m; l <= lMax; l++) {
            const Real* theta = grid.analysis + tableIndex(grid.lMaxTables, m, l);
            const Real* in = fourier + (m * 4 + (l - m) % 2) * width;
            Vec<Real> cosine = {}, sine = {};
            for (int t = 0; t < grid.numLatitudes; t++) {
                cosine += theta[t * stride] * load(in);
                sine += theta[t * stride] * load(in + 2 * width);
                in += (lMax + 1) * 4 * width;
            }
            Real* row = z + (l * l + l) * width;
            if (m > 0)
                storeUnaligned(row - m * width, sine);
            storeUnaligned(row + m * width, cosine);
        }
}

/// out = a b; may be in place.
template <class Real> void multiply(int count, const Real* a, const Real* b, Real* out) {
    for (int i = 0; i < count * lanes<Real>; i += lanes<Real>)
        store(out + i, load(a + i) * load(b + i));
}

} // namespace

template <class Real> void gauntGrid(const GauntGridArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const GauntGrid<Real>& grid = args.grid;
    const int points = grid.numQuarters * images;
    Real *first = grid.scratch, *second = first + points * width,
         *fourier = first + 4 * points * width;
    for (int block = 0; block < args.numBlocks; block++) {
        const Real* x = args.x + std::size_t(block) * rowsOf(args.lMax1) * width;
        const Real* y = args.y + std::size_t(block) * rowsOf(args.lMax2) * width;
        for (int t = 0; t < grid.numLatitudes; t++) {
            synthesize(grid, args.lMax1, t, x, first);
            synthesize(grid, args.lMax2, t, y, second);
            multiply(points, first, second, first);
            analyze(grid, args.lMaxOut, t, first, fourier);
        }
        project(grid, args.lMaxOut, fourier,
                args.z + std::size_t(block) * rowsOf(args.lMaxOut) * width);
    }
}

template <class Real> void gauntGridBack(const GauntGridArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const GauntGrid<Real>& grid = args.grid;
    const int points = grid.numQuarters * images;
    Real *first = grid.scratch, *second = first + points * width,
         *adjoint = second + points * width, *xFourier = first + 4 * points * width,
         *yFourier = xFourier + std::size_t(grid.numLatitudes) * (args.lMax1 + 1) * 4 * width;
    for (int block = 0; block < args.numBlocks; block++) {
        const std::size_t first1 = std::size_t(block) * rowsOf(args.lMax1) * width,
                          first2 = std::size_t(block) * rowsOf(args.lMax2) * width;
        const Real* zAdjoint = args.zAdjoint + std::size_t(block) * rowsOf(args.lMaxOut) * width;
        for (int t = 0; t < grid.numLatitudes; t++) {
            synthesize(grid, args.lMax1, t, args.x + first1, first);
            synthesize(grid, args.lMax2, t, args.y + first2, second);
            synthesize(grid, args.lMaxOut, t, zAdjoint, adjoint);
            multiply(points, second, adjoint, second);
            multiply(points, first, adjoint, first);
            analyze(grid, args.lMax1, t, second, xFourier);
            analyze(grid, args.lMax2, t, first, yFourier);
        }
        project(grid, args.lMax1, xFourier, args.xAdjoint + first1);
        project(grid, args.lMax2, yFourier, args.yAdjoint + first2);
    }
}

template <class Real> void gauntPowers(const GauntPowerArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const GauntGrid<Real>& grid = args.grid;
    const int points = grid.numQuarters * images;
    const std::size_t outSize = std::size_t(rowsOf(args.lMaxOut)) * width,
                      fourierSize = std::size_t(grid.numLatitudes) * (args.lMaxOut + 1) * 4 * width;
    Real *values = grid.scratch, *power = values + points * width, *copy = power + points * width,
         *fourier = values + 4 * points * width;
    for (int block = 0; block < args.numBlocks; block++) {
        const Real* x = args.x + std::size_t(block) * rowsOf(args.lMax) * width;
        for (int t = 0; t < grid.numLatitudes; t++) {
            synthesize(grid, args.lMax, t, x, values);
            for (int nu = 2; nu <= args.degree; nu++) {
                multiply(points, nu == 2 ? values : power, values, power);
                for (int i = 0; i < points * width; i += width)
                    store(copy + i, load(power + i));
                analyze(grid, args.lMaxOut, t, copy, fourier + (nu - 2) * fourierSize);
            }
        }
        for (int nu = 2; nu <= args.degree; nu++)
            project(grid, args.lMaxOut, fourier + (nu - 2) * fourierSize,
                    args.z + (std::size_t(block) * (args.degree - 1) + (nu - 2)) * outSize);
    }
}

template <class Real> void gauntPowersBack(const GauntPowerArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const GauntGrid<Real>& grid = args.grid;
    const int points = grid.numQuarters * images;
    const std::size_t outSize = std::size_t(rowsOf(args.lMaxOut)) * width;
    Real *values = grid.scratch, *adjoint = values + points * width,
         *sum = adjoint + points * width, *fourier = values + 4 * points * width;
    for (int block = 0; block < args.numBlocks; block++) {
        const std::size_t first = std::size_t(block) * rowsOf(args.lMax) * width;
        for (int t = 0; t < grid.numLatitudes; t++) {
            synthesize(grid, args.lMax, t, args.x + first, values);
            // Horner's scheme for sum over nu of nu f^(nu-1) a_nu.
            for (int nu = args.degree; nu >= 2; nu--) {
                synthesize(grid, args.lMaxOut, t,
                           args.zAdjoint +
                               (std::size_t(block) * (args.degree - 1) + (nu - 2)) * outSize,
                           adjoint);
                for (int i = 0; i < points * width; i += width) {
                    Vec<Real> next = Real(nu) * load(adjoint + i);
                    if (nu < args.degree)
                        next += load(sum + i);
                    store(sum + i, load(values + i) * next);
                }
            }
            analyze(grid, args.lMax, t, sum, fourier);
        }
        project(grid, args.lMax, fourier, args.xAdjoint + first);
    }
}

#define EQUIVARIANT_INSTANTIATE(Real)                                                              \
    template void gauntGrid(const GauntGridArgs<Real>&);                                           \
    template void gauntGridBack(const GauntGridArgs<Real>&);                                       \
    template void gauntPowers(const GauntPowerArgs<Real>&);                                        \
    template void gauntPowersBack(const GauntPowerArgs<Real>&);
EQUIVARIANT_INSTANTIATE(float)
EQUIVARIANT_INSTANTIATE(double)

} // namespace equivariant::EQUIVARIANT_ISA
