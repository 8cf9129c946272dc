// SPDX-License-Identifier: MIT
//
// PONITA: the rows of every atom through the layers and back; what happens between atoms is in
// SpatialConvolution. docs/theory/ponita.md has the formulas.
#include "equivariant/Error.h"
#include "equivariant/Orientations.h"
#include "ponita/KernelTable.h"

#include <algorithm>

namespace equivariant {

namespace {

template <class Real> class PonitaNetwork : public Network {
public:
    PonitaNetwork(std::shared_ptr<const PonitaWeights<Real>> weights,
                  std::unique_ptr<SpatialConvolution<Real>> convolution)
        : w(std::move(weights)), convolution(std::move(convolution)), h(w->layers.size() + 1),
          normalized(w->layers.size()), inverseWidths(w->layers.size()) {}

    void evaluate(const NetworkTask& task, NetworkResult& result) override;

private:
    /// Intermediates of some rows.
    struct Scratch {
        RowArray<Real> wide, slopes, wideAdjoint, narrow;
    };

    void requirePlane(const Edges& edges) const;
    void forward(const NetworkTask& task, const PonitaStep& step);
    void backward(const NetworkTask& task, const PonitaStep& step, double share);
    template <class Body> void forTiles(Workers& workers, const Body& body);
    void blockForward(int t, int firstUnit, int units, Scratch& own);
    void blockBackward(int t, int firstUnit, int units, Scratch& own);
    void addReadoutAdjoint(int t, const PonitaStep& step, double share);
    std::vector<double> rowOutputs(const PonitaStep& step, Workers& workers) const;

    std::shared_ptr<const PonitaWeights<Real>> w;
    std::unique_ptr<SpatialConvolution<Real>> convolution;
    std::vector<RowArray<Real>> h;          ///< [layers + 1]
    std::vector<RowArray<Real>> normalized; ///< [layers] then the adjoint of the convolution
    std::vector<std::vector<Real>> inverseWidths;
    RowArray<Real> y, hAdjoint;
    std::vector<Scratch> scratch; ///< [workers]
    int numUnits = 0;             ///< rows over orientations
};

template <class Real> void PonitaNetwork<Real>::requirePlane(const Edges& edges) const {
    if (w->model.getDimension() != 2)
        return;
    for (std::size_t i = 0; i + 1 < edges.first.size(); i++)
        for (int e = edges.first[i]; e < edges.first[i + 1]; e++)
            if (edges.displacements[static_cast<std::size_t>(e)][2] != 0)
                throw Error("this PONITA model is planar, but atoms " +
                            std::to_string(edges.sender[static_cast<std::size_t>(e)]) + " and " +
                            std::to_string(i) + " differ in z");
}

template <class Real>
void PonitaNetwork<Real>::evaluate(const NetworkTask& task, NetworkResult& result) {
    requirePlane(task.edges);
    const auto numAtoms = static_cast<std::size_t>(task.edges.numAtoms);
    const auto& rotations = rotationsOf(w->model.rotationAverage);
    const double share = w->model.scale / static_cast<double>(rotations.size());
    result.nodeEnergies.assign(
        numAtoms, w->model.shift / static_cast<double>(std::max<std::size_t>(1, numAtoms)));
    result.edgeGradients.clear();
    if (task.gradients)
        result.edgeGradients.assign(task.edges.sender.size(), Eigen::Vector3d::Zero());
    scratch.resize(static_cast<std::size_t>(task.workers.size()));
    std::vector<Eigen::Vector3d> gradients;
    for (const Eigen::Matrix3d& rotation : rotations) {
        const PonitaStep step(w->model, task.edges, rotation);
        convolution->begin(step, task.workers);
        forward(task, step);
        const std::vector<double> outputs = rowOutputs(step, task.workers);
        for (std::size_t i = 0; i < numAtoms; i++)
            for (int row = step.firstRow[i]; row < step.firstRow[i + 1]; row++)
                result.nodeEnergies[i] += share *
                                          step.readoutWeights[static_cast<std::size_t>(row)] *
                                          outputs[static_cast<std::size_t>(row)];
        if (!task.gradients)
            continue;
        backward(task, step, share);
        std::vector<double> byReadoutWeight = outputs;
        for (double& value : byReadoutWeight)
            value *= share;
        gradients.assign(task.edges.sender.size(), Eigen::Vector3d::Zero());
        convolution->finish(byReadoutWeight, gradients, task.workers);
        for (std::size_t e = 0; e < gradients.size(); e++)
            result.edgeGradients[e] -= rotation.transpose() * gradients[e];
    }
}

/// Calls body(first unit, units, scratch) for tiles of about a hundred rows.
template <class Real>
template <class Body>
void PonitaNetwork<Real>::forTiles(Workers& workers, const Body& body) {
    const int size = std::max(1, 128 / w->orientations);
    workers.forEach((numUnits + size - 1) / size, [&](int tile, int worker) {
        Scratch& own = scratch[static_cast<std::size_t>(worker)];
        const auto rows = static_cast<std::size_t>(size * w->orientations);
        for (RowArray<Real>* array : {&own.wide, &own.slopes, &own.wideAdjoint})
            array->resize(w->wideBlocks, rows, w->lanes);
        own.narrow.resize(w->blocks, rows, w->lanes);
        body(tile * size, std::min(size, numUnits - tile * size), own);
    });
}

template <class Real>
void PonitaNetwork<Real>::forward(const NetworkTask& task, const PonitaStep& step) {
    numUnits = static_cast<int>(step.numRows) / w->orientations;
    for (auto* arrays : {&h, &normalized})
        for (RowArray<Real>& array : *arrays)
            array.resize(w->blocks, step.numRows, w->lanes);
    y.resize(w->blocks, step.numRows, w->lanes);
    for (auto& widths : inverseWidths)
        widths.resize(step.numRows);
    const auto lanes = static_cast<std::size_t>(w->lanes);
    task.workers.forEach(task.edges.numAtoms, [&](int atom, int) {
        const auto i = static_cast<std::size_t>(atom);
        const Real* values = w->embedding[static_cast<std::size_t>(task.species[i])].data();
        for (std::size_t b = 0; b < static_cast<std::size_t>(w->blocks); b++)
            for (int row = step.firstRow[i]; row < step.firstRow[i + 1]; row++)
                std::copy_n(values + b * lanes, lanes,
                            h[0].data.data() + b * h[0].stride +
                                static_cast<std::size_t>(row) * lanes);
    });
    for (std::size_t t = 0; t < w->layers.size(); t++) {
        convolution->forward(static_cast<int>(t), h[t], y, task.workers);
        forTiles(task.workers, [&](int first, int units, Scratch& own) {
            blockForward(static_cast<int>(t), first, units, own);
        });
    }
}

/// Convolution over orientations, LayerNorm and channel mixing.
template <class Real>
void PonitaNetwork<Real>::blockForward(int t, int firstUnit, int units, Scratch& own) {
    const auto index = static_cast<std::size_t>(t);
    const PackedPonitaLayer<Real>& layer = w->layers[index];
    const int rows = units * w->orientations;
    const std::size_t firstRow = static_cast<std::size_t>(firstUnit * w->orientations);
    const std::size_t offset = firstRow * static_cast<std::size_t>(w->lanes);
    const std::size_t stride = y.stride;
    Real* x = normalized[index].data.data() + offset;
    w->ponita.fiber({w->blocks, units, w->orientations, y.data.data() + offset, x, stride, stride,
                     layer.fiber.data(), layer.bias.data()});
    w->ponita.norm({w->blocks, rows, static_cast<Real>(w->model.layerNormEps),
                    static_cast<Real>(1.0 / w->channels), w->mask.data(), x, stride,
                    inverseWidths[index].data() + firstRow, nullptr, 0});
    layer.linear1.apply(w->kernels, rows, x, stride, own.wide.data.data(), own.wide.stride);
    w->ponita.gelu({w->wideBlocks, rows, own.wide.data.data(), nullptr, own.wide.stride,
                    layer.linear1.bias.data()});
    const std::size_t lanes = static_cast<std::size_t>(w->lanes);
    for (std::size_t b = 0; b < static_cast<std::size_t>(w->blocks); b++) {
        const Real* before = h[index].data.data() + offset + b * stride;
        const Real* bias = layer.linear2.bias.data() + b * lanes;
        Real* after = h[index + 1].data.data() + offset + b * stride;
        for (std::size_t k = 0; k < static_cast<std::size_t>(rows) * lanes; k += lanes)
            for (std::size_t lane = 0; lane < lanes; lane++)
                after[k + lane] = before[k + lane] + bias[lane];
    }
    layer.linear2.apply(w->kernels, rows, own.wide.data.data(), own.wide.stride,
                        h[index + 1].data.data() + offset, stride, true);
}

/// The adjoint of the convolution's result takes the place of the normalized features.
template <class Real>
void PonitaNetwork<Real>::blockBackward(int t, int firstUnit, int units, Scratch& own) {
    const auto index = static_cast<std::size_t>(t);
    const PackedPonitaLayer<Real>& layer = w->layers[index];
    const int rows = units * w->orientations;
    const std::size_t firstRow = static_cast<std::size_t>(firstUnit * w->orientations);
    const std::size_t offset = firstRow * static_cast<std::size_t>(w->lanes);
    const std::size_t stride = y.stride, wideStride = own.wide.stride;
    Real* x = normalized[index].data.data() + offset;
    layer.linear1.apply(w->kernels, rows, x, stride, own.wide.data.data(), wideStride);
    w->ponita.gelu({w->wideBlocks, rows, own.wide.data.data(), own.slopes.data.data(), wideStride,
                    layer.linear1.bias.data()});
    layer.linear2Back.apply(w->kernels, rows, hAdjoint.data.data() + offset, stride,
                            own.wideAdjoint.data.data(), wideStride);
    PairArgs<Real> product{};
    product.blocks = w->wideBlocks;
    product.count = rows;
    product.x = own.slopes.data.data();
    product.y = own.wideAdjoint.data.data();
    product.xStride = product.yStride = wideStride;
    w->ponita.multiply(product);
    layer.linear1Back.apply(w->kernels, rows, own.wideAdjoint.data.data(), wideStride,
                            own.narrow.data.data(), own.narrow.stride);
    w->ponita.normBack({w->blocks, rows, 0, static_cast<Real>(1.0 / w->channels), w->mask.data(), x,
                        stride, inverseWidths[index].data() + firstRow, own.narrow.data.data(),
                        own.narrow.stride});
    w->ponita.fiber({w->blocks, units, w->orientations, x, own.narrow.data.data(), stride,
                     own.narrow.stride, layer.fiberBack.data(), nullptr});
    for (std::size_t b = 0; b < static_cast<std::size_t>(w->blocks); b++)
        std::copy_n(own.narrow.data.data() + b * own.narrow.stride,
                    static_cast<std::size_t>(rows * w->lanes), x + b * stride);
}

template <class Real>
void PonitaNetwork<Real>::addReadoutAdjoint(int t, const PonitaStep& step, double share) {
    const VectorArray<Real>& readout = w->layers[static_cast<std::size_t>(t)].readout;
    const auto lanes = static_cast<std::size_t>(w->lanes);
    for (std::size_t k = 0; k < readout.size(); k++)
        for (std::size_t row = 0; row < step.numRows; row++)
            hAdjoint.data[k / lanes * hAdjoint.stride + row * lanes + k % lanes] +=
                static_cast<Real>(share * step.readoutWeights[row] / w->numReadouts) * readout[k];
}

template <class Real>
void PonitaNetwork<Real>::backward(const NetworkTask& task, const PonitaStep& step, double share) {
    hAdjoint.resize(w->blocks, step.numRows, w->lanes);
    std::fill(hAdjoint.data.begin(), hAdjoint.data.end(), Real(0));
    for (int t = static_cast<int>(w->layers.size()) - 1; t >= 0; t--) {
        const auto index = static_cast<std::size_t>(t);
        addReadoutAdjoint(t, step, share);
        forTiles(task.workers,
                 [&](int first, int units, Scratch& own) { blockBackward(t, first, units, own); });
        convolution->backward(t, h[index], normalized[index], t > 0 ? &hAdjoint : nullptr,
                              task.workers);
    }
}

/// Mean of the readouts of each row.
template <class Real>
std::vector<double> PonitaNetwork<Real>::rowOutputs(const PonitaStep& step,
                                                    Workers& workers) const {
    std::vector<double> result(step.numRows, 0.0);
    const auto lanes = static_cast<std::size_t>(w->lanes);
    workers.forEach(numUnits, [&](int unit, int) {
        for (int o = 0; o < w->orientations; o++) {
            const auto row = static_cast<std::size_t>(unit * w->orientations + o);
            double sum = 0;
            for (std::size_t t = 0; t < w->layers.size(); t++) {
                const VectorArray<Real>& readout = w->layers[t].readout;
                const RowArray<Real>& features = h[t + 1];
                for (std::size_t k = 0; k < readout.size(); k++)
                    sum += double(readout[k]) *
                           features.data[k / lanes * features.stride + row * lanes + k % lanes];
                sum += readout.empty() ? 0 : w->layers[t].readoutBias;
            }
            result[row] = sum / w->numReadouts;
        }
    });
    return result;
}

template <class Real> class PreparedPonita : public PreparedNetwork {
public:
    PreparedPonita(const PonitaParameters& model, bool exact)
        : weights(std::make_shared<PonitaWeights<Real>>(model, getKernels<Real>())),
          table(exact ? nullptr : makeKernelTable(*weights)) {}

    std::unique_ptr<Network> makeNetwork() const override {
        return std::make_unique<PonitaNetwork<Real>>(weights,
                                                     table ? makeTableConvolution(*weights, table)
                                                           : makeExactConvolution(*weights));
    }

    void describe(EvaluatorDescription& description) const override {
        if (!table)
            return;
        description.tableError = table->error;
        description.tableMegabytes =
            double(table->coefficients.size() * sizeof(table->coefficients[0])) / (1024 * 1024);
    }

private:
    std::shared_ptr<const PonitaWeights<Real>> weights;
    std::shared_ptr<const KernelTable<Real>> table; ///< or null
};

} // namespace

template <class Real>
std::shared_ptr<const PreparedNetwork> preparePonita(const PonitaParameters& model,
                                                     const EvaluatorOptions& options,
                                                     const std::vector<bool>&) {
    if (!model.isPotential)
        throw Error("this PONITA model is no potential: it has outputs per node and no energy");
    return std::make_shared<PreparedPonita<Real>>(model, options.exactRadial);
}

template std::shared_ptr<const PreparedNetwork>
preparePonita<float>(const PonitaParameters&, const EvaluatorOptions&, const std::vector<bool>&);
template std::shared_ptr<const PreparedNetwork>
preparePonita<double>(const PonitaParameters&, const EvaluatorOptions&, const std::vector<bool>&);

} // namespace equivariant
