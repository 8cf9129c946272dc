// SPDX-License-Identifier: MIT
//
// Gaunt products by their coefficients, four nonzeros at a time: with A = c c', B = s s', C = c s',
// D = s c' for the components of orders +i, -i (c, s) of one and +j, -j (c', s') of the other
// factor, A-B and C+D go to the orders +-(i+j) with the same coefficients, A+B and C-D to +-(j-i).
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// Which streams a group has.
enum Kind { zeroZero, zeroOrder, sameOrder, twoOrders };

template <class Real> EQUIVARIANT_INLINE Vec<Real> at(const Real* p, int l, int m) {
    return loadUnaligned(p + (l * l + l + m) * lanes<Real>);
}
template <class Real> EQUIVARIANT_INLINE void add(Real* p, int l, int m, Vec<Real> value) {
    p += (l * l + l + m) * lanes<Real>;
    storeUnaligned(p, loadUnaligned(p) + value);
}

/// The factor with order i and the one with order j, and their adjoints.
template <class Real> struct Factors {
    const Real *u, *v;
    Real *uAdjoint, *vAdjoint;
    int uMax, vMax;
};

/// Calls body(l1, l2, streams) for the pairs of a group in the order of their numbers.
template <bool isSymmetric, class Real, class Start, class Pair, class End>
EQUIVARIANT_INLINE void forPairs(const Factors<Real>& f, int i, int j, Real* scratch,
                                 const Start& start, const Pair& pair, const End& end) {
    for (int l1 = i; l1 <= f.uMax; l1++) {
        start(l1);
        for (int l2 = isSymmetric && i == j ? l1 : j; l2 <= f.vMax;
             l2++, scratch += 4 * lanes<Real>)
            pair(l2, scratch);
        end(l1);
    }
}

template <Kind kind, bool isSymmetric, class Real>
void formPairs(const Factors<Real>& f, int i, int j, Real* scratch) {
    constexpr int width = lanes<Real>;
    constexpr bool hasSines = kind == sameOrder || kind == twoOrders;
    Vec<Real> uc, us, vc, vs;
    const auto start = [&](int l1) {
        uc = at(f.u, l1, i);
        us = hasSines ? at(f.u, l1, -i) : uc;
        vc = isSymmetric ? at(f.v, l1, i) : uc;
        vs = isSymmetric && hasSines ? at(f.v, l1, -i) : uc;
    };
    const auto pair = [&](int l2, Real* out) {
        const Vec<Real> vcj = at(f.v, l2, j), ucj = isSymmetric ? at(f.u, l2, j) : vcj;
        Vec<Real> a = uc * vcj;
        if constexpr (isSymmetric)
            a += vc * ucj;
        if constexpr (kind == zeroZero)
            return store(out, a);
        const Vec<Real> vsj = at(f.v, l2, -j), usj = isSymmetric ? at(f.u, l2, -j) : vsj;
        Vec<Real> c = uc * vsj;
        if constexpr (isSymmetric)
            c += vc * usj;
        if constexpr (kind == zeroOrder) {
            store(out, a);
            return store(out + width, c);
        }
        Vec<Real> b = us * vsj, d = us * vcj;
        if constexpr (isSymmetric) {
            b += vs * usj;
            d += vs * ucj;
        }
        store(out, a - b);
        store(out + width, c + d);
        store(out + 2 * width, a + b);
        if constexpr (kind == twoOrders)
            store(out + 3 * width, c - d);
    };
    forPairs<isSymmetric>(f, i, j, scratch, start, pair, [](int) {});
}

/// The reverse of formPairs().
template <Kind kind, bool isSymmetric, class Real>
void pullBackPairs(const Factors<Real>& f, int i, int j, Real* scratch) {
    constexpr int width = lanes<Real>;
    constexpr bool hasSines = kind == sameOrder || kind == twoOrders;
    const Vec<Real> zero = broadcast(Real(0));
    Vec<Real> uc, us, vc, vs, ucSum, usSum, vcSum, vsSum;
    const auto start = [&](int l1) {
        uc = at(f.u, l1, i);
        us = hasSines ? at(f.u, l1, -i) : uc;
        vc = isSymmetric ? at(f.v, l1, i) : uc;
        vs = isSymmetric && hasSines ? at(f.v, l1, -i) : uc;
        ucSum = usSum = vcSum = vsSum = zero;
    };
    const auto pair = [&](int l2, const Real* in) {
        const Vec<Real> p = load(in);
        const Vec<Real> r = kind == zeroZero ? zero : load(in + width);
        const Vec<Real> q = hasSines ? load(in + 2 * width) : zero;
        const Vec<Real> s = kind == twoOrders ? load(in + 3 * width) : zero;
        const Vec<Real> a = p + q, b = q - p, c = r + s, d = r - s;
        const Vec<Real> vcj = at(f.v, l2, j), vsj = kind == zeroZero ? zero : at(f.v, l2, -j);
        ucSum += a * vcj + c * vsj;
        if (hasSines)
            usSum += b * vsj + d * vcj;
        add(f.vAdjoint, l2, j, hasSines ? a * uc + d * us : a * uc);
        if (kind != zeroZero)
            add(f.vAdjoint, l2, -j, hasSines ? c * uc + b * us : c * uc);
        if constexpr (isSymmetric) {
            const Vec<Real> ucj = at(f.u, l2, j), usj = kind == zeroZero ? zero : at(f.u, l2, -j);
            vcSum += a * ucj + c * usj;
            if (hasSines)
                vsSum += b * usj + d * ucj;
            add(f.uAdjoint, l2, j, hasSines ? a * vc + d * vs : a * vc);
            if (kind != zeroZero)
                add(f.uAdjoint, l2, -j, hasSines ? c * vc + b * vs : c * vc);
        }
    };
    const auto end = [&](int l1) {
        add(f.uAdjoint, l1, i, ucSum);
        if (hasSines)
            add(f.uAdjoint, l1, -i, usSum);
        if (isSymmetric)
            add(f.vAdjoint, l1, i, vcSum);
        if (isSymmetric && hasSines)
            add(f.vAdjoint, l1, -i, vsSum);
    };
    forPairs<isSymmetric>(f, i, j, scratch, start, pair, end);
}

