// SPDX-License-Identifier: MIT
#pragma once

#include "Packed.h"
#include "equivariant/Mace.h"
#include "kernels/Kernels.h"

#include <optional>

namespace equivariant {

/// The many-body product of a layer by quadrature on the sphere: a Gaunt product without odd paths,
/// or MACE's contraction to scalars (docs/theory/gaunt.md).
template <class Real> class SphereProduct {
public:
    /// Nothing for a layer whose product has no such form.
    static std::optional<SphereProduct> make(const MaceParameters& model, const MaceLayer& layer,
                                             const std::vector<int>& speciesInUse, int lanes);

    /// Everything but rows and panels.
    SphereArgs<Real> getArguments(int species) const;

    /// Multiply-adds a channel, forward and reverse.
    int countOperations() const;

private:
    /// One product of functions and its weights [L](species, channel).
    struct Term {
        SphereTerm term;
        std::vector<Eigen::MatrixXd> weights;
    };

    SphereProduct() = default;
    void addPoints(int exactDegree);
    void addGaunt(const GauntManyBody& product);
    bool addScalarContraction(const MaceParameters& model, const MaceLayer& layer);
    void pack(const std::vector<int>& speciesInUse, int lanes);

    int channels = 0, lMax = 0, outputLMax = 0;
    std::vector<Real> harmonics, quadrature;
    std::vector<SphereFunction> functions;
    std::vector<Eigen::MatrixXd> functionFactors; ///< [function](l, channel)
    std::vector<Eigen::MatrixXd> linearWeights;   ///< [L](species, channel)
    std::vector<Term> products;
    std::vector<SphereTerm> terms;
    VectorArray<Real> factors;
    std::vector<VectorArray<Real>> coefficients; ///< [species in use]
};

} // namespace equivariant
