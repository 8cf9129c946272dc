// SPDX-License-Identifier: MIT
//
// The reverse pass, stage by stage against Forward.cpp. `adjoint` of a quantity is dE/d(quantity)
// with E the energy before the head's scale, which multiplies the edges' gradients at the end.
#include "MaceNetwork.h"

namespace equivariant::mace {

namespace {

/// Reverse of mixPaths().
Messages pullBackMix(const MaceParameters& model, const MaceLayer& layer, const Features& adjoint) {
    Messages messages;
    std::vector<int> next(model.maxEll + 1, 0);
    for (const ConvolutionPath& path : layer.paths) {
        const int l3 = path.l3;
        messages.push_back(adjoint.middleRows(l3 * l3, 2 * l3 + 1) *
                           layer.linear[l3][next[l3]++].transpose());
    }
    return messages;
}

/// Adjoints at the messages of one atom.
struct NodeAdjoint {
    Messages messages;
    double divisor = 0;
};

/// From dE/dh of an atom after the layer to its messages; adds the self-connection's share to the
/// adjoint of the layer's input.
NodeAdjoint pullBackNode(const MaceParameters& model, const MaceLayer& layer, int species,
                         const LayerState& state, int atom, const Features& adjoint,
                         Features& inputAdjoint) {
    const auto& skip = layer.skip[species];
    if (layer.isResidual)
        inputAdjoint += pullBackMaps(skip, adjoint, layer.inputLMax);
    const Features b = pullBackMaps(layer.productLinear, adjoint, layer.outputLMax);
    Features a = pullBackProduct(model, layer, species, state.a[atom], b);
    if (!layer.isResidual)
        a = pullBackMaps(skip, a, model.maxEll);
    a /= state.divisor[atom];
    NodeAdjoint result;
    result.messages = pullBackMix(model, layer, a);
    if (layer.isDensity)
        result.divisor = -(a.array() * state.messages[atom].array()).sum();
    return result;
}

/// From the messages to the senders' features (`up`) and the edges' displacements.
void pullBackEdges(const MaceParameters& model, const MaceLayer& layer, const Graph& graph,
                   const State& state, const LayerState& layerState,
                   const std::vector<NodeAdjoint>& nodes, std::vector<Features>& up,
                   std::vector<Eigen::Vector3d>& gradients) {
    for (std::size_t e = 0; e < graph.edges.size(); e++) {
        const Graph::Edge& edge = graph.edges[e];
        const EdgeGeometry& geometry = state.edges[e];
        const NodeAdjoint& node = nodes[edge.receiver];
        const Eigen::MatrixX2d radial = radialWeights(model, layer, geometry, true);
        const MessageAdjoint adjoint =
            pullBackMessage(model, layer, radial, geometry.harmonics.values,
                            layerState.up[edge.sender], node.messages, up[edge.sender]);
        double distance = adjoint.radial.dot(radial.col(1));
        if (layer.isDensity)
            distance += node.divisor * edgeDensity(model, layer, geometry).derivative;
        gradients[e] += geometry.harmonics.gradients.transpose() * adjoint.harmonics +
                        distance / geometry.r * edge.displacement;
    }
}

} // namespace

void addGradients(const MaceParameters& model, const Graph& graph, const std::vector<int>& species,
                  int head, const State& state, std::vector<Eigen::Vector3d>& gradients) {
    for (std::size_t e = 0; e < graph.edges.size(); e++) {
        const double r = state.edges[e].r;
        gradients[e] += repulsion(model, graph.edges[e], r, species).derivative / r *
                        graph.edges[e].displacement;
    }
    const auto zeros = [&](int lMax) {
        return std::vector<Features>(graph.numNodes,
                                     Features::Zero((lMax + 1) * (lMax + 1), model.numChannels));
    };
    std::vector<Features> h = zeros(model.layers.back().outputLMax);
    for (int t = model.numLayers - 1; t >= 0; t--) {
        const MaceLayer& layer = model.layers[t];
        const LayerState& layerState = state.layers[t];
        if (const MaceReadout* readout = readoutOf(model, t))
            for (int i = 0; i < graph.numNodes; i++)
                h[i].row(0) += readoutGradient(model, *readout, layerState.h[i].row(0), head);
        std::vector<Features> input = zeros(layer.inputLMax), up = input;
        std::vector<NodeAdjoint> nodes;
        for (int i = 0; i < graph.numNodes; i++)
            nodes.push_back(pullBackNode(model, layer, species[i], layerState, i, h[i], input[i]));
        pullBackEdges(model, layer, graph, state, layerState, nodes, up, gradients);
        for (int i = 0; i < graph.numNodes; i++)
            input[i] += pullBackMaps(layer.linearUp, up[i], layer.inputLMax);
        h = std::move(input);
    }
    for (Eigen::Vector3d& gradient : gradients)
        gradient *= model.scale[head];
}

} // namespace equivariant::mace