template <bool isForward, Kind kind, class Real>
EQUIVARIANT_INLINE void runPairs(bool isSymmetric, const Factors<Real>& f, int i, int j,
                                 Real* scratch) {
    if constexpr (isForward)
        isSymmetric ? formPairs<kind, true>(f, i, j, scratch)
                    : formPairs<kind, false>(f, i, j, scratch);
    else
        isSymmetric ? pullBackPairs<kind, true>(f, i, j, scratch)
                    : pullBackPairs<kind, false>(f, i, j, scratch);
}

template <bool isForward, class Real>
EQUIVARIANT_INLINE void runPairs(bool isSymmetric, const Factors<Real>& f, int i, int j,
                                 Real* scratch) {
    if (j == 0)
        return runPairs<isForward, zeroZero>(isSymmetric, f, i, j, scratch);
    if (i == 0)
        return runPairs<isForward, zeroOrder>(isSymmetric, f, i, j, scratch);
    if (i == j)
        return runPairs<isForward, sameOrder>(isSymmetric, f, i, j, scratch);
    runPairs<isForward, twoOrders>(isSymmetric, f, i, j, scratch);
}

/// z[l3, +-m] += sum over pairs of coefficient[pair][l3] stream[pair].
template <class Real, int degrees, int streams>
void addTile(const GauntTile& tile, const int* pairs, const Real* coefficients, const Real* scratch,
             Real* z) {
    constexpr int width = lanes<Real>;
    Vec<Real> sums[degrees][streams];
    for (int k = 0; k < degrees; k++)
        for (int s = 0; s < streams; s++)
            sums[k][s] = broadcast(Real(0));
    for (int p = 0; p < tile.numPairs; p++, coefficients += degrees) {
        const Real* in = scratch + pairs[p] * width;
        Vec<Real> values[streams];
        for (int s = 0; s < streams; s++)
            values[s] = load(in + s * width);
        for (int k = 0; k < degrees; k++)
            for (int s = 0; s < streams; s++)
                sums[k][s] += coefficients[k] * values[s];
    }
    for (int k = 0; k < degrees; k++)
        for (int s = 0; s < streams; s++)
            add(z, tile.firstDegree + 2 * k, s == 0 ? tile.m : -tile.m, sums[k][s]);
}

/// The reverse: streams[pair] += sum over l3 of coefficient[pair][l3] zAdjoint[l3, +-m].
template <class Real, int degrees, int streams>
void pullBackTile(const GauntTile& tile, const int* pairs, const Real* coefficients, Real* scratch,
                  const Real* zAdjoint) {
    constexpr int width = lanes<Real>;
    Vec<Real> adjoints[degrees][streams];
    for (int k = 0; k < degrees; k++)
        for (int s = 0; s < streams; s++)
            adjoints[k][s] = at(zAdjoint, tile.firstDegree + 2 * k, s == 0 ? tile.m : -tile.m);
    for (int p = 0; p < tile.numPairs; p++, coefficients += degrees) {
        Real* out = scratch + pairs[p] * width;
        Vec<Real> values[streams];
        for (int s = 0; s < streams; s++)
            values[s] = load(out + s * width);
        for (int k = 0; k < degrees; k++)
            for (int s = 0; s < streams; s++)
                values[s] += coefficients[k] * adjoints[k][s];
        for (int s = 0; s < streams; s++)
            store(out + s * width, values[s]);
    }
}

