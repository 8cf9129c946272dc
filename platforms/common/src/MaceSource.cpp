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
/// Bytes of local memory that every device has.
constexpr int localMemory = 30000;
constexpr int sumParts = 8;

int tileFor(int bytesPerEdge, int largest) {
    return std::max(1, std::min(largest, localMemory / bytesPerEdge));
}

std::string numbered(const std::string& name, int i) {
    return name + to_string(i);
}

std::string featureName(int l, int m) {
    return "h" + to_string(l) + "_" + to_string(m);
}

} // namespace

template <class Real>
MaceSource<Real>::MaceSource(OpenMM::ComputeContext& cc,
                             const equivariant::PreparedMace<Real>& prepared, int t,
                             const Defines& common, int group, const MaceWeightOffsets& forward,
                             const MaceWeightOffsets& reverse)
    : cc(cc), prepared(prepared), layer(prepared.layers[t]), t(t), group(group),
      isLast(t + 1 == prepared.model.numLayers), forward(forward), reverse(reverse), common(common),
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
    defines["LAYER"] = to_string(t);
    defines["CHANNELS"] = to_string(prepared.model.numChannels);
    defines["GROUP"] = to_string(group);
    defines["MAX_ELL"] = to_string(prepared.model.maxEll);
    defines["NUM_LM"] = to_string(equivariant::numHarmonics(prepared.model.maxEll));
    defines["NUM_SPECIES"] = to_string(prepared.numSpecies);
    defines["MESSAGE_ROWS"] = to_string(numMessageRows);
    defines["FEATURE_ROWS"] = to_string(numInputs);
    defines["NUM_OUTPUTS"] = to_string(numOutputs);
    defines["NUM_FUNCTIONS"] = to_string(layer.plan.numFunctions);
    defines["NUM_INTERVALS"] = to_string(layer.table->getNumIntervals());
    defines["NUM_KNOTS"] =
        to_string(layer.table->getNumIntervals() + equivariant::RadialTable<Real>::degree);
    defines["INVERSE_SPACING"] = cc.doubleToString(layer.table->getInverseSpacing());
    defines["NUM_NODES"] = to_string(layer.product.nodes.size());
    defines["NUM_UNITS"] = to_string(std::max(numUnits, 1));
    if (layer.density) {
        defines["DENSITY"] = "";
        defines["DENSITY_INTERVALS"] = to_string(layer.density->getNumIntervals());
        defines["DENSITY_KNOTS"] =
            to_string(layer.density->getNumIntervals() + equivariant::RadialTable<double>::degree);
        defines["DENSITY_INVERSE_SPACING"] = cc.doubleToString(layer.density->getInverseSpacing());
    }
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
        if (parts.empty() || parts.back().lastRow - parts.back().firstRow + rows > maxRows ||
            parts.back().numTargets + targets > maxTargets)
            parts.push_back({p, p, rowOfGroup[g], rowOfGroup[g], paths[p].firstTarget, 0});
        parts.back().lastPath = last;
        parts.back().lastRow += rows;
        parts.back().numTargets += targets;
        p = last;
    }
}

template <class Real>
OpenMM::ComputeKernel MaceSource<Real>::compile(const std::string& name, const std::string& source,
                                                const Defines& defines) const {
    return cc.compileProgram(source, defines)->createKernel(name);
}

template <class Real> std::string MaceSource<Real>::densitySource() const {
    return layer.density ? getKernelSource("maceDensity") : "";
}

/// A radial function at the knots of edge e; `weight` is the first of the edge's weights to use.
template <class Real>
std::string MaceSource<Real>::radial(const ConvolutionPath3& path, int weight,
                                     const std::string& name) const {
    std::string text = "const real " + name + " = ";
    for (int s = 0; s <= equivariant::RadialTable<Real>::degree; s++)
        text += (s ? "+" : "") + std::string("weights[w+") + to_string(weight + s) + "]*t[(" +
                to_string(path.function) + "*NUM_KNOTS+" + to_string(s) + ")*CHANNELS]";
    return text + ";\n";
}

template <class Real> std::string MaceSource<Real>::addPath(const ConvolutionPath3& path) const {
    const int row = rowOfGroup[path.group];
    std::string text = "{\n" + radial(path, 0, "f");
    for (int m3 = 0; m3 <= 2 * path.l3; m3++) {
        std::string sum;
        if (path.isDiagonal) {
            sum = "couplings[c]*" + featureName(path.l1, m3);
        } else {
            for (int m1 = 0; m1 <= 2 * path.l1; m1++)
                sum += (m1 ? "+" : "") + std::string("couplings[c+") +
                       to_string(m3 * (2 * path.l1 + 1) + m1) + "]*" + featureName(path.l1, m1);
        }
        text += numbered("y", row + m3) + " += f*(" + sum + ");\n";
    }
    return text + "}\n";
}

