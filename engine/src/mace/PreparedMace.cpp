// SPDX-License-Identifier: MIT
#include "mace/PreparedMace.h"

#include "KokkosHost.h"
#include "equivariant/Error.h"
#include "equivariant/SphericalHarmonics.h"
#include "mace/MaceNetwork.h"

#include <cmath>
#include <type_traits>

namespace equivariant {

namespace {

/// sqrt((2l+1) (2 - delta_m0) (l-m)!/(l+m)!): makes Q_lm(y) Re or Im (z + i x)^m the harmonics of
/// Normalization::Component.
double harmonicFactor(int l, int m) {
    double ratio = 1;
    for (int k = l - m + 1; k <= l + m; k++)
        ratio /= k;
    return std::sqrt((2 * l + 1) * (m == 0 ? 1 : 2) * ratio);
}

template <class Real>
std::vector<MapPair<Real>> packMaps(const std::vector<Eigen::MatrixXd>& maps, int lanes) {
    std::vector<MapPair<Real>> result;
    for (const auto& map : maps)
        result.emplace_back(map, lanes);
    return result;
}

template <class Real>
std::vector<PackedReadout<Real>> packReadouts(const MaceReadout& readout, std::size_t numHeads,
                                              int lanes) {
    std::vector<PackedReadout<Real>> result(numHeads);
    for (std::size_t head = 0; head < numHeads; head++) {
        PackedReadout<Real>& own = result[head];
        own.isLinear = readout.isLinear;
        if (readout.isLinear) {
            own.linear = readout.linear.col(head);
            continue;
        }
        const Eigen::Index count = readout.linear1.cols() / readout.linear2.cols();
        own.hidden = MapPair<Real>(readout.linear1.middleCols(head * count, count), lanes);
        own.outputs = readout.linear2.col(head).segment(head * count, count);
    }
    return result;
}

} // namespace

template <class Real>
PackedPolynomial<Real>::PackedPolynomial(const ProductPolynomial& polynomial,
                                         const std::vector<int>& speciesInUse, int channels,
                                         int lanes)
    : depth(polynomial.degree) {
    // Breadth first, so that the children of a node lie together.
    struct Prefix {
        int output;
        std::vector<int> monomial;
    };
    std::vector<Prefix> prefixes;
    for (std::size_t o = 0; o < polynomial.outputs.size(); o++) {
        prefixes.push_back({static_cast<int>(o), {}});
        nodes.push_back({0, 0, 0});
    }
    std::vector<const Eigen::MatrixXd*> terms;
    for (std::size_t n = 0; n < prefixes.size(); n++) {
        const Prefix prefix = prefixes[n];
        const auto& outputTerms = polynomial.outputs[prefix.output];
        const auto own = outputTerms.find(prefix.monomial);
        terms.push_back(own == outputTerms.end() ? nullptr : &own->second);
        nodes[n].firstChild = static_cast<int>(nodes.size());
        const std::size_t length = prefix.monomial.size();
        int last = -1;
        for (auto term = outputTerms.lower_bound(prefix.monomial); term != outputTerms.end();
             ++term) {
            const auto& monomial = term->first;
            if (!std::equal(prefix.monomial.begin(), prefix.monomial.end(), monomial.begin(),
                            monomial.begin() + std::min(length, monomial.size())))
                break;
            if (monomial.size() <= length || monomial[length] == last)
                continue;
            last = monomial[length];
            Prefix child = prefix;
            child.monomial.push_back(last);
            prefixes.push_back(child);
            nodes.push_back({last, 0, 0});
        }
        nodes[n].numChildren = static_cast<int>(nodes.size()) - nodes[n].firstChild;
    }
    coefficientStride = nodes.size() * lanes;
    for (const int z : speciesInUse) {
        VectorArray<Real> packed(blocksOf(channels, lanes) * coefficientStride, 0);
        for (std::size_t n = 0; n < nodes.size(); n++)
            for (int k = 0; terms[n] && k < channels; k++)
                packed[(k / lanes) * coefficientStride + n * lanes + k % lanes] =
                    static_cast<Real>((*terms[n])(terms[n]->rows() == 1 ? 0 : z, k));
        coefficients.push_back(std::move(packed));
    }
}

template <class Real>
PreparedLayer<Real>::PreparedLayer(const MaceParameters& model, int t,
                                   const std::vector<int>& speciesInUse, int lanes,
                                   const std::string& method)
    : layer(model.layers[t]), plan(model, layer) {
    chooseProduct(model, t, speciesInUse, lanes, method);
    if (t > 0)
        linearUp = packMaps<Real>(layer.linearUp, lanes);
    const double factor = layer.isDensity ? 1 : 1 / layer.avgNumNeighbors;
    for (const int z : speciesInUse) {
        std::vector<MapPair<Real>> groups;
        std::vector<int> next(model.maxEll + 1, 0);
        for (const int l3 : plan.groups) {
            Eigen::MatrixXd map = factor * layer.linear[l3][next[l3]++];
            if (!layer.isResidual)
                map *= layer.skip[z][l3];
            groups.emplace_back(map, lanes);
        }
        mix.push_back(std::move(groups));
        if (!layer.isResidual)
            continue;
        if (t > 0)
            skip.push_back(packMaps<Real>(layer.skip[z], lanes));
        if (mix.size() == speciesInUse.size() && mix.size() > 1)
            mix.resize(1);
    }
    productLinear = packMaps<Real>(layer.productLinear, lanes);
    const bool isLast = t + 1 == model.numLayers;
    if (!model.useLastReadoutOnly || isLast)
        readouts = packReadouts<Real>(model.readouts[model.useLastReadoutOnly ? 0 : t],
                                      model.heads.size(), lanes);
}

template <class Real>
void PreparedLayer<Real>::chooseProduct(const MaceParameters& model, int t,
                                        const std::vector<int>& speciesInUse, int lanes,
                                        const std::string& method) {
    if (method != "auto" && method != "monomials" && method != "sphere")
        throw Error("unknown product method '" + method + "' (known: auto, monomials, sphere)");
    const ProductPolynomial polynomial = expandProduct(model, layer);
    product = PackedPolynomial<Real>(polynomial, speciesInUse, model.numChannels, lanes);
    // Forward one multiply-add for each node, reverse three.
    const int operations = 4 * static_cast<int>(product.nodes.size());
    productDescription = "monomials, " + std::to_string(operations);
    if (method != "monomials")
        sphere = SphereProduct<Real>::make(model, layer, speciesInUse, lanes);
    if (method == "sphere" && !sphere)
        throw Error("the product of layer " + std::to_string(t) +
                    " has no form on the sphere; use 'monomials'");
    // An operation on the sphere takes that much longer: its loops are short and not shared by
    // rows.
    constexpr double sphereCost = 1.5;
    if (sphere && method == "auto" && sphereCost * sphere->countOperations() >= operations)
        sphere.reset();
    if (sphere) {
        productDescription = "sphere, " + std::to_string(sphere->countOperations());
        product = {};
    }
    productDescription += " multiply-adds a channel";
}

template <class Real>
PreparedMace<Real>::PreparedMace(const MaceParameters& model, const EvaluatorOptions& options,
                                 const std::vector<bool>& usedSpecies, int lanes,
                                 double tableTolerance)
    : model(model), kernels(getKernels<Real>()), lanes(lanes),
      blocks(blocksOf(model.numChannels, lanes)), indexOf(usedSpecies.size(), -1) {
    startKokkos();
    for (std::size_t z = 0; z < usedSpecies.size(); z++)
        if (usedSpecies[z]) {
            indexOf[z] = numSpecies++;
            speciesInUse.push_back(static_cast<int>(z));
        }
    for (int l = 0; l <= model.maxEll; l++)
        for (int m = -l; m <= l; m++)
            normalization.push_back(static_cast<Real>(harmonicFactor(l, std::abs(m))));
    const MaceLayer& first = model.layers[0];
    Eigen::MatrixXd up(numSpecies, model.numChannels), skip = up;
    for (int s = 0; s < numSpecies; s++) {
        up.row(s) = model.embedding.row(speciesInUse[s]) * first.linearUp[0];
        if (first.isResidual)
            skip.row(s) = model.embedding.row(speciesInUse[s]) * first.skip[speciesInUse[s]][0];
    }
    firstUp = packRows(up);
    if (first.isResidual)
        firstSkip = packRows(skip);
    layers.reserve(model.numLayers);
    for (int t = 0; t < model.numLayers; t++)
        layers.emplace_back(model, t, speciesInUse, lanes, options.product);
    findPairs();
    if (!options.exactRadial)
        makeTables(tableTolerance);
}

template <class Real>
RowArray<Real> PreparedMace<Real>::packRows(const Eigen::MatrixXd& rows) const {
    RowArray<Real> result;
    result.resize(blocks, rows.rows(), lanes);
    std::fill(result.data.begin(), result.data.end(), Real(0));
    for (Eigen::Index row = 0; row < rows.rows(); row++)
        for (Eigen::Index k = 0; k < rows.cols(); k++)
            result.data[(k / lanes) * result.stride + row * lanes + k % lanes] =
                static_cast<Real>(rows(row, k));
    return result;
}

/// Only a transform of the distance makes the radial functions depend on the elements, through the
/// sum of their radii.
template <class Real> void PreparedMace<Real>::findPairs() {
    const bool perPair = model.agnesi || model.soft;
    pairs.assign(numSpecies * numSpecies, 0);
    for (int a = 0; a < numSpecies; a++)
        for (int b = 0; b <= a; b++) {
            if (perPair || distinctPairs.empty())
                distinctPairs.emplace_back(speciesInUse[a], speciesInUse[b]);
            pairs[a * numSpecies + b] = pairs[b * numSpecies + a] =
                static_cast<int>(distinctPairs.size()) - 1;
        }
}

template <class Real> void PreparedMace<Real>::makeTables(double tolerance) {
    for (int t = 0; t < model.numLayers; t++) {
        std::vector<RadialFunctions> functions;
        for (const auto& [a, b] : distinctPairs)
            functions.push_back([this, t, a = a, b = b](const std::vector<double>& distances) {
                return radialFunctions(t, a, b, distances);
            });
        layers[t].table.emplace(functions, layers[t].plan.numFunctions, model.numChannels, lanes,
                                model.cutoff, tolerance);
        if (!layers[t].layer.isDensity)
            continue;
        std::vector<RadialFunctions> densities;
        for (const auto& [a, b] : distinctPairs)
            densities.push_back([this, t, a = a, b = b](const std::vector<double>& distances) {
                const auto count = static_cast<Eigen::Index>(distances.size());
                ValuesAndDerivatives result{Eigen::MatrixXd(1, count), Eigen::MatrixXd(1, count)};
                for (Eigen::Index i = 0; i < count; i++) {
                    const ValueAndDerivative density =
                        evaluateDensity(model, t, a, b, distances[i]);
                    result.values(i) = density.value;
                    result.derivatives(i) = density.derivative;
                }
                return result;
            });
        layers[t].density.emplace(densities, 1, 1, 1, model.cutoff, tolerance);
    }
}

template <class Real>
ValuesAndDerivatives
PreparedMace<Real>::radialFunctions(int t, int sender, int receiver,
                                    const std::vector<double>& distances) const {
    return layers[t].plan.functionsOf(evaluateRadialNetwork(model, t, sender, receiver, distances));
}

template <class Real> std::unique_ptr<Network> PreparedMace<Real>::makeNetwork() const {
    return std::make_unique<MaceNetwork<Real>>(this->shared_from_this());
}

template <class Real> void PreparedMace<Real>::describe(EvaluatorDescription& description) const {
    for (const auto& layer : layers) {
        if (layer.table) {
            description.tableError = std::max(description.tableError, layer.table->getError());
            description.tableMegabytes += layer.table->getBytes() / 1e6;
        }
        description.products.push_back(layer.productDescription);
    }
}

template <class Real>
std::shared_ptr<const PreparedNetwork> prepareMace(const MaceParameters& model,
                                                   const EvaluatorOptions& options,
                                                   const std::vector<bool>& usedSpecies) {
    // A little above the noise of single precision; for double, what keeps tables small.
    constexpr double tolerance = std::is_same_v<Real, float> ? 2e-6 : 1e-7;
    return std::make_shared<PreparedMace<Real>>(model, options, usedSpecies,
                                                getKernels<Real>().lanes, tolerance);
}

template struct PackedPolynomial<float>;
template struct PackedPolynomial<double>;
template class PreparedMace<float>;
template class PreparedMace<double>;
template std::shared_ptr<const PreparedNetwork>
prepareMace<float>(const MaceParameters&, const EvaluatorOptions&, const std::vector<bool>&);
template std::shared_ptr<const PreparedNetwork>
prepareMace<double>(const MaceParameters&, const EvaluatorOptions&, const std::vector<bool>&);

} // namespace equivariant
