// SPDX-License-Identifier: MIT
//
// Stages of an edge: harmonics, transform, basis, cutoff, radial network, density, repulsion.
#include "MaceNetwork.h"

#include <cmath>

namespace equivariant {

ValueAndDerivative Activation::operator()(double x) const {
    switch (type) {
    case Type::Silu: {
        const double sigmoid = 1 / (1 + std::exp(-x));
        return {constant * x * sigmoid, constant * sigmoid * (1 + x * (1 - sigmoid))};
    }
    case Type::Tanh: {
        const double value = std::tanh(x);
        return {constant * value, constant * (1 - value * value)};
    }
    case Type::Abs:
        return {constant * std::abs(x), x < 0 ? -constant : constant};
    case Type::None:
        return {constant * x, constant};
    }
    return {0, 0};
}

using namespace mace;

namespace mace {

namespace {

double radiusSum(const MaceParameters& model, int sender, int receiver) {
    return model.covalentRadii[sender] + model.covalentRadii[receiver];
}

ValueAndDerivative transformDistance(const MaceParameters& model, int sender, int receiver,
                                     double r) {
    if (model.agnesi)
        return (*model.agnesi)(r, radiusSum(model, sender, receiver));
    if (model.soft)
        return (*model.soft)(r, radiusSum(model, sender, receiver));
    return {r, 1};
}

/// Everything of the geometry but the harmonics.
EdgeGeometry makeRadialGeometry(const MaceParameters& model, int sender, int receiver, double r) {
    EdgeGeometry geometry;
    geometry.r = r;
    geometry.cutoff = polynomialCutoff(r, model.cutoff, model.cutoffPower);
    const ValueAndDerivative d = transformDistance(model, sender, receiver, r);
    geometry.basis = model.radialBasis.evaluate(d.value);
    geometry.basis.col(1) *= d.derivative;
    if (model.applyCutoff) {
        geometry.basis.col(1) = geometry.basis.col(1) * geometry.cutoff.value +
                                geometry.basis.col(0) * geometry.cutoff.derivative;
        geometry.basis.col(0) *= geometry.cutoff.value;
    }
    return geometry;
}

/// The radial network on columns of its inputs; derivatives may have none.
void applyRadialNetwork(const MaceParameters& model, const MaceLayer& layer,
                        ValuesAndDerivatives& x) {
    for (std::size_t q = 0; q < layer.radialNetwork.size(); q++) {
        x.values = layer.radialNetwork[q].transpose() * x.values;
        x.derivatives = layer.radialNetwork[q].transpose() * x.derivatives;
        if (q + 1 == layer.radialNetwork.size())
            return;
        for (Eigen::Index i = 0; i < x.values.size(); i++) {
            const ValueAndDerivative activated = model.radialActivation(x.values(i));
            x.values(i) = activated.value;
            if (x.derivatives.size() > 0)
                x.derivatives(i) *= activated.derivative;
        }
    }
}

} // namespace

EdgeGeometry makeGeometry(const MaceParameters& model, const Graph::Edge& edge,
                          const std::vector<int>& species) {
    EdgeGeometry geometry = makeRadialGeometry(model, species[edge.sender], species[edge.receiver],
                                               edge.displacement.norm());
    geometry.harmonics =
        sphericalHarmonicsWithGradient(model.maxEll, edge.displacement, Normalization::Component);
    return geometry;
}

Eigen::MatrixX2d radialWeights(const MaceParameters& model, const MaceLayer& layer,
                               const EdgeGeometry& edge, bool derivatives) {
    ValuesAndDerivatives x{edge.basis.col(0), edge.basis.rightCols(derivatives ? 1 : 0)};
    applyRadialNetwork(model, layer, x);
    Eigen::MatrixX2d result = Eigen::MatrixX2d::Zero(x.values.rows(), 2);
    result.col(0) = x.values;
    if (derivatives)
        result.col(1) = x.derivatives;
    if (!model.applyCutoff) {
        result.col(1) = result.col(1) * edge.cutoff.value + result.col(0) * edge.cutoff.derivative;
        result.col(0) *= edge.cutoff.value;
    }
    return result;
}

ValueAndDerivative edgeDensity(const MaceParameters& model, const MaceLayer& layer,
                               const EdgeGeometry& edge) {
    const Eigen::RowVector2d x = layer.densityWeights.transpose() * edge.basis;
    const double value = std::tanh(x[0] * x[0]);
    const double derivative = (1 - value * value) * 2 * x[0] * x[1];
    if (model.applyCutoff)
        return {value, derivative};
    return {value * edge.cutoff.value,
            derivative * edge.cutoff.value + value * edge.cutoff.derivative};
}

ValueAndDerivative repulsion(const MaceParameters& model, const Graph::Edge& edge, double r,
                             const std::vector<int>& species) {
    return evaluateRepulsion(model, species[edge.sender], species[edge.receiver], r);
}

} // namespace mace

ValuesAndDerivatives evaluateRadialNetwork(const MaceParameters& parameters, int layer, int sender,
                                           int receiver, const std::vector<double>& distances) {
    const auto numInputs = parameters.layers[layer].radialNetwork[0].rows();
    const auto numDistances = static_cast<Eigen::Index>(distances.size());
    ValuesAndDerivatives x{Eigen::MatrixXd(numInputs, numDistances),
                           Eigen::MatrixXd(numInputs, numDistances)};
    Eigen::RowVectorXd cutoffs(numDistances), cutoffSlopes(numDistances);
    for (Eigen::Index i = 0; i < numDistances; i++) {
        const EdgeGeometry edge = makeRadialGeometry(parameters, sender, receiver, distances[i]);
        x.values.col(i) = edge.basis.col(0);
        x.derivatives.col(i) = edge.basis.col(1);
        cutoffs[i] = edge.cutoff.value;
        cutoffSlopes[i] = edge.cutoff.derivative;
    }
    applyRadialNetwork(parameters, parameters.layers[layer], x);
    if (!parameters.applyCutoff) {
        x.derivatives = x.derivatives.array().rowwise() * cutoffs.array() +
                        x.values.array().rowwise() * cutoffSlopes.array();
        x.values.array().rowwise() *= cutoffs.array();
    }
    return x;
}

ValueAndDerivative evaluateDensity(const MaceParameters& parameters, int layer, int sender,
                                   int receiver, double r) {
    return edgeDensity(parameters, parameters.layers[layer],
                       makeRadialGeometry(parameters, sender, receiver, r));
}

ValueAndDerivative evaluateRepulsion(const MaceParameters& parameters, int sender, int receiver,
                                     double r) {
    if (!parameters.zbl)
        return {0, 0};
    return (*parameters.zbl)(r, parameters.atomicNumbers[sender],
                             parameters.atomicNumbers[receiver],
                             radiusSum(parameters, sender, receiver));
}

} // namespace equivariant
