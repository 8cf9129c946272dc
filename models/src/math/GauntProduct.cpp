// SPDX-License-Identifier: MIT
//
// The reverse pass needs no code of its own: the coefficients are totally symmetric (even) or
// totally antisymmetric (odd) in their three slots, so that adjoints are products of the same kind.
#include "equivariant/GauntProduct.h"

#include "GauntMethods.h"
#include "equivariant/Error.h"
#include "equivariant/SphericalHarmonics.h"

#include <string>

namespace equivariant {

namespace {

std::shared_ptr<const GauntTensorProduct::Map> makeMap(int lMax1, int lMax2, int lMaxOut,
                                                       GauntMethod method, GauntParity parity) {
    switch (method) {
    case GauntMethod::Sparse:
        return makeSparseGaunt(lMax1, lMax2, lMaxOut, parity);
    case GauntMethod::Grid:
        return makeGridGaunt(lMax1, lMax2, lMaxOut, parity);
    case GauntMethod::Fourier:
        return makeFourierGaunt(lMax1, lMax2, lMaxOut);
    }
    throw Error("unknown method of a Gaunt product");
}

} // namespace

GauntTensorProduct::GauntTensorProduct(int lMax1, int lMax2, int lMaxOut, GauntMethod method,
                                       GauntParity parity)
    : lMax1(lMax1), lMax2(lMax2), lMaxOut(lMaxOut) {
    if (lMax1 < 0 || lMax2 < 0 || lMaxOut < 0)
        throw Error("a Gaunt product with a negative degree was asked for");
    if (parity == GauntParity::Odd && method == GauntMethod::Fourier)
        throw Error("the Fourier method has no odd Gaunt product; use sparse or grid");
    forward = makeMap(lMax1, lMax2, lMaxOut, method, parity);
    towardsX = makeMap(lMax2, lMaxOut, lMax1, method, parity);
    towardsY = makeMap(lMaxOut, lMax1, lMax2, method, parity);
}

void GauntTensorProduct::check(const Features& x, const Features& y) const {
    if (x.rows() != numHarmonics(lMax1) || y.rows() != numHarmonics(lMax2) || x.cols() != y.cols())
        throw Error("a Gaunt product of degrees " + std::to_string(lMax1) + " and " +
                    std::to_string(lMax2) + " got features of other shapes");
}

Features GauntTensorProduct::multiply(const Features& x, const Features& y) const {
    check(x, y);
    return forward->multiply(x, y);
}

GauntTensorProduct::Adjoints GauntTensorProduct::pullBack(const Features& x, const Features& y,
                                                          const Features& zAdjoint) const {
    check(x, y);
    if (zAdjoint.rows() != numHarmonics(lMaxOut) || zAdjoint.cols() != x.cols())
        throw Error("the adjoint of a Gaunt product to degree " + std::to_string(lMaxOut) +
                    " has another shape");
    // Cyclic permutations of the slots keep the sign of the odd coefficients.
    return {towardsX->multiply(y, zAdjoint), towardsY->multiply(zAdjoint, x)};
}

} // namespace equivariant