template <class Real>
using Tile = void (*)(const GauntTile&, const int*, const Real*, const Real*, Real*);
template <class Real>
using TileBack = void (*)(const GauntTile&, const int*, const Real*, Real*, const Real*);
static_assert(maxTileDegrees == 6, "the lists below");
template <class Real>
constexpr Tile<Real> tiles[maxTileDegrees][2] = {
    {addTile<Real, 1, 1>, addTile<Real, 1, 2>}, {addTile<Real, 2, 1>, addTile<Real, 2, 2>},
    {addTile<Real, 3, 1>, addTile<Real, 3, 2>}, {addTile<Real, 4, 1>, addTile<Real, 4, 2>},
    {addTile<Real, 5, 1>, addTile<Real, 5, 2>}, {addTile<Real, 6, 1>, addTile<Real, 6, 2>}};
template <class Real>
constexpr TileBack<Real> tilesBack[maxTileDegrees][2] = {
    {pullBackTile<Real, 1, 1>, pullBackTile<Real, 1, 2>},
    {pullBackTile<Real, 2, 1>, pullBackTile<Real, 2, 2>},
    {pullBackTile<Real, 3, 1>, pullBackTile<Real, 3, 2>},
    {pullBackTile<Real, 4, 1>, pullBackTile<Real, 4, 2>},
    {pullBackTile<Real, 5, 1>, pullBackTile<Real, 5, 2>},
    {pullBackTile<Real, 6, 1>, pullBackTile<Real, 6, 2>}};

template <class Real> void clear(Real* p, int rows) {
    for (int r = 0; r < rows; r++)
        storeUnaligned(p + r * lanes<Real>, broadcast(Real(0)));
}

constexpr int rowsOf(int lMax) {
    return (lMax + 1) * (lMax + 1);
}

} // namespace

template <class Real> void gauntSparse(const GauntSparseArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    alignas(64) Real scratch[maxSparsePairs * 4 * width];
    for (int block = 0; block < args.numBlocks; block++) {
        const Real* x = args.x + std::size_t(block) * rowsOf(args.lMax1) * width;
        const Real* y = args.y + std::size_t(block) * rowsOf(args.lMax2) * width;
        Real* z = args.z + std::size_t(block) * rowsOf(args.lMaxOut) * width;
        clear(z, rowsOf(args.lMaxOut));
        for (int g = 0; g < args.numGroups; g++) {
            const GauntGroup& group = args.groups[g];
            const Factors<Real> plain = {x, y, nullptr, nullptr, args.lMax1, args.lMax2},
                                swapped = {y, x, nullptr, nullptr, args.lMax2, args.lMax1};
            runPairs<true>(args.isSymmetric, group.isSwapped ? swapped : plain, group.i, group.j,
                           scratch);
            for (int t = group.firstTile; t < group.firstTile + group.numTiles; t++) {
                const GauntTile& tile = args.tiles[t];
                tiles<Real>[tile.numDegrees - 1][tile.numStreams - 1](
                    tile, args.pairs + tile.firstPair, args.coefficients + tile.firstCoefficient,
                    scratch + tile.stream * width, z);
            }
        }
    }
}

template <class Real> void gauntSparseBack(const GauntSparseArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    alignas(64) Real scratch[maxSparsePairs * 4 * width];
    for (int block = 0; block < args.numBlocks; block++) {
        const std::size_t first1 = std::size_t(block) * rowsOf(args.lMax1) * width,
                          first2 = std::size_t(block) * rowsOf(args.lMax2) * width;
        const Real *x = args.x + first1, *y = args.y + first2;
        const Real* zAdjoint = args.zAdjoint + std::size_t(block) * rowsOf(args.lMaxOut) * width;
        Real *xAdjoint = args.xAdjoint + first1, *yAdjoint = args.yAdjoint + first2;
        clear(xAdjoint, rowsOf(args.lMax1));
        clear(yAdjoint, rowsOf(args.lMax2));
        for (int g = 0; g < args.numGroups; g++) {
            const GauntGroup& group = args.groups[g];
            clear(scratch, 4 * group.numPairs);
            for (int t = group.firstTile; t < group.firstTile + group.numTiles; t++) {
                const GauntTile& tile = args.tiles[t];
                tilesBack<Real>[tile.numDegrees - 1][tile.numStreams - 1](
                    tile, args.pairs + tile.firstPair, args.coefficients + tile.firstCoefficient,
                    scratch + tile.stream * width, zAdjoint);
            }
            const Factors<Real> plain = {x, y, xAdjoint, yAdjoint, args.lMax1, args.lMax2},
                                swapped = {y, x, yAdjoint, xAdjoint, args.lMax2, args.lMax1};
            runPairs<false>(args.isSymmetric, group.isSwapped ? swapped : plain, group.i, group.j,
                            scratch);
        }
    }
}

template void gauntSparse(const GauntSparseArgs<float>&);
template void gauntSparse(const GauntSparseArgs<double>&);
template void gauntSparseBack(const GauntSparseArgs<float>&);
template void gauntSparseBack(const GauntSparseArgs<double>&);

} // namespace equivariant::EQUIVARIANT_ISA
