// SPDX-License-Identifier: MIT
#pragma once

#include "Polynomial.h"
#include "equivariant/Couplings.h"

namespace equivariant::training {

/// MACE's symmetric contraction (arXiv:2206.07697, equation 10) as sums over monomials of A, whose
/// coefficients are linear in the weights.
class ManyBodyProduct {
public:
    /// @param uTensors  [L][order-1]; degrees above lMax are not used
    ManyBodyProduct(const std::vector<std::vector<UTensor>>& uTensors, int lMax, torch::Dtype type);

    /// @param weights  [L][order-1] of [species or 1][paths][channels]
    /// @param a        [inputs][channels][atoms], see evaluatePolynomials()
    /// @return         [LM][channels][atoms]
    torch::Tensor evaluate(const std::vector<std::vector<torch::Tensor>>& weights,
                           const std::vector<int>& atomsOfSpecies, const torch::Tensor& a) const;

private:
    struct Order {
        std::vector<torch::Tensor> maps; ///< [L] of [(2L+1) * monomials][paths]
        int numMonomials;
    };
    std::vector<Order> orders;
    c10::intrusive_ptr<Monomials> monomials;
    int lMax;
};

} // namespace equivariant::training
