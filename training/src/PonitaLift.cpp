// SPDX-License-Identifier: MIT
#include "PonitaLift.h"

#include "EdgeFunctions.h"

#include <array>
#include <cmath>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

/// One tensor for each of x, y and z: operations on a last dimension of three are slow.
using Components = std::array<Tensor, 3>;

Components componentsOf(const Tensor& vectors) {
    return {vectors.select(-1, 0), vectors.select(-1, 1), vectors.select(-1, 2)};
}

Components gather(const Components& v, const Tensor& index) {
    return {v[0].index_select(0, index), v[1].index_select(0, index), v[2].index_select(0, index)};
}

Tensor dot(const Components& a, const Components& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// The derivative of a norm at zero is taken to be 0.
Tensor rootOf(const Tensor& squares) {
    const Tensor isZero = squares == 0;
    return torch::where(isZero, torch::zeros_like(squares),
                        torch::where(isZero, torch::ones_like(squares), squares).sqrt());
}

Tensor windowOf(const PonitaParameters& model, const Tensor& lengths) {
    return evaluateCutoff(lengths, model.cutoff, model.windowPower);
}

/// The second attribute of v and directions n with the cosine-like product `along`.
Tensor secondAttribute(const PonitaParameters& model, const Components& v, const Components& n,
                       const Tensor& along) {
    if (model.getDimension() == 2)
        return v[1] * n[0] - v[0] * n[1];
    const Components rest = {v[0] - along * n[0], v[1] - along * n[1], v[2] - along * n[2]};
    if (model.smoothDelta == 0)
        return rootOf(dot(rest, rest));
    return (dot(rest, rest) + model.smoothDelta * model.smoothDelta).sqrt() - model.smoothDelta;
}

void liftToNodes(const PonitaParameters& model, const DirectedEdges& edges, PonitaLift& lift) {
    lift.nodes = torch::arange(edges.lists->numAtoms, edges.lists->senderIndex.options());
    lift.pairs = edges.lists;
    const Tensor v = -edges.displacements;
    const Tensor lengths = rootOf(v.square().sum(1));
    if (std::isfinite(model.cutoff) && model.windowPower > 0)
        lift.windows = windowOf(model, lengths);
    const Tensor r = lengths.reshape({1, -1, 1});
    if (!model.hasGrid()) {
        lift.attributes = r;
        return;
    }
    const Tensor along = torch::matmul(v, lift.orientations.reshape({-1, 3}).t());
    if (model.hasFrames()) {
        lift.attributes = along.reshape({v.size(0), -1, 3}).permute({2, 0, 1});
    } else if (model.kernelType == PonitaKernel::BandLimited) {
        lift.cosines = along / r.squeeze(0);
        lift.attributes = r;
    } else {
        const Tensor across = secondAttribute(model, componentsOf(v.unsqueeze(1)),
                                              componentsOf(lift.orientations), along);
        lift.attributes = torch::stack({along, across});
    }
}

/// Pairs of rows whose nodes are the same or joined by an edge, and that edge (or -1).
struct RowPairs {
    std::vector<int64_t> senders, receivers, edges;
};

RowPairs joinRows(const ConvolutionEdges& lists) {
    const std::vector<int64_t>&from = lists.senders, &to = lists.receivers;
    const auto numRows = static_cast<int64_t>(to.size());
    std::vector<std::vector<int64_t>> rowsOf(lists.numAtoms);
    for (int64_t e = 0; e < numRows; e++)
        rowsOf[to[e]].push_back(e);
    RowPairs pairs;
    for (int64_t row = 0; row < numRows; row++) {
        const auto join = [&](int64_t node, int64_t edge) {
            for (const int64_t sender : rowsOf[node]) {
                pairs.senders.push_back(sender);
                pairs.receivers.push_back(row);
                pairs.edges.push_back(edge);
            }
        };
        join(to[row], -1);
        for (const int64_t edge : rowsOf[to[row]])
            join(from[edge], edge);
    }
    return pairs;
}

/// Every directed edge becomes a row at its receiver that looks at its sender. The mean over the
/// rows of a node is plain, or weighted by their envelopes with one more, empty row of weight 1.
void liftToCloud(const PonitaParameters& model, const DirectedEdges& edges, PonitaLift& lift) {
    RowPairs pairs = joinRows(*edges.lists);
    lift.nodes = edges.lists->receiverIndex;
    const Tensor v = -edges.displacements;
    lift.pairs = c10::make_intrusive<ConvolutionEdges>(
        std::move(pairs.senders), std::move(pairs.receivers), v.size(0), v.device());
    const Tensor &senders = lift.pairs->senderIndex, &receivers = lift.pairs->receiverIndex;
    const Tensor lengths = rootOf(v.square().sum(1));
    const Tensor directions = v / lengths.unsqueeze(1);
    lift.orientations = directions.unsqueeze(1);

    // One more edge, of length 0, belongs to the pairs of one node.
    const Tensor index =
        torch::tensor(pairs.edges, torch::kInt64).to(v.device()).remainder(v.size(0) + 1);
    const auto options = v.options().requires_grad(false);
    const auto ofPairs = [&](const Tensor& ofEdges) {
        return torch::cat({ofEdges, torch::zeros({1}, options)}).index_select(0, index);
    };
    const Components edgeV = componentsOf(v), edgeN = componentsOf(directions);
    const Components pairV = {ofPairs(edgeV[0]), ofPairs(edgeV[1]), ofPairs(edgeV[2])};
    const Components n = gather(edgeN, receivers);
    const Tensor along = dot(pairV, n);
    lift.attributes = torch::stack({along, secondAttribute(model, pairV, n, along),
                                    dot(n, gather(edgeN, senders))})
                          .unsqueeze(2);

    if (std::isfinite(model.cutoff) && model.windowPower > 0)
        lift.windows = windowOf(model, ofPairs(lengths));
    Tensor weights = torch::ones_like(lengths);
    if (model.liftedEnvelope) {
        weights = windowOf(model, lengths);
        lift.windows = lift.windows * weights.index_select(0, senders);
    }
    const Tensor sums = torch::full({edges.lists->numAtoms}, double(model.liftedEnvelope), options)
                            .index_add(0, lift.nodes, weights);
    lift.readoutWeights = (weights / sums.index_select(0, lift.nodes)).unsqueeze(1);
}

} // namespace

PonitaLift liftEdges(const PonitaParameters& model, const DirectedEdges& edges,
                     const Tensor& orientations, const Tensor& orientationWeights) {
    PonitaLift lift;
    if (model.isPointCloud()) {
        liftToCloud(model, edges, lift);
        return lift;
    }
    if (model.hasGrid())
        lift.orientations = orientations.unsqueeze(0);
    lift.readoutWeights = orientationWeights.unsqueeze(0);
    liftToNodes(model, edges, lift);
    return lift;
}

} // namespace equivariant::training
