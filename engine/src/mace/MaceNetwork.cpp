// SPDX-License-Identifier: MIT
#include "mace/MaceNetwork.h"

#include <algorithm>
#include <numeric>

namespace equivariant {

namespace {

constexpr int maxBlock = 32;

/// As many atoms as possible, since every block reads all weights, but two blocks for each of
/// several workers, which may not be equally fast.
int blockSize(int numAtoms, int workers) {
    const int parts = workers > 1 ? 2 * workers : 1;
    const int rounds = (numAtoms + parts * maxBlock - 1) / (parts * maxBlock);
    return std::max(1, (numAtoms + rounds * parts - 1) / std::max(1, rounds * parts));
}

} // namespace

template <class Real>
MaceNetwork<Real>::MaceNetwork(std::shared_ptr<const PreparedMace<Real>> prepared)
    : prepared(std::move(prepared)), model(this->prepared->model), lanes(this->prepared->lanes),
      blocks(this->prepared->blocks) {}

template <class Real> void MaceNetwork<Real>::arrange(const NetworkTask& task) {
    const int numAtoms = task.edges.numAtoms;
    order = task.edges.order;
    if (order.empty()) {
        order.resize(numAtoms);
        std::iota(order.begin(), order.end(), 0);
    }
    const int size = blockSize(numAtoms, task.workers.size());
    const auto speciesOf = [&](int atom) { return prepared->indexOf[task.species[atom]]; };
    atomBlocks.clear();
    for (int first = 0; first < numAtoms; first += size) {
        Block block{first, std::min(size, numAtoms - first), {}};
        std::stable_sort(order.begin() + first, order.begin() + first + block.count,
                         [&](int a, int b) { return speciesOf(a) < speciesOf(b); });
        for (int i = 0; i < block.count; i++) {
            const int own = speciesOf(order[first + i]);
            if (block.runs.empty() || block.runs.back().species != own)
                block.runs.push_back({own, i, 0});
            block.runs.back().count++;
        }
        atomBlocks.push_back(block);
    }
    inverse.resize(numAtoms);
    species.resize(numAtoms);
    for (int i = 0; i < numAtoms; i++) {
        inverse[order[i]] = i;
        species[i] = speciesOf(order[i]);
    }
}

template <class Real> void MaceNetwork<Real>::resize(const NetworkTask& task) {
    const std::size_t numAtoms = task.edges.numAtoms;
    states.resize(model.numLayers);
    scratches.resize(task.workers.size());
    for (int t = 0; t < model.numLayers; t++) {
        LayerState& state = states[t];
        const MaceLayer& layer = model.layers[t];
        const auto& groups = prepared->layers[t].plan.groups;
        if (layer.isDensity)
            state.divisors.resize(numAtoms);
        if (t > 0) {
            state.input.resize(layer.inputLMax, blocks, numAtoms, lanes);
            state.up.resize(layer.inputLMax, blocks, numAtoms, lanes);
        }
        if (!task.gradients)
            continue;
        if (layer.isDensity)
            state.divisorAdjoints.resize(numAtoms);
        if (t + 1 < model.numLayers)
            state.a.resize(model.maxEll, blocks, numAtoms, lanes);
        if (t > 0) {
            if (layer.isResidual)
                state.inputAdjoint.resize(layer.inputLMax, blocks, numAtoms, lanes);
            state.messageAdjoints.resize(groups.size());
            for (std::size_t g = 0; g < groups.size(); g++)
                state.messageAdjoints[g].resize(blocks, numAtoms * (2 * groups[g] + 1), lanes);
        }
    }
}

template <class Real>
void MaceNetwork<Real>::evaluate(const NetworkTask& task, NetworkResult& result) {
    arrange(task);
    resize(task);
    result.nodeEnergies.assign(task.edges.numAtoms, 0);
    result.edgeGradients.clear();
    if (task.gradients)
        result.edgeGradients.assign(task.edges.sender.size(), Eigen::Vector3d::Zero());
    const int numBlocks = static_cast<int>(atomBlocks.size());
    for (int t = 0; t < model.numLayers; t++)
        task.workers.forEach(numBlocks, [&](int i, int worker) {
            forwardBlock(task, result, t, atomBlocks[i], scratches[worker]);
        });
    for (int t = model.numLayers - 1; task.gradients && t > 0; t--)
        task.workers.forEach(numBlocks, [&](int i, int worker) {
            gatherBlock(task, result, t, atomBlocks[i], scratches[worker]);
        });
}

template <class Real>
void MaceNetwork<Real>::apply(const PackedLinear<Real>& map, int l, int first, int count,
                              const Panel<Real>& x, const Panel<Real>& y, bool accumulate) const {
    const std::size_t offset = std::size_t(first) * (2 * l + 1) * lanes;
    map.apply(prepared->kernels, count * (2 * l + 1), x.data + offset, x.stride, y.data + offset,
              y.stride, accumulate);
}

/// Rows of every atom over its divisor.
template <class Real>
void MaceNetwork<Real>::divide(const Panels& features, const std::vector<double>& divisors,
                               const Block& block) const {
    for (std::size_t l = 0; l < features.size(); l++)
        for (int b = 0; b < blocks; b++)
            for (int i = 0; i < block.count; i++) {
                const Real factor = static_cast<Real>(1 / divisors[block.first + i]);
                const std::size_t size = (2 * l + 1) * lanes;
                Real* row = features[l].data + b * features[l].stride + i * size;
                for (std::size_t k = 0; k < size; k++)
                    row[k] *= factor;
            }
}

/// Messages of a block's atoms, mixed: the input A of the product.
template <class Real>
void MaceNetwork<Real>::collect(const NetworkTask& task, int t, const Block& block,
                                Scratch& scratch, const Panels& a) {
    const PreparedLayer<Real>& layer = prepared->layers[t];
    const auto& groups = layer.plan.groups;
    scratch.messages.resize(groups.size());
    Panels messages;
    for (std::size_t g = 0; g < groups.size(); g++) {
        scratch.messages[g].resize(blocks, std::size_t(block.count) * (2 * groups[g] + 1), lanes);
        messages.push_back({scratch.messages[g].data.data(), scratch.messages[g].stride});
    }
    const auto features = t > 0 ? readOnly(states[t].up.panels(0, lanes))
                                : std::vector<Panel<const Real>>{
                                      {prepared->firstUp.data.data(), prepared->firstUp.stride}};
    for (int i = 0; i < block.count; i++) {
        const int atom = order[block.first + i], first = task.edges.first[atom];
        scratch.edges.prepare(*prepared, t, task, atom, false, false);
        for (int e = 0; e < scratch.edges.count; e++) {
            const int sender = inverse[task.edges.sender[first + e]];
            scratch.edges.featureRow[e] = t > 0 ? sender : species[sender];
        }
        ConvolutionArgs<Real> args = scratch.edges.getArguments(*prepared, t);
        args.features = features.data();
        args.messageRow = i;
        args.messages = messages.data();
        prepared->kernels.convolve(args);
        if (layer.layer.isDensity)
            states[t].divisors[block.first + i] =
                1 + scratch.edges.sumDensity(*prepared, t, task, atom);
    }
    std::vector<bool> started(model.maxEll + 1, false);
    for (std::size_t g = 0; g < groups.size(); g++) {
        const int l = groups[g];
        for (const Run& run : block.runs)
            apply(layer.mix[layer.mix.size() > 1 ? run.species : 0][g].forward, l, run.first,
                  run.count, messages[g], a[l], started[l]);
        started[l] = true;
    }
    if (layer.layer.isDensity)
        divide(a, states[t].divisors, block);
}

/// Forward (b given) or reverse (adjoints given) of the product.
template <class Real>
void MaceNetwork<Real>::runProduct(int t, const Block& block, const Panels& a, const Panels* b,
                                   const Panels* bAdjoint, const Panels* aAdjoint) {
    const PreparedLayer<Real>& layer = prepared->layers[t];
    const auto x = readOnly(a);
    const auto adjoints = readOnly(bAdjoint ? *bAdjoint : Panels());
    const auto run = [&](auto args, const Run& atoms, auto forward, auto reverse) {
        args.channelBlocks = blocks;
        args.firstRow = atoms.first;
        args.numRows = atoms.count;
        args.x = x.data();
        args.lMax = model.maxEll;
        args.outputLMax = layer.layer.outputLMax;
        if (b) {
            args.outputs = b->data();
            forward(args);
        } else {
            args.outputAdjoints = adjoints.data();
            args.xAdjoints = aAdjoint->data();
            reverse(args);
        }
    };
    for (const Run& atoms : block.runs)
        if (layer.sphere)
            run(layer.sphere->getArguments(atoms.species), atoms, prepared->kernels.sphere,
                prepared->kernels.sphereBack);
        else
            run(layer.product.getArguments(atoms.species), atoms, prepared->kernels.polynomial,
                prepared->kernels.polynomialBack);
}

/// h after the layer: the product's dense map and the self-connection.
template <class Real>
void MaceNetwork<Real>::nextFeatures(int t, const Block& block, const Panels& b, const Panels& h) {
    const PreparedLayer<Real>& layer = prepared->layers[t];
    for (std::size_t l = 0; l < h.size(); l++)
        apply(layer.productLinear[l].forward, l, 0, block.count, b[l], h[l], false);
    if (!layer.layer.isResidual)
        return;
    if (t == 0) {
        for (int i = 0; i < block.count; i++)
            for (int c = 0; c < blocks; c++)
                for (int k = 0; k < lanes; k++)
                    h[0].data[c * h[0].stride + i * lanes + k] +=
                        prepared->firstSkip.data[c * prepared->firstSkip.stride +
                                                 species[block.first + i] * lanes + k];
        return;
    }
    const Panels input = states[t].input.panels(block.first, lanes);
    for (const Run& run : block.runs)
        for (std::size_t l = 0; l < layer.skip[run.species].size(); l++)
            apply(layer.skip[run.species][l].forward, l, run.first, run.count, input[l], h[l],
                  true);
}

template <class Real>
void MaceNetwork<Real>::forwardBlock(const NetworkTask& task, NetworkResult& result, int t,
                                     const Block& block, Scratch& scratch) {
    const bool isLast = t + 1 == model.numLayers, keepsA = task.gradients && !isLast;
    const int outputLMax = model.layers[t].outputLMax;
    if (t == 0)
        startEnergies(task, result, block);
    if (!keepsA)
        scratch.a.resize(model.maxEll, blocks, block.count, lanes);
    const Panels a = keepsA ? states[t].a.panels(block.first, lanes) : scratch.a.panels(0, lanes);
    collect(task, t, block, scratch, a);
    scratch.b.resize(outputLMax, blocks, block.count, lanes);
    const Panels b = scratch.b.panels(0, lanes);
    runProduct(t, block, a, &b, nullptr, nullptr);
    if (isLast)
        scratch.h.resize(outputLMax, blocks, block.count, lanes);
    const Panels h =
        isLast ? scratch.h.panels(0, lanes) : states[t + 1].input.panels(block.first, lanes);
    nextFeatures(t, block, b, h);
    if (!isLast) {
        addReadout(task, result, t, block, h[0], scratch, true, nullptr);
        const Panels up = states[t + 1].up.panels(block.first, lanes);
        for (std::size_t l = 0; l < up.size(); l++)
            apply(prepared->layers[t + 1].linearUp[l].forward, l, 0, block.count, h[l], up[l],
                  false);
        return;
    }
    scratch.adjoint.resize(outputLMax, blocks, block.count, lanes);
    for (auto& degree : scratch.adjoint.degrees)
        std::fill(degree.data.begin(), degree.data.end(), Real(0));
    const Panels adjoint = scratch.adjoint.panels(0, lanes);
    addReadout(task, result, t, block, h[0], scratch, true,
               task.gradients ? adjoint.data() : nullptr);
    if (task.gradients)
        reverseBlock(task, result, t, block, a, scratch);
}

/// Shift and repulsion.
template <class Real>
void MaceNetwork<Real>::startEnergies(const NetworkTask& task, NetworkResult& result,
                                      const Block& block) {
    const Edges& edges = task.edges;
    const double scale = model.scale[task.head];
    for (int i = 0; i < block.count; i++) {
        const int atom = order[block.first + i];
        result.nodeEnergies[atom] = model.shift[task.head];
        for (int e = edges.first[atom]; model.zbl && e < edges.first[atom + 1]; e++) {
            const double r = edges.distances[e];
            const ValueAndDerivative repulsion =
                evaluateRepulsion(model, task.species[edges.sender[e]], task.species[atom], r);
            result.nodeEnergies[atom] += scale * repulsion.value;
            if (task.gradients)
                result.edgeGradients[e] +=
                    scale * repulsion.derivative / r * edges.displacements[e];
        }
    }
}

/// The layer's readout: energies, and the gradient into `adjoint` if given.
template <class Real>
void MaceNetwork<Real>::addReadout(const NetworkTask& task, NetworkResult& result, int t,
                                   const Block& block, const Panel<Real>& scalars, Scratch& scratch,
                                   bool energies, const Panel<Real>* adjoint) {
    if (prepared->layers[t].readouts.empty())
        return;
    const PackedReadout<Real>& readout = prepared->layers[t].readouts[task.head];
    const double scale = model.scale[task.head];
    if (readout.isLinear) {
        for (int i = 0; i < block.count; i++) {
            double energy = 0;
            for (int k = 0; k < model.numChannels; k++) {
                const std::size_t at = (k / lanes) * scalars.stride + i * lanes + k % lanes;
                energy += readout.linear[k] * scalars.data[at];
                if (adjoint)
                    adjoint->data[(k / lanes) * adjoint->stride + i * lanes + k % lanes] +=
                        static_cast<Real>(scale * readout.linear[k]);
            }
            if (energies)
                result.nodeEnergies[order[block.first + i]] += scale * energy;
        }
        return;
    }
    const int units = static_cast<int>(readout.outputs.size());
    scratch.hidden.resize(blocksOf(units, lanes), block.count, lanes);
    const Panel<Real> hidden = {scratch.hidden.data.data(), scratch.hidden.stride};
    apply(readout.hidden.forward, 0, 0, block.count, scalars, hidden, false);
    for (int i = 0; i < block.count; i++) {
        double energy = 0;
        for (int u = 0; u < units; u++) {
            Real& x = hidden.data[(u / lanes) * hidden.stride + i * lanes + u % lanes];
            const ValueAndDerivative activated = model.readoutActivation(x);
            energy += readout.outputs[u] * activated.value;
            x = static_cast<Real>(scale * readout.outputs[u] * activated.derivative);
        }
        if (energies)
            result.nodeEnergies[order[block.first + i]] += scale * energy;
    }
    if (adjoint)
        apply(readout.hidden.reverse, 0, 0, block.count, hidden, *adjoint, true);
}

template class MaceNetwork<float>;
template class MaceNetwork<double>;

} // namespace equivariant
