// SPDX-License-Identifier: MIT
//
// Adjoint of Lift.cpp: from the attributes, windows, orientations and readout weights of the lift
// to the displacements of the graph.
#include "Stages.h"

namespace equivariant {

namespace {

/// Adds to the adjoints of v and of the orientations of receiver (byN) and sender (byOther) what
/// the attributes of one pair contribute.
void attributesBackward(const PonitaParameters& parameters, const Eigen::Vector3d& v,
                        const Eigen::Vector3d& n, const Eigen::Vector3d& other,
                        const Eigen::Ref<const Eigen::RowVectorXd>& adjoint, Eigen::Vector3d& byV,
                        Eigen::Vector3d& byN, Eigen::Vector3d& byOther) {
    const double distance = v.norm();
    if (adjoint.size() == 1) { // r; derivative of a norm at zero: 0
        if (distance > 0)
            byV += adjoint[0] / distance * v;
        return;
    }
    if (parameters.kernelType == PonitaKernel::BandLimited) { // r, cos
        if (distance > 0) {
            const Eigen::Vector3d unit = v / distance;
            byV += adjoint[0] * unit + adjoint[1] / distance * (n - unit.dot(n) * unit);
        }
        return;
    }
    const SecondAttribute b = secondAttribute(parameters, v, n);
    byV += adjoint[0] * n + adjoint[1] * b.byDisplacement;
    byN += adjoint[0] * v + adjoint[1] * b.byOrientation;
    if (adjoint.size() == 3) {
        byN += adjoint[2] * other;
        byOther += adjoint[2] * n;
    }
}

/// Adjoint of the mean over the rows of each node of a point cloud by the rows' envelopes.
Eigen::VectorXd envelopeAdjoint(const PonitaLift& lift, const Graph& graph,
                                const LiftAdjoint& adjoint) {
    // weight_p = w_p / s, s = 1 + sum of w: d weight_p / d w_q = (delta_pq - weight_p) / s
    const int rows = static_cast<int>(lift.nodes.size());
    Eigen::VectorXd projected = Eigen::VectorXd::Zero(graph.numNodes);
    Eigen::VectorXd total = Eigen::VectorXd::Zero(graph.numNodes); // sum of weights = 1 - 1/s
    for (int p = 0; p < rows; p++) {
        const int node = lift.nodes[static_cast<std::size_t>(p)];
        projected[node] += adjoint.readoutWeights[p] * lift.readoutWeights[p];
        total[node] += lift.readoutWeights[p];
    }
    Eigen::VectorXd result(rows);
    for (int p = 0; p < rows; p++) {
        const int node = lift.nodes[static_cast<std::size_t>(p)];
        result[p] = (adjoint.readoutWeights[p] - projected[node]) * (1 - total[node]);
    }
    return result;
}

/// Adjoints of what the displacement v of each edge enters by.
struct EdgeAdjoints {
    std::vector<Eigen::Vector3d> displacements, orientations; ///< attributes; n = v/|v| of its row
    Eigen::VectorXd windows;   ///< derivative by |v| through the windows of pairs over the edge
    Eigen::VectorXd envelopes; ///< adjoint of the envelope of its row
};

EdgeAdjoints pairsBackward(const PonitaParameters& parameters, const Graph& graph,
                           const PonitaLift& lift, const LiftAdjoint& adjoint) {
    const auto numEdges = static_cast<Eigen::Index>(graph.edges.size());
    EdgeAdjoints result;
    result.displacements.assign(graph.edges.size(), Eigen::Vector3d::Zero());
    result.orientations = adjoint.orientations;
    result.windows = Eigen::VectorXd::Zero(numEdges);
    result.envelopes = parameters.liftedEnvelope ? envelopeAdjoint(lift, graph, adjoint)
                                                 : Eigen::VectorXd::Zero(numEdges).eval();
    for (std::size_t k = 0; k < lift.pairs.size(); k++) {
        const PonitaLift::Pair& pair = lift.pairs[k];
        const auto sender = static_cast<std::size_t>(pair.sender);
        const auto receiver = static_cast<std::size_t>(pair.receiver);
        const auto edge = static_cast<std::size_t>(pair.edge); // of use unless it is a self-edge
        const auto row = static_cast<Eigen::Index>(k);
        Eigen::Vector3d v = Eigen::Vector3d::Zero(), unused = Eigen::Vector3d::Zero();
        if (pair.edge >= 0)
            v = -graph.edges[edge].displacement;
        attributesBackward(parameters, v, lift.orientations[receiver], lift.orientations[sender],
                           adjoint.attributes.row(row),
                           pair.edge >= 0 ? result.displacements[edge] : unused,
                           result.orientations[receiver], result.orientations[sender]);
        const Window window = windowOf(parameters, v.norm());
        double envelope = 1;
        if (parameters.liftedEnvelope) {
            envelope = windowOf(parameters, graph.edges[sender].displacement.norm()).value;
            result.envelopes[pair.sender] += adjoint.windows[row] * window.value;
        }
        if (pair.edge >= 0)
            result.windows[pair.edge] += adjoint.windows[row] * envelope * window.derivative;
    }
    return result;
}

} // namespace

std::vector<Eigen::Vector3d> liftBackward(const PonitaParameters& parameters, const Graph& graph,
                                          const PonitaLift& lift, const LiftAdjoint& adjoint) {
    const EdgeAdjoints edges = pairsBackward(parameters, graph, lift, adjoint);
    std::vector<Eigen::Vector3d> gradients;
    for (std::size_t e = 0; e < graph.edges.size(); e++) {
        const auto row = static_cast<Eigen::Index>(e);
        const Eigen::Vector3d v = -graph.edges[e].displacement;
        const double distance = v.norm();
        Eigen::Vector3d byV = edges.displacements[e];
        double byDistance = edges.windows[row];
        if (parameters.isPointCloud()) { // row e has orientation v/|v|
            const Eigen::Vector3d& n = lift.orientations[e];
            byV += (edges.orientations[e] - n.dot(edges.orientations[e]) * n) / distance;
            byDistance += edges.envelopes[row] * windowOf(parameters, distance).derivative;
        }
        gradients.push_back(-(byV + byDistance / distance * v));
    }
    return gradients;
}

} // namespace equivariant
