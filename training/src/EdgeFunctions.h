// SPDX-License-Identifier: MIT
//
// Functions of an edge as differentiable operations on all edges at once; what they mean is said in
// equivariant/RadialBasis.h and equivariant/SphericalHarmonics.h.
#pragma once

#include "equivariant/Mace.h"

#include <torch/types.h>
#include <vector>

namespace equivariant::training {

/// Harmonics of unit vectors [edges][xyz] in component normalisation, [edges][lm].
class Harmonics {
public:
    Harmonics(int lMax, const torch::TensorOptions& options);
    torch::Tensor evaluate(const torch::Tensor& directions) const;

private:
    /// [l-1] of a map from products of harmonics of degrees l-1 and 1 to degree l; the first one is
    /// from the direction.
    std::vector<torch::Tensor> steps;
    int lMax;
};

/// [edges]
torch::Tensor evaluateCutoff(const torch::Tensor& r, double rMax, int power);

/// The transformed distance. @param radiusSums  [edges] of the covalent radii, Å
torch::Tensor transformDistance(const MaceParameters& model, const torch::Tensor& r,
                                const torch::Tensor& radiusSums);

/// [edges][basis] @param weights  frequencies or centres
torch::Tensor evaluateBasis(const RadialBasis& basis, const torch::Tensor& weights,
                            const torch::Tensor& d);

/// Half the repulsion of a pair, [edges]. @param charges1, charges2  [edges] atomic numbers
torch::Tensor evaluateZbl(const ZblRepulsion& zbl, const torch::Tensor& r,
                          const torch::Tensor& charges1, const torch::Tensor& charges2,
                          const torch::Tensor& radiusSums);

torch::Tensor activate(const Activation& activation, const torch::Tensor& x);

} // namespace equivariant::training
