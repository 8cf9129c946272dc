// SPDX-License-Identifier: MIT
#pragma once

#include "Packed.h"
#include "equivariant/RadialBasis.h"

#include <functional>

namespace equivariant {

/// Radial functions and their derivatives at distances in Å, [function * channel][distance].
using RadialFunctions = std::function<ValuesAndDerivatives(const std::vector<double>& distances)>;

/// Functions of a distance from 0 to a cutoff as splines with equidistant knots, for several pairs
/// of elements: [pair][function][channel block][knot][lane]. On interval i a function is the sum
/// over s = 0 … degree of the coefficient i + s times the s-th uniform B-spline.
template <class Real> class RadialTable {
public:
    /// Refines the knots until the splines and their slopes are within `tolerance` of the
    /// functions, relative to the largest value (slope) of all; getError() is what was reached at
    /// points between the knots, doubled.
    RadialTable(const std::vector<RadialFunctions>& pairs, int numFunctions, int channels,
                int lanes, double cutoff, double tolerance);

    static constexpr int degree = 5;
    /// Coefficients of interval `interval`, of function 0 and channel block 0.
    const Real* at(int pair, int interval) const {
        return data.data() + pair * pairStride + static_cast<std::size_t>(interval) * lanes;
    }
    /// From one (function, channel block) to the next.
    std::size_t getStride() const { return stride; }
    double getInverseSpacing() const { return inverseSpacing; }
    int getNumIntervals() const { return numIntervals; }
    double getError() const { return error; }
    /// The first channel of function 0, for tables of a single function.
    ValueAndDerivative evaluate(int pair, double r) const;
    std::size_t getBytes() const { return data.size() * sizeof(Real); }

private:
    int lanes, numIntervals = 0;
    std::size_t stride = 0, pairStride = 0;
    double inverseSpacing = 0, error = 0;
    VectorArray<Real> data;
};

} // namespace equivariant
