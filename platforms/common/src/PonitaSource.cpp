// SPDX-License-Identifier: MIT
#include "PonitaSource.h"

#include "KernelSources.h"
#include "equivariant/Orientations.h"
#include "equivariant/PonitaKernel.h"
#include "equivariant/PonitaNetwork.h"

#include <algorithm>
#include <cmath>

namespace EquivariantPlugin {

using equivariant::PonitaKernel;
using equivariant::PonitaLayer;
using equivariant::PonitaParameters;
using std::to_string;

namespace {

constexpr int sumParts = 8;

/// Appends a matrix as [column][row], or as [row][column].
template <class Real>
void append(std::vector<Real>& values, const Eigen::MatrixXd& matrix, bool byColumn) {
    for (Eigen::Index i = 0; i < (byColumn ? matrix.cols() : matrix.rows()); i++)
        for (Eigen::Index j = 0; j < (byColumn ? matrix.rows() : matrix.cols()); j++)
            values.push_back(static_cast<Real>(byColumn ? matrix(j, i) : matrix(i, j)));
}

/// How many attributes a kernel is a polynomial of.
int numAttributes(const PonitaParameters& model) {
    if (model.isPointCloud())
        return 3;
    return model.hasGrid() && model.kernelType == PonitaKernel::Mlp ? 2 : 1;
}

/// Whose features a layer takes, of all layers' that are one after the other; the first takes the
/// embedding, which is an array of its own.
std::string inputLayer(int t) {
    return t == 0 ? "0" : "(layer-1)";
}

} // namespace

template <class Real>
PonitaSource<Real>::PonitaSource(const PonitaParameters& model, const Defines& common)
    : model(model), common(common), channels(model.hiddenDim),
      orientations(model.hasGrid() ? static_cast<int>(model.orientations.size()) : 1),
      rotations(static_cast<int>(equivariant::rotationsOf(model.rotationAverage).size())),
      bands(model.kernelType == PonitaKernel::BandLimited ? model.lMax + 1 : 1),
      hidden(static_cast<int>(model.basis.inner.weight.rows())),
      wide(static_cast<int>(model.layers[0].linear1.weight.rows())) {
    const int basis = model.basisDim;
    const auto monomials = static_cast<int>(model.basis.inner.weight.cols());
    const int size = sizeof(Real);
    const int layers = static_cast<int>(model.layers.size());
    const int perPair = monomials + bands + 2 * hidden + bands * basis + basis;
    convolveTile = tileFor(size * (perPair + 2), 8);
    differentiateTile =
        tileFor(size * (perPair + monomials + bands + basis + layers * channels + 13), 8);
    blockTile = tileFor(size * (2 * channels + wide + 2 * sumParts), 4);
    Defines& defines = this->common;
    for (const auto& [name, value] : {std::pair{"CHANNELS", channels},
                                      {"ORIENTATIONS", orientations},
                                      {"BANDS", bands},
                                      {"HIDDEN", hidden},
                                      {"WIDE", wide},
                                      {"BASIS", basis},
                                      {"NUM_LAYERS", layers},
                                      {"NUM_MONOMIALS", monomials},
                                      {"NUM_ATTRIBUTES", numAttributes(model)},
                                      {"SUM_PARTS", sumParts}})
        defines[name] = to_string(value);
    int at = 0;
    for (const auto& [name, size] : {std::pair{"INNER", monomials * hidden},
                                     {"INNER_BIAS", hidden},
                                     {"OUTER", hidden * bands * basis},
                                     {"OUTER_BIAS", bands * basis},
                                     {"OUTER_BACK", 0}}) {
        defines[name + std::string("_AT")] = to_string(at);
        at += size;
    }
    defines["KERNEL_BACK_AT"] = to_string(channels * basis);
    defines["SELF_AT"] = to_string(2 * channels * basis);
    defines["KERNEL_SIZE"] = to_string((2 * basis + 1) * channels);
    at = 0;
    const int fiber = model.hasGrid() ? orientations * orientations * channels : 0;
    for (const auto& [name, size] : {std::pair{"FIBER", fiber},
                                     {"BIAS", channels},
                                     {"LINEAR1", channels * wide},
                                     {"BIAS1", wide},
                                     {"LINEAR1_BACK", channels * wide},
                                     {"LINEAR2", channels * wide},
                                     {"BIAS2", channels},
                                     {"LINEAR2_BACK", channels * wide},
                                     {"READOUT", 0}}) {
        defines[name + std::string("_AT")] = to_string(at);
        at += size;
    }
    defines["ROWS_PER_ATOM"] = model.isPointCloud() ? "status[CAPACITY]" : "ORIENTATIONS";
    if (model.hasGrid())
        defines["GRID"] = "";
    if (model.isPointCloud())
        defines["CLOUD"] = "";
    if (model.hasGrid() || model.isPointCloud())
        defines["DIRECTED"] = "";
    if (model.liftedEnvelope)
        defines["LIFTED_ENVELOPE"] = "";
    if (bands > 1 || model.kernelType == PonitaKernel::BandLimited)
        defines["BANDED"] = "";
    if (model.getDimension() == 2)
        defines["PLANAR"] = "";
    if (model.windowPower > 0 && std::isfinite(model.cutoff)) {
        defines["WINDOW_POWER"] = to_string(model.windowPower);
        defines["INVERSE_CUTOFF"] = toLiteral<Real>(1 / model.cutoff);
    }
    defines["SMOOTH_DELTA"] = toLiteral<Real>(model.smoothDelta);
    defines["NORM_EPSILON"] = toLiteral<Real>(model.layerNormEps);
    defines["READOUT_SHARE"] =
        toLiteral<Real>(model.scale / equivariant::countReadouts(model) / rotations);
}

template <class Real> int PonitaSource<Real>::chooseConvolveGroup(int mostThreads) const {
    return groupFor(std::max({channels, hidden, bands * model.basisDim}), mostThreads);
}

template <class Real> int PonitaSource<Real>::chooseBlockGroup(int mostThreads) const {
    return groupFor(std::max(channels, wide), mostThreads);
}

template <class Real>
KernelText PonitaSource<Real>::makePairsText(const std::string& kernel, const std::string& file,
                                             bool isFirst, Defines defines) const {
    defines.insert(common.begin(), common.end());
    defines["OWN_ORIENTATION"] =
        model.isPointCloud() ? "lookAlong(edges[row])" : "directions[firstDirection+place]";
    return {kernel,
            getKernelSource("ponitaFunctions") + getKernelSource("polynomialCutoff") +
                getKernelSource("ponitaWindow") + getKernelSource("ponitaPairs") +
                replaceWords(getKernelSource(file),
                             {{"MAKE_BASIS", getKernelSource("ponitaBasis")},
                              {"OWN_ROW", isFirst ? "species[atom]" : "row"},
                              {"OTHER_ROW", isFirst ? "species[other.atom]" : "other.row"}}),
            defines};
}

template <class Real> KernelText PonitaSource<Real>::makeConvolve(int t) const {
    return makePairsText(
        "convolve", "ponitaConvolve", t == 0,
        {{"TILE", to_string(convolveTile)}, {"IS_SENDER", "0"}, {"INPUT_LAYER", inputLayer(t)}});
}

template <class Real> KernelText PonitaSource<Real>::makeConvolveBack() const {
    return makePairsText(
        "convolve", "ponitaConvolve", false,
        {{"TILE", to_string(convolveTile)}, {"IS_SENDER", "1"}, {"INPUT_LAYER", "layer"}});
}

template <class Real> KernelText PonitaSource<Real>::makeDifferentiate() const {
    return makePairsText("differentiate", "ponitaDifferentiate", false,
                         {{"TILE", to_string(differentiateTile)},
                          {"PONITA_DERIVATIVES", ""},
                          {"NUM_ROLES", model.isPointCloud() ? "2" : "1"}});
}

template <class Real> KernelText PonitaSource<Real>::makeCollect() const {
    return {"collect",
            getKernelSource("polynomialCutoff") + getKernelSource("ponitaWindow") +
                getKernelSource("ponitaCollect"),
            common};
}

template <class Real> Defines PonitaSource<Real>::blockDefines(int t) const {
    Defines defines = common;
    defines["TILE"] = to_string(blockTile);
    defines["INPUT_LAYER"] = inputLayer(t);
    defines["READOUT_WEIGHT"] = model.isPointCloud() ? "1" : "directions[(base+r)%ORIENTATIONS].w";
    defines["BLOCK_RESULT"] = model.hasGrid() ? "fiberAdjoint" : "normalized";
    if (model.layers[t].readout.weight.size() != 0)
        defines["HAS_READOUT"] = "";
    return defines;
}

template <class Real> KernelText PonitaSource<Real>::makeBlock(int t) const {
    return {"block",
            getKernelSource("ponitaFunctions") +
                replaceWords(getKernelSource("ponitaBlock"),
                             {{"FEATURE_ROW", t == 0 ? "species[row/rowsPerAtom]" : "row"}}),
            blockDefines(t)};
}

template <class Real> KernelText PonitaSource<Real>::makeBlockBack(int t) const {
    Defines defines = blockDefines(t);
    if (t + 1 == static_cast<int>(model.layers.size()))
        defines["IS_LAST"] = "";
    return {"blockBack",
            getKernelSource("ponitaFunctions") + getKernelSource("polynomialCutoff") +
                getKernelSource("ponitaWindow") + getKernelSource("ponitaBlockBack"),
            defines};
}

template <class Real> std::vector<Real> PonitaSource<Real>::getDirections() const {
    std::vector<Real> values;
    // Directions are turned instead of the atoms.
    for (const Eigen::Matrix3d& rotation : equivariant::rotationsOf(model.rotationAverage))
        for (int o = 0; o < orientations; o++) {
            Eigen::Vector4d row(0, 0, 0, 1);
            if (model.hasGrid())
                row << rotation.transpose() * model.orientations[o], model.orientationWeights[o];
            append(values, row.transpose(), false);
        }
    return values;
}

template <class Real> std::vector<Real> PonitaSource<Real>::getEmbedding() const {
    std::vector<Real> values;
    for (const int index : model.inputIndex)
        append(values, model.embedding.col(index).transpose(), false);
    return values;
}

template <class Real> std::vector<Real> PonitaSource<Real>::getBasisArray() const {
    std::vector<Real> values;
    append(values, model.basis.inner.weight, true);
    append(values, model.basis.inner.bias, true);
    append(values, model.basis.outer.weight, true);
    append(values, model.basis.outer.bias, true);
    append(values, model.basis.outer.weight, false);
    return values;
}

template <class Real> std::vector<Real> PonitaSource<Real>::getKernelArray() const {
    equivariant::PonitaTrace trace; // of an atom with itself; a point cloud does not need it
    trace.lift.attributes = equivariant::RowMatrix::Zero(1, numAttributes(model));
    trace.lift.pairs = {{0, 0, -1}};
    equivariant::kernelForward(model, trace);
    std::vector<Real> values;
    for (const PonitaLayer& layer : model.layers) {
        append(values, layer.kernel, true);
        append(values, layer.kernel, false);
        append(values, layer.kernel * trace.kernelBasis.row(0).transpose(), true);
    }
    return values;
}

template <class Real> std::vector<Real> PonitaSource<Real>::getBlockArray(int t) const {
    const PonitaLayer& layer = model.layers[t];
    std::vector<Real> values;
    if (model.hasGrid()) {
        Eigen::MatrixXd fiber = equivariant::fiberBasisOf(model) * layer.fiberKernel.transpose();
        for (Eigen::Index row = 0; row < fiber.rows(); row++)
            fiber.row(row) *= model.fiberScale * model.orientationWeights[row / orientations];
        append(values, fiber, false);
    }
    append(values, layer.bias, true);
    // The norm's own weights go into the next map, the layer's scale into the last.
    const Eigen::MatrixXd first = layer.linear1.weight * layer.normWeight.asDiagonal();
    append(values, first, true);
    append(values, layer.linear1.weight * layer.normBias + layer.linear1.bias, true);
    append(values, first, false);
    Eigen::MatrixXd second = layer.linear2.weight;
    Eigen::VectorXd bias = layer.linear2.bias;
    if (layer.layerScale.size() != 0) {
        second = layer.layerScale.asDiagonal() * second;
        bias = layer.layerScale.cwiseProduct(bias);
    }
    append(values, second, true);
    append(values, bias, true);
    append(values, second, false);
    if (layer.readout.weight.size() != 0) {
        append(values, layer.readout.weight.row(0), false);
        values.push_back(static_cast<Real>(layer.readout.bias[0]));
    }
    return values;
}

template class PonitaSource<float>;
template class PonitaSource<double>;

} // namespace EquivariantPlugin
