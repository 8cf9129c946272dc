// SPDX-License-Identifier: MIT
//
// The reverse pass of MaceNetwork. "Adjoint" of a quantity is dE/d(quantity).
#include "mace/MaceNetwork.h"

#include <algorithm>

namespace equivariant {

/// From dE/dh after the layer (scratch.adjoint) to the adjoints of its messages, and of its input
/// as far as the self-connection goes; for the first layer to the edges.
template <class Real>
void MaceNetwork<Real>::reverseBlock(const NetworkTask& task, NetworkResult& result, int t,
                                     const Block& block, const Panels& a, Scratch& scratch) {
    const PreparedLayer<Real>& layer = prepared->layers[t];
    const auto& groups = layer.plan.groups;
    LayerState& state = states[t];
    const Panels adjoint = scratch.adjoint.panels(0, lanes);
    if (layer.layer.isResidual && t > 0) {
        const Panels input = state.inputAdjoint.panels(block.first, lanes);
        for (std::size_t l = 0; l < input.size(); l++)
            for (const Run& run : block.runs)
                if (l < layer.skip[run.species].size())
                    apply(layer.skip[run.species][l].reverse, l, run.first, run.count, adjoint[l],
                          input[l], false);
    }
    scratch.bAdjoint.resize(layer.layer.outputLMax, blocks, block.count, lanes);
    scratch.aAdjoint.resize(model.maxEll, blocks, block.count, lanes);
    const Panels bAdjoint = scratch.bAdjoint.panels(0, lanes);
    const Panels aAdjoint = scratch.aAdjoint.panels(0, lanes);
    for (std::size_t l = 0; l < bAdjoint.size(); l++)
        apply(layer.productLinear[l].reverse, l, 0, block.count, adjoint[l], bAdjoint[l], false);
    runProduct(t, block, a, nullptr, &bAdjoint, &aAdjoint);
    if (layer.layer.isDensity) {
        for (int i = 0; i < block.count; i++) {
            double dot = 0;
            for (int l = 0; l <= model.maxEll; l++)
                for (int b = 0; b < blocks; b++)
                    for (int k = 0; k < (2 * l + 1) * lanes; k++)
                        dot +=
                            double(a[l].data[b * a[l].stride + i * (2 * l + 1) * lanes + k]) *
                            aAdjoint[l].data[b * aAdjoint[l].stride + i * (2 * l + 1) * lanes + k];
            state.divisorAdjoints[block.first + i] = -dot / state.divisors[block.first + i];
        }
        divide(aAdjoint, state.divisors, block);
    }
    for (std::size_t g = 0; g < groups.size(); g++) {
        const int l = groups[g];
        Panel<Real> messages;
        if (t > 0) {
            messages = {state.messageAdjoints[g].data.data() +
                            std::size_t(block.first) * (2 * l + 1) * lanes,
                        state.messageAdjoints[g].stride};
        } else {
            messages = {scratch.messages[g].data.data(), scratch.messages[g].stride};
        }
        for (const Run& run : block.runs)
            apply(layer.mix[layer.mix.size() > 1 ? run.species : 0][g].reverse, l, run.first,
                  run.count, aAdjoint[l], messages, false);
    }
    if (t == 0)
        reverseFirstEdges(task, result, block, scratch);
}

/// The edges of the first layer: senders are elements, so nothing has to be gathered.
template <class Real>
void MaceNetwork<Real>::reverseFirstEdges(const NetworkTask& task, NetworkResult& result,
                                          const Block& block, Scratch& scratch) {
    const Panel<const Real> features = {prepared->firstUp.data.data(), prepared->firstUp.stride};
    std::vector<Panel<const Real>> messages;
    for (const auto& group : scratch.messages)
        messages.push_back({group.data.data(), group.stride});
    for (int i = 0; i < block.count; i++) {
        const int atom = order[block.first + i], first = task.edges.first[atom];
        MaceEdges<Real>& edges = scratch.edges;
        edges.prepare(*prepared, 0, task, atom, false, true);
        for (int e = 0; e < edges.count; e++) {
            edges.featureRow[e] = species[inverse[task.edges.sender[first + e]]];
            edges.adjointRow[e] = i;
        }
        ConvolutionArgs<Real> args = edges.getArguments(*prepared, 0);
        args.features = &features;
        args.messageAdjoints = messages.data();
        prepared->kernels.convolveBack(args);
        for (int e = 0; e < edges.count; e++)
            result.edgeGradients[first + e] += edges.gradientOf(e, task.edges.distances[first + e]);
        if (model.layers[0].isDensity)
            for (int e = 0; e < edges.count; e++)
                result.edgeGradients[first + e] +=
                    states[0].divisorAdjoints[block.first + i] *
                    edges.densityOf(*prepared, 0, task, atom, e).derivative /
                    task.edges.distances[first + e] * task.edges.displacements[first + e];
    }
}

/// From the adjoints of layer t's messages, gathered at the senders, to those of layer t-1.
template <class Real>
void MaceNetwork<Real>::gatherBlock(const NetworkTask& task, NetworkResult& result, int t,
                                    const Block& block, Scratch& scratch) {
    const PreparedLayer<Real>& layer = prepared->layers[t];
    LayerState& state = states[t];
    const int inputLMax = layer.layer.inputLMax;
    scratch.upAdjoint.resize(inputLMax, blocks, block.count, lanes);
    for (auto& degree : scratch.upAdjoint.degrees)
        std::fill(degree.data.begin(), degree.data.end(), Real(0));
    const Panels upAdjoint = scratch.upAdjoint.panels(0, lanes);
    const auto features = readOnly(state.up.panels(0, lanes));
    std::vector<Panel<const Real>> messages;
    for (const auto& group : state.messageAdjoints)
        messages.push_back({group.data.data(), group.stride});
    for (int i = 0; i < block.count; i++) {
        const int atom = order[block.first + i], first = task.edges.first[atom];
        MaceEdges<Real>& edges = scratch.edges;
        edges.prepare(*prepared, t, task, atom, true, true);
        for (int e = 0; e < edges.count; e++) {
            edges.featureRow[e] = block.first + i;
            edges.adjointRow[e] = inverse[task.edges.sender[first + e]];
        }
        ConvolutionArgs<Real> args = edges.getArguments(*prepared, t);
        args.features = features.data();
        args.messageAdjoints = messages.data();
        args.featureAdjointRow = i;
        args.featureAdjoints = upAdjoint.data();
        prepared->kernels.convolveBack(args);
        for (int e = 0; e < edges.count; e++)
            result.edgeGradients[first + e] -= edges.gradientOf(e, task.edges.distances[first + e]);
        if (layer.layer.isDensity)
            for (int e = 0; e < edges.count; e++)
                result.edgeGradients[first + e] +=
                    state.divisorAdjoints[edges.adjointRow[e]] *
                    edges.densityOf(*prepared, t, task, atom, e).derivative /
                    task.edges.distances[first + e] * task.edges.displacements[first + e];
    }
    scratch.adjoint.resize(inputLMax, blocks, block.count, lanes);
    const Panels adjoint = scratch.adjoint.panels(0, lanes);
    for (int l = 0; l <= inputLMax; l++) {
        apply(layer.linearUp[l].reverse, l, 0, block.count, upAdjoint[l], adjoint[l], false);
        if (!layer.layer.isResidual || l >= static_cast<int>(layer.skip[0].size()))
            continue;
        const Panel<Real> self = state.inputAdjoint.panels(block.first, lanes)[l];
        for (int b = 0; b < blocks; b++)
            for (int k = 0; k < block.count * (2 * l + 1) * lanes; k++)
                adjoint[l].data[b * adjoint[l].stride + k] += self.data[b * self.stride + k];
    }
    addReadout(task, result, t - 1, block, state.input.panels(block.first, lanes)[0], scratch,
               false, adjoint.data());
    if (t == 1) {
        // The first layer's adjoints of messages take the place of its messages.
        const auto& groups = prepared->layers[0].plan.groups;
        scratch.messages.resize(groups.size());
        for (std::size_t g = 0; g < groups.size(); g++)
            scratch.messages[g].resize(blocks, std::size_t(block.count) * (2 * groups[g] + 1),
                                       lanes);
    }
    reverseBlock(task, result, t - 1, block, states[t - 1].a.panels(block.first, lanes), scratch);
}

template class MaceNetwork<float>;
template class MaceNetwork<double>;

} // namespace equivariant
