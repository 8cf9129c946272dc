// SPDX-License-Identifier: MIT
#pragma once

#include "Network.h"
#include "mace/PreparedMace.h"

namespace equivariant {

/// The edges of one atom in the form of the kernels.
template <class Real> class MaceEdges {
public:
    /// Takes the edges of an atom as those to it, or (towardsNeighbors) the reverse ones.
    /// @param derivatives  also what the reverse pass needs
    void prepare(const PreparedMace<Real>& prepared, int t, const NetworkTask& task, int atom,
                 bool towardsNeighbors, bool derivatives);

    /// Everything but the features' and messages' places.
    ConvolutionArgs<Real> getArguments(const PreparedMace<Real>& prepared, int t);

    int count = 0;
    std::vector<int> featureRow, adjointRow; ///< [edges], to be filled in by the caller

    /// After convolveBack: dE/d(displacement) of edge e of the prepared direction.
    Eigen::Vector3d gradientOf(int e, double distance) const;

    /// What edge e of an atom adds to the density of its receiver; and the sum over its edges.
    ValueAndDerivative densityOf(const PreparedMace<Real>& prepared, int t, const NetworkTask& task,
                                 int atom, int e) const;
    double sumDensity(const PreparedMace<Real>& prepared, int t, const NetworkTask& task,
                      int atom) const;

private:
    void resize(const PreparedMace<Real>& prepared, int t, bool derivatives);
    void makeExactRows(const PreparedMace<Real>& prepared, int t, const NetworkTask& task,
                       int atom);

    int lanes = 1;
    VectorArray<Real> x, y, z, fraction, harmonics, tangents, coefficients, weights, sums;
    std::vector<Real> gradients;
    VectorArray<Real> exact;
    std::vector<const Real*> table;
    std::size_t tableStride = 0;
};

} // namespace equivariant
