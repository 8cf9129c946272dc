// SPDX-License-Identifier: MIT
//
// Reverse pass, last layer first, in the order of Forward.cpp reversed. "Adjoint" is the derivative
// of the weighted sum of outputs.
#include "Stages.h"

namespace equivariant {

namespace {

/// Adjoint of one readout [rows][outputs]; the same for every layer that has one.
RowMatrix readoutAdjoint(const PonitaParameters& parameters, const PonitaTrace& trace,
                         const PonitaFields& weights) {
    const int S = parameters.outputScalars, V = parameters.outputVectors;
    RowMatrix result(static_cast<int>(trace.lift.nodes.size()), S + V);
    for (int row = 0; row < result.rows(); row++) {
        const auto index = static_cast<std::size_t>(row);
        const int node = trace.lift.nodes[index];
        const double weight = trace.lift.readoutWeights[row] / countReadouts(parameters);
        result.row(row).head(S) = weight * weights.scalars.row(node);
        for (int k = 0; k < V; k++)
            result(row, S + k) = weight * weights.vectors.row(node).segment<3>(3 * k).dot(
                                              trace.lift.orientations[index]);
    }
    return result;
}

/// How outputs depend on the lift directly: through the means and the orientations of vectors.
void outputBackward(const PonitaParameters& parameters, const PonitaTrace& trace,
                    const PonitaFields& weights, LiftAdjoint& adjoint) {
    const int S = parameters.outputScalars, V = parameters.outputVectors;
    const double share = 1.0 / countReadouts(parameters);
    for (const PonitaLayerTrace& layer : trace.layers)
        for (int row = 0; row < layer.readout.rows(); row++) {
            const auto index = static_cast<std::size_t>(row);
            const int node = trace.lift.nodes[index];
            double product = layer.readout.row(row).head(S).dot(weights.scalars.row(node));
            for (int k = 0; k < V; k++) {
                const Eigen::Vector3d w = weights.vectors.row(node).segment<3>(3 * k);
                const double value = layer.readout(row, S + k);
                product += value * w.dot(trace.lift.orientations[index]);
                adjoint.orientations[index] += share * trace.lift.readoutWeights[row] * value * w;
            }
            adjoint.readoutWeights[row] += share * product;
        }
}

/// Through channel mixing and LayerNorm: adjoint of the convolution's result.
RowMatrix blockBackward(const PonitaLayer& layer, const PonitaLayerTrace& trace,
                        const RowMatrix& features) {
    RowMatrix update = features;
    if (layer.layerScale.size() != 0)
        update = features * layer.layerScale.asDiagonal();
    const RowMatrix hidden =
        (update * layer.linear2.weight).cwiseProduct(trace.hidden.unaryExpr([](double x) {
            return geluDerivative(x);
        }));
    const RowMatrix normalized = hidden * layer.linear1.weight * layer.normWeight.asDiagonal();
    RowMatrix result(features.rows(), features.cols());
    for (int row = 0; row < features.rows(); row++) {
        const auto x = trace.normalized.row(row);
        const auto adjoint = normalized.row(row);
        const double along = adjoint.dot(x) / static_cast<double>(x.size());
        result.row(row) =
            trace.inverseWidth[row] * ((adjoint.array() - adjoint.mean()).matrix() - along * x);
    }
    return result;
}

/// Through the spatial convolution: adds to the adjoints of the sender's features, of the kernel
/// basis and of the windows.
void spatialBackward(const PonitaLayer& layer, const PonitaTrace& trace, const RowMatrix& before,
                     const RowMatrix& convolved, RowMatrix& features, RowMatrix& basis,
                     Eigen::VectorXd& windows) {
    const RowMatrix kernels = trace.kernelBasis * layer.kernel.transpose();
    RowMatrix messages(kernels.rows(), kernels.cols()); // adjoint of kernel times window
    for (std::size_t k = 0; k < trace.lift.pairs.size(); k++) {
        const PonitaLift::Pair& pair = trace.lift.pairs[k];
        const int row = static_cast<int>(k);
        messages.row(row) = convolved.row(pair.receiver).cwiseProduct(before.row(pair.sender));
        features.row(pair.sender) +=
            trace.lift.windows[row] * kernels.row(row).cwiseProduct(convolved.row(pair.receiver));
        windows[row] += messages.row(row).dot(kernels.row(row));
    }
    basis += trace.lift.windows.asDiagonal() * (messages * layer.kernel);
}

} // namespace

std::vector<Eigen::Vector3d> backwardPonita(const PonitaParameters& parameters, const Graph& graph,
                                            const PonitaFields& inputs, const PonitaTrace& trace,
                                            const PonitaFields& weights) {
    const std::size_t rows = trace.lift.nodes.size();
    const auto numPairs = static_cast<Eigen::Index>(trace.lift.pairs.size());
    LiftAdjoint adjoint;
    adjoint.windows = Eigen::VectorXd::Zero(numPairs);
    adjoint.orientations.assign(rows, Eigen::Vector3d::Zero());
    adjoint.readoutWeights = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(rows));
    outputBackward(parameters, trace, weights, adjoint);

    const RowMatrix readout = readoutAdjoint(parameters, trace, weights);
    RowMatrix features = RowMatrix::Zero(trace.features.rows(), trace.features.cols());
    RowMatrix basis = RowMatrix::Zero(numPairs, parameters.basisDim);
    for (std::size_t t = parameters.layers.size(); t-- > 0;) {
        const PonitaLayer& layer = parameters.layers[t];
        const PonitaLayerTrace& own = trace.layers[t];
        if (layer.readout.weight.size() != 0)
            features += readout * layer.readout.weight;
        RowMatrix convolved = blockBackward(layer, own, features);
        if (parameters.hasGrid())
            convolved = fiberStep(parameters, trace.fiberBasis * layer.fiberKernel.transpose(),
                                  convolved, true);
        spatialBackward(layer, trace, own.features, convolved, features, basis, adjoint.windows);
    }
    adjoint.attributes = kernelBackward(parameters, trace, basis);

    const RowMatrix lifted = features * parameters.embedding; // [rows][inputs]
    for (std::size_t row = 0; row < rows; row++)
        for (int k = 0; k < parameters.inputVectors; k++)
            adjoint.orientations[row] +=
                lifted(static_cast<int>(row), parameters.inputScalars + k) *
                inputs.vectors.row(trace.lift.nodes[row]).segment<3>(3 * k).transpose();
    return liftBackward(parameters, graph, trace.lift, adjoint);
}

} // namespace equivariant
