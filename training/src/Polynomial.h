// SPDX-License-Identifier: MIT
#pragma once

#include "kernels/FormKernels.h"

#include <ATen/core/ivalue.h>
#include <torch/types.h>
#include <vector>

namespace equivariant::training {

struct Monomials : torch::CustomClassHolder, MonomialTables {
    explicit Monomials(MonomialTables tables) : MonomialTables(std::move(tables)) {}
};

/// Polynomials of the features of each channel of an atom, whose coefficients depend on its
/// species. Can be differentiated twice by the features, as the gradient of a loss with forces
/// needs.
/// @param coefficients    [species][channels][outputs][monomials]
/// @param a               [inputs][channels][atoms], atoms sorted by species
/// @return                [outputs][channels][atoms]
torch::Tensor evaluatePolynomials(const c10::intrusive_ptr<Monomials>& monomials,
                                  const std::vector<int>& atomsOfSpecies,
                                  const torch::Tensor& coefficients, const torch::Tensor& a);

} // namespace equivariant::training
