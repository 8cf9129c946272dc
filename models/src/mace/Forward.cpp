// SPDX-License-Identifier: MIT
#include "MaceNetwork.h"

namespace equivariant {

using namespace mace;

namespace {

/// linear: for each l3 the paths' messages, each with its own map, add up.
Features mixPaths(const MaceParameters& model, const MaceLayer& layer, const Messages& messages) {
    Features mixed = Features::Zero((model.maxEll + 1) * (model.maxEll + 1), model.numChannels);
    std::vector<int> next(model.maxEll + 1, 0);
    for (std::size_t p = 0; p < layer.paths.size(); p++) {
        const int l3 = layer.paths[p].l3;
        mixed.middleRows(l3 * l3, 2 * l3 + 1) += messages[p] * layer.linear[l3][next[l3]++];
    }
    return mixed;
}

/// Sum of the messages to every atom, mixed; and what they are divided by.
void collectMessages(const MaceParameters& model, const MaceLayer& layer, const Graph& graph,
                     const State& state, LayerState& result) {
    std::vector<Messages> messages(graph.numNodes, zeroMessages(model, layer));
    result.divisor.assign(graph.numNodes, layer.isDensity ? 1 : layer.avgNumNeighbors);
    for (std::size_t e = 0; e < graph.edges.size(); e++) {
        const Graph::Edge& edge = graph.edges[e];
        const EdgeGeometry& geometry = state.edges[e];
        addMessage(model, layer, radialWeights(model, layer, geometry, false),
                   geometry.harmonics.values, result.up[edge.sender], messages[edge.receiver]);
        if (layer.isDensity)
            result.divisor[edge.receiver] += edgeDensity(model, layer, geometry).value;
    }
    for (int i = 0; i < graph.numNodes; i++)
        result.messages.push_back(mixPaths(model, layer, messages[i]) / result.divisor[i]);
}

LayerState evaluateLayer(const MaceParameters& model, const MaceLayer& layer, const Graph& graph,
                         const std::vector<int>& species, const State& state,
                         const std::vector<Features>& input, MaceTrace::Layer* trace) {
    LayerState result;
    for (const Features& h : input)
        result.up.push_back(applyMaps(layer.linearUp, h, layer.inputLMax));
    collectMessages(model, layer, graph, state, result);
    for (int i = 0; i < graph.numNodes; i++) {
        const auto& skip = layer.skip[species[i]];
        result.a.push_back(layer.isResidual ? result.messages[i]
                                            : applyMaps(skip, result.messages[i], model.maxEll));
        const Features b = product(model, layer, species[i], result.a[i]);
        result.h.push_back(applyMaps(layer.productLinear, b, layer.outputLMax));
        if (layer.isResidual)
            result.h[i] += applyMaps(skip, input[i], layer.outputLMax);
        if (trace)
            trace->b.push_back(b);
    }
    return result;
}

/// Repulsion, readouts and shift of every atom.
Eigen::VectorXd nodeEnergies(const MaceParameters& model, const Graph& graph,
                             const std::vector<int>& species, int head, const State& state,
                             MaceTrace* trace) {
    Eigen::VectorXd energies = Eigen::VectorXd::Zero(graph.numNodes);
    for (std::size_t e = 0; e < graph.edges.size(); e++)
        energies[graph.edges[e].receiver] +=
            repulsion(model, graph.edges[e], state.edges[e].r, species).value;
    if (trace)
        trace->zbl.assign(energies.data(), energies.data() + energies.size());
    for (int t = 0; t < model.numLayers; t++)
        if (const MaceReadout* readout = readoutOf(model, t))
            for (int i = 0; i < graph.numNodes; i++)
                energies[i] += readoutEnergy(model, *readout, state.layers[t].h[i].row(0), head);
    return (model.scale[head] * energies).array() + model.shift[head];
}

} // namespace

NetworkOutput evaluateMace(const MaceParameters& model, const Graph& graph,
                           const std::vector<int>& species, int head, bool gradients,
                           MaceTrace* trace) {
    State state;
    for (const Graph::Edge& edge : graph.edges)
        state.edges.push_back(makeGeometry(model, edge, species));
    for (int i = 0; i < graph.numNodes; i++)
        state.embedding.push_back(model.embedding.row(species[i]));
    for (int t = 0; t < model.numLayers; t++) {
        if (trace)
            trace->layers.emplace_back();
        MaceTrace::Layer* layerTrace = trace ? &trace->layers.back() : nullptr;
        const auto& input = t == 0 ? state.embedding : state.layers[t - 1].h;
        state.layers.push_back(
            evaluateLayer(model, model.layers[t], graph, species, state, input, layerTrace));
        if (trace) {
            layerTrace->a = state.layers[t].a;
            layerTrace->h = state.layers[t].h;
        }
    }
    NetworkOutput output;
    output.nodeEnergies = nodeEnergies(model, graph, species, head, state, trace);
    if (gradients) {
        output.edgeGradients.assign(graph.edges.size(), Eigen::Vector3d::Zero());
        addGradients(model, graph, species, head, state, output.edgeGradients);
    }
    return output;
}

} // namespace equivariant
