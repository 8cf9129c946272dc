// SPDX-License-Identifier: MIT
#include "ponita/PairBatch.h"

#include <algorithm>

namespace equivariant {

template <class Real>
PairBatch<Real>::PairBatch(const PonitaWeights<Real>& weights)
    : w(weights), monomials(std::size_t(capacity * w.inner.inputs)) {
    const int features = w.inner.inputs;
    for (RowArray<Real>* array : {&packedMonomials, &monomialAdjoints})
        array->resize(blocksOf(features, w.lanes), capacity, w.lanes);
    const int numAttributes = w.isDirected && !w.isBanded ? (w.isCloud ? 3 : 2) : 1;
    for (int f = 0; f < features; f++)
        products.push_back(
            {f / numAttributes - 1, f % numAttributes,
             std::size_t(f / w.lanes) * packedMonomials.stride + std::size_t(f % w.lanes)});
    for (RowArray<Real>* array : {&inner, &innerSlopes, &innerAdjoint, &kernels})
        array->resize(w.blocks, capacity, w.lanes);
    for (RowArray<Real>* array : {&outer, &outerSlopes})
        array->resize(w.bands * w.basisBlocks, capacity, w.lanes);
    for (RowArray<Real>* array : {&basis, &basisAdjoint})
        array->resize(w.basisBlocks, capacity, w.lanes);
    for (std::vector<Real>* array : {&windows, &dots, &cosines})
        array->resize(capacity);
    legendreValues.resize(std::size_t(capacity * w.bands));
    legendreSlopes.resize(legendreValues.size());
}

template <class Real>
void PairBatch<Real>::evaluateAttributes(const PonitaStep& step,
                                         const std::vector<Eigen::Vector3d>& normals) {
    for (std::size_t k = 0; k < std::size_t(count); k++) {
        const bool isSelf = edge[k] < 0;
        Eigen::Vector3d &x = v[k], &direction = n[k];
        x = isSelf ? Eigen::Vector3d::Zero() : step.v[std::size_t(edge[k])];
        if (!w.isDirected)
            direction.setZero();
        else if (w.isCloud)
            direction = normals[std::size_t(receiver[k])];
        else
            direction = w.model.orientations[std::size_t(receiver[k] % w.orientations)];
        if (w.isBanded)
            attributes[k] = {x.norm(), isSelf ? 0.0 : x.dot(direction) / x.norm(), 0};
        else if (!w.isDirected)
            attributes[k] = {x.norm(), 0, 0};
        else
            attributes[k] = {x.dot(direction), secondAttribute(w.model, x, direction).value,
                             w.isCloud ? direction.dot(normals[std::size_t(sender[k])]) : 0.0};
    }
}

template <class Real>
void PairBatch<Real>::evaluateBasis(const PonitaStep& step,
                                    const std::vector<Eigen::Vector3d>& normals, bool slopes) {
    evaluateAttributes(step, normals);
    const auto lanes = std::size_t(w.lanes), features = products.size();
    for (std::size_t k = 0; k < std::size_t(count); k++) {
        double* m = monomials.data() + k * features;
        Real* packed = packedMonomials.data.data() + k * lanes;
        for (std::size_t f = 0; f < features; f++) {
            const Monomial& product = products[f];
            const double factor = attributes[k][std::size_t(product.factor)];
            m[f] = product.shorter < 0 ? factor : m[product.shorter] * factor;
            packed[product.place] = static_cast<Real>(m[f]);
        }
    }
    const std::size_t stride = inner.stride; // the same for all
    w.inner.apply(w.kernels, count, packedMonomials.data.data(), stride, inner.data.data(), stride);
    w.ponita.gelu({w.blocks, count, inner.data.data(), slopes ? innerSlopes.data.data() : nullptr,
                   stride, w.inner.bias.data()});
    if (!w.isBanded) {
        w.outer.apply(w.kernels, count, inner.data.data(), stride, basis.data.data(), stride);
        w.ponita.gelu({w.basisBlocks, count, basis.data.data(),
                       slopes ? outerSlopes.data.data() : nullptr, stride, w.outer.bias.data()});
        return;
    }
    for (std::size_t b = 0; b < std::size_t(w.outer.outputBlocks); b++)
        for (std::size_t k = 0; k < std::size_t(count); k++)
            std::copy_n(w.outer.bias.data() + b * lanes, lanes,
                        outer.data.data() + b * stride + k * lanes);
    w.outer.apply(w.kernels, count, inner.data.data(), stride, outer.data.data(), stride, true);
    evaluateBands();
}

/// The sum over degrees l of Legendre polynomials and the network's outputs.
template <class Real> void PairBatch<Real>::evaluateBands() {
    for (int k = 0; k < count; k++) {
        Legendre p = equivariant::legendre(w.bands - 1, attributes[std::size_t(k)][1]);
        if (edge[std::size_t(k)] < 0) { // no direction: l = 0 only
            p.values.tail(w.bands - 1).setZero();
            p.derivatives.setZero();
        }
        for (int l = 0; l < w.bands; l++) {
            legendreValues[std::size_t(l * count + k)] = static_cast<Real>(p.values[l]);
            legendreSlopes[std::size_t(l * count + k)] = static_cast<Real>(p.derivatives[l]);
        }
    }
    w.ponita.bands({w.basisBlocks, count, w.bands, legendreValues.data(), nullptr,
                    outer.data.data(), basis.data.data(), basis.stride, nullptr});
}

template <class Real> void PairBatch<Real>::differentiateBasis() {
    const std::size_t stride = basis.stride, lanes = std::size_t(w.lanes);
    Real* outerAdjoint = basisAdjoint.data.data();
    PairArgs<Real> product{};
    product.count = count;
    product.xStride = product.yStride = stride;
    if (w.isBanded) {
        for (int l = 0; l < w.bands; l++)
            for (int k = 0; k < count; k++) {
                legendreValues[std::size_t(l * count + k)] *= windows[std::size_t(k)];
                legendreSlopes[std::size_t(l * count + k)] *= windows[std::size_t(k)];
            }
        w.ponita.bandsBack({w.basisBlocks, count, w.bands, legendreValues.data(),
                            legendreSlopes.data(), outer.data.data(), outerAdjoint, stride,
                            cosines.data()});
        outerAdjoint = outer.data.data();
    } else {
        product.blocks = w.basisBlocks;
        product.windows = windows.data();
        product.x = outerSlopes.data.data();
        product.y = outerAdjoint;
        w.ponita.multiply(product);
    }
    w.outerBack.apply(w.kernels, count, outerAdjoint, stride, innerAdjoint.data.data(), stride);
    product.blocks = w.blocks;
    product.windows = nullptr;
    product.x = innerSlopes.data.data();
    product.y = innerAdjoint.data.data();
    w.ponita.multiply(product);
    w.innerBack.apply(w.kernels, count, innerAdjoint.data.data(), stride,
                      monomialAdjoints.data.data(), stride);
    std::vector<double> adjoint(products.size());
    for (std::size_t k = 0; k < std::size_t(count); k++) {
        const double* m = monomials.data() + k * adjoint.size();
        const Real* packed = monomialAdjoints.data.data() + k * lanes;
        for (std::size_t f = 0; f < adjoint.size(); f++)
            adjoint[f] = packed[products[f].place];
        auto& result = attributeAdjoints[k] = {};
        for (std::size_t f = adjoint.size(); f-- > 0;) {
            const auto [shorter, attribute, packedPlace] = products[f];
            const auto factor = std::size_t(attribute);
            if (shorter < 0) {
                result[factor] += adjoint[f];
            } else {
                adjoint[std::size_t(shorter)] += adjoint[f] * attributes[k][factor];
                result[factor] += adjoint[f] * m[shorter];
            }
        }
        if (w.isBanded)
            result[1] = cosines[k];
    }
}

template class PairBatch<float>;
template class PairBatch<double>;

} // namespace equivariant
