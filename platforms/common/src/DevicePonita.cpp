// SPDX-License-Identifier: MIT
#include "DevicePonita.h"

#include "DeviceArrays.h"
#include "PonitaSource.h"
#include "equivariant/Error.h"

namespace EquivariantPlugin {

using equivariant::PonitaParameters;
using OpenMM::ComputeArray;
using OpenMM::ComputeContext;
using OpenMM::ComputeKernel;

namespace {

template <class Real> class DevicePonita : public DeviceNetwork {
public:
    DevicePonita(ComputeContext& cc, const PonitaParameters& model, const std::vector<int>& species,
                 DeviceEdges& edges);
    void evaluate(bool gradients) override;
    void setHead(int) override {} // there is one

private:
    struct Layer {
        ComputeArray kernel, weights, normalized, inverseWidths, features;
        ComputeKernel convolve, block, blockBack, convolveBack;
    };

    void makeLayer(int t);
    void makeRows(ComputeArray& array, int perRow, const std::string& name);
    ComputeArray& input(int t) { return t == 0 ? embedding : layers[t - 1].features; }

    ComputeContext& cc;
    const PonitaParameters& model;
    const PonitaSource<Real> source;
    const int numAtoms, numRows, convolveGroup, blockGroup;
    DeviceEdges& edges;
    ComputeArray species, directions, embedding, basis, convolved, convolvedAdjoint, fiberAdjoint,
        featureAdjoint;
    std::vector<Layer> layers;
};

template <class Real>
DevicePonita<Real>::DevicePonita(ComputeContext& cc, const PonitaParameters& model,
                                 const std::vector<int>& modelSpecies, DeviceEdges& edges)
    : cc(cc), model(model), source(model, getEdgesDefines()),
      numAtoms(static_cast<int>(modelSpecies.size())),
      numRows(numAtoms * source.getNumOrientations()),
      convolveGroup(source.chooseConvolveGroup(cc.getMaxThreadBlockSize())),
      blockGroup(source.chooseBlockGroup(cc.getMaxThreadBlockSize())), edges(edges),
      layers(model.layers.size()) {
    makeArray<int>(cc, species, modelSpecies, "Species");
    const std::vector<Real> vectors = source.getDirections();
    directions.initialize(cc, vectors.size() / 4, 4 * sizeof(Real), "equivariantDirections");
    directions.upload(vectors.data());
    makeArray<Real>(cc, embedding, source.getEmbedding(), "Embedding");
    makeArray<Real>(cc, basis, source.getBasisArray(), "Basis");
    makeRows(convolved, model.hiddenDim, "Convolved");
    makeRows(convolvedAdjoint, model.hiddenDim, "ConvolvedAdjoints");
    makeRows(fiberAdjoint, model.hiddenDim, "FiberAdjoints");
    makeRows(featureAdjoint, model.hiddenDim, "FeatureAdjoints");
    for (int t = 0; t < static_cast<int>(layers.size()); t++)
        makeLayer(t);
}

template <class Real>
void DevicePonita<Real>::makeRows(ComputeArray& array, int perRow, const std::string& name) {
    array.initialize(cc, std::size_t(numRows) * perRow, sizeof(Real), "equivariant" + name);
}

template <class Real> void DevicePonita<Real>::makeLayer(int t) {
    Layer& layer = layers[t];
    makeArray<Real>(cc, layer.kernel, source.getKernelArray(t), "Kernels");
    makeArray<Real>(cc, layer.weights, source.getBlockArray(t), "Weights");
    makeRows(layer.normalized, model.hiddenDim, "Normalized");
    makeRows(layer.inverseWidths, 1, "InverseWidths");
    makeRows(layer.features, model.hiddenDim, "Features");

    layer.convolve = compile(cc, source.makeConvolve(t));
    for (auto* array : {&edges.edgeCounts, &edges.senders, &edges.edges, &edges.status, &species,
                        &directions, &basis, &layer.kernel, &input(t), &convolved})
        layer.convolve->addArg(*array);
    layer.convolve->addArg();

    layer.block = compile(cc, source.makeBlock(t));
    for (auto* array :
         {&species, &edges.status, &directions, &input(t), &convolved, &layer.weights,
          &layer.normalized, &layer.inverseWidths, &layer.features, &edges.atomEnergies})
        layer.block->addArg(*array);
    layer.block->addArg();
    layer.block->addArg();
    setMixed(cc, layer.block, 10, model.shift / numRows);

    layer.blockBack = compile(cc, source.makeBlockBack(t));
    for (auto* array : {&edges.status, &directions, &layer.weights, &layer.normalized,
                        &layer.inverseWidths, &featureAdjoint, &fiberAdjoint, &convolvedAdjoint})
        layer.blockBack->addArg(*array);

    layer.convolveBack = compile(cc, source.makeConvolveBack(t));
    for (auto* array :
         {&edges.edgeCounts, &edges.senders, &edges.edges, &edges.status, &species, &directions,
          &basis, &layer.kernel, &input(t), &convolvedAdjoint, &featureAdjoint, &edges.gradients})
        layer.convolveBack->addArg(*array);
    layer.convolveBack->addArg();
}

template <class Real> void DevicePonita<Real>::evaluate(bool gradients) {
    const int tile = source.getBlockTile();
    for (int rotation = 0; rotation < source.getNumRotations(); rotation++) {
        const int firstDirection = rotation * source.getNumOrientations();
        for (std::size_t t = 0; t < layers.size(); t++) {
            layers[t].convolve->setArg(10, firstDirection);
            layers[t].convolve->execute(numRows * convolveGroup, convolveGroup);
            layers[t].block->setArg(11, static_cast<int>(t == 0 && rotation == 0));
            layers[t].block->execute((numRows + tile - 1) / tile * blockGroup, blockGroup);
        }
        for (std::size_t t = layers.size(); gradients && t-- > 0;) {
            layers[t].blockBack->execute(numAtoms * blockGroup, blockGroup);
            layers[t].convolveBack->setArg(12, firstDirection);
            layers[t].convolveBack->execute(numRows * convolveGroup, convolveGroup);
        }
    }
}

} // namespace

std::unique_ptr<DeviceNetwork> makeDevicePonita(ComputeContext& cc, const PonitaParameters& model,
                                                const std::vector<int>& species,
                                                DeviceEdges& edges) {
    if (!model.isPotential)
        throw equivariant::Error(
            "this PONITA model is no potential: it has outputs per node and no energy");
    if (cc.getUseDoublePrecision())
        return std::make_unique<DevicePonita<double>>(cc, model, species, edges);
    return std::make_unique<DevicePonita<float>>(cc, model, species, edges);
}

} // namespace EquivariantPlugin
