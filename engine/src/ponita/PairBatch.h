// SPDX-License-Identifier: MIT
//
// Some pairs of rows and the basis of their kernels, evaluated by its network and differentiated.
#pragma once

#include "ponita/PonitaWeights.h"

#include <array>

namespace equivariant {

template <class Real> class PairBatch {
public:
    static constexpr int capacity = 128;

    explicit PairBatch(const PonitaWeights<Real>& weights);

    /// From sender, receiver and edge to everything up to basis.
    /// @param normals  [rows] of a point cloud
    /// @param slopes   also what differentiateBasis() needs
    void evaluateBasis(const PonitaStep& step, const std::vector<Eigen::Vector3d>& normals,
                       bool slopes);
    /// From basisAdjoint, which is overwritten, to attributeAdjoints.
    void differentiateBasis();

    int count = 0;
    std::array<int, capacity> sender, receiver, edge; ///< rows, and the edge or -1
    std::array<std::size_t, capacity> place;          ///< among all pairs of the step
    std::array<Eigen::Vector3d, capacity> v, n;       ///< of the edge and of the receiver's row
    std::array<std::array<double, 3>, capacity> attributes, attributeAdjoints;
    RowArray<Real> basis, basisAdjoint;
    RowArray<Real> kernels;          ///< of a layer
    std::vector<Real> windows, dots; ///< dots: adjoints of the windows

private:
    /// A product of attributes: a shorter one times a factor.
    struct Monomial {
        int shorter;       ///< -1: an attribute
        int factor;        ///< attribute
        std::size_t place; ///< in a packed row
    };

    void evaluateAttributes(const PonitaStep& step, const std::vector<Eigen::Vector3d>& normals);
    void evaluateBands();

    const PonitaWeights<Real>& w;
    std::vector<Monomial> products; ///< [features]
    std::vector<double> monomials;  ///< [pair][feature]
    RowArray<Real> packedMonomials, monomialAdjoints, inner, innerSlopes, innerAdjoint, outer,
        outerSlopes;
    std::vector<Real> legendreValues, legendreSlopes, cosines;
};

} // namespace equivariant
