// SPDX-License-Identifier: MIT
#include "MaceSource.h"

#include "KernelSources.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>

namespace EquivariantPlugin {

using equivariant::ConvolutionPath3;
using std::to_string;

namespace {

/// Messages that a thread accumulates in registers, and couplings of an edge in local memory.
constexpr int maxRows = 20, maxTargets = 128;
constexpr int sumParts = 8;

std::string numbered(const std::string& name, int i) {
    return name + to_string(i);
}

std::string featureName(int l, int m) {
    return "h" + to_string(l) + "_" + to_string(m);
}

} // namespace

template <class Real>
equivariant::PreparedMace<Real> prepareForDevice(const equivariant::MaceParameters& model,
                                                 const std::vector<bool>& used) {
    // A little above the noise of single precision.
    constexpr double tableTolerance = 2e-6;
    const bool exact = std::is_same_v<Real, double>;
    return {model,
            {equivariant::Precision::Double, exact, 1, "monomials"},
            used,
            model.numChannels,
            tableTolerance};
}

template <class Real> int chooseGroup(const equivariant::MaceParameters& model, int mostThreads) {
    const int lm = equivariant::numHarmonics(model.maxEll);
    const int bytesPerThread = 2 * lm * static_cast<int>(sizeof(Real)) + 8;
    return groupFor(model.numChannels, std::min(mostThreads, localMemory / bytesPerThread));
}

template <class Real>
MaceSource<Real>::MaceSource(const equivariant::PreparedMace<Real>& prepared, int t,
                             const Defines& common, int group)
    : prepared(prepared), layer(prepared.layers[t]), t(t), group(group),
      isLast(t + 1 == prepared.model.numLayers), weights(prepared, t), common(common),
      numOutputs(equivariant::numHarmonics(layer.layer.outputLMax)),
      numInputs(t == 0 ? 1 : equivariant::numHarmonics(layer.layer.inputLMax)) {
    for (const int l : layer.plan.groups) {
        rowOfGroup.push_back(numMessageRows);
        numMessageRows += 2 * l + 1;
    }
    divideMessages();
    if (!layer.readouts.empty() && !layer.readouts[0].isLinear)
        numUnits = static_cast<int>(layer.readouts[0].outputs.size());
    auto& defines = this->common;
    defines["CHANNELS"] = to_string(prepared.model.numChannels);
    defines["GROUP"] = to_string(group);
    defines["MAX_ELL"] = to_string(prepared.model.maxEll);
    defines["NUM_LM"] = to_string(equivariant::numHarmonics(prepared.model.maxEll));
    defines["NUM_SPECIES"] = to_string(prepared.numSpecies);
    defines["MESSAGE_ROWS"] = to_string(numMessageRows);
    defines["FEATURE_ROWS"] = to_string(numInputs);
    defines["NUM_OUTPUTS"] = to_string(numOutputs);
    defines["NUM_FUNCTIONS"] = to_string(layer.plan.numFunctions);
    defines["NUM_NODES"] = to_string(layer.product.nodes.size());
    defines["NUM_UNITS"] = to_string(std::max(numUnits, 1));
    addRadialDefines();
}

template <class Real> int MaceSource<Real>::couplingSize(const ConvolutionPath3& path) const {
    return path.isDiagonal ? 1 : (2 * path.l1 + 1) * (2 * path.l3 + 1);
}

/// Whole groups go together until a part is full.
template <class Real> void MaceSource<Real>::divideMessages() {
    const auto& paths = layer.plan.paths;
    for (int p = 0; p < static_cast<int>(paths.size());) {
        const int g = paths[p].group, rows = 2 * layer.plan.groups[g] + 1;
        int last = p, targets = 0;
        for (; last < static_cast<int>(paths.size()) && paths[last].group == g; last++)
            targets += couplingSize(paths[last]);
        if (messageParts.empty() ||
            messageParts.back().lastRow - messageParts.back().firstRow + rows > maxRows ||
            messageParts.back().numTargets + targets > maxTargets)
            messageParts.push_back({p, p, paths[p].firstTarget, 0, rowOfGroup[g], rowOfGroup[g]});
        messageParts.back().lastPath = last;
        messageParts.back().lastRow += rows;
        messageParts.back().numTargets += targets;
        p = last;
    }
}

/// In the reverse pass any path may end a part.
template <class Real> auto MaceSource<Real>::dividePaths() const -> std::vector<Part> {
    std::vector<Part> parts;
    for (std::size_t p = 0; p < layer.plan.paths.size(); p++) {
        const ConvolutionPath3& path = layer.plan.paths[p];
        const int targets = couplingSize(path), own = static_cast<int>(p);
        if (parts.empty() || parts.back().numTargets + targets > maxTargets)
            parts.push_back({own, own, path.firstTarget, 0, 0, 0});
        parts.back().lastPath = own + 1;
        parts.back().numTargets += targets;
    }
    return parts;
}

template <class Real> int MaceSource<Real>::mostTargets(const std::vector<Part>& parts) {
    int most = 1;
    for (const Part& part : parts)
        most = std::max(most, part.numTargets);
    return most;
}

template <class Real>
std::string MaceSource<Real>::addPath(const ConvolutionPath3& path, int target, int row) const {
    const std::string couplings = "couplings[c+" + to_string(target);
    std::string text = "{\n" + radial(path, false, "f");
    for (int m3 = 0; m3 <= 2 * path.l3; m3++) {
        std::string sum;
        if (path.isDiagonal) {
            sum = couplings + "]*" + featureName(path.l1, m3);
        } else {
            for (int m1 = 0; m1 <= 2 * path.l1; m1++)
                sum += (m1 ? "+" : "") + couplings + "+" + to_string(m3 * (2 * path.l1 + 1) + m1) +
                       "]*" + featureName(path.l1, m1);
        }
        text += numbered("y", row + m3) + " += f*(" + sum + ");\n";
    }
    return text + "}\n";
}

template <class Real> KernelText MaceSource<Real>::makeConvolve() const {
    const auto& paths = layer.plan.paths;
    const int targets = mostTargets(messageParts);
    std::string choose, text, declare, store;
    int mostRows = 0;
    for (std::size_t p = 0; p < messageParts.size(); p++) {
        const Part& part = messageParts[p];
        mostRows = std::max(mostRows, part.lastRow - part.firstRow);
        choose += "if (part == " + to_string(p) +
                  ") { firstTarget = " + to_string(part.firstTarget) +
                  "; numTargets = " + to_string(part.numTargets) +
                  "; firstRow = " + to_string(part.firstRow) +
                  "; numRows = " + to_string(part.lastRow - part.firstRow) + "; }\n";
        text += (p > 0 ? "else if (part == " : "if (part == ") + to_string(p) + ") {\n";
        std::vector<bool> loaded(prepared.model.maxEll + 1, false);
        for (int i = part.firstPath; i < part.lastPath; i++) {
            const ConvolutionPath3& path = paths[i];
            for (int m = 0; m <= 2 * path.l1 && !loaded[path.l1]; m++)
                text += "const real " + featureName(path.l1, m) + " = h[" +
                        to_string(path.l1 * path.l1 + m) + "*CHANNELS];\n";
            loaded[path.l1] = true;
        }
        text += makeFunctions(part.firstPath, part.lastPath, false);
        for (int i = part.firstPath; i < part.lastPath; i++)
            text += addPath(paths[i], paths[i].firstTarget - part.firstTarget,
                            rowOfGroup[paths[i].group] - part.firstRow);
        text += "}\n";
    }
    for (int r = 0; r < mostRows; r++) {
        declare += "real " + numbered("y", r) + " = 0;\n";
        store += "if (numRows > " + to_string(r) + ") out[" + to_string(r) +
                 "*CHANNELS] = " + numbered("y", r) + ";\n";
    }
    const int lm = equivariant::numHarmonics(prepared.model.maxEll);
    const int bytes = static_cast<int>(sizeof(Real)) * (lm + targets + 2 * numWeights) + 8;
    Defines defines = common;
    defines["EDGE_TILE"] = to_string(tileFor(bytes, 16));
    defines["WEIGHT_STRIDE"] = to_string(numWeights);
    defines["MAX_TARGETS"] = to_string(targets);
    defines["NUM_PARTS"] = to_string(messageParts.size());
    const std::string kernel = replaceWords(
        getKernelSource("maceConvolve"), {{"PARTS", text},
                                          {"CHOOSE_PART", choose},
                                          {"DECLARE_MESSAGES", declare},
                                          {"STORE_MESSAGES", store},
                                          {"FEATURE_ROW", t == 0 ? "species[sender]" : "sender"}});
    return {"convolve",
            radialSource() + getKernelSource("maceEdges") +
                replaceWords(kernel, hiddenLayers(numWeights)),
            defines};
}

template <class Real>
std::string MaceSource<Real>::pullBackPath(const ConvolutionPath3& path) const {
    const int row = rowOfGroup[path.group], n1 = 2 * path.l1 + 1, n3 = 2 * path.l3 + 1;
    std::string text = "{\n" + radial(path, false, "f") + radial(path, true, "slope");
    for (int m3 = 0; m3 < n3; m3++)
        text += "const real a" + to_string(m3) + " = a[" + to_string(row + m3) + "*CHANNELS];\n";
    const std::string kinds[3] = {"", "MAX_TARGETS+", "2*MAX_TARGETS+"};
    std::string sums[3];
    for (int kind = 0; kind < (path.isDiagonal ? 1 : 3); kind++)
        for (int m1 = 0; m1 < n1; m1++) {
            const std::string name = "u" + to_string(kind) + "_" + to_string(m1);
            text += "const real " + name + " = ";
            if (path.isDiagonal) {
                text += "couplings[c]*a" + to_string(m1);
            } else {
                for (int m3 = 0; m3 < n3; m3++)
                    text += (m3 ? "+" : "") + std::string("couplings[c+") + kinds[kind] +
                            to_string(m3 * n1 + m1) + "]*a" + to_string(m3);
            }
            text += ";\n";
            sums[kind] += (m1 ? "+" : "") + name + "*" + featureName(path.l1, m1);
            if (kind == 0 && t > 0)
                text += "up" + to_string(path.l1 * path.l1 + m1) + " += f*" + name + ";\n";
        }
    text += "radial += slope*(" + sums[0] + ");\n";
    if (!path.isDiagonal)
        text += "tangent1 += f*(" + sums[1] + ");\ntangent2 += f*(" + sums[2] + ");\n";
    return text + "}\n";
}

template <class Real> KernelText MaceSource<Real>::makeGather() const {
    const std::vector<Part> parts = dividePaths();
    const int targets = mostTargets(parts);
    std::string load, store, text;
    for (int l = 0; l * l < numInputs; l++)
        for (int m = 0; m <= 2 * l; m++) {
            const std::string at = to_string(l * l + m);
            load += "const real " + featureName(l, m) + " = h[" + at + "*CHANNELS];\n";
            load += t > 0 ? "real up" + at + " = 0;\n" : "";
            store += "out[" + at + "*CHANNELS] = up" + at + ";\n";
        }
    for (const Part& part : parts) {
        std::string add;
        for (int p = part.firstPath; p < part.lastPath; p++) {
            const ConvolutionPath3& path = layer.plan.paths[p];
            add += "{ const int c = e*3*MAX_TARGETS+" +
                   to_string(path.firstTarget - part.firstTarget) + ";\n" + pullBackPath(path) +
                   "}\n";
        }
        text +=
            replaceWords(getKernelSource("maceGatherPart"),
                         {{"MAKE_FUNCTIONS", makeFunctions(part.firstPath, part.lastPath, true)},
                          {"ADD_PATHS", add},
                          {"ADD", part.firstPath == 0 ? "=" : "+="},
                          {"FIRST_TARGET", to_string(part.firstTarget)},
                          {"NUM_TARGETS", to_string(part.numTargets)}});
    }
    const int lm = equivariant::numHarmonics(prepared.model.maxEll);
    const int bytes =
        static_cast<int>(sizeof(Real)) * (3 * (lm + targets + group + sumParts) + 4 * numWeights) +
        8;
    Defines defines = common;
    defines["EDGE_TILE"] = to_string(tileFor(bytes, 8));
    defines["WEIGHT_STRIDE"] = to_string(2 * numWeights);
    defines["MAX_TARGETS"] = to_string(targets);
    defines["SUM_PARTS"] = to_string(sumParts);
    defines["MACE_DERIVATIVES"] = "";
    if (t > 0)
        defines["FEATURE_ADJOINTS"] = "";
    const std::string kernel = replaceWords(getKernelSource("maceGather"),
                                            {{"LOAD_FEATURES", load},
                                             {"PARTS", text},
                                             {"STORE_ADJOINTS", store},
                                             {"FEATURE_ROW", t == 0 ? "ownSpecies" : "atom"}});
    return {"gather",
            radialSource() + getKernelSource("maceEdges") + densitySource() +
                replaceWords(kernel, hiddenLayers(2 * numWeights)),
            defines};
}

template class MaceSource<float>;
template class MaceSource<double>;
template int chooseGroup<float>(const equivariant::MaceParameters&, int);
template int chooseGroup<double>(const equivariant::MaceParameters&, int);
template equivariant::PreparedMace<float> prepareForDevice(const equivariant::MaceParameters&,
                                                           const std::vector<bool>&);
template equivariant::PreparedMace<double> prepareForDevice(const equivariant::MaceParameters&,
                                                            const std::vector<bool>&);

} // namespace EquivariantPlugin
