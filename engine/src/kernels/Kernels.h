// SPDX-License-Identifier: MIT
//
// The kernels that are compiled once for each instruction set, and the table through which the
// engine calls those of the processor it runs on. Only plain pointers cross this border (Simd.h
// says why). In every array channels come in blocks of `lanes`, the width of a vector.
#pragma once

#include "GauntKernels.h"
#include "PonitaKernels.h"

#include <cstddef>

namespace equivariant {

/// y = x w, or y += x w. Row r of x is x[block * xStride + r * lanes + lane], the same for y.
/// Weights are [output block][input][lane].
template <class Real> struct LinearArgs {
    const Real* x;
    Real* y;
    const Real* w;
    std::size_t xStride, yStride; ///< from one block of channels to the next
    int rows, inputs, outputBlocks;
    bool accumulate;
};

/// Where features of one degree lie: block `block`, row `row`, component m of 2l+1 at
/// data[block * stride + (row * (2l+1) + m) * lanes + lane].
template <class Real> struct Panel {
    Real* data;
    std::size_t stride;
};

/// c[target] += value * Y[lm]: how the harmonics of an edge make the entries of its coupling
/// matrices. The terms of target t are those from first[t] to first[t+1].
template <class Real> struct CouplingTerms {
    int numTargets;
    const int* first;
    const int* harmonic;
    const Real* value;
};

/// Everything of some edges that depends on their direction and distance only. Arrays of edges are
/// padded to whole vectors; [edge block] counts vectors of edges.
template <class Real> struct EdgeArgs {
    int count, lMax, degree; ///< degree of the splines, up to 5
    bool derivatives;
    const Real *x, *y, *z; ///< [edges] unit vectors from sender to receiver
    const Real* fraction;  ///< [edges] position within the knot's interval, 0 … 1
    Real inverseSpacing;   ///< of the knots, 1/Å
    CouplingTerms<Real> couplings;
    const Real* normalization; ///< [lm] factors of the harmonics
    Real* harmonics;           ///< scratch [1 or 3][lm][lanes]
    Real* tangents;            ///< [edge block][6][lanes] two unit vectors normal to the edge
    Real* coefficients; ///< [edge block][1 or 3][target][lanes] values and tangential derivatives
    Real* weights;      ///< [edge block][1 or 2][degree+1][lanes] of the knots, and d/dr of them
};

constexpr int maxPathDegree = 8; ///< highest degree of features in a convolution

/// A coupling of features of degree l1 to messages of degree l3 with its radial function.
struct ConvolutionPath3 {
    int l1, l3;
    int function;    ///< radial function
    int firstTarget; ///< of the coupling matrix [m3][m1]
    int group;       ///< which messages it adds to
    bool firstOfGroup;
    bool isDiagonal; ///< the edge's degree is 0: one entry, for m3 = m1
};

/// The edges of one central atom and what they carry. Pass 1 (forward): the center receives
/// messages. Pass 2 (reverse): see convolveBack.
template <class Real> struct ConvolutionArgs {
    int count, channelBlocks, numTargets, degree;
    int numPaths;
    const ConvolutionPath3* paths;
    const Real* coefficients; ///< as EdgeArgs
    const Real* weights;
    const Real* const* table;          ///< [edges] first knot of function 0, channel block 0
    std::size_t tableStride;           ///< from one (function, channel block) to the next
    const int* featureRow;             ///< [edges] row of h
    const Panel<const Real>* features; ///< [l1] h
    // forward
    int messageRow;
    const Panel<Real>* messages; ///< [group]
    // reverse
    const int* adjointRow;                    ///< [edges] row of the messages' adjoints
    const Panel<const Real>* messageAdjoints; ///< [group]
    int featureAdjointRow;
    const Panel<Real>* featureAdjoints; ///< [l1] adjoint of h at the center; null: not wanted
    Real* sums;                         ///< scratch [edges][3][lanes]
    Real* gradients; ///< [edges][3] dE/dr and dE/d(direction) along the two tangents
};

/// A polynomial of several outputs in the components of a feature, channel by channel, as a trie:
/// a node's value is its coefficient plus the sum over its children of x[variable] times the
/// child's value. The first nodes are the outputs.
struct PolynomialNode {
    int variable, firstChild, numChildren;
};

template <class Real> struct PolynomialArgs {
    int depth;
    const PolynomialNode* nodes;
    const Real* coefficients;      ///< [channel block][node][lane]
    std::size_t coefficientStride; ///< from one channel block to the next
    int channelBlocks, firstRow, numRows;
    const Panel<const Real>* x; ///< [l]
    int lMax, outputLMax;
    const Panel<Real>* outputs;              ///< [L]; of polynomial
    const Panel<const Real>* outputAdjoints; ///< [L]; of polynomialBack
    const Panel<Real>* xAdjoints;            ///< [l]; of polynomialBack, overwritten
};

/// A product as polynomials of a few functions on the sphere, integrated against the output's
/// harmonics: output LM = linear[L] x[LM] + integral of Y_LM sum over terms of c[term][L] times the
/// product of the term's functions. A function has the coefficients factor[l] x[lm].
constexpr int maxSphereFunctions = 12;
struct SphereTerm {
    int count, functions[4];
};
struct SphereFunction {
    int low, high; ///< degrees that it has
};

template <class Real> struct SphereArgs {
    int numPoints, lMax, outputLMax, numFunctions, numTerms;
    const Real* harmonics;  ///< [point][lm] orthonormal, at one point of each opposite pair
    const Real* quadrature; ///< [point] weights
    const SphereFunction* functions;
    const SphereTerm* terms;
    const Real* factors; ///< [channel block][function][l][lane]
    std::size_t factorStride;
    const Real* coefficients; ///< [channel block][L of linear, then term, L][lane]
    std::size_t coefficientStride;
    int channelBlocks, firstRow, numRows;
    const Panel<const Real>* x;              ///< [l]
    const Panel<Real>* outputs;              ///< [L]; of sphere
    const Panel<const Real>* outputAdjoints; ///< [L]; of sphereBack
    const Panel<Real>* xAdjoints;            ///< [l]; of sphereBack, overwritten
};

/// The kernels of one instruction set.
template <class Real> struct Kernels {
    int lanes;
    void (*linear)(const LinearArgs<Real>&);
    void (*edges)(const EdgeArgs<Real>&);
    void (*convolve)(const ConvolutionArgs<Real>&);
    void (*convolveBack)(const ConvolutionArgs<Real>&);
    void (*polynomial)(const PolynomialArgs<Real>&);
    void (*polynomialBack)(const PolynomialArgs<Real>&);
    void (*sphere)(const SphereArgs<Real>&);
    void (*sphereBack)(const SphereArgs<Real>&);
    const PonitaKernels<Real>& (*ponita)();
    const GauntKernels<Real>& (*gaunt)();
};

/// The kernels for this processor (chooseInstructionSet()).
template <class Real> const Kernels<Real>& getKernels();

namespace baseline {
template <class Real> const Kernels<Real>& kernels();
}
namespace avx2 {
template <class Real> const Kernels<Real>& kernels();
}
namespace avx512 {
template <class Real> const Kernels<Real>& kernels();
}

} // namespace equivariant
