// SPDX-License-Identifier: MIT
#include "ponita/PonitaWeights.h"

namespace equivariant {

namespace {

const Eigen::VectorXd none;

/// The outputs of a band-limited basis with every band starting a new block of channels.
PonitaLinear spread(const PonitaLinear& linear, int bands, int basis, int padded) {
    PonitaLinear result{Eigen::MatrixXd::Zero(bands * padded, linear.weight.cols()),
                        Eigen::VectorXd::Zero(bands * padded)};
    for (int l = 0; l < bands; l++) {
        result.weight.middleRows(l * padded, basis) = linear.weight.middleRows(l * basis, basis);
        result.bias.segment(l * padded, basis) = linear.bias.segment(l * basis, basis);
    }
    return result;
}

} // namespace

template <class Real>
PonitaWeights<Real>::PonitaWeights(const PonitaParameters& model, const Kernels<Real>& kernels)
    : model(model), kernels(kernels), ponita(kernels.ponita()), lanes(kernels.lanes),
      channels(model.hiddenDim), blocks(blocksOf(channels, lanes)),
      basisBlocks(blocksOf(model.basisDim, lanes)),
      bands(model.kernelType == PonitaKernel::BandLimited ? model.lMax + 1 : 1),
      wideBlocks(blocksOf(static_cast<int>(model.layers[0].linear1.weight.rows()), lanes)),
      orientations(model.hasGrid() ? static_cast<int>(model.orientations.size()) : 1),
      isCloud(model.isPointCloud()), isBanded(model.kernelType == PonitaKernel::BandLimited),
      isDirected(model.hasGrid() || isCloud),
      mask(packVector<Real>(Eigen::VectorXd::Ones(channels), lanes)),
      numReadouts(countReadouts(model)) {
    const PonitaLinear& first = model.basis.inner;
    const PonitaLinear second =
        spread(model.basis.outer, bands, model.basisDim, basisBlocks * lanes);
    inner = {first.weight, first.bias, lanes};
    innerBack = {first.weight.transpose(), none, lanes};
    outer = {second.weight, second.bias, lanes};
    outerBack = {second.weight.transpose(), none, lanes};
    for (int index : model.inputIndex)
        embedding.push_back(packVector<Real>(model.embedding.col(index), lanes));
    const RowMatrix fiberBasis = model.hasGrid() ? fiberBasisOf(model) : RowMatrix();
    for (const PonitaLayer& layer : model.layers)
        layers.push_back(packLayer(layer, fiberBasis));
}

template <class Real>
void PonitaWeights<Real>::packFiber(const RowMatrix& basis, const PonitaLayer& layer,
                                    PackedPonitaLayer<Real>& out) {
    const int O = orientations;
    RowMatrix kernels = RowMatrix::Ones(1, channels);
    if (model.hasGrid())
        kernels = basis * layer.fiberKernel.transpose();
    out.fiber.assign(static_cast<std::size_t>(blocks * O * O * lanes), 0);
    out.fiberBack = out.fiber;
    for (int o = 0; o < O; o++)
        for (int p = 0; p < O; p++)
            for (int c = 0; c < channels; c++) {
                const double weight =
                    model.hasGrid() ? model.fiberScale * model.orientationWeights[o] : 1.0;
                const int block = c / lanes * O * O, lane = c % lanes;
                const auto value = static_cast<Real>(weight * kernels(o * O + p, c));
                out.fiber[static_cast<std::size_t>((block + o * O + p) * lanes + lane)] = value;
                out.fiberBack[static_cast<std::size_t>((block + p * O + o) * lanes + lane)] = value;
            }
}

template <class Real>
PackedPonitaLayer<Real> PonitaWeights<Real>::packLayer(const PonitaLayer& layer,
                                                       const RowMatrix& fiberBasis) {
    PackedPonitaLayer<Real> result;
    result.kernel = {layer.kernel, none, lanes};
    result.kernelBack = {layer.kernel.transpose(), none, lanes};
    packFiber(fiberBasis, layer, result);
    result.bias = packVector<Real>(layer.bias, lanes);
    const Eigen::MatrixXd first = layer.linear1.weight * layer.normWeight.asDiagonal();
    result.linear1 = {first, layer.linear1.weight * layer.normBias + layer.linear1.bias, lanes};
    result.linear1Back = {first.transpose(), none, lanes};
    PonitaLinear second = layer.linear2;
    if (layer.layerScale.size() != 0) {
        second.weight = layer.layerScale.asDiagonal() * layer.linear2.weight;
        second.bias = layer.layerScale.cwiseProduct(layer.linear2.bias);
    }
    result.linear2 = {second.weight, second.bias, lanes};
    result.linear2Back = {second.weight.transpose(), none, lanes};
    if (layer.readout.weight.size() != 0) {
        result.readout = packVector<Real>(layer.readout.weight.row(0).transpose(), lanes);
        result.readoutBias = layer.readout.bias[0];
    }
    return result;
}

PonitaStep::PonitaStep(const PonitaParameters& model, const Edges& edges,
                       const Eigen::Matrix3d& rotation)
    : edges(edges) {
    for (const Eigen::Vector3d& displacement : edges.displacements)
        v.push_back(-(rotation * displacement));
    for (const double distance : edges.distances)
        windows.push_back(windowOf(model, distance));
    const bool isCloud = model.isPointCloud();
    const auto numAtoms = static_cast<std::size_t>(edges.numAtoms);
    const int perAtom = model.hasGrid() ? static_cast<int>(model.orientations.size()) : 1;
    for (std::size_t i = 0; i <= numAtoms; i++)
        firstRow.push_back(isCloud ? edges.first[i] : static_cast<int>(i) * perAtom);
    numRows = static_cast<std::size_t>(firstRow.back());
    readoutWeights.assign(numRows, 1.0);
    for (std::size_t i = 0; i < numAtoms; i++) {
        const auto begin = static_cast<std::size_t>(firstRow[i]);
        const auto end = static_cast<std::size_t>(firstRow[i + 1]);
        if (model.hasGrid())
            for (std::size_t row = begin; row < end; row++)
                readoutWeights[row] =
                    model.orientationWeights[static_cast<Eigen::Index>(row - begin)];
        if (!isCloud)
            continue;
        double sum = model.liftedEnvelope ? 1.0 : 0.0;
        for (std::size_t row = begin; row < end; row++)
            sum += readoutWeights[row] = model.liftedEnvelope ? windows[row].value : 1.0;
        for (std::size_t row = begin; row < end; row++)
            readoutWeights[row] /= sum;
    }
}

template struct PonitaWeights<float>;
template struct PonitaWeights<double>;

} // namespace equivariant
