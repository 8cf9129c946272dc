// SPDX-License-Identifier: MIT
//
// The kernels of PONITA. A row is a point of position-orientation space; features of rows are
// [channel block][row][lane] (Panel), with zeros in the lanes behind the last channel.
#pragma once

#include <cstddef>
#include <cstdint>

namespace equivariant {

/// x <- GELU(x + bias), and its derivative if asked for.
template <class Real> struct GeluArgs {
    int blocks, rows;
    Real* x;
    Real* derivatives; ///< null: not wanted
    std::size_t stride;
    const Real* bias; ///< [block][lane]
};

/// x <- (x - mean) / sqrt(variance + epsilon) over the channels of each row.
template <class Real> struct NormArgs {
    int blocks, rows;
    Real epsilon, inverseChannels;
    const Real* mask; ///< [block][lane] 1, or 0 behind the last channel
    Real* x;
    std::size_t stride;
    Real* inverseWidths; ///< [rows] 1/sqrt(variance + epsilon)
    // reverse: x is the result of the forward pass and becomes the adjoint of its argument
    const Real* adjoint; ///< of the result
    std::size_t adjointStride;
};

/// z[p] = bias + sum over o of kernel[o][p] y[o] for the orientations of each atom.
template <class Real> struct FiberArgs {
    int blocks, atoms, orientations;
    const Real* y;
    Real* z;
    std::size_t yStride, zStride;
    const Real* kernel; ///< [block][o][p][lane]
    const Real* bias;   ///< [block][lane], or null
};

/// Products of two rows of features, or of features and kernels, for a list of pairs of rows.
template <class Real> struct PairArgs {
    int blocks, count;
    const int* from;
    const int* to;
    const Real* kernels; ///< [block][pair][lane]
    const Real* windows; ///< [pair]
    std::size_t kernelStride;
    const Real* x;
    Real* y;
    std::size_t xStride, yStride;
};

/// The band-limited sum over l of P_l(cos) R_l(r) for a list of pairs.
template <class Real> struct BandArgs {
    int blocks, count, bands;
    const Real* legendre; ///< [l][pair]
    const Real* slopes;   ///< [l][pair] derivatives of them; reverse only
    Real* radial;         ///< [l][block][pair][lane]; reverse: becomes its adjoint
    Real* kernels;        ///< [block][pair][lane]; reverse: their adjoint
    std::size_t stride;   ///< from one block to the next
    Real* cosines;        ///< [pair] adjoint of the cosine; reverse only
};

constexpr int minTableDegree = 3, maxTableDegree = 6;
/// Most lookups of a chunk; knots in each direction around those that are near each other.
constexpr int tableChunk = 256, tableTile = 16;
constexpr double leastWindow = 1e-30; ///< by which sums can be divided
constexpr int leastCopied = 8;        ///< lookups of a chunk for which it pays to copy the knots

/// What tables are stored as: integers of 31 bits are as good as doubles there, and half as long.
template <class Real> struct TableNumber { using type = Real; };
template <> struct TableNumber<double> { using type = std::int32_t; };

/// Sums over lookups, pairs of an edge and an orientation o, of features times a kernel that is a
/// tensor product of B-splines in the two attributes of the pair. Of an edge and its reverse one is
/// given. Where o has an antipode p, the reverse and p have the same attributes, and one kernel
/// serves both. Otherwise the reverse and o have the attributes -a and b (in the plane -a and -b),
/// and the same weights belong to mirrored knots; that of the two is looked up whose first
/// attribute is not negative.
template <class Real> struct TableArgs {
    int degree, blocks;
    bool isPlanar;                         ///< the second attribute is the signed component
    double smoothDelta;                    ///< Å, of smooth invariants
    double firstA, firstB, inverseSpacing; ///< knot interval of (a - firstA) / spacing
    int mirrorA, mirrorB; ///< sum of the first knot of an attribute and the last of its negative
    std::size_t blockStride, rowStride; ///< from one block, one a to the next
    const double* directions;           ///< [orientation][3]
    const int* antipodes;               ///< [orientation], or null
    const double *vx, *vy, *vz;         ///< [edges]
    const Real* windows;                ///< [edges]
    const int* senderRow;               ///< [edges] first row of the sender
    const int* receiverRow;             ///< [edges]
    int count;
    int numChunks;
    const int* chunkEnds;   ///< [chunks] of at most tableChunk lookups
    const int* edge;        ///< [lookups]
    const int* orientation; ///< [lookups]
    // prepared for the lookups, each in whole vectors of `width` lookups
    Real* signs;     ///< [lookups] -1 where the reverse of the edge is looked up
    Real* weights;   ///< [vector][a or b][knot][lane], those of a times the window
    Real* slopes;    ///< [vector][a or b][knot][lane] derivatives of the weights
    int* cells;      ///< [vector][a or b][lane] first knots
    int* rows;       ///< [vector][sender, receiver, those of the reverse][lane] first numbers
    int* chunkCells; ///< [chunks][4] least and largest cell of a and b
    // of one layer
    const typename TableNumber<Real>::type* table; ///< [block][a][b][lane]
    const Real* scales; ///< [block][lane] by which the table's numbers are multiplied
    const Real* x;      ///< features or, in the reverse pass, adjoints of the result
    Real*
        y; ///< added to: result, or adjoints of the features; null in the reverse pass: not wanted
    const Real* features; ///< reverse only
    std::size_t xStride, yStride, featureStride;
    double* sums; ///< [3][lookups] += derivatives by a, by b and by the kernel times the kernel
    std::size_t sumStride;
    // finish
    double* gradients;          ///< [sum][edges][4] += derivatives by v and by the window
    std::size_t gradientStride; ///< from one sum to the next
    const int* sumOf;           ///< [orientation]
};

/// Cells of a coarse grid of the attributes, by which lookups are sorted.
struct TileArgs {
    bool isPlanar, isPaired; ///< paired: with antipodes
    float firstA, firstB, inverseSize;
    int tilesA, tilesB;
    const double* direction;    ///< [3]
    const double *vx, *vy, *vz; ///< [edges], padded to whole vectors
    int count;
    int* tiles; ///< [edges] padded
};

/// y = self x or y += self x for some rows.
template <class Real> struct SelfArgs {
    int blocks, rows;
    const Real* self; ///< [block][lane]
    const Real* x;
    Real* y;
    std::size_t xStride, yStride;
    bool accumulate;
};

/// The kernels of PONITA for one instruction set.
template <class Real> struct PonitaKernels {
    void (*gelu)(const GeluArgs<Real>&);
    void (*norm)(const NormArgs<Real>&);
    void (*normBack)(const NormArgs<Real>&);
    void (*fiber)(const FiberArgs<Real>&);
    /// y[to] += window kernel x[from]
    void (*pairMessages)(const PairArgs<Real>&);
    /// kernel = x[from] y[to], written to `kernels`
    void (*pairProducts)(const PairArgs<Real>&, Real* products);
    /// dots[pair] = sum over channels of kernels and x, both [block][pair][lane]
    void (*pairDots)(const PairArgs<Real>&, Real* dots);
    /// y *= x for `count` rows
    void (*multiply)(const PairArgs<Real>&);
    void (*bands)(const BandArgs<Real>&);
    void (*bandsBack)(const BandArgs<Real>&);
    void (*tablePrepare)(const TableArgs<Real>&);
    void (*tableFinish)(const TableArgs<Real>&);
    void (*table)(const TableArgs<Real>&);
    void (*tableBack)(const TableArgs<Real>&);
    void (*tiles)(const TileArgs&);
    void (*self)(const SelfArgs<Real>&);
};

} // namespace equivariant
