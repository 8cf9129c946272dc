// SPDX-License-Identifier: MIT
#pragma once

#include "kernels/FormKernels.h"

#include <ATen/core/ivalue.h>
#include <torch/types.h>
#include <vector>

namespace equivariant::training {

struct Monomials : torch::CustomClassHolder, MonomialTables {
    Monomials(MonomialTables tables, torch::Device device);

    /// Orders two and up. Places of the shorter monomials in their order, and of the factors.
    struct Order {
        torch::Tensor before, factor;
    };
    std::vector<Order> orders;
};

/// Polynomials of the features of each channel of an atom, whose coefficients depend on its
/// species. Can be differentiated twice by the features, as the gradient of a loss with forces
/// needs.
/// @param coefficients    [species][channels][outputs][monomials]
/// @param a               [inputs][channels][atoms], atoms sorted by species
/// @return                [outputs][channels][atoms]
///
/// On a processor its kernels are our own (src/kernels); elsewhere it is made of LibTorch's
/// operations.
torch::Tensor evaluatePolynomials(const c10::intrusive_ptr<Monomials>& monomials,
                                  const std::vector<int>& atomsOfSpecies,
                                  const torch::Tensor& coefficients, const torch::Tensor& a);
torch::Tensor evaluatePolynomialsByOperations(const Monomials& monomials,
                                              const std::vector<int>& atomsOfSpecies,
                                              const torch::Tensor& coefficients,
                                              const torch::Tensor& a);

} // namespace equivariant::training
