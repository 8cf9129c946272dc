// SPDX-License-Identifier: MIT
//
// Products of functions on the sphere in terms of their coefficients (arXiv:2401.10216); theory and
// costs: docs/theory/gaunt.md. Coefficients belong to orthonormal harmonics
// (Normalization::Integral).
#pragma once

#include "equivariant/Couplings.h"
#include "equivariant/Features.h"

#include <memory>

namespace equivariant {

/// Sparse: sum over the nonzero coefficients. Grid: values at quadrature points. Fourier:
/// convolution in the two-dimensional Fourier basis by FFT. All give the same numbers up to
/// rounding.
enum class GauntMethod { Sparse, Grid, Fourier };

/// Even: the pointwise product f g, which couples degrees with l1+l2+l3 even. Odd: the curl product
/// r·(grad f x grad g), which couples those with an odd sum (and changes parity); not by Fourier.
enum class GauntParity { Even, Odd };

/// The nonzero coefficients of the curl product, the odd counterpart of gauntCoefficients().
std::vector<CouplingEntry> curlCoefficients(int lMax1, int lMax2, int lMaxOut);

/// The bilinear map z = product of x and y, cut off at degree lMaxOut, and its reverse.
class GauntTensorProduct {
public:
    /// Throws Error for an odd product by Fourier.
    GauntTensorProduct(int lMax1, int lMax2, int lMaxOut, GauntMethod method = GauntMethod::Sparse,
                       GauntParity parity = GauntParity::Even);

    /// z [(lMaxOut+1)^2][channels] of x [(lMax1+1)^2][channels] and y [(lMax2+1)^2][channels],
    /// channel by channel. Throws Error for other shapes.
    Features multiply(const Features& x, const Features& y) const;

    struct Adjoints {
        Features x, y;
    };
    /// dE/dx and dE/dy, given dE/dz.
    Adjoints pullBack(const Features& x, const Features& y, const Features& zAdjoint) const;

    /// One way of evaluating the map; see src/math/GauntMethods.h.
    class Map {
    public:
        virtual ~Map() = default;
        virtual Features multiply(const Features& x, const Features& y) const = 0;
    };

private:
    void check(const Features& x, const Features& y) const;

    int lMax1, lMax2, lMaxOut;
    std::shared_ptr<const Map> forward, towardsX, towardsY;
};

} // namespace equivariant
