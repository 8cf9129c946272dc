// SPDX-License-Identifier: MIT
//
// The many-body products of Gaunt-MACE (arXiv:2401.10216, and a richer form of ours), formulas in
// docs/theory/gaunt-mace.md. Everything happens at the points of a quadrature that is exact for the
// highest degree that occurs, so nothing is cut off between factors.
#pragma once

#include "equivariant/Features.h"
#include "equivariant/Tensor.h"

#include <memory>

namespace equivariant {

class GauntManyBody {
public:
    struct Sizes {
        int lMax = 0;       ///< of the input A
        int outputLMax = 0; ///< of the output B
        int correlation = 1;
        int channels = 1, species = 1;
        int copies = 0; ///< 0: the published product; else weighted copies
        bool oddPaths = false;
    };

    /// Row-major tensors. Published: only `weights` [correlation][species][channels][L]. With
    /// copies: `linear` [species][channels][L], `factors` [copies][correlation][channels][l],
    /// `weights` [correlation-1][copies][species][channels][L] and, with odd paths, `odd`
    /// [correlation-2][copies][species][channels][L].
    struct Weights {
        Tensor weights, linear, factors, odd;
    };

    /// Requires: the tensors have their shapes.
    GauntManyBody(const Sizes& sizes, const Weights& weights);

    const Sizes& getSizes() const;
    const Weights& getWeights() const;

    /// B [(outputLMax+1)^2][channels] of A [(lMax+1)^2][channels].
    Features evaluate(int species, const Features& a) const;

    /// dE/dA, given dE/dB.
    Features pullBack(int species, const Features& a, const Features& adjoint) const;

private:
    struct Implementation;
    std::shared_ptr<const Implementation> implementation;
};

} // namespace equivariant
