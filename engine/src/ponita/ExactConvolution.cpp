// SPDX-License-Identifier: MIT
//
// The convolution over neighbors with kernels evaluated by their networks, a batch of pairs of rows
// at a time, for every space. Sums over pairs are gathered at one atom: at the receiver in the
// forward pass and for the gradients, at the sender for the adjoints of features.
//
// This file is long because the spaces share every stage but the first and the last.
#include "ponita/PonitaWeights.h"

#include <algorithm>
#include <array>

namespace equivariant {

namespace {

constexpr int batchSize = 128;

/// A product of attributes: a shorter one times a factor.
struct Monomial {
    int shorter;       ///< -1: an attribute
    int factor;        ///< attribute
    std::size_t place; ///< in a packed row
};

/// Pairs of rows with their attributes, and the stages of their kernels.
template <class Real> struct PairBatch {
    explicit PairBatch(const PonitaWeights<Real>& w)
        : features(static_cast<int>(w.inner.inputs)), monomials(std::size_t(batchSize * features)) {
        const int featureBlocks = blocksOf(features, w.lanes);
        for (RowArray<Real>* array : {&packedMonomials, &monomialAdjoints})
            array->resize(featureBlocks, batchSize, w.lanes);
        const int numAttributes = w.isDirected && !w.isBanded ? (w.isCloud ? 3 : 2) : 1;
        for (int f = 0; f < features; f++)
            products.push_back(
                {f / numAttributes - 1, f % numAttributes,
                 std::size_t(f / w.lanes) * packedMonomials.stride + std::size_t(f % w.lanes)});
        for (RowArray<Real>* array : {&inner, &innerSlopes, &innerAdjoint, &kernels})
            array->resize(w.blocks, batchSize, w.lanes);
        for (RowArray<Real>* array : {&outer, &outerSlopes})
            array->resize(w.bands * w.basisBlocks, batchSize, w.lanes);
        for (RowArray<Real>* array : {&basis, &basisAdjoint})
            array->resize(w.basisBlocks, batchSize, w.lanes);
        for (std::vector<Real>* array : {&windows, &dots, &cosines})
            array->resize(batchSize);
        legendre.resize(std::size_t(batchSize * w.bands));
        slopes.resize(legendre.size());
    }

    int features, count = 0;
    std::vector<Monomial> products;                    ///< [features]
    std::array<int, batchSize> sender, receiver, edge; ///< rows, and the edge or -1
    std::array<Eigen::Vector3d, batchSize> v, n;       ///< of the receiver's row
    std::array<std::array<double, 3>, batchSize> attributes, attributeAdjoints;
    std::vector<double> monomials; ///< [pair][feature]
    RowArray<Real> packedMonomials, monomialAdjoints, inner, innerSlopes, innerAdjoint, outer,
        outerSlopes, basis, basisAdjoint, kernels;
    std::vector<Real> windows, dots, legendre, slopes, cosines;
};

template <class Real> class ExactConvolution : public SpatialConvolution<Real> {
public:
    explicit ExactConvolution(const PonitaWeights<Real>& weights) : w(weights) {}

    void begin(const PonitaStep& newStep, Workers& workers) override;
    void forward(int layer, const RowArray<Real>& h, RowArray<Real>& y, Workers& workers) override;
    void backward(int layer, const RowArray<Real>& h, const RowArray<Real>& yAdjoint,
                  RowArray<Real>* hAdjoint, Workers& workers) override;
    void finish(const std::vector<double>& rowOutputs, std::vector<Eigen::Vector3d>& gradients,
                Workers& workers) override;

private:
    using Batch = PairBatch<Real>;
    template <class Consume>
    void addPairs(Batch& batch, int sender, int receiver, int edge, const Consume& consume) const;
    template <class Consume>
    void forPairs(int atom, bool asSender, bool withSelf, Batch& batch,
                  const Consume& consume) const;
    void evaluateBasis(Batch& batch, bool slopes) const;
    void differentiateBasis(Batch& batch) const;
    void convolve(int layer, bool asSender, const RowArray<Real>& x, RowArray<Real>& y,
                  Workers& workers);
    void attributeAdjoints(Batch& batch) const;
    void addReceiverPart(const Batch& batch, std::vector<Eigen::Vector3d>& gradients);
    void addSenderPart(const Batch& batch);
    void addCloudPart(const std::vector<double>& rowOutputs,
                      std::vector<Eigen::Vector3d>& gradients) const;

    const PonitaWeights<Real>& w;
    const PonitaStep* step = nullptr;
    std::vector<Eigen::Vector3d> normals;                  ///< [rows] of a point cloud
    std::vector<const RowArray<Real>*> features, adjoints; ///< [layers], of backward()
    std::vector<std::unique_ptr<Batch>> batches;           ///< [workers]
    // adjoints in a point cloud [rows]
    std::vector<Eigen::Vector3d> normalAdjoints;
    std::vector<double> envelopeAdjoints;
};

template <class Real>
void ExactConvolution<Real>::begin(const PonitaStep& newStep, Workers& workers) {
    step = &newStep;
    features.assign(w.layers.size(), nullptr);
    adjoints = features;
    while (static_cast<int>(batches.size()) < workers.size())
        batches.push_back(std::make_unique<Batch>(w));
    normals.clear();
    if (w.isCloud)
        for (const Eigen::Vector3d& v : step->v)
            normals.push_back(v.normalized());
}

/// All pairs of rows of two atoms; edge -1 joins an atom to itself.
template <class Real>
template <class Consume>
void ExactConvolution<Real>::addPairs(Batch& batch, int sender, int receiver, int edge,
                                      const Consume& consume) const {
    const auto& firstRow = step->firstRow;
    const int from = firstRow[std::size_t(sender)], to = firstRow[std::size_t(receiver)];
    const Eigen::Vector3d v = edge < 0 ? Eigen::Vector3d::Zero() : step->v[std::size_t(edge)];
    const double window = edge < 0 ? 1.0 : step->windows[std::size_t(edge)].value;
    const auto add = [&](int senderRow, int receiverRow, const Eigen::Vector3d& n) {
        const auto k = std::size_t(batch.count);
        batch.sender[k] = senderRow;
        batch.receiver[k] = receiverRow;
        batch.edge[k] = edge;
        batch.v[k] = v;
        batch.n[k] = n;
        const bool fades = w.model.liftedEnvelope;
        batch.windows[k] =
            static_cast<Real>(window * (fades ? step->windows[std::size_t(senderRow)].value : 1.0));
        auto& attributes = batch.attributes[k];
        if (!w.isDirected || w.isBanded)
            attributes = {v.norm(), edge < 0 || !w.isBanded ? 0.0 : v.dot(n) / v.norm(), 0};
        else
            attributes = {v.dot(n), secondAttribute(w.model, v, n).value,
                          w.isCloud ? n.dot(normals[std::size_t(senderRow)]) : 0.0};
        if (++batch.count == batchSize) {
            consume(batch);
            batch.count = 0;
        }
    };
    if (w.isCloud) {
        for (int p = from; p < firstRow[std::size_t(sender) + 1]; p++)
            for (int q = to; q < firstRow[std::size_t(receiver) + 1]; q++)
                add(p, q, normals[std::size_t(q)]);
    } else {
        for (int o = 0; o < w.orientations; o++)
            add(from + o, to + o,
                w.isDirected ? w.model.orientations[std::size_t(o)] : Eigen::Vector3d::Zero());
    }
}

/// Calls consume(batch) for all pairs of rows in which an atom is the receiver or the sender.
template <class Real>
template <class Consume>
void ExactConvolution<Real>::forPairs(int atom, bool asSender, bool withSelf, Batch& batch,
                                      const Consume& consume) const {
    const Edges& edges = step->edges;
    batch.count = 0;
    for (int e = edges.first[std::size_t(atom)]; e < edges.first[std::size_t(atom) + 1]; e++) {
        const int other = edges.sender[std::size_t(e)];
        if (asSender)
            addPairs(batch, atom, other, edges.reverse[std::size_t(e)], consume);
        else
            addPairs(batch, other, atom, e, consume);
    }
    if (withSelf)
        addPairs(batch, atom, atom, -1, consume);
    if (batch.count > 0)
        consume(batch);
}

template <class Real> void ExactConvolution<Real>::evaluateBasis(Batch& batch, bool slopes) const {
    const auto lanes = std::size_t(w.lanes), features = std::size_t(batch.features);
    for (std::size_t k = 0; k < std::size_t(batch.count); k++) {
        double* m = batch.monomials.data() + k * features;
        Real* packed = batch.packedMonomials.data.data() + k * lanes;
        for (std::size_t f = 0; f < features; f++) {
            const Monomial& product = batch.products[f];
            const double factor = batch.attributes[k][std::size_t(product.factor)];
            m[f] = product.shorter < 0 ? factor : m[product.shorter] * factor;
            packed[product.place] = static_cast<Real>(m[f]);
        }
    }
    const std::size_t stride = batch.inner.stride; // the same for all
    w.inner.apply(w.kernels, batch.count, batch.packedMonomials.data.data(), stride,
                  batch.inner.data.data(), stride);
    w.ponita.gelu({w.blocks, batch.count, batch.inner.data.data(),
                   slopes ? batch.innerSlopes.data.data() : nullptr, stride, w.inner.bias.data()});
    if (!w.isBanded) {
        w.outer.apply(w.kernels, batch.count, batch.inner.data.data(), stride,
                      batch.basis.data.data(), stride);
        w.ponita.gelu({w.basisBlocks, batch.count, batch.basis.data.data(),
                       slopes ? batch.outerSlopes.data.data() : nullptr, stride,
                       w.outer.bias.data()});
        return;
    }
    for (std::size_t b = 0; b < std::size_t(w.outer.outputBlocks); b++)
        for (std::size_t k = 0; k < std::size_t(batch.count); k++)
            std::copy_n(w.outer.bias.data() + b * lanes, lanes,
                        batch.outer.data.data() + b * stride + k * lanes);
    w.outer.apply(w.kernels, batch.count, batch.inner.data.data(), stride, batch.outer.data.data(),
                  stride, true);
    for (int k = 0; k < batch.count; k++) {
        Legendre p = equivariant::legendre(w.bands - 1, batch.attributes[std::size_t(k)][1]);
        if (batch.edge[std::size_t(k)] < 0) { // no direction: l = 0 only
            p.values.tail(w.bands - 1).setZero();
            p.derivatives.setZero();
        }
        for (int l = 0; l < w.bands; l++) {
            batch.legendre[std::size_t(l * batch.count + k)] = static_cast<Real>(p.values[l]);
            batch.slopes[std::size_t(l * batch.count + k)] = static_cast<Real>(p.derivatives[l]);
        }
    }
    w.ponita.bands({w.basisBlocks, batch.count, w.bands, batch.legendre.data(), nullptr,
                    batch.outer.data.data(), batch.basis.data.data(), stride, nullptr});
}

/// y at one end of each pair += window kernel x at the other end.
template <class Real>
void ExactConvolution<Real>::convolve(int layer, bool asSender, const RowArray<Real>& x,
                                      RowArray<Real>& y, Workers& workers) {
    workers.forEach(step->edges.numAtoms, [&](int atom, int worker) {
        forPairs(atom, asSender, true, *batches[std::size_t(worker)], [&](Batch& batch) {
            evaluateBasis(batch, false);
            w.layers[std::size_t(layer)].kernel.apply(
                w.kernels, batch.count, batch.basis.data.data(), batch.basis.stride,
                batch.kernels.data.data(), batch.kernels.stride);
            const int* from = asSender ? batch.receiver.data() : batch.sender.data();
            const int* to = asSender ? batch.sender.data() : batch.receiver.data();
            w.ponita.pairMessages({w.blocks, batch.count, from, to, batch.kernels.data.data(),
                                   batch.windows.data(), batch.kernels.stride, x.data.data(),
                                   y.data.data(), x.stride, y.stride});
        });
    });
}

template <class Real>
void ExactConvolution<Real>::forward(int layer, const RowArray<Real>& h, RowArray<Real>& y,
                                     Workers& workers) {
    std::fill(y.data.begin(), y.data.end(), Real(0));
    convolve(layer, false, h, y, workers);
}

template <class Real>
void ExactConvolution<Real>::backward(int layer, const RowArray<Real>& h,
                                      const RowArray<Real>& yAdjoint, RowArray<Real>* hAdjoint,
                                      Workers& workers) {
    features[std::size_t(layer)] = &h;
    adjoints[std::size_t(layer)] = &yAdjoint;
    if (hAdjoint)
        convolve(layer, true, yAdjoint, *hAdjoint, workers);
}

/// Adjoints of the attributes and, in `dots`, of the windows.
template <class Real> void ExactConvolution<Real>::attributeAdjoints(Batch& batch) const {
    evaluateBasis(batch, true);
    const std::size_t stride = batch.basis.stride;
    PairArgs<Real> pairs{};
    pairs.count = batch.count;
    pairs.from = batch.sender.data();
    pairs.to = batch.receiver.data();
    pairs.kernelStride = stride;
    for (std::size_t t = 0; t < w.layers.size(); t++) {
        pairs.blocks = w.blocks;
        pairs.x = features[t]->data.data();
        pairs.xStride = features[t]->stride;
        pairs.y = const_cast<Real*>(adjoints[t]->data.data());
        pairs.yStride = adjoints[t]->stride;
        w.ponita.pairProducts(pairs, batch.kernels.data.data());
        w.layers[t].kernelBack.apply(w.kernels, batch.count, batch.kernels.data.data(), stride,
                                     batch.basisAdjoint.data.data(), stride, t > 0);
    }
    pairs.blocks = w.basisBlocks;
    pairs.kernels = batch.basis.data.data();
    pairs.x = batch.basisAdjoint.data.data();
    pairs.xStride = stride;
    w.ponita.pairDots(pairs, batch.dots.data());
    differentiateBasis(batch);
}

template <class Real> void ExactConvolution<Real>::differentiateBasis(Batch& batch) const {
    const std::size_t stride = batch.basis.stride, lanes = std::size_t(w.lanes);
    Real* outerAdjoint = batch.basisAdjoint.data.data();
    PairArgs<Real> product{};
    product.count = batch.count;
    product.xStride = product.yStride = stride;
    if (w.isBanded) {
        for (int l = 0; l < w.bands; l++)
            for (int k = 0; k < batch.count; k++) {
                batch.legendre[std::size_t(l * batch.count + k)] *= batch.windows[std::size_t(k)];
                batch.slopes[std::size_t(l * batch.count + k)] *= batch.windows[std::size_t(k)];
            }
        w.ponita.bandsBack({w.basisBlocks, batch.count, w.bands, batch.legendre.data(),
                            batch.slopes.data(), batch.outer.data.data(), outerAdjoint, stride,
                            batch.cosines.data()});
        outerAdjoint = batch.outer.data.data();
    } else {
        product.blocks = w.basisBlocks;
        product.windows = batch.windows.data();
        product.x = batch.outerSlopes.data.data();
        product.y = outerAdjoint;
        w.ponita.multiply(product);
    }
    w.outerBack.apply(w.kernels, batch.count, outerAdjoint, stride, batch.innerAdjoint.data.data(),
                      stride);
    product.blocks = w.blocks;
    product.windows = nullptr;
    product.x = batch.innerSlopes.data.data();
    product.y = batch.innerAdjoint.data.data();
    w.ponita.multiply(product);
    w.innerBack.apply(w.kernels, batch.count, batch.innerAdjoint.data.data(), stride,
                      batch.monomialAdjoints.data.data(), stride);
    std::vector<double> adjoint(std::size_t(batch.features));
    for (std::size_t k = 0; k < std::size_t(batch.count); k++) {
        const double* m = batch.monomials.data() + k * adjoint.size();
        const Real* packed = batch.monomialAdjoints.data.data() + k * lanes;
        for (std::size_t f = 0; f < adjoint.size(); f++)
            adjoint[f] = packed[batch.products[f].place];
        auto& result = batch.attributeAdjoints[k] = {};
        for (std::size_t f = adjoint.size(); f-- > 0;) {
            const auto [shorter, attribute, place] = batch.products[f];
            const auto factor = std::size_t(attribute);
            if (shorter < 0) {
                result[factor] += adjoint[f];
            } else {
                adjoint[std::size_t(shorter)] += adjoint[f] * batch.attributes[k][factor];
                result[factor] += adjoint[f] * m[shorter];
            }
        }
        if (w.isBanded)
            result[1] = batch.cosines[k];
    }
}

/// What is summed at the receiver: derivatives by the edge and by the receiver's own direction.
template <class Real>
void ExactConvolution<Real>::addReceiverPart(const Batch& batch,
                                             std::vector<Eigen::Vector3d>& gradients) {
    for (std::size_t k = 0; k < std::size_t(batch.count); k++) {
        const Eigen::Vector3d &v = batch.v[k], &n = batch.n[k];
        const auto& adjoint = batch.attributeAdjoints[k];
        const double distance = v.norm();
        Eigen::Vector3d byV = Eigen::Vector3d::Zero();
        if (!w.isDirected || w.isBanded) {
            if (distance > 0) { // derivative of a norm at zero: 0
                const Eigen::Vector3d unit = v / distance;
                byV = adjoint[0] * unit + adjoint[1] / distance * (n - unit.dot(n) * unit);
            }
        } else {
            const SecondAttribute b = secondAttribute(w.model, v, n);
            byV = adjoint[0] * n + adjoint[1] * b.byDisplacement;
            if (w.isCloud)
                normalAdjoints[std::size_t(batch.receiver[k])] +=
                    adjoint[0] * v + adjoint[1] * b.byOrientation +
                    adjoint[2] * normals[std::size_t(batch.sender[k])];
        }
        if (batch.edge[k] < 0)
            continue;
        const auto edge = std::size_t(batch.edge[k]);
        const double envelope =
            w.model.liftedEnvelope ? step->windows[std::size_t(batch.sender[k])].value : 1.0;
        gradients[edge] +=
            byV + batch.dots[k] * envelope * step->windows[edge].derivative / distance * v;
    }
}

/// What is summed at the sender of a point cloud: derivatives by its direction and envelope.
template <class Real> void ExactConvolution<Real>::addSenderPart(const Batch& batch) {
    for (std::size_t k = 0; k < std::size_t(batch.count); k++) {
        const auto row = std::size_t(batch.sender[k]);
        normalAdjoints[row] += batch.attributeAdjoints[k][2] * batch.n[k];
        const double window =
            batch.edge[k] < 0 ? 1.0 : step->windows[std::size_t(batch.edge[k])].value;
        envelopeAdjoints[row] += batch.dots[k] * window;
    }
}

/// From directions, envelopes and readout weights of a point cloud's rows to their edges.
template <class Real>
void ExactConvolution<Real>::addCloudPart(const std::vector<double>& rowOutputs,
                                          std::vector<Eigen::Vector3d>& gradients) const {
    for (std::size_t i = 0; i + 1 < step->firstRow.size(); i++) {
        const auto begin = std::size_t(step->firstRow[i]), end = std::size_t(step->firstRow[i + 1]);
        double projected = 0, total = 0; // weight_p = w_p / s, total = 1 - 1/s
        for (std::size_t row = begin; row < end; row++) {
            projected += rowOutputs[row] * step->readoutWeights[row];
            total += step->readoutWeights[row];
        }
        for (std::size_t row = begin; row < end; row++) {
            const Eigen::Vector3d& n = normals[row];
            const Eigen::Vector3d& byN = normalAdjoints[row];
            gradients[row] += (byN - n.dot(byN) * n) / step->v[row].norm();
            if (w.model.liftedEnvelope)
                gradients[row] +=
                    (envelopeAdjoints[row] + (rowOutputs[row] - projected) * (1 - total)) *
                    step->windows[row].derivative * n;
        }
    }
}

template <class Real>
void ExactConvolution<Real>::finish(const std::vector<double>& rowOutputs,
                                    std::vector<Eigen::Vector3d>& gradients, Workers& workers) {
    if (w.isCloud) {
        normalAdjoints.assign(step->numRows, Eigen::Vector3d::Zero());
        envelopeAdjoints.assign(step->numRows, 0.0);
    }
    workers.forEach(step->edges.numAtoms, [&](int atom, int worker) {
        forPairs(atom, false, w.isCloud, *batches[std::size_t(worker)], [&](Batch& batch) {
            attributeAdjoints(batch);
            addReceiverPart(batch, gradients);
        });
    });
    if (!w.isCloud)
        return;
    workers.forEach(step->edges.numAtoms, [&](int atom, int worker) {
        forPairs(atom, true, true, *batches[std::size_t(worker)], [&](Batch& batch) {
            attributeAdjoints(batch);
            addSenderPart(batch);
        });
    });
    addCloudPart(rowOutputs, gradients);
}

} // namespace

template <class Real>
std::unique_ptr<SpatialConvolution<Real>> makeExactConvolution(const PonitaWeights<Real>& weights) {
    return std::make_unique<ExactConvolution<Real>>(weights);
}

template std::unique_ptr<SpatialConvolution<float>>
makeExactConvolution(const PonitaWeights<float>&);
template std::unique_ptr<SpatialConvolution<double>>
makeExactConvolution(const PonitaWeights<double>&);

} // namespace equivariant
