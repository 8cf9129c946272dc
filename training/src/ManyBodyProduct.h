// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Couplings.h"

#include <torch/types.h>
#include <vector>

namespace equivariant::training {

/// MACE's symmetric contraction (arXiv:2206.07697, equation 10) as sums over monomials of A, whose
/// coefficients are linear in the weights.
class ManyBodyProduct {
public:
    /// @param uTensors  [L][order-1]; degrees above lMax are not used
    ManyBodyProduct(const std::vector<std::vector<UTensor>>& uTensors, int lMax, torch::Dtype type);

    /// Coefficients of one element. @param weights  [L][order-1] of [paths][channels]
    /// @return [channels][LM][monomials]
    torch::Tensor makeCoefficients(const std::vector<std::vector<torch::Tensor>>& weights) const;

    /// All monomials of A, [monomials][channels][atoms]. @param a  [lm][channels][atoms]
    torch::Tensor makeMonomials(const torch::Tensor& a) const;

private:
    struct Order {
        torch::Tensor first, last;       ///< factors of a monomial: one of the order before, and lm
        std::vector<torch::Tensor> maps; ///< [L] of [(2L+1) * monomials][paths]
        int numMonomials;
    };
    std::vector<Order> orders;
    int lMax;
};

} // namespace equivariant::training
