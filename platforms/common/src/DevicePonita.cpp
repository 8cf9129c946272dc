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
        ComputeArray weights;
        ComputeKernel convolve, block, blockBack, convolveBack;
    };

    void makeLayer(int t);
    ComputeKernel makePairsKernel(const KernelText& text);
    void makeGradientKernels();
    void setRowsPerAtom(int number);
    void launchForward(int rotation);
    void launchReverse(int rotation);

    ComputeContext& cc;
    const PonitaParameters& model;
    const PonitaSource<Real> source;
    const int numAtoms, convolveGroup, blockGroup;
    int rowsPerAtom = 0, numRows = 0;
    DeviceEdges& edges;
    ComputeArray species, directions, embedding, basis, kernels;
    ComputeArray convolved, fiberAdjoint, featureAdjoint; ///< [rows][channels]
    ComputeArray features;                                ///< [layers][rows][channels]
    ComputeArray normalized;    ///< [layers][rows][channels], later adjoints of what was convolved
    ComputeArray inverseWidths; ///< [layers][rows]
    ComputeArray rowEnergies;   ///< [rows] of a point cloud
    ComputeArray rowGradients;  ///< [entries][rows of an atom], the same
    std::vector<Layer> layers;
    ComputeKernel differentiate, collect;
};

template <class Real>
DevicePonita<Real>::DevicePonita(ComputeContext& cc, const PonitaParameters& model,
                                 const std::vector<int>& modelSpecies, DeviceEdges& edges)
    : cc(cc), model(model), source(model, getEdgesDefines()),
      numAtoms(static_cast<int>(modelSpecies.size())),
      convolveGroup(source.chooseConvolveGroup(cc.getMaxThreadBlockSize())),
      blockGroup(source.chooseBlockGroup(cc.getMaxThreadBlockSize())), edges(edges),
      layers(model.layers.size()) {
    makeArray<int>(cc, species, modelSpecies, "Species");
    const std::vector<Real> vectors = source.getDirections();
    directions.initialize(cc, vectors.size() / 4, 4 * sizeof(Real), "equivariantDirections");
    directions.upload(vectors.data());
    makeArray<Real>(cc, embedding, source.getEmbedding(), "Embedding");
    makeArray<Real>(cc, basis, source.getBasisArray(), "Basis");
    makeArray<Real>(cc, kernels, source.getKernelArray(), "Kernels");
    const std::pair<ComputeArray*, const char*> arrays[] = {
        {&convolved, "Convolved"},   {&fiberAdjoint, "FiberAdjoints"},
        {&features, "Features"},     {&featureAdjoint, "FeatureAdjoints"},
        {&normalized, "Normalized"}, {&inverseWidths, "InverseWidths"}};
    for (const auto& [array, name] : arrays)
        array->initialize(cc, 1, sizeof(Real), std::string("equivariant") + name);
    rowEnergies.initialize(cc, 1, edges.atomEnergies.getElementSize(), "equivariantRowEnergies");
    rowGradients.initialize(cc, 1, 4 * sizeof(Real), "equivariantRowGradients");
    setRowsPerAtom(model.isPointCloud() ? edges.getCapacity() : source.getNumOrientations());
    for (int t = 0; t < static_cast<int>(layers.size()); t++)
        makeLayer(t);
    makeGradientKernels();
}

template <class Real> void DevicePonita<Real>::setRowsPerAtom(int number) {
    rowsPerAtom = number;
    numRows = numAtoms * number;
    const std::size_t rows = numRows, size = rows * model.hiddenDim;
    for (auto* array : {&convolved, &fiberAdjoint, &featureAdjoint})
        array->resize(size);
    for (auto* array : {&features, &normalized})
        array->resize(layers.size() * size);
    inverseWidths.resize(layers.size() * rows);
    if (!model.isPointCloud())
        return;
    if (rows * number > std::size_t(1) << 30)
        throw equivariant::Error("there are too many neighbors for a point cloud: more than 2^30 "
                                 "pairs of edges that share an atom");
    rowEnergies.resize(rows);
    rowGradients.resize(rows * number);
}

