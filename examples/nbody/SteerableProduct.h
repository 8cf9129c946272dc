// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Mace.h"

#include <memory>
#include <torch/types.h>
#include <vector>

namespace equivariant::nbody {

/// A product of features of some channels with attributes of one channel, both of natural parity.
/// It is linear in each: [rows][lm][channels] and [rows][lm] to [rows][lm][outputs].
class SteerableProduct {
public:
    virtual ~SteerableProduct() = default;
    virtual torch::Tensor evaluate(const torch::Tensor& features,
                                   const torch::Tensor& attributes) const = 0;
};

/// All paths from degrees of features and of attributes to results, up to lMax, with an even sum.
std::vector<ConvolutionPath> pathsUpTo(int lMax);

/// A weight for every path: sums over Clebsch-Gordan coefficients.
/// @param weights  [paths][channels][outputs]
std::unique_ptr<SteerableProduct> makePathProduct(int lMax, const torch::Tensor& weights);

/// Weights for every degree of the features, of the attributes and of the result: a Gaunt product
/// (arXiv:2401.10216), taken at the points of a quadrature.
/// @param input      [l][channels][middle]
/// @param attribute  [l][middle]
/// @param output     [l][middle][outputs]
std::unique_ptr<SteerableProduct> makeGauntProduct(int lMax, const torch::Tensor& input,
                                                   const torch::Tensor& attribute,
                                                   const torch::Tensor& output);

/// Linear maps of the channels of each degree. @param weights  [l][channels][outputs]
torch::Tensor mapChannels(const torch::Tensor& features, const torch::Tensor& weights);

/// Pointwise products of functions on the sphere, in coefficients [rows][lm][channels] of harmonics
/// whose square has the mean 1; degrees above lMax are cut off.
class SphereProduct {
public:
    SphereProduct(int lMax, const torch::TensorOptions& options);
    torch::Tensor multiply(const torch::Tensor& a, const torch::Tensor& b) const;

private:
    torch::Tensor synthesis, analysis; ///< [points][lm] and [lm][points]
};

} // namespace equivariant::nbody