template <class Real> OpenMM::ComputeKernel MaceSource<Real>::makeConvolve() const {
    const auto& paths = layer.plan.paths;
    int mostTargets = 1;
    for (const Part& part : parts)
        mostTargets = std::max(mostTargets, part.numTargets);
    std::string text;
    for (std::size_t p = 0; p < parts.size(); p++) {
        const Part& part = parts[p];
        std::string declare, add, store;
        for (int r = part.firstRow; r < part.lastRow; r++) {
            declare += "real " + numbered("y", r) + " = 0;\n";
            store += "out[" + to_string(r) + "*CHANNELS] = " + numbered("y", r) + ";\n";
        }
        std::vector<bool> loaded(prepared.model.maxEll + 1, false);
        for (int i = part.firstPath; i < part.lastPath; i++) {
            const ConvolutionPath3& path = paths[i];
            for (int m = 0; m <= 2 * path.l1 && !loaded[path.l1]; m++)
                add += "const real " + featureName(path.l1, m) + " = h[" +
                       to_string(path.l1 * path.l1 + m) + "*CHANNELS];\n";
            loaded[path.l1] = true;
        }
        for (int i = part.firstPath; i < part.lastPath; i++) {
            const std::string offset = to_string(paths[i].firstTarget - part.firstTarget);
            add += "{ const int c = e*MAX_TARGETS+" + offset + ";\n" + addPath(paths[i]) + "}\n";
        }
        text += cc.replaceStrings(getKernelSource("maceConvolvePart"),
                                  {{"DECLARE_MESSAGES", declare},
                                   {"ADD_PATHS", add},
                                   {"STORE_MESSAGES", store},
                                   {"FIRST_TARGET", to_string(part.firstTarget)},
                                   {"NUM_TARGETS", to_string(part.numTargets)},
                                   {"FEATURE_ROW", t == 0 ? "species[sender]" : "sender"},
                                   {"PART", to_string(p)}});
    }
    const int lm = equivariant::numHarmonics(prepared.model.maxEll);
    const int bytes = static_cast<int>(sizeof(Real)) * (lm + mostTargets + 6) + 8;
    Defines defines = common;
    defines["EDGE_TILE"] = to_string(tileFor(bytes, 16));
    defines["MAX_TARGETS"] = to_string(mostTargets);
    defines["NUM_PARTS"] = to_string(parts.size());
    return compile("convolve",
                   getKernelSource("splines") + getKernelSource("maceEdges") +
                       cc.replaceStrings(getKernelSource("maceConvolve"), {{"PARTS", text}}),
                   defines);
}

template <class Real>
std::string MaceSource<Real>::pullBackPath(const ConvolutionPath3& path) const {
    const int row = rowOfGroup[path.group], n1 = 2 * path.l1 + 1, n3 = 2 * path.l3 + 1;
    const auto& couplings = layer.plan.getCouplings();
    std::string text = "{\n" + radial(path, 0, "f") + radial(path, 6, "slope");
    for (int m3 = 0; m3 < n3; m3++)
        text += "const real a" + to_string(m3) + " = a[" + to_string(row + m3) + "*CHANNELS];\n";
    const std::string kinds[3] = {"", to_string(couplings.numTargets) + "+",
                                  to_string(2 * couplings.numTargets) + "+"};
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

template <class Real> OpenMM::ComputeKernel MaceSource<Real>::makeGather() const {
    const auto& paths = layer.plan.paths;
    const int numTargets = layer.plan.getCouplings().numTargets;
    std::string load, add, store;
    for (int l = 0; l * l < numInputs; l++)
        for (int m = 0; m <= 2 * l; m++) {
            const std::string at = to_string(l * l + m);
            load += "const real " + featureName(l, m) + " = h[" + at + "*CHANNELS];\n";
            load += t > 0 ? "real up" + at + " = 0;\n" : "";
            store += "out[" + at + "*CHANNELS] = up" + at + ";\n";
        }
    for (const ConvolutionPath3& path : paths)
        add += "{ const int c = e*3*NUM_TARGETS+" + to_string(path.firstTarget) + ";\n" +
               pullBackPath(path) + "}\n";
    const int lm = equivariant::numHarmonics(prepared.model.maxEll);
    const int bytes =
        static_cast<int>(sizeof(Real)) * 3 * (lm + numTargets + 4 + group + sumParts) + 8;
    Defines defines = common;
    defines["EDGE_TILE"] = to_string(tileFor(bytes, 8));
    defines["NUM_TARGETS"] = to_string(numTargets);
    defines["SUM_PARTS"] = to_string(sumParts);
    defines["MACE_DERIVATIVES"] = "";
    if (t > 0)
        defines["FEATURE_ADJOINTS"] = "";
    return compile("gather",
                   getKernelSource("splines") + getKernelSource("maceEdges") + densitySource() +
                       cc.replaceStrings(getKernelSource("maceGather"),
                                         {{"LOAD_FEATURES", load},
                                          {"ADD_PATHS", add},
                                          {"STORE_ADJOINTS", store},
                                          {"FEATURE_ROW", t == 0 ? "ownSpecies" : "atom"}}),
                   defines);
}

template class MaceSource<float>;
template class MaceSource<double>;

} // namespace EquivariantPlugin
