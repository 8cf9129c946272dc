// SPDX-License-Identifier: MIT
//
// From a graph to pairs of points of position-orientation space and their invariants. With
// v = x_sender - x_receiver and the receiver's orientation n: a = v.n, b = |v - a n| (in the plane
// the signed component), c = n.n' with the sender's orientation.
#include "Stages.h"

namespace equivariant {

namespace {

/// Window value and displacement v of a graph edge, or of a self-edge (-1).
Eigen::Vector3d displacementOf(const Graph& graph, int edge) {
    return edge < 0 ? Eigen::Vector3d::Zero().eval()
                    : (-graph.edges[static_cast<std::size_t>(edge)].displacement).eval();
}

void liftPlain(const Graph& graph, PonitaLift& lift) {
    for (int i = 0; i < graph.numNodes; i++)
        lift.nodes.push_back(i);
    lift.orientations.assign(lift.nodes.size(), Eigen::Vector3d::Zero());
    lift.readoutWeights = Eigen::VectorXd::Ones(graph.numNodes);
    int edge = 0;
    for (const Graph::Edge& e : graph.edges)
        lift.pairs.push_back({e.sender, e.receiver, edge++});
    for (int i = 0; i < graph.numNodes; i++)
        lift.pairs.push_back({i, i, -1});
}

void liftOnGrid(const PonitaParameters& parameters, const Graph& graph, PonitaLift& lift) {
    const int O = static_cast<int>(parameters.orientations.size());
    for (int i = 0; i < graph.numNodes; i++)
        for (int o = 0; o < O; o++) {
            lift.nodes.push_back(i);
            lift.orientations.push_back(parameters.orientations[static_cast<std::size_t>(o)]);
        }
    lift.readoutWeights = parameters.orientationWeights.replicate(graph.numNodes, 1);
    const auto join = [&](int sender, int receiver, int edge) {
        for (int o = 0; o < O; o++)
            lift.pairs.push_back({sender * O + o, receiver * O + o, edge});
    };
    int edge = 0;
    for (const Graph::Edge& e : graph.edges)
        join(e.sender, e.receiver, edge++);
    for (int i = 0; i < graph.numNodes; i++)
        join(i, i, -1);
}

/// Every directed edge becomes a row at its receiver that looks at its sender; the mean over the
/// rows of a node is plain, or weighted by the envelope with one more, empty row of weight 1, so
/// that the last neighbor leaves continuously.
void liftPointCloud(const PonitaParameters& parameters, const Graph& graph, PonitaLift& lift) {
    std::vector<std::vector<int>> rowsOf(static_cast<std::size_t>(graph.numNodes));
    const int numEdges = static_cast<int>(graph.edges.size());
    Eigen::VectorXd weights(numEdges);
    Eigen::VectorXd sums = Eigen::VectorXd::Constant(graph.numNodes, parameters.liftedEnvelope);
    for (int e = 0; e < numEdges; e++) {
        const int node = graph.edges[static_cast<std::size_t>(e)].receiver;
        const Eigen::Vector3d v = displacementOf(graph, e);
        lift.nodes.push_back(node);
        lift.orientations.push_back(v.normalized());
        rowsOf[static_cast<std::size_t>(node)].push_back(e);
        weights[e] = parameters.liftedEnvelope ? windowOf(parameters, v.norm()).value : 1.0;
        sums[node] += weights[e];
    }
    lift.readoutWeights.resize(numEdges);
    for (int e = 0; e < numEdges; e++)
        lift.readoutWeights[e] = weights[e] / sums[lift.nodes[static_cast<std::size_t>(e)]];
    const auto join = [&](int sender, int receiver, int edge) {
        for (int p : rowsOf[static_cast<std::size_t>(sender)])
            for (int q : rowsOf[static_cast<std::size_t>(receiver)])
                lift.pairs.push_back({p, q, edge});
    };
    for (int e = 0; e < numEdges; e++)
        join(graph.edges[static_cast<std::size_t>(e)].sender,
             graph.edges[static_cast<std::size_t>(e)].receiver, e);
    for (int i = 0; i < graph.numNodes; i++)
        join(i, i, -1);
}

void fillAttributes(const PonitaParameters& parameters, const Graph& graph, PonitaLift& lift) {
    const bool banded = parameters.kernelType == PonitaKernel::BandLimited;
    const bool cloud = parameters.isPointCloud();
    const bool directed = parameters.hasGrid() || cloud;
    const int count = static_cast<int>(lift.pairs.size());
    lift.attributes.resize(count, cloud ? 3 : directed ? 2 : 1);
    lift.windows.resize(count);
    for (int k = 0; k < count; k++) {
        const PonitaLift::Pair& pair = lift.pairs[static_cast<std::size_t>(k)];
        const Eigen::Vector3d v = displacementOf(graph, pair.edge);
        const Eigen::Vector3d& n = lift.orientations[static_cast<std::size_t>(pair.receiver)];
        const double distance = v.norm();
        lift.windows[k] = windowOf(parameters, distance).value;
        if (parameters.liftedEnvelope)
            lift.windows[k] *=
                windowOf(parameters, displacementOf(graph, pair.sender).norm()).value;
        if (!directed) {
            lift.attributes(k, 0) = distance;
        } else if (banded) {
            lift.attributes(k, 0) = distance;
            lift.attributes(k, 1) = pair.edge < 0 ? 0.0 : v.dot(n) / distance;
        } else {
            lift.attributes(k, 0) = v.dot(n);
            lift.attributes(k, 1) = secondAttribute(parameters, v, n).value;
        }
        if (cloud)
            lift.attributes(k, 2) = n.dot(lift.orientations[static_cast<std::size_t>(pair.sender)]);
    }
}

} // namespace

Window windowOf(const PonitaParameters& parameters, double distance) {
    const double p = parameters.windowPower;
    if (std::isinf(parameters.cutoff) || p == 0)
        return {1, 0};
    const double u = distance / parameters.cutoff;
    if (u >= 1)
        return {0, 0};
    const double power = std::pow(u, p - 1);
    const double value =
        1 - power * u * ((p + 1) * (p + 2) / 2 - p * (p + 2) * u + p * (p + 1) / 2 * u * u);
    const double slope = -p * (p + 1) * (p + 2) / 2 * power * (1 - u) * (1 - u);
    return {value, slope / parameters.cutoff};
}

SecondAttribute secondAttribute(const PonitaParameters& parameters, const Eigen::Vector3d& v,
                                const Eigen::Vector3d& orientation) {
    const Eigen::Vector3d& n = orientation;
    if (parameters.getDimension() == 2)
        return {v[1] * n[0] - v[0] * n[1], {-n[1], n[0], 0}, {v[1], -v[0], 0}};
    const double a = v.dot(n);
    const Eigen::Vector3d across = v - a * n;
    const double delta = parameters.smoothDelta; // 0 for the published form
    const double root = std::sqrt(across.squaredNorm() + delta * delta);
    if (root == 0) // derivative of a norm at zero: 0
        return {0, Eigen::Vector3d::Zero(), Eigen::Vector3d::Zero()};
    // across.n vanishes only as far as n is normalized, which single-precision grids are not.
    return {root - delta, (across - across.dot(n) * n) / root,
            -(across.dot(n) * v + a * across) / root};
}

PonitaLift liftGraph(const PonitaParameters& parameters, const Graph& graph) {
    PonitaLift lift;
    if (parameters.isPointCloud())
        liftPointCloud(parameters, graph, lift);
    else if (parameters.hasGrid())
        liftOnGrid(parameters, graph, lift);
    else
        liftPlain(graph, lift);
    fillAttributes(parameters, graph, lift);
    return lift;
}

} // namespace equivariant
