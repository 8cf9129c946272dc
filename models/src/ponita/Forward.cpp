// SPDX-License-Identifier: MIT
//
// Forward pass: lift the inputs, then for each layer convolve in space, convolve over orientations,
// normalize, mix channels; the outputs are means over orientations and readouts.
#include "Stages.h"

#include "equivariant/Error.h"

namespace equivariant {

namespace {

/// [rows][inputs]: scalars copied to every orientation, vectors as w.n.
RowMatrix liftInputs(const PonitaParameters& parameters, const PonitaLift& lift,
                     const PonitaFields& inputs) {
    const int S = parameters.inputScalars, V = parameters.inputVectors;
    RowMatrix result(static_cast<int>(lift.nodes.size()), S + V);
    for (int row = 0; row < result.rows(); row++) {
        const int node = lift.nodes[static_cast<std::size_t>(row)];
        result.row(row).head(S) = inputs.scalars.row(node);
        for (int k = 0; k < V; k++)
            result(row, S + k) = inputs.vectors.row(node).segment<3>(3 * k).dot(
                lift.orientations[static_cast<std::size_t>(row)]);
    }
    return result;
}

/// sum over pairs of window * (W_k K) * features of the sender, at the receiver.
RowMatrix spatialStep(const PonitaLayer& layer, const PonitaTrace& trace,
                      const RowMatrix& features) {
    const RowMatrix kernels = trace.kernelBasis * layer.kernel.transpose();
    RowMatrix result = RowMatrix::Zero(features.rows(), features.cols());
    for (std::size_t k = 0; k < trace.lift.pairs.size(); k++) {
        const PonitaLift::Pair& pair = trace.lift.pairs[k];
        const int row = static_cast<int>(k);
        result.row(pair.receiver) +=
            trace.lift.windows[row] * kernels.row(row).cwiseProduct(features.row(pair.sender));
    }
    return result;
}

void normalize(const PonitaParameters& parameters, PonitaLayerTrace& trace) {
    const auto& x = trace.convolved;
    trace.normalized.resize(x.rows(), x.cols());
    trace.inverseWidth.resize(x.rows());
    for (int row = 0; row < x.rows(); row++) {
        const Eigen::RowVectorXd centered = (x.row(row).array() - x.row(row).mean()).matrix();
        const double variance = centered.squaredNorm() / static_cast<double>(x.cols());
        trace.inverseWidth[row] = 1 / std::sqrt(variance + parameters.layerNormEps);
        trace.normalized.row(row) = trace.inverseWidth[row] * centered;
    }
}

/// Runs a layer, fills its trace and returns the new features.
RowMatrix runLayer(const PonitaParameters& parameters, const PonitaLayer& layer,
                   const PonitaTrace& trace, PonitaLayerTrace& own) {
    own.convolved = spatialStep(layer, trace, own.features);
    if (parameters.hasGrid())
        own.convolved = fiberStep(parameters, trace.fiberBasis * layer.fiberKernel.transpose(),
                                  own.convolved, false);
    own.convolved.rowwise() += layer.bias.transpose();
    normalize(parameters, own);
    RowMatrix u = own.normalized * layer.normWeight.asDiagonal();
    u.rowwise() += layer.normBias.transpose();
    own.hidden = apply(layer.linear1, u);
    RowMatrix update = apply(layer.linear2, own.hidden.unaryExpr([](double x) { return gelu(x); }));
    if (layer.layerScale.size() != 0)
        update = update * layer.layerScale.asDiagonal();
    RowMatrix features = own.features + update;
    if (layer.readout.weight.size() != 0)
        own.readout = apply(layer.readout, features);
    return features;
}

PonitaFields collectOutputs(const PonitaParameters& parameters, const PonitaTrace& trace,
                            int numNodes) {
    const int S = parameters.outputScalars, V = parameters.outputVectors;
    PonitaFields output{RowMatrix::Zero(numNodes, S), RowMatrix::Zero(numNodes, 3 * V)};
    const double share = 1.0 / countReadouts(parameters);
    for (const PonitaLayerTrace& layer : trace.layers)
        for (int row = 0; row < layer.readout.rows(); row++) {
            const auto index = static_cast<std::size_t>(row);
            const int node = trace.lift.nodes[index];
            const double weight = share * trace.lift.readoutWeights[row];
            output.scalars.row(node) += weight * layer.readout.row(row).head(S);
            for (int k = 0; k < V; k++)
                output.vectors.row(node).segment<3>(3 * k) +=
                    weight * layer.readout(row, S + k) * trace.lift.orientations[index].transpose();
        }
    return output;
}

} // namespace

int countReadouts(const PonitaParameters& parameters) {
    int count = 0;
    for (const PonitaLayer& layer : parameters.layers)
        count += layer.readout.weight.size() != 0;
    return count;
}

RowMatrix fiberStep(const PonitaParameters& parameters, const RowMatrix& kernels,
                    const RowMatrix& features, bool transposed) {
    const int O = static_cast<int>(parameters.orientations.size());
    RowMatrix result = RowMatrix::Zero(features.rows(), features.cols());
    for (int first = 0; first < features.rows(); first += O)
        for (int o = 0; o < O; o++) {
            const double weight = parameters.fiberScale * parameters.orientationWeights[o];
            for (int p = 0; p < O; p++) {
                const int from = first + (transposed ? p : o), to = first + (transposed ? o : p);
                result.row(to) += weight * kernels.row(o * O + p).cwiseProduct(features.row(from));
            }
        }
    return result;
}

PonitaTrace forwardPonita(const PonitaParameters& parameters, const Graph& graph,
                          const PonitaFields& inputs) {
    if (inputs.scalars.rows() != graph.numNodes || inputs.vectors.rows() != graph.numNodes ||
        inputs.scalars.cols() != parameters.inputScalars ||
        inputs.vectors.cols() != 3 * parameters.inputVectors)
        throw Error("the inputs of a PONITA network do not have the shape [nodes][scalars] and "
                    "[nodes][vectors * 3]");
    PonitaTrace trace;
    trace.lift = liftGraph(parameters, graph);
    kernelForward(parameters, trace);
    if (parameters.hasGrid())
        trace.fiberBasis = fiberBasisOf(parameters);
    trace.features = liftInputs(parameters, trace.lift, inputs) * parameters.embedding.transpose();
    for (const PonitaLayer& layer : parameters.layers) {
        PonitaLayerTrace own;
        own.features = std::move(trace.features);
        trace.features = runLayer(parameters, layer, trace, own);
        trace.layers.push_back(std::move(own));
    }
    trace.output = collectOutputs(parameters, trace, graph.numNodes);
    return trace;
}

} // namespace equivariant
