// SPDX-License-Identifier: MIT
#include "PonitaLift.h"

#include "EdgeFunctions.h"

#include <cmath>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

Tensor lengthsOf(const Tensor& v) {
    const Tensor squared = v.square().sum(-1);
    // The derivative of a norm at zero is taken to be 0.
    const Tensor isZero = squared == 0;
    return torch::where(isZero, torch::zeros_like(squared),
                        torch::where(isZero, torch::ones_like(squared), squared).sqrt());
}

Tensor windowOf(const PonitaParameters& model, const Tensor& lengths) {
    return evaluateCutoff(lengths, model.cutoff, model.windowPower);
}

/// The second attribute of v [pairs][1][xyz] and orientations [pairs or 1][orientations][xyz] with
/// the cosine-like product `along`.
Tensor secondAttribute(const PonitaParameters& model, const Tensor& v, const Tensor& orientations,
                       const Tensor& along) {
    if (model.getDimension() == 2)
        return v.select(2, 1) * orientations.select(2, 0) -
               v.select(2, 0) * orientations.select(2, 1);
    const Tensor rest = v - along.unsqueeze(2) * orientations;
    if (model.smoothDelta == 0)
        return lengthsOf(rest);
    return (rest.square().sum(2) + model.smoothDelta * model.smoothDelta).sqrt() -
           model.smoothDelta;
}

void liftToNodes(const PonitaParameters& model, const DirectedEdges& edges, PonitaLift& lift) {
    lift.nodes = torch::arange(edges.numNodes);
    lift.senders = edges.senders;
    lift.receivers = edges.receivers;
    const Tensor v = -edges.displacements;
    const Tensor lengths = lengthsOf(v);
    if (std::isfinite(model.cutoff) && model.windowPower > 0)
        lift.windows = windowOf(model, lengths);
    const Tensor r = lengths.reshape({-1, 1, 1});
    if (!model.hasGrid()) {
        lift.attributes = r;
        return;
    }
    const Tensor along = torch::matmul(v, lift.orientations.squeeze(0).t());
    if (model.kernelType == PonitaKernel::BandLimited) {
        lift.cosines = along / r.squeeze(2);
        lift.attributes = r;
    } else {
        lift.attributes = torch::stack(
            {along, secondAttribute(model, v.unsqueeze(1), lift.orientations, along)}, 2);
    }
}

/// Pairs of rows whose nodes are the same or joined by an edge, and that edge (or -1).
struct RowPairs {
    std::vector<int64_t> senders, receivers, edges;
};

RowPairs joinRows(const DirectedEdges& edges) {
    const auto from = edges.senders.accessor<int64_t, 1>(),
               to = edges.receivers.accessor<int64_t, 1>();
    std::vector<std::vector<int64_t>> rowsOf(edges.numNodes);
    for (int64_t e = 0; e < to.size(0); e++)
        rowsOf[to[e]].push_back(e);
    RowPairs pairs;
    const auto join = [&](int64_t sender, int64_t receiver, int64_t edge) {
        for (const int64_t p : rowsOf[sender])
            for (const int64_t q : rowsOf[receiver]) {
                pairs.senders.push_back(p);
                pairs.receivers.push_back(q);
                pairs.edges.push_back(edge);
            }
    };
    for (int64_t e = 0; e < to.size(0); e++)
        join(from[e], to[e], e);
    for (int64_t i = 0; i < edges.numNodes; i++)
        join(i, i, -1);
    return pairs;
}

/// Every directed edge becomes a row at its receiver that looks at its sender. The mean over the
/// rows of a node is plain, or weighted by their envelopes with one more, empty row of weight 1.
void liftToCloud(const PonitaParameters& model, const DirectedEdges& edges, PonitaLift& lift) {
    const RowPairs pairs = joinRows(edges);
    lift.nodes = edges.receivers;
    lift.senders = torch::tensor(pairs.senders, torch::kInt64);
    lift.receivers = torch::tensor(pairs.receivers, torch::kInt64);
    const Tensor v = -edges.displacements;
    const Tensor lengths = lengthsOf(v);
    const Tensor directions = v / lengths.unsqueeze(1);
    lift.orientations = directions.unsqueeze(1);

    // One more displacement, of length 0, belongs to the pairs of one node.
    const Tensor index = torch::tensor(pairs.edges, torch::kInt64).remainder(v.size(0) + 1);
    const auto options = v.options().requires_grad(false);
    const auto ofPairs = [&](const Tensor& ofEdges) {
        auto shape = ofEdges.sizes().vec();
        shape[0] = 1;
        return torch::cat({ofEdges, torch::zeros(shape, options)}).index_select(0, index);
    };
    const Tensor pairV = ofPairs(v);
    const Tensor n = directions.index_select(0, lift.receivers);
    const Tensor along = (pairV * n).sum(1, true);
    const Tensor cosines = (n * directions.index_select(0, lift.senders)).sum(1, true);
    const Tensor across = secondAttribute(model, pairV.unsqueeze(1), n.unsqueeze(1), along);
    lift.attributes = torch::stack({along, across, cosines}, 2);

    if (std::isfinite(model.cutoff) && model.windowPower > 0)
        lift.windows = windowOf(model, ofPairs(lengths));
    Tensor weights = torch::ones_like(lengths);
    if (model.liftedEnvelope) {
        weights = windowOf(model, lengths);
        lift.windows = lift.windows * weights.index_select(0, lift.senders);
    }
    const Tensor sums = torch::full({edges.numNodes}, double(model.liftedEnvelope), options)
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
