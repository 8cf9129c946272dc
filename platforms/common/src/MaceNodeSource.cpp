// SPDX-License-Identifier: MIT
//
// The text of what atoms do for themselves: dense maps, the product, the readout.
#include "KernelSources.h"
#include "MaceSource.h"

namespace EquivariantPlugin {

using std::to_string;

namespace {

std::string numbered(const std::string& name, int i) {
    return name + to_string(i);
}

/// Where there are few channels, compilers would unroll whole loops over them and run out of
/// registers.
const std::string limitedUnrolling = "#pragma unroll 4\n";

/// y0, y1, …
std::string declareSums(int rows) {
    std::string text;
    for (int r = 0; r < rows; r++)
        text += "real " + numbered("y", r) + " = 0;\n";
    return text;
}

} // namespace

/// An element of an array [atoms][rows][channels]; `at` is the row.
template <class Real>
std::string MaceSource<Real>::row(const std::string& array, const std::string& rows,
                                  const std::string& at) const {
    return array + "[(atom*" + rows + "+" + at + ")*CHANNELS+k]";
}

/// Adds rows of x times a square map to the variables name0, name1, …; x points to the first row.
template <class Real>
std::string MaceSource<Real>::dense(const std::string& name, int rows, const std::string& x,
                                    const std::string& map) const {
    std::string text = limitedUnrolling +
                       "for (int in = 0; in < CHANNELS; in++) {\nconst real w = " + map +
                       "*CHANNELS*CHANNELS+in*CHANNELS+k];\n";
    for (int r = 0; r < rows; r++)
        text += numbered(name, r) + " += w*" + x + "+" + to_string(r) + ")*CHANNELS+in];\n";
    return text + "}\n";
}

/// The value of a trie's node in v<level>, declared before with the node's own coefficient.
template <class Real>
std::string MaceSource<Real>::evaluateTrie(int depth, int level, const std::string& node) const {
    if (level == depth)
        return "";
    const std::string child = numbered("n", level + 1), c = numbered("c", level + 1);
    return "for (int " + c + " = " + node + ".y; " + c + " < " + node + ".y+" + node + ".z; " + c +
           "++) {\nconst int4 " + child + " = trie[" + c + "];\nreal " + numbered("v", level + 1) +
           " = c[" + c + "*CHANNELS];\n" + evaluateTrie(depth, level + 1, child) +
           numbered("v", level) + " += x[" + child + ".x*GROUP+LOCAL_ID]*" +
           numbered("v", level + 1) + ";\n}\n";
}

/// The same, and adds to the adjoints of the variables; p<level> is the output's adjoint times the
/// variables on the way to the node.
template <class Real>
std::string MaceSource<Real>::pullBackTrie(int depth, int level, const std::string& node) const {
    if (level == depth)
        return "";
    const std::string child = numbered("n", level + 1), c = numbered("c", level + 1);
    const std::string value = numbered("v", level + 1), own = numbered("x", level + 1);
    return "for (int " + c + " = " + node + ".y; " + c + " < " + node + ".y+" + node + ".z; " + c +
           "++) {\nconst int4 " + child + " = trie[" + c + "];\nreal " + value + " = c[" + c +
           "*CHANNELS];\nconst real " + own + " = x[" + child + ".x*GROUP+LOCAL_ID], " +
           numbered("p", level + 1) + " = " + numbered("p", level) + "*" + own + ";\n" +
           pullBackTrie(depth, level + 1, child) + numbered("v", level) + " += " + own + "*" +
           value + ";\nxAdjoint[" + child + ".x*GROUP+LOCAL_ID] += " + numbered("p", level) + "*" +
           value + ";\n}\n";
}

template <class Real> KernelText MaceSource<Real>::makeNode() const {
    const auto& groups = layer.plan.groups;
    const int outputLMax = layer.layer.outputLMax;
    const auto mapAt = [](int offset) { return "weights[" + to_string(offset); };
    std::string mix;
    for (int l = 0; l <= prepared.model.maxEll; l++) {
        mix += "{\n" + declareSums(2 * l + 1);
        for (std::size_t g = 0; g < groups.size(); g++)
            if (groups[g] == l)
                mix +=
                    dense("y", 2 * l + 1, "messages[(atom*MESSAGE_ROWS+" + to_string(rowOfGroup[g]),
                          "weights[(" + to_string(weights.mix + static_cast<int>(g)) +
                              "+ownSpecies*" + to_string(weights.mixStride) + ")");
        for (int m = 0; m <= 2 * l; m++) {
            const std::string at = to_string(l * l + m), y = numbered("y", m);
            mix += y + " *= inverse;\nx[" + at + "*GROUP+LOCAL_ID] = " + y + ";\n" +
                   row("a", "NUM_LM", at) + " = " + y + ";\n";
        }
        mix += "}\n";
    }
    std::string product = "for (int o = 0; o < NUM_OUTPUTS; o++) {\nconst int4 n0 = trie[o];\n"
                          "real v0 = c[o*CHANNELS];\n" +
                          evaluateTrie(layer.product.depth, 0, "n0") +
                          row("b", "NUM_OUTPUTS", "o") + " = v0;\n}\n";
    std::string features, up;
    for (int l = 0; l <= outputLMax; l++) {
        const int rows = 2 * l + 1;
        const std::string declare = declareSums(rows);
        const std::string first = to_string(l * l);
        features += "{\n" + declare +
                    dense("y", rows, "b[(atom*NUM_OUTPUTS+" + first, mapAt(weights.product + l));
        if (layer.layer.isResidual && t == 0 && l == 0)
            features += "y0 += weights[" + to_string(weights.skip) +
                        "*CHANNELS*CHANNELS+ownSpecies*CHANNELS+k];\n";
        if (layer.layer.isResidual && t > 0 && l < weights.skipStride)
            features += dense("y", rows, "input[(atom*FEATURE_ROWS+" + first,
                              "weights[(" + to_string(weights.skip + l) + "+ownSpecies*" +
                                  to_string(weights.skipStride) + ")");
        for (int m = 0; m < rows; m++)
            features +=
                row("h", "NUM_OUTPUTS", to_string(l * l + m)) + " = " + numbered("y", m) + ";\n";
        features += "}\n";
        if (isLast)
            continue;
        up += "{\n" + declare +
              dense("y", rows, "h[(atom*NUM_OUTPUTS+" + first, mapAt(weights.up + l));
        for (int m = 0; m < rows; m++)
            up += row("up", "NUM_OUTPUTS", to_string(l * l + m)) + " = " + numbered("y", m) + ";\n";
        up += "}\n";
    }
    if (!up.empty())
        up = "for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {\n" + up + "}\n";
    const std::string hiddenUnit = hiddenUnitSource();
    std::string readout;
    if (!layer.readouts.empty())
        readout = replaceWords(
            getKernelSource(numUnits ? "maceReadoutHidden" : "maceReadoutLinear"),
            {{"SUM_UP", getKernelSource("maceSum")},
             {"HIDDEN_UNIT", hiddenUnit},
             {"ACTIVATION", activationSource(prepared.model.readoutActivation, false)}});
    const std::string start = t > 0                ? "atomEnergies[atom]"
                              : prepared.model.zbl ? "shift+atomEnergies[atom]"
                                                   : "shift";
    return {"node",
            (layer.layer.isDensity ? distanceSource() + densitySource() : "") +
                replaceWords(getKernelSource("maceNode"), {{"MIX", mix},
                                                           {"PRODUCT", product},
                                                           {"FEATURES", features},
                                                           {"READOUT", readout},
                                                           {"START_ENERGY", start},
                                                           {"UP", up}}),
            common};
}

/// The input of hidden unit u in the variable s.
template <class Real> std::string MaceSource<Real>::hiddenUnitSource() const {
    return "real s = 0;\n" + limitedUnrolling +
           "for (int in = 0; in < CHANNELS; in++)\n"
           "s += h[atom*NUM_OUTPUTS*CHANNELS+in]*readout[NUM_UNITS+in*NUM_UNITS+u];\n";
}

template <class Real> KernelText MaceSource<Real>::makeNodeBack() const {
    const auto& groups = layer.plan.groups;
    const int outputLMax = layer.layer.outputLMax;
    std::string units, start, skip, product, messages;
    if (numUnits)
        units = "for (int u = LOCAL_ID; u < NUM_UNITS; u += LOCAL_SIZE) {\n" + hiddenUnitSource() +
                "units[u] = readout[u]*" +
                activationSource(prepared.model.readoutActivation, true) + ";\n}\nSYNC_THREADS;\n";
    const bool keepsStart = !isLast && prepared.layers[t + 1].layer.isResidual;
    for (int l = 0; l <= outputLMax; l++) {
        const int rows = 2 * l + 1;
        start += "{\n";
        for (int m = 0; m < rows; m++)
            start += "real " + numbered("y", m) + " = " +
                     (keepsStart ? row("adjoint", "NUM_OUTPUTS", to_string(l * l + m)) : "0") +
                     ";\n";
        if (!isLast)
            start += dense("y", rows, "upAdjoint[(atom*NUM_OUTPUTS+" + to_string(l * l),
                           "reverseWeights[" + to_string(weights.up + l));
        if (l == 0 && numUnits)
            start += "for (int u = 0; u < NUM_UNITS; u++)\n"
                     "y0 += units[u]*readout[NUM_UNITS+k*NUM_UNITS+u];\n";
        else if (l == 0 && !layer.readouts.empty())
            start += "y0 += readout[k];\n";
        for (int m = 0; m < rows; m++)
            start += row("adjoint", "NUM_OUTPUTS", to_string(l * l + m)) + " = " +
                     numbered("y", m) + ";\n";
        start += "}\n";
    }
    for (int l = 0; layer.layer.isResidual && t > 0 && l <= layer.layer.inputLMax; l++) {
        const int rows = 2 * l + 1;
        skip += "{\n" + declareSums(rows);
        if (l < weights.skipStride && l <= outputLMax)
            skip += dense("y", rows, "adjoint[(atom*NUM_OUTPUTS+" + to_string(l * l),
                          "reverseWeights[(" + to_string(weights.skip + l) + "+ownSpecies*" +
                              to_string(weights.skipStride) + ")");
        for (int m = 0; m < rows; m++)
            skip += row("inputAdjoint", "FEATURE_ROWS", to_string(l * l + m)) + " = " +
                    numbered("y", m) + ";\n";
        skip += "}\n";
    }
    for (int l = 0; l <= outputLMax; l++) {
        product += "{\n" + declareSums(2 * l + 1) +
                   dense("y", 2 * l + 1, "adjoint[(atom*NUM_OUTPUTS+" + to_string(l * l),
                         "reverseWeights[" + to_string(weights.product + l));
        for (int m = 0; m <= 2 * l; m++)
            product += "{\nconst real p0 = " + numbered("y", m) + ";\nconst int4 n0 = trie[" +
                       to_string(l * l + m) + "];\nreal v0 = 0;\n" +
                       pullBackTrie(layer.product.depth, 0, "n0") + "}\n";
        product += "}\n";
    }
    for (std::size_t g = 0; g < groups.size(); g++) {
        const int l = groups[g];
        messages += "{\n" + declareSums(2 * l + 1) +
                    dense("y", 2 * l + 1, "aAdjoint[(atom*NUM_LM+" + to_string(l * l),
                          "reverseWeights[(" + to_string(weights.mix + static_cast<int>(g)) +
                              "+ownSpecies*" + to_string(weights.mixStride) + ")");
        for (int m = 0; m <= 2 * l; m++)
            messages += row("messageAdjoint", "MESSAGE_ROWS", to_string(rowOfGroup[g] + m)) +
                        " = " + numbered("y", m) + ";\n";
        messages += "}\n";
    }
    return {"nodeBack",
            replaceWords(getKernelSource("maceNodeBack"), {{"UNITS", units},
                                                           {"START", start},
                                                           {"SKIP", skip},
                                                           {"PRODUCT", product},
                                                           {"MESSAGES", messages},
                                                           {"SUM_UP", getKernelSource("maceSum")}}),
            common};
}

template class MaceSource<float>;
template class MaceSource<double>;

} // namespace EquivariantPlugin
