// SPDX-License-Identifier: MIT
#include "DeviceMace.h"

#include "DeviceArrays.h"
#include "MaceSource.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>
#include <cmath>

namespace EquivariantPlugin {

using equivariant::MaceParameters;
using equivariant::numHarmonics;
using equivariant::PreparedLayer;
using equivariant::PreparedMace;
using OpenMM::ComputeArray;
using OpenMM::ComputeContext;
using OpenMM::ComputeKernel;
using OpenMM::mm_int4;

namespace {

template <class Real> class DeviceMace : public DeviceNetwork {
public:
    DeviceMace(ComputeContext& cc, const MaceParameters& model, const std::vector<int>& species,
               DeviceEdges& edges);
    void evaluate(bool gradients) override;
    void setHead(int head) override;

private:
    struct Layer {
        ComputeArray table, density, targetFirst, targetHarmonic, targetValue;
        ComputeArray weights, reverseWeights, trie, coefficients, readout;
        ComputeArray messages, messageAdjoints, a, h, up, upAdjoint, adjoint;
        ComputeArray divisors, divisorAdjoints;
        ComputeKernel convolve, node, nodeBack, gather;
        int numParts = 1;
    };

    static std::vector<bool> usedSpecies(const MaceParameters& model,
                                         const std::vector<int>& species);
    void makeLayer(int t, const Defines& common);
    void makeRepulsion(const Defines& common);
    void makeKernels(int t, const MaceSource<Real>& source);
    void makeFeatures(ComputeArray& array, int rows, const std::string& name);
    ComputeArray& features(int t) { return t == 0 ? firstUp : layers[t - 1].up; }

    ComputeContext& cc;
    const PreparedMace<Real> prepared;
    const int numAtoms, channels, group;
    DeviceEdges& edges;
    ComputeArray species, pairs, firstUp, b, aAdjoint, unused, pairConstants;
    std::vector<Layer> layers;
    ComputeKernel repel;
};

template <class Real>
std::vector<bool> DeviceMace<Real>::usedSpecies(const MaceParameters& model,
                                                const std::vector<int>& species) {
    std::vector<bool> used(model.atomicNumbers.size(), false);
    for (const int s : species)
        used[s] = true;
    return used;
}

template <class Real>
DeviceMace<Real>::DeviceMace(ComputeContext& cc, const MaceParameters& model,
                             const std::vector<int>& modelSpecies, DeviceEdges& edges)
    : cc(cc), prepared(prepareForDevice<Real>(model, usedSpecies(model, modelSpecies))),
      numAtoms(static_cast<int>(modelSpecies.size())), channels(model.numChannels),
      group(chooseGroup<Real>(model, cc.getMaxThreadBlockSize())), edges(edges),
      layers(model.numLayers) {
    std::vector<int> own, pairOf;
    for (const int s : modelSpecies)
        own.push_back(prepared.indexOf[s]);
    for (int i = 0; i < prepared.numSpecies; i++)
        for (int j = 0; j < prepared.numSpecies; j++)
            pairOf.push_back(prepared.pairOf(i, j));
    makeArray<int>(cc, species, own, "Species");
    makeArray<int>(cc, pairs, pairOf, "Pairs");
    makeArray<Real>(cc, firstUp, prepared.firstUp.data, "FirstFeatures");
    makeArray<Real>(cc, unused, std::vector<Real>(4), "Unused");
    int mostOutputs = 1;
    for (const auto& layer : model.layers)
        mostOutputs = std::max(mostOutputs, numHarmonics(layer.outputLMax));
    makeFeatures(b, mostOutputs, "Products");
    makeFeatures(aAdjoint, numHarmonics(model.maxEll), "ProductInputAdjoints");
    const Defines common = getEdgesDefines();
    if (model.zbl)
        makeRepulsion(common);
    for (int t = 0; t < model.numLayers; t++)
        makeLayer(t, common);
}

template <class Real>
void DeviceMace<Real>::makeFeatures(ComputeArray& array, int rows, const std::string& name) {
    array.initialize(cc, std::size_t(numAtoms) * rows * channels, sizeof(Real),
                     "equivariant" + name);
}

template <class Real> void DeviceMace<Real>::makeRepulsion(const Defines& common) {
    const std::vector<Real> constants = getRepulsionArray(prepared);
    pairConstants.initialize(cc, constants.size() / 4, 4 * sizeof(Real), "equivariantRepulsion");
    pairConstants.upload(constants.data());
    repel = compile(cc, makeRepulsionText(prepared, common));
    for (auto* array : {&edges.edgeCounts, &edges.senders, &edges.edges, &edges.status, &species,
                        &pairConstants, &edges.atomEnergies, &edges.gradients})
        repel->addArg(*array);
    repel->addArg();
}

template <class Real> void DeviceMace<Real>::makeLayer(int t, const Defines& common) {
    const MaceParameters& model = prepared.model;
    const PreparedLayer<Real>& own = prepared.layers[t];
    Layer& layer = layers[t];

    const auto couplings = own.plan.getCouplings();
    const int numTerms = couplings.first[couplings.numTargets];
    std::vector<Real> factors;
    for (int i = 0; i < numTerms; i++)
        factors.push_back(couplings.value[i] * prepared.normalization[couplings.harmonic[i]]);
    makeArray<int>(cc, layer.targetFirst,
                   std::vector<int>(couplings.first, couplings.first + couplings.numTargets + 1),
                   "Targets");
    makeArray<int>(cc, layer.targetHarmonic,
                   std::vector<int>(couplings.harmonic, couplings.harmonic + numTerms),
                   "Harmonics");
    makeArray<Real>(cc, layer.targetValue, factors, "Couplings");

    std::vector<mm_int4> nodes;
    for (const auto& node : own.product.nodes)
        nodes.push_back(mm_int4(node.variable, node.firstChild, node.numChildren, 0));
    layer.trie.initialize(cc, nodes.size(), sizeof(mm_int4), "equivariantTrie");
    layer.trie.upload(nodes);
    std::vector<Real> coefficients;
    for (const auto& packed : own.product.coefficients)
        coefficients.insert(coefficients.end(), packed.begin(), packed.end());
    makeArray<Real>(cc, layer.coefficients, coefficients, "Coefficients");

    std::size_t readoutSize = 1;
    if (!own.readouts.empty())
        readoutSize = own.readouts[0].isLinear
                          ? channels
                          : own.readouts[0].outputs.size() * std::size_t(channels + 1);
    layer.readout.initialize(cc, readoutSize, sizeof(Real), "equivariantReadout");

    const MaceSource<Real> source(prepared, t, common, group);
    makeArray<Real>(cc, layer.weights, source.getWeights().forward, "Weights");
    makeArray<Real>(cc, layer.reverseWeights, source.getWeights().reverse, "ReverseWeights");
    makeArray<Real>(cc, layer.table, source.getRadialArray(), "Table");
    makeArray<Real>(cc, layer.density, source.getDensityArray(), "Density");
    layer.numParts = source.getNumParts();
    const int outputs = numHarmonics(own.layer.outputLMax);
    makeFeatures(layer.messages, source.getNumMessageRows(), "Messages");
    makeFeatures(layer.messageAdjoints, source.getNumMessageRows(), "MessageAdjoints");
    makeFeatures(layer.a, numHarmonics(model.maxEll), "ProductInputs");
    makeFeatures(layer.h, outputs, "Features");
    makeFeatures(layer.up, outputs, "UpFeatures");
    makeFeatures(layer.upAdjoint, outputs, "UpAdjoints");
    makeFeatures(layer.adjoint, outputs, "Adjoints");
    layer.divisors.initialize(cc, numAtoms, sizeof(Real), "equivariantDivisors");
    layer.divisorAdjoints.initialize(cc, numAtoms, sizeof(Real), "equivariantDivisorAdjoints");
    makeKernels(t, source);
}

template <class Real> void DeviceMace<Real>::makeKernels(int t, const MaceSource<Real>& source) {
    Layer& layer = layers[t];
    ComputeArray& input = t > 0 ? layers[t - 1].h : unused;
    layer.convolve = compile(cc, source.makeConvolve());
    for (auto* array : {&edges.edgeCounts, &edges.senders, &edges.edges, &edges.status, &species,
                        &pairs, &layer.table, &layer.targetFirst, &layer.targetHarmonic,
                        &layer.targetValue, &features(t), &layer.messages})
        layer.convolve->addArg(*array);

    layer.node = compile(cc, source.makeNode());
    for (auto* array : {&species, &layer.messages, &layer.weights, &layer.trie, &layer.coefficients,
                        &layer.readout, &input, &layer.a, &b, &layer.h, &layer.up,
                        &edges.atomEnergies, &edges.edgeCounts, &edges.senders, &edges.edges,
                        &edges.status, &pairs, &layer.density, &layer.divisors})
        layer.node->addArg(*array);
    layer.node->addArg();

    layer.nodeBack = compile(cc, source.makeNodeBack());
    for (auto* array : {&species, &layer.a, &layer.h, &layer.upAdjoint, &layer.reverseWeights,
                        &layer.trie, &layer.coefficients, &layer.readout, &layer.adjoint,
                        t > 0 ? &layers[t - 1].adjoint : &unused, &aAdjoint, &layer.messageAdjoints,
                        &layer.divisors, &layer.divisorAdjoints, &edges.status})
        layer.nodeBack->addArg(*array);

    layer.gather = compile(cc, source.makeGather());
    for (auto* array :
         {&edges.edgeCounts, &edges.senders, &edges.edges, &edges.status, &species, &pairs,
          &layer.table, &layer.targetFirst, &layer.targetHarmonic, &layer.targetValue, &features(t),
          &layer.messageAdjoints, t > 0 ? &layers[t - 1].upAdjoint : &unused, &layer.density,
          &layer.divisorAdjoints, &edges.gradients})
        layer.gather->addArg(*array);
}

/// The head's scale is put into the readouts.
template <class Real> void DeviceMace<Real>::setHead(int head) {
    const MaceParameters& model = prepared.model;
    const double scale = model.scale[head];
    for (std::size_t t = 0; t < layers.size(); t++) {
        setMixed(cc, layers[t].node, 19, model.shift[head]);
        if (prepared.layers[t].readouts.empty())
            continue;
        const auto& readout = prepared.layers[t].readouts[head];
        std::vector<Real> values;
        if (readout.isLinear) {
            for (int k = 0; k < channels; k++)
                values.push_back(static_cast<Real>(scale * readout.linear[k]));
        } else {
            const auto units = static_cast<int>(readout.outputs.size());
            for (int u = 0; u < units; u++)
                values.push_back(static_cast<Real>(scale * readout.outputs[u]));
            for (int k = 0; k < channels; k++)
                for (int u = 0; u < units; u++)
                    values.push_back(readout.hidden.forward.weight[std::size_t(
                        (u / channels * channels + k) * channels + u % channels)]);
        }
        layers[t].readout.upload(values);
    }
    if (repel)
        setMixed(cc, repel, 8, scale);
}

template <class Real> void DeviceMace<Real>::evaluate(bool gradients) {
    const int threads = numAtoms * group;
    if (repel)
        repel->execute(numAtoms);
    for (Layer& layer : layers) {
        layer.convolve->execute(threads * layer.numParts, group);
        layer.node->execute(threads, group);
    }
    for (std::size_t t = layers.size(); gradients && t-- > 0;) {
        layers[t].nodeBack->execute(threads, group);
        layers[t].gather->execute(threads, group);
    }
}

} // namespace

std::unique_ptr<DeviceNetwork> makeDeviceMace(ComputeContext& cc, const MaceParameters& model,
                                              const std::vector<int>& species, DeviceEdges& edges) {
    if (cc.getUseDoublePrecision())
        return std::make_unique<DeviceMace<double>>(cc, model, species, edges);
    return std::make_unique<DeviceMace<float>>(cc, model, species, edges);
}

} // namespace EquivariantPlugin
