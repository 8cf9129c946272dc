// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Mace.h"

#include <Eigen/Core>
#include <map>
#include <vector>

namespace equivariant {

/// The many-body product of a layer as polynomials in the components of A, channel by channel, like
/// terms merged: symmetric contractions and Gaunt products alike.
struct ProductPolynomial {
    /// Coefficients [species or 1][channels] of the monomials (ascending packed indices).
    using Terms = std::map<std::vector<int>, Eigen::MatrixXd>;
    std::vector<Terms> outputs; ///< [LM]
    int degree = 1;             ///< most factors of a monomial

    int countTerms() const;
};

ProductPolynomial expandProduct(const MaceParameters& model, const MaceLayer& layer);

} // namespace equivariant
