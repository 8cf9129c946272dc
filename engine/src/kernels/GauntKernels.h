// SPDX-License-Identifier: MIT
//
// Products of functions on the sphere by their coefficients. Arrays are [block][lm][lane]: each
// lane is a product of its own. docs/theory/gaunt.md explains the methods.
#pragma once

#include <cstddef>

namespace equivariant {

constexpr int maxGauntDegree = 16;     ///< highest degree in any slot
constexpr int maxSparsePairs = 17 * 9; ///< pairs (l1, l2) of one group

/// Orders |m| = i of the first and j of the second factor, i <= j, for all their degrees. The
/// products of each pair of degrees are kept as up to four streams, those that belong to
/// cos(i+j)phi, sin(i+j)phi, cos(j-i)phi and sin(j-i)phi.
struct GauntGroup {
    int i, j;
    bool isSwapped; ///< the first factor is y
    int numPairs, firstTile, numTiles;
};

/// Sums of one or two streams over pairs of degrees, with one coefficient for both streams, for the
/// outputs of degrees firstDegree, firstDegree+2, … and order +-m.
struct GauntTile {
    int stream, numStreams;
    int firstPair, numPairs; ///< in the list of pairs
    int firstCoefficient;    ///< [pair][degree]
    int firstDegree, numDegrees, m;
};
constexpr int maxTileDegrees = 6;

/// z = x y, or xAdjoint and yAdjoint (overwritten) from zAdjoint.
template <class Real> struct GauntSparseArgs {
    int numBlocks;
    int lMax1, lMax2, lMaxOut;
    bool isSymmetric; ///< lMax1 == lMax2 and a pair (l1, l2) stands for (l2, l1), too
    int numGroups;
    const GauntGroup* groups;
    const GauntTile* tiles;
    const int* pairs; ///< vectors from the first pair's first stream
    const Real* coefficients;
    const Real *x, *y, *zAdjoint;
    Real *z, *xAdjoint, *yAdjoint;
};

/// Latitudes in pairs north and south, 4 quarters longitudes at 2 pi (p + 1/2) / (4 quarters).
template <class Real> struct GauntGrid {
    int numLatitudes; ///< pairs of them
    int numQuarters;
    int lMaxTables;      ///< of the tables below
    const Real* theta;   ///< [latitude][(m, l) with m <= l] theta part of the harmonics
    const Real* cosines; ///< [quarter][m] cos(m phi)
    const Real* sines;
    const Real* analysis; ///< theta times the weight of a point
    Real* scratch;        ///< gauntGridScratch() vectors
};

/// Vectors of scratch for results up to degree lMax in `copies` copies.
constexpr std::size_t gauntGridScratch(int numLatitudes, int numQuarters, int lMax, int copies) {
    return 32 * std::size_t(numQuarters) +
           4 * std::size_t(copies) * std::size_t(numLatitudes) * std::size_t(lMax + 1);
}

/// The same by values on a grid.
template <class Real> struct GauntGridArgs {
    int numBlocks;
    int lMax1, lMax2, lMaxOut;
    GauntGrid<Real> grid;
    const Real *x, *y, *zAdjoint;
    Real *z, *xAdjoint, *yAdjoint;
};

/// z[nu-2] = coefficients of f^nu for nu = 2 … degree; [block][nu][lm][lane]. Or xAdjoint.
template <class Real> struct GauntPowerArgs {
    int numBlocks;
    int lMax, lMaxOut, degree;
    GauntGrid<Real> grid;
    const Real *x, *zAdjoint;
    Real *z, *xAdjoint;
};

/// T[c][a] = sum over b of G(a, b, c) y_b, with entries made for a vector of edges at once.
template <class Real> struct GauntMatrixTerms {
    int numEntries;   ///< rows times columns
    const int* first; ///< [entries + 1] terms of entry c * columns + a
    const int* b;
    const Real* values;
};

/// z = T x for edges whose y all channels share; [edge][channel block][lm][lane]. Or the adjoints.
template <class Real> struct GauntConvolutionArgs {
    int numEdges, channelBlocks;
    int columns, rows, numHarmonics; ///< of x, z, y
    GauntMatrixTerms<Real> terms;
    Real* matrices;               ///< scratch [entry][lane], a lane an edge
    Real* harmonics;              ///< scratch [b][lane]
    const Real *x, *y, *zAdjoint; ///< y [edge][b]
    Real *z, *xAdjoint, *yAdjoint;
};

template <class Real> struct GauntKernels {
    void (*sparse)(const GauntSparseArgs<Real>&);
    void (*sparseBack)(const GauntSparseArgs<Real>&);
    void (*grid)(const GauntGridArgs<Real>&);
    void (*gridBack)(const GauntGridArgs<Real>&);
    void (*powers)(const GauntPowerArgs<Real>&);
    void (*powersBack)(const GauntPowerArgs<Real>&);
    void (*convolve)(const GauntConvolutionArgs<Real>&);
    void (*convolveBack)(const GauntConvolutionArgs<Real>&);
};

} // namespace equivariant
