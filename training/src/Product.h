// SPDX-License-Identifier: MIT
#pragma once

#include "Batch.h"
#include "Polynomial.h"
#include "equivariant/Couplings.h"
#include "equivariant/GauntManyBody.h"

namespace equivariant::training {

/// The many-body product of a layer.
class Product {
public:
    virtual ~Product() = default;

    /// @param a  [atoms][lm][channels]
    /// @return   [atoms][LM][channels]
    virtual torch::Tensor evaluate(const Batch& batch, const torch::Tensor& a) const = 0;
};

/// MACE's symmetric contraction (arXiv:2206.07697, equation 10) as sums over monomials of A, whose
/// coefficients are linear in the weights.
class SymmetricContraction : public Product {
public:
    /// @param uTensors  [L][order-1]; degrees without weights are not used
    /// @param weights   [L][order-1] of [species or 1][paths][channels]
    SymmetricContraction(const std::vector<std::vector<UTensor>>& uTensors,
                         std::vector<std::vector<torch::Tensor>> weights,
                         const torch::TensorOptions& options);
    torch::Tensor evaluate(const Batch& batch, const torch::Tensor& a) const override;

private:
    struct Order {
        std::vector<torch::Tensor> maps; ///< [L] of [(2L+1) * monomials][paths]
        int numMonomials;
    };
    std::vector<std::vector<torch::Tensor>> weights;
    std::vector<Order> orders;
    c10::intrusive_ptr<Monomials> monomials;
};

/// The products of Gaunt-MACE (docs/theory/gaunt-mace.md), at the points of a quadrature.
class GauntSphereProduct : public Product {
public:
    struct Weights {
        torch::Tensor weights, linear, factors, odd; ///< as GauntManyBody::Weights
    };
    GauntSphereProduct(const GauntManyBody::Sizes& sizes, Weights weights,
                       const torch::TensorOptions& options);
    torch::Tensor evaluate(const Batch& batch, const torch::Tensor& a) const override;

private:
    /// Functions are [points or lm][atoms * channels].
    struct Grid {
        torch::Tensor points;                      ///< [points][xyz]
        torch::Tensor input;                       ///< [points][lm]
        std::vector<torch::Tensor> inputGradients; ///< [xyz] of [points][lm]
    };
    Grid makeGrid(int exactDegree) const;
    torch::Tensor project(const torch::Tensor& function, const torch::Tensor& weights,
                          const Batch& batch) const;
    torch::Tensor makeFactor(int copy, int order, const torch::Tensor& a, const Batch& batch) const;
    torch::Tensor curl(const Grid& grid, const std::vector<torch::Tensor>& f,
                       const std::vector<torch::Tensor>& g) const;
    torch::Tensor doubleBracket(const std::vector<torch::Tensor>& coefficients) const;

    const GauntManyBody::Sizes sizes;
    const Weights weights;
    const torch::TensorOptions options;
    Grid grid, bracketGrid;
    torch::Tensor analysis, bracketAnalysis;     ///< [lm][points]
    std::vector<torch::Tensor> bracketGradients; ///< on `grid`, of the inner bracket's harmonics
    torch::Tensor inputDegrees, outputDegrees;   ///< degree of each lm
};

} // namespace equivariant::training
