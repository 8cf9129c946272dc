// SPDX-License-Identifier: MIT
//
// The convolution over neighbors with kernels evaluated by their networks, a batch of pairs of rows
// at a time, for every space. Sums over pairs are gathered at one atom: at the receiver in the
// forward pass and for the gradients, at the sender for the adjoints of features. All layers share
// the basis of the kernels, which is kept for the step where it is small enough.
#include "ponita/PairBatch.h"

#include <algorithm>
#include <array>

namespace equivariant {

namespace {

constexpr std::size_t mostBasisBytes = std::size_t(256) << 20; ///< kept from pass to pass

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
    void listPairs();
    void keepBasis(Workers& workers);
    void moveBasis(Batch& batch, bool toStore);
    void convolve(int layer, bool asSender, const RowArray<Real>& x, RowArray<Real>& y,
                  Workers& workers);
    void attributeAdjoints(Batch& batch) const;
    void addReceiverPart(const Batch& batch, std::vector<Eigen::Vector3d>& gradients);
    void keepSenderPart(const Batch& batch);
    void addSenderPart(const Batch& batch);
    void addCloudPart(const std::vector<double>& rowOutputs,
                      std::vector<Eigen::Vector3d>& gradients) const;

    const PonitaWeights<Real>& w;
    const PonitaStep* step = nullptr;
    std::vector<Eigen::Vector3d> normals; ///< [rows] of a point cloud
    std::vector<std::size_t> firstPair;   ///< [edges + atoms + 1], an atom's with itself at the end
    RowArray<Real> basis;                 ///< of all pairs, if isKept
    bool isKept = false;
    std::vector<const RowArray<Real>*> features, adjoints; ///< [layers], of backward()
    std::vector<std::unique_ptr<Batch>> batches;           ///< [workers]
    // adjoints in a point cloud [rows]
    std::vector<Eigen::Vector3d> normalAdjoints;
    std::vector<double> envelopeAdjoints;
    std::vector<std::array<Real, 2>> senderAdjoints; ///< [pairs] by n_sender n_receiver, the window
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
    listPairs();
    keepBasis(workers);
}

template <class Real> void ExactConvolution<Real>::listPairs() {
    const auto rows = [&](int atom) {
        return std::size_t(step->firstRow[std::size_t(atom) + 1] -
                           step->firstRow[std::size_t(atom)]);
    };
    const auto addBlock = [&](int sender, int receiver) {
        firstPair.push_back(firstPair.back() + (w.isCloud ? rows(sender) * rows(receiver)
                                                          : std::size_t(w.orientations)));
    };
    const Edges& edges = step->edges;
    firstPair.assign(1, 0);
    for (int atom = 0; atom < edges.numAtoms; atom++)
        for (int e = edges.first[std::size_t(atom)]; e < edges.first[std::size_t(atom) + 1]; e++)
            addBlock(edges.sender[std::size_t(e)], atom);
    for (int atom = 0; atom < edges.numAtoms; atom++)
        addBlock(atom, atom);
}

template <class Real> void ExactConvolution<Real>::keepBasis(Workers& workers) {
    const std::size_t numPairs = firstPair.back();
    isKept = numPairs * std::size_t(w.basisBlocks * w.lanes) * sizeof(Real) <= mostBasisBytes;
    if (!isKept)
        return;
    basis.resize(w.basisBlocks, numPairs, w.lanes);
    workers.forEach(step->edges.numAtoms, [&](int atom, int worker) {
        forPairs(atom, false, true, *batches[std::size_t(worker)], [&](Batch& batch) {
            batch.evaluateBasis(*step, normals, false);
            moveBasis(batch, true);
        });
    });
}

/// Between a batch and what is kept of all pairs.
template <class Real> void ExactConvolution<Real>::moveBasis(Batch& batch, bool toStore) {
    const auto lanes = std::size_t(w.lanes);
    for (std::size_t b = 0; b < std::size_t(w.basisBlocks); b++)
        for (std::size_t k = 0; k < std::size_t(batch.count); k++) {
            Real* stored = basis.data.data() + b * basis.stride + batch.place[k] * lanes;
            Real* own = batch.basis.data.data() + b * batch.basis.stride + k * lanes;
            std::copy_n(toStore ? own : stored, lanes, toStore ? stored : own);
        }
}

/// All pairs of rows of two atoms; edge -1 joins an atom to itself.
template <class Real>
template <class Consume>
void ExactConvolution<Real>::addPairs(Batch& batch, int sender, int receiver, int edge,
                                      const Consume& consume) const {
    const auto& firstRow = step->firstRow;
    const int from = firstRow[std::size_t(sender)], to = firstRow[std::size_t(receiver)];
    const double window = edge < 0 ? 1.0 : step->windows[std::size_t(edge)].value;
    std::size_t place =
        firstPair[edge < 0 ? step->edges.sender.size() + std::size_t(receiver) : std::size_t(edge)];
    const auto add = [&](int senderRow, int receiverRow) {
        const auto k = std::size_t(batch.count);
        batch.sender[k] = senderRow;
        batch.receiver[k] = receiverRow;
        batch.edge[k] = edge;
        batch.place[k] = place++;
        const bool fades = w.model.liftedEnvelope;
        batch.windows[k] =
            static_cast<Real>(window * (fades ? step->windows[std::size_t(senderRow)].value : 1.0));
        if (++batch.count == Batch::capacity) {
            consume(batch);
            batch.count = 0;
        }
    };
    if (w.isCloud) {
        for (int p = from; p < firstRow[std::size_t(sender) + 1]; p++)
            for (int q = to; q < firstRow[std::size_t(receiver) + 1]; q++)
                add(p, q);
    } else {
        for (int o = 0; o < w.orientations; o++)
            add(from + o, to + o);
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

/// y at one end of each pair += window kernel x at the other end.
template <class Real>
void ExactConvolution<Real>::convolve(int layer, bool asSender, const RowArray<Real>& x,
                                      RowArray<Real>& y, Workers& workers) {
    workers.forEach(step->edges.numAtoms, [&](int atom, int worker) {
        forPairs(atom, asSender, true, *batches[std::size_t(worker)], [&](Batch& batch) {
            if (isKept)
                moveBasis(batch, false);
            else
                batch.evaluateBasis(*step, normals, false);
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
    batch.evaluateBasis(*step, normals, true);
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
    batch.differentiateBasis();
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

template <class Real> void ExactConvolution<Real>::keepSenderPart(const Batch& batch) {
    for (std::size_t k = 0; k < std::size_t(batch.count); k++)
        senderAdjoints[batch.place[k]] = {static_cast<Real>(batch.attributeAdjoints[k][2]),
                                          batch.dots[k]};
}

/// What is summed at the sender of a point cloud: derivatives by its direction and envelope.
template <class Real> void ExactConvolution<Real>::addSenderPart(const Batch& batch) {
    for (std::size_t k = 0; k < std::size_t(batch.count); k++) {
        const auto row = std::size_t(batch.sender[k]);
        const auto [byProduct, byWindow] = senderAdjoints[batch.place[k]];
        normalAdjoints[row] += byProduct * normals[std::size_t(batch.receiver[k])];
        const double window =
            batch.edge[k] < 0 ? 1.0 : step->windows[std::size_t(batch.edge[k])].value;
        envelopeAdjoints[row] += byWindow * window;
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
        senderAdjoints.resize(firstPair.back());
    }
    workers.forEach(step->edges.numAtoms, [&](int atom, int worker) {
        forPairs(atom, false, w.isCloud, *batches[std::size_t(worker)], [&](Batch& batch) {
            attributeAdjoints(batch);
            addReceiverPart(batch, gradients);
            if (w.isCloud)
                keepSenderPart(batch);
        });
    });
    if (!w.isCloud)
        return;
    workers.forEach(step->edges.numAtoms, [&](int atom, int worker) {
        forPairs(atom, true, true, *batches[std::size_t(worker)],
                 [&](Batch& batch) { addSenderPart(batch); });
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