template <class Real> void DevicePonita<Real>::makeLayer(int t) {
    Layer& layer = layers[t];
    ComputeArray& input = t == 0 ? embedding : features;
    makeArray<Real>(cc, layer.weights, source.getBlockArray(t), "Weights");

    layer.convolve = makePairsKernel(source.makeConvolve(t));
    layer.convolve->addArg(input);
    layer.convolve->addArg(convolved);
    layer.convolve->addArg();
    layer.convolve->addArg(t);

    layer.block = compile(cc, source.makeBlock(t));
    for (auto* array : {&species, &edges.edgeCounts, &edges.status, &directions, &input, &convolved,
                        &layer.weights, &normalized, &inverseWidths, &features,
                        model.isPointCloud() ? &rowEnergies : &edges.atomEnergies})
        layer.block->addArg(*array);
    layer.block->addArg();
    layer.block->addArg();
    layer.block->addArg(t);
    setMixed(cc, layer.block, 11, model.isPointCloud() ? 0 : model.shift / numRows);

    layer.blockBack = compile(cc, source.makeBlockBack(t));
    for (auto* array : {&edges.edgeCounts, &edges.edges, &edges.status, &directions, &layer.weights,
                        &normalized, &inverseWidths, &featureAdjoint, &fiberAdjoint})
        layer.blockBack->addArg(*array);
    layer.blockBack->addArg(t);

    if (t == 0)
        return;
    layer.convolveBack = makePairsKernel(source.makeConvolveBack());
    layer.convolveBack->addArg(normalized);
    layer.convolveBack->addArg(featureAdjoint);
    layer.convolveBack->addArg();
    layer.convolveBack->addArg(t);
}

/// With the arguments that all kernels of pairs begin with.
template <class Real> ComputeKernel DevicePonita<Real>::makePairsKernel(const KernelText& text) {
    const ComputeKernel kernel = compile(cc, text);
    for (auto* array : {&edges.edgeCounts, &edges.senders, &edges.edges, &edges.status, &species,
                        &directions, &basis, &kernels})
        kernel->addArg(*array);
    return kernel;
}

template <class Real> void DevicePonita<Real>::makeGradientKernels() {
    differentiate = makePairsKernel(source.makeDifferentiate());
    for (auto* array : {&embedding, &features, &normalized,
                        model.isPointCloud() ? &rowGradients : &edges.gradients})
        differentiate->addArg(*array);
    differentiate->addArg();
    if (!model.isPointCloud())
        return;
    collect = compile(cc, source.makeCollect());
    for (auto* array : {&edges.edgeCounts, &edges.edges, &edges.status, &rowEnergies, &rowGradients,
                        &edges.atomEnergies, &edges.gradients})
        collect->addArg(*array);
    collect->addArg();
    collect->addArg();
    setMixed(cc, collect, 7, model.shift / numAtoms);
}

template <class Real> void DevicePonita<Real>::launchForward(int rotation) {
    const int tile = source.getBlockTile();
    for (std::size_t t = 0; t < layers.size(); t++) {
        layers[t].convolve->setArg(10, rotation * source.getNumOrientations());
        layers[t].convolve->execute(numRows * convolveGroup, convolveGroup);
        layers[t].block->setArg(12, static_cast<int>(t == 0 && rotation == 0));
        layers[t].block->execute((numRows + tile - 1) / tile * blockGroup, blockGroup);
    }
}

template <class Real> void DevicePonita<Real>::launchReverse(int rotation) {
    const int firstDirection = rotation * source.getNumOrientations();
    for (std::size_t t = layers.size(); t-- > 0;) {
        layers[t].blockBack->execute(numAtoms * blockGroup, blockGroup);
        if (t == 0)
            break;
        layers[t].convolveBack->setArg(10, firstDirection);
        layers[t].convolveBack->execute(numRows * convolveGroup, convolveGroup);
    }
    differentiate->setArg(12, firstDirection);
    differentiate->execute(numRows * convolveGroup, convolveGroup);
}

template <class Real> void DevicePonita<Real>::evaluate(bool gradients) {
    if (model.isPointCloud() && rowsPerAtom != edges.getCapacity())
        setRowsPerAtom(edges.getCapacity());
    for (int rotation = 0; rotation < source.getNumRotations(); rotation++) {
        launchForward(rotation);
        if (gradients)
            launchReverse(rotation);
    }
    if (!model.isPointCloud())
        return;
    collect->setArg(8, static_cast<int>(gradients));
    collect->execute(numAtoms * edgeGroup, edgeGroup);
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
