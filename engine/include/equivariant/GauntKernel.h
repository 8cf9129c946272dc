// SPDX-License-Identifier: MIT
//
// The products of GauntProduct.h for many functions at once, fast. Arrays are [block][lm][lane]:
// the pairs of functions are numbered through, atoms and channels alike, and each block of `lanes`
// of them lies together. Any alignment will do; 64 bytes are fastest.
#pragma once

#include "equivariant/GauntProduct.h"

#include <cstddef>
#include <memory>

namespace equivariant {

/// The even product of degrees up to lMax1 and lMax2, cut off at lMaxOut (none above 16). Real:
/// float or double. For the instruction set at construction. Calls may overlap in time.
template <class Real> class GauntKernel {
public:
    /// By the method whose operations take less time: 3 of the grid count as 4 sparse ones.
    GauntKernel(int lMax1, int lMax2, int lMaxOut);
    /// Throws Error for a degree out of range, for the Fourier method, and for the sparse one if
    /// (lMax1+1) (lMax2+1) exceeds 153.
    GauntKernel(int lMax1, int lMax2, int lMaxOut, GauntMethod method);
    ~GauntKernel();

    /// z [blocks][(lMaxOut+1)^2][lanes] of x and y, which it may not overlap.
    void multiply(std::size_t numBlocks, const Real* x, const Real* y, Real* z) const;

    /// dE/dx and dE/dy, given dE/dz; the five arrays may not overlap.
    void pullBack(std::size_t numBlocks, const Real* x, const Real* y, const Real* zAdjoint,
                  Real* xAdjoint, Real* yAdjoint) const;

    /// Products in a block: numbers in a vector of the instruction set.
    int getNumLanes() const;
    GauntMethod getMethod() const;

    /// Vector operations (a multiplication with addition counts once) of one block of multiply().
    static std::size_t countOperations(int lMax1, int lMax2, int lMaxOut, GauntMethod method);

private:
    class Implementation;
    std::unique_ptr<const Implementation> implementation;
};

/// The powers f^2 … f^degree of functions of degrees up to lMax, cut off at lMaxOut, by values on a
/// grid; nothing is cut off in between. The sum of degree * lMax and lMaxOut may be up to 80.
template <class Real> class GauntPowers {
public:
    /// Throws Error for degrees out of range.
    GauntPowers(int lMax, int lMaxOut, int degree);
    ~GauntPowers();

    /// z [blocks][degree - 1][(lMaxOut+1)^2][lanes] of x, which it may not overlap.
    void evaluate(std::size_t numBlocks, const Real* x, Real* z) const;

    /// dE/dx, given dE/dz.
    void pullBack(std::size_t numBlocks, const Real* x, const Real* zAdjoint, Real* xAdjoint) const;

    int getNumLanes() const;

private:
    class Implementation;
    std::unique_ptr<const Implementation> implementation;
};

/// Products of the features of edges with one function for each edge that all channels share (its
/// harmonics, say): small matrices, made once for an edge. Degrees as in GauntKernel.
template <class Real> class GauntConvolution {
public:
    /// Throws Error for a degree out of range.
    GauntConvolution(int lMax1, int lMax2, int lMaxOut);
    ~GauntConvolution();

    /// z [edges][channel blocks][(lMaxOut+1)^2][lanes] of x [edges][channel blocks][(lMax1+1)^2]
    /// [lanes], which it may not overlap, and y [edges][(lMax2+1)^2].
    void multiply(std::size_t numEdges, int channelBlocks, const Real* x, const Real* y,
                  Real* z) const;

    /// dE/dx and dE/dy, given dE/dz.
    void pullBack(std::size_t numEdges, int channelBlocks, const Real* x, const Real* y,
                  const Real* zAdjoint, Real* xAdjoint, Real* yAdjoint) const;

    int getNumLanes() const;

private:
    class Implementation;
    std::unique_ptr<const Implementation> implementation;
};

} // namespace equivariant
