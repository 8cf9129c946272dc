// SPDX-License-Identifier: MIT
//
// The text of the radial functions: sums over knots of a table, or over the last hidden layer of
// the radial network where they are exact.
#include "KernelSources.h"
#include "MaceSource.h"

#include <set>

namespace EquivariantPlugin {

using equivariant::ConvolutionPath3;
using std::to_string;

namespace {

template <class Matrices> int widest(const Matrices& network) {
    Eigen::Index width = 0;
    for (const auto& matrix : network)
        width = std::max(width, matrix.rows());
    return static_cast<int>(width);
}

} // namespace

template <class Real> std::vector<Real> MaceSource<Real>::getRadialArray() const {
    if (layer.table) {
        const Real* values = layer.table->at(0, 0);
        return {values, values + layer.table->getBytes() / sizeof(Real)};
    }
    const auto& network = layer.layer.radialNetwork;
    const int channels = prepared.model.numChannels;
    std::vector<Real> values;
    for (Eigen::Index row = 0; row < network.back().cols() / channels; row++)
        for (Eigen::Index unit = 0; unit < network.back().rows(); unit++)
            for (int k = 0; k < channels; k++)
                values.push_back(static_cast<Real>(network.back()(unit, row * channels + k)));
    for (std::size_t q = 0; q + 1 < network.size(); q++)
        for (Eigen::Index in = 0; in < network[q].rows(); in++)
            for (Eigen::Index out = 0; out < network[q].cols(); out++)
                values.push_back(static_cast<Real>(network[q](in, out)));
    addBasisConstants(values);
    return values;
}

template <class Real> std::vector<Real> MaceSource<Real>::getDensityArray() const {
    std::vector<Real> values;
    if (layer.density) {
        const double* table = layer.density->at(0, 0);
        values.assign(table, table + layer.density->getBytes() / sizeof(double));
    } else if (layer.layer.isDensity) {
        for (const double weight : layer.layer.densityWeights)
            values.push_back(static_cast<Real>(weight));
        addBasisConstants(values);
    }
    return values;
}

template <class Real> void MaceSource<Real>::addBasisConstants(std::vector<Real>& values) const {
    const auto& model = prepared.model;
    for (int n = 0; n < model.radialBasis.size; n++)
        values.push_back(n < model.radialBasis.weights.size()
                             ? static_cast<Real>(model.radialBasis.weights[n])
                             : Real(0));
    if (!model.agnesi && !model.soft)
        return;
    for (const auto& [s1, s2] : prepared.distinctPairs)
        values.push_back(static_cast<Real>(model.covalentRadii[s1] + model.covalentRadii[s2]));
}

template <class Real> void MaceSource<Real>::addRadialDefines() {
    using Type = equivariant::RadialBasisType;
    auto& defines = common;
    if (layer.layer.isDensity)
        defines["DENSITY"] = "";
    if (layer.table) {
        using Table = equivariant::RadialTable<Real>;
        numWeights = Table::degree + 1;
        defines["NUM_WEIGHTS"] = to_string(numWeights);
        defines["NUM_INTERVALS"] = to_string(layer.table->getNumIntervals());
        defines["NUM_KNOTS"] = to_string(layer.table->getNumIntervals() + Table::degree);
        defines["INVERSE_SPACING"] = toLiteral<Real>(layer.table->getInverseSpacing());
        if (layer.density) {
            const auto& density = *layer.density;
            defines["DENSITY_INTERVALS"] = to_string(density.getNumIntervals());
            defines["DENSITY_KNOTS"] = to_string(density.getNumIntervals() + Table::degree);
            defines["DENSITY_INVERSE_SPACING"] = toLiteral<Real>(density.getInverseSpacing());
        }
        return;
    }
    const auto& model = prepared.model;
    const auto& network = layer.layer.radialNetwork;
    numWeights = widest(network);
    defines["NUM_WEIGHTS"] = to_string(numWeights);
    defines["NUM_KNOTS"] = to_string(network.back().rows());
    defines["NUM_BASIS"] = to_string(model.radialBasis.size);
    Eigen::Index constants = 0;
    for (const auto& matrix : network)
        constants += matrix.size();
    defines["BASIS_CONSTANTS"] = to_string(constants);
    defines["INVERSE_CUTOFF"] = toLiteral<Real>(1 / model.cutoff);
    defines["CUTOFF_POWER"] = to_string(model.cutoffPower);
    defines["BASIS_COEFFICIENT"] = toLiteral<Real>(model.radialBasis.coefficient);
    if (model.radialBasis.type == Type::Bessel)
        defines["BESSEL"] = "";
    if (model.radialBasis.type == Type::Gaussian)
        defines["GAUSSIAN"] = "";
    if (model.applyCutoff)
        defines["APPLY_CUTOFF"] = "";
    if (model.agnesi) {
        defines["AGNESI_A"] = toLiteral<Real>(model.agnesi->a);
        defines["AGNESI_Q"] = toLiteral<Real>(model.agnesi->q);
        defines["AGNESI_P"] = toLiteral<Real>(model.agnesi->p);
    }
    if (model.soft)
        defines["SOFT_ALPHA"] = toLiteral<Real>(model.soft->alpha);
}

/// Functions of the distance that the radial functions and the density are made of.
template <class Real> std::string MaceSource<Real>::distanceSource() const {
    return layer.table ? getKernelSource("splines")
                       : getKernelSource("polynomialCutoff") + getKernelSource("maceBasis");
}

template <class Real> std::string MaceSource<Real>::radialSource() const {
    return distanceSource() + getKernelSource(layer.table ? "maceRadialTable" : "maceRadialExact");
}

template <class Real> std::string MaceSource<Real>::densitySource() const {
    if (!layer.layer.isDensity)
        return "";
    return getKernelSource(layer.density ? "maceDensity" : "maceExactDensity");
}

/// What a kernel needs to fill `weights` for some edges: where makeRadial() begins, and the steps
/// from there.
template <class Real> Defines MaceSource<Real>::hiddenLayers(int stride) const {
    Defines text = {{"RADIAL_START", "weights"}, {"DECLARE_HIDDEN", ""}, {"HIDDEN_LAYERS", ""}};
    if (layer.table)
        return text;
    const auto& network = layer.layer.radialNetwork;
    const auto numHidden = static_cast<int>(network.size()) - 1;
    if (numHidden > 0)
        text["DECLARE_HIDDEN"] = "LOCAL real hidden[EDGE_TILE*" + to_string(stride) + "];";
    if (numHidden % 2 == 1)
        text["RADIAL_START"] = "hidden";
    Eigen::Index first = network.back().size();
    for (int q = 0; q < numHidden; q++) {
        const bool toWeights = (numHidden - q) % 2 == 1;
        text["HIDDEN_LAYERS"] += replaceWords(
            getKernelSource("maceHiddenLayer"),
            {{"FROM", toWeights ? "hidden" : "weights"},
             {"TO", toWeights ? "weights" : "hidden"},
             {"FIRST_WEIGHT", to_string(first)},
             {"NUM_IN", to_string(network[q].rows())},
             {"NUM_OUT", to_string(network[q].cols())},
             {"ACTIVATED_SLOPE", activationSource(prepared.model.radialActivation, true)},
             {"ACTIVATION", activationSource(prepared.model.radialActivation, false)}});
        first += network[q].size();
    }
    if (!prepared.model.applyCutoff)
        text["HIDDEN_LAYERS"] += getKernelSource("maceCutOff");
    return text;
}

/// An activation of s, or its derivative.
template <class Real>
std::string MaceSource<Real>::activationSource(const equivariant::Activation& activation,
                                               bool derivative) const {
    using Type = equivariant::Activation::Type;
    const std::string constant = toLiteral<Real>(activation.constant) + "*";
    switch (activation.type) {
    case Type::Silu:
        return constant + (derivative ? "(1+s*(1-1/(1+EXP(-s))))/(1+EXP(-s))" : "s/(1+EXP(-s))");
    case Type::Tanh:
        return constant + (derivative ? "(1-tanh(s)*tanh(s))" : "tanh(s)");
    case Type::Abs:
        return constant + (derivative ? "(s < 0 ? -1 : 1)" : "fabs(s)");
    case Type::None:
        break;
    }
    return constant + (derivative ? "1" : "s");
}

/// The sums of an edge that do not come from a table, all in one loop: r0, r1, … and with
/// `derivatives` d0, d1, …, one for each output of the network that these paths use.
template <class Real>
std::string MaceSource<Real>::makeFunctions(int firstPath, int lastPath, bool derivatives) const {
    if (layer.table)
        return "";
    const auto& factors = layer.plan.factors;
    std::set<int> rows;
    for (int p = firstPath; p < lastPath; p++) {
        const int function = layer.plan.paths[p].function;
        if (factors.empty()) {
            rows.insert(function);
        } else {
            rows.insert(factors[function].first);
            rows.insert(factors[function].second);
        }
    }
    std::string declare, add;
    for (const int row : rows) {
        const std::string at = to_string(row);
        declare += "real r" + at + " = 0;\n";
        add += "{\nconst real x = t[(" + at + "*NUM_KNOTS+s)*CHANNELS];\n";
        add += "r" + at + " += weights[w+s]*x;\n";
        if (derivatives) {
            declare += "real d" + at + " = 0;\n";
            add += "d" + at + " += weights[w+NUM_WEIGHTS+s]*x;\n";
        }
        add += "}\n";
    }
    return declare + "for (int s = 0; s < NUM_KNOTS; s++) {\n" + add + "}\n";
}

/// The radial function of a path, or its derivative, in a variable.
template <class Real>
std::string MaceSource<Real>::radial(const ConvolutionPath3& path, bool derivative,
                                     const std::string& name) const {
    std::string text = "const real " + name + " = ";
    const auto numbered = [](const char* variable, int i) { return variable + to_string(i); };
    if (layer.table) {
        for (int s = 0; s <= equivariant::RadialTable<Real>::degree; s++)
            text += (s ? "+" : "") + std::string("weights[w+") +
                    (derivative ? "NUM_WEIGHTS+" : "") + to_string(s) + "]*t[(" +
                    to_string(path.function) + "*NUM_KNOTS+" + to_string(s) + ")*CHANNELS]";
    } else if (layer.plan.factors.empty()) {
        text += numbered(derivative ? "d" : "r", path.function);
    } else {
        const auto [a, b] = layer.plan.factors[path.function];
        text += derivative ? numbered("r", a) + "*" + numbered("d", b) + "+" + numbered("d", a) +
                                 "*" + numbered("r", b)
                           : numbered("r", a) + "*" + numbered("r", b);
    }
    return text + ";\n";
}

template <class Real>
KernelText makeRepulsionText(const equivariant::PreparedMace<Real>& prepared,
                             const Defines& common) {
    const auto& zbl = *prepared.model.zbl;
    std::string terms;
    for (int i = 0; i < 4; i++) {
        const std::string decay = toLiteral<Real>(zbl.decay[i]);
        terms += "{\nconst real term = " + toLiteral<Real>(zbl.c[i]) + "*EXP(-" + decay +
                 "*r*pair.y);\nphi += term;\nphiSlope -= " + decay + "*pair.y*term;\n}\n";
    }
    Defines defines = common;
    defines["NUM_SPECIES"] = to_string(prepared.numSpecies);
    defines["ZBL_POWER"] = to_string(zbl.p);
    return {"repel",
            getKernelSource("polynomialCutoff") +
                replaceWords(getKernelSource("maceRepulsion"), {{"ZBL_TERMS", terms}}),
            defines};
}

template class MaceSource<float>;
template class MaceSource<double>;
template KernelText makeRepulsionText(const equivariant::PreparedMace<float>&, const Defines&);
template KernelText makeRepulsionText(const equivariant::PreparedMace<double>&, const Defines&);

} // namespace EquivariantPlugin
