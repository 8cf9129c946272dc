// SPDX-License-Identifier: MIT
//
// Model file -> MaceParameters. Every size is checked here, so that the evaluators need not. This
// file is long because one class reads every key and tensor, in the order of docs/model-file.md.
#include "equivariant/Error.h"
#include "equivariant/Irreps.h"
#include "equivariant/Mace.h"

#include <algorithm>
#include <cmath>

namespace equivariant {

namespace {

// Generous bounds; their point is that a damaged file cannot ask for absurd amounts of memory.
constexpr int maxDegree = 8;
constexpr int maxCorrelation = 4;
constexpr int maxCount = 100000;

class Reader {
public:
    Reader(const ModelFile& file, const std::string& name)
        : name(name), isGaunt(file.architecture == "gaunt-mace"),
          config(file.config, name + ": config"), tensors(file, name) {}

    MaceParameters read() {
        readInfo();
        readRadial();
        readRepulsion();
        readSizes();
        if (isGaunt)
            readGauntConvolution();
        readLayers();
        if (isGaunt)
            readGauntProducts();
        else
            readContractions();
        readReadouts();
        config.finish();
        tensors.finish();
        return std::move(model);
    }

private:
    using Shape = std::vector<std::size_t>;

    [[noreturn]] void fail(const std::string& what) const { throw Error(name + ": " + what); }

    int getInt(ConfigReader& from, const std::string& key, int low, int high) {
        const auto& value = from.take(key);
        if (!value.is_number_integer() || value < low || value > high)
            fail("key '" + key + "' is " + value.dump().substr(0, 40) + ", not an integer from " +
                 std::to_string(low) + " to " + std::to_string(high));
        return value.get<int>();
    }

    double getPositive(ConfigReader& from, const std::string& key) {
        const double value = from.get<double>(key);
        if (!(value > 0) || !std::isfinite(value))
            fail("key '" + key + "' is not positive");
        return value;
    }

    Eigen::VectorXd getVector(const std::string& tensor, int size) {
        const auto& data = tensors.get(tensor, {static_cast<std::size_t>(size)}).data;
        return Eigen::Map<const Eigen::VectorXd>(data.data(), size);
    }

    /// Matrix number `index` of a tensor [..., rows, columns].
    static Eigen::MatrixXd slice(const Tensor& tensor, int index, int rows, int columns) {
        return Eigen::Map<const Features>(
            tensor.data.data() + static_cast<std::size_t>(index) * rows * columns, rows, columns);
    }

    Eigen::MatrixXd getMatrix(const std::string& tensor, int rows, int columns) {
        return slice(tensors.get(tensor, {std::size_t(rows), std::size_t(columns)}), 0, rows,
                     columns);
    }

    /// Square maps between channels, [count][K][K], times a factor.
    std::vector<Eigen::MatrixXd> getMaps(const std::string& tensor, int count, double factor) {
        const std::size_t k = model.numChannels;
        const Tensor& data = tensors.get(tensor, {std::size_t(count), k, k});
        std::vector<Eigen::MatrixXd> maps;
        for (int i = 0; i < count; i++)
            maps.push_back(factor * slice(data, i, k, k));
        return maps;
    }

    void readInfo() {
        model.atomicNumbers = config.get<std::vector<int>>("atomic_numbers");
        model.heads = config.get<std::vector<std::string>>("heads");
        const auto& numbers = model.atomicNumbers;
        if (numbers.empty() || model.heads.empty() || model.heads.size() > 1000)
            fail("no elements, or no heads, or absurdly many");
        for (std::size_t i = 0; i < numbers.size(); i++)
            if (numbers[i] < 1 || numbers[i] > 118 || (i > 0 && numbers[i] <= numbers[i - 1]))
                fail("key 'atomic_numbers' is not an ascending list of atomic numbers");
        model.cutoff = getPositive(config, "r_max");
        const int heads = numHeads();
        model.isolatedAtomEnergies = getMatrix("atomic_energies", heads, numSpecies());
        model.scale = getVector("scale", heads);
        model.shift = getVector("shift", heads);
    }

    void readRadial() {
        const std::string type = config.get<std::string>("radial_type");
        model.radialBasis.size = getInt(config, "num_radial_basis", 2, 1000);
        if (type == "bessel") {
            model.radialBasis.type = RadialBasisType::Bessel;
            model.radialBasis.weights = getVector("bessel_weights", model.radialBasis.size);
            model.radialBasis.coefficient = config.get<double>("bessel_prefactor");
        } else if (type == "gaussian") {
            model.radialBasis.type = RadialBasisType::Gaussian;
            model.radialBasis.weights = getVector("gaussian_weights", model.radialBasis.size);
            model.radialBasis.coefficient = config.get<double>("gaussian_coefficient");
        } else if (type == "chebyshev") {
            model.radialBasis.type = RadialBasisType::Chebyshev;
        } else {
            fail("unknown radial_type '" + type + "' (known: bessel, gaussian, chebyshev)");
        }
        model.cutoffPower = getInt(config, "num_polynomial_cutoff", 2, 50);
        model.applyCutoff = config.get<bool>("apply_cutoff");
        model.radialActivation.constant = config.get<double>("silu_constant");
        const std::string transform = config.get<std::string>("distance_transform");
        if (transform == "Agnesi") {
            ConfigReader values(config.take("agnesi"), name + ": config 'agnesi'");
            model.agnesi = AgnesiTransform{values.get<double>("a"), values.get<double>("q"),
                                           values.get<double>("p")};
            values.finish();
        } else if (transform == "Soft") {
            model.soft = SoftTransform{config.get<double>("soft_alpha")};
        } else if (transform != "None") {
            fail("unknown distance_transform '" + transform + "' (known: None, Agnesi, Soft)");
        }
    }

    void readRepulsion() {
        if (config.has("zbl")) {
            ConfigReader values(config.take("zbl"), name + ": config 'zbl'");
            ZblRepulsion zbl;
            const auto c = values.get<std::vector<double>>("c");
            if (c.size() != 4)
                fail("key 'c' of 'zbl' does not have four numbers");
            zbl.c = Eigen::Map<const Eigen::Vector4d>(c.data());
            zbl.p = getInt(values, "p", 2, 50);
            zbl.aExponent = values.get<double>("a_exp");
            zbl.aPrefactor = getPositive(values, "a_prefactor");
            values.finish();
            model.zbl = zbl;
        }
        if (!model.zbl && !model.agnesi && !model.soft)
            return;
        model.covalentRadii = getVector("covalent_radii", numSpecies());
        if (!(model.covalentRadii.minCoeff() > 0))
            fail("tensor 'covalent_radii' has a value that is not positive");
    }

    void readSizes() {
        model.maxEll = getInt(config, "max_ell", 0, maxDegree);
        model.correlation = getInt(config, "correlation", 1, maxCorrelation);
        model.numChannels = getInt(config, "num_channels", 1, maxCount);
        model.embedding = getMatrix("node_embedding.weight", numSpecies(), model.numChannels) /
                          std::sqrt(double(numSpecies()));
    }

    void readLayers() {
        const auto& layers = config.take("layers");
        if (!layers.is_array() || layers.empty() || layers.size() > 100)
            fail("key 'layers' is not a list of 1 to 100 layers");
        model.numLayers = static_cast<int>(layers.size());
        for (const auto& entry : layers) {
            const int t = static_cast<int>(model.layers.size());
            ConfigReader layer(entry, name + ": config of layer " + std::to_string(t));
            model.layers.push_back(readLayer(t, layer));
            layer.finish();
        }
    }

    MaceLayer readLayer(int t, ConfigReader& from) {
        MaceLayer layer;
        const std::string prefix = "layers." + std::to_string(t) + ".";
        readInteraction(layer, from);
        layer.inputLMax = t == 0 ? 0 : model.layers.back().outputLMax;
        layer.outputLMax =
            requireUniformIrreps(from.get<std::string>("hidden_irreps"), model.numChannels, name);
        if (layer.outputLMax > model.maxEll)
            fail("layer " + std::to_string(t) + " has features of higher degree than max_ell");
        const double perChannel = 1 / std::sqrt(double(model.numChannels));
        layer.linearUp = getMaps(prefix + "linear_up.weight", layer.inputLMax + 1, perChannel);
        if (gauntConvolution)
            makeGauntPaths(layer);
        else
            makePaths(layer);
        readRadialNetwork(layer, prefix, from);
        if (layer.isDensity)
            layer.densityWeights = getVector(prefix + "density_fn.weight", model.radialBasis.size) /
                                   std::sqrt(double(model.radialBasis.size));
        readLinear(layer, prefix);
        readSkip(layer, prefix);
        layer.productLinear =
            getMaps(prefix + "product_linear.weight", layer.outputLMax + 1, perChannel);
        return layer;
    }

    void readInteraction(MaceLayer& layer, ConfigReader& from) {
        const std::string interaction = from.get<std::string>("interaction");
        layer.isDensity = interaction == "RealAgnosticDensityInteractionBlock" ||
                          interaction == "RealAgnosticDensityResidualInteractionBlock";
        layer.isResidual = interaction == "RealAgnosticResidualInteractionBlock" ||
                           interaction == "RealAgnosticDensityResidualInteractionBlock";
        if (!layer.isDensity && !layer.isResidual && interaction != "RealAgnosticInteractionBlock")
            fail("unknown interaction '" + interaction + "'");
        layer.avgNumNeighbors = getPositive(from, "avg_num_neighbors");
    }

    /// All couplings of natural parity, in the order of e3nn: by l1, l2, l3, then stably by l3.
    void makePaths(MaceLayer& layer) const {
        for (int l1 = 0; l1 <= layer.inputLMax; l1++)
            for (int l2 = 0; l2 <= model.maxEll; l2++)
                for (int l3 = std::abs(l1 - l2); l3 <= std::min(l1 + l2, model.maxEll); l3 += 2)
                    layer.paths.push_back({l1, l2, l3});
        std::stable_sort(
            layer.paths.begin(), layer.paths.end(),
            [](const ConvolutionPath& a, const ConvolutionPath& b) { return a.l3 < b.l3; });
    }

    void makeGauntPaths(MaceLayer& layer) const {
        layer.gauntConvolution.emplace(layer.inputLMax, model.maxEll, model.maxEll);
        for (int l3 = 0; l3 <= model.maxEll; l3++)
            layer.paths.push_back({0, l3, l3});
    }

    void readRadialNetwork(MaceLayer& layer, const std::string& prefix, ConfigReader& from) {
        auto sizes = from.get<std::vector<int>>("radial_mlp");
        const int outputs = gauntConvolution ? 2 * (model.maxEll + 1) : int(layer.paths.size());
        sizes.push_back(outputs * model.numChannels);
        int inputs = model.radialBasis.size;
        for (std::size_t q = 0; q < sizes.size(); q++) {
            if (sizes[q] < 1 || sizes[q] > 100 * maxCount || sizes.size() > 20)
                fail("key 'radial_mlp' is not a short list of positive sizes");
            layer.radialNetwork.push_back(
                getMatrix(prefix + "radial_mlp." + std::to_string(q) + ".weight", inputs,
                          sizes[q]) /
                std::sqrt(double(inputs)));
            inputs = sizes[q];
        }
    }

    void readLinear(MaceLayer& layer, const std::string& prefix) {
        const auto maps =
            getMaps(prefix + "linear.weight", static_cast<int>(layer.paths.size()), 1);
        layer.linear.resize(model.maxEll + 1);
        for (std::size_t p = 0; p < layer.paths.size(); p++)
            layer.linear[layer.paths[p].l3].push_back(maps[p]);
        for (auto& ofDegree : layer.linear)
            for (auto& map : ofDegree)
                map /= std::sqrt(double(ofDegree.size()) * model.numChannels);
    }

    /// Element-dependent maps [l][K][Nz][K]: of the messages, or of the layer's input where
    /// residual.
    void readSkip(MaceLayer& layer, const std::string& prefix) {
        const int degrees =
            layer.isResidual ? std::min(layer.inputLMax, layer.outputLMax) + 1 : model.maxEll + 1;
        const std::size_t k = model.numChannels, nz = numSpecies();
        const Tensor& data =
            tensors.get(prefix + "skip_tp.weight", {std::size_t(degrees), k, nz, k});
        layer.skip.assign(nz, std::vector<Eigen::MatrixXd>(degrees, Eigen::MatrixXd(k, k)));
        const double factor = 1 / std::sqrt(double(k * nz));
        std::size_t i = 0;
        for (int l = 0; l < degrees; l++)
            for (std::size_t u = 0; u < k; u++)
                for (std::size_t z = 0; z < nz; z++)
                    for (std::size_t w = 0; w < k; w++)
                        layer.skip[z][l](u, w) = factor * data.data[i++];
    }

    void readContractions() {
        int highest = 0;
        for (const MaceLayer& layer : model.layers)
            highest = std::max(highest, layer.outputLMax);
        readCouplings(highest);
        const bool agnostic = config.get<bool>("use_agnostic_product");
        for (int t = 0; t < model.numLayers; t++)
            readContraction(t, agnostic ? 1 : numSpecies());
    }

    void readCouplings(int highest) {
        const std::string source = config.get<std::string>("couplings");
        if (source != "e3nn" && source != "stored")
            fail("unknown couplings '" + source + "' (known: e3nn, stored)");
        if (source == "e3nn" && model.correlation == maxCorrelation && model.maxEll > 3)
            fail("correlation 4 with max_ell above 3 needs stored couplings");
        model.uTensors.resize(highest + 1);
        for (int L = 0; L <= highest; L++)
            for (int order = 1; order <= model.correlation; order++)
                model.uTensors[L].push_back(source == "e3nn" ? uTensor(model.maxEll, order, L)
                                                             : readUTensor(order, L));
    }

    UTensor readUTensor(int order, int L) {
        const std::string prefix =
            "couplings.L" + std::to_string(L) + ".nu" + std::to_string(order);
        const Tensor& index = tensors.get(prefix + ".index");
        if (index.shape.size() != 2 || index.shape[1] != std::size_t(order + 2))
            fail("tensor '" + prefix + ".index' does not have " + std::to_string(order + 2) +
                 " columns");
        const std::size_t count = index.shape[0];
        const Tensor& value = tensors.get(prefix + ".value", {count});
        UTensor u{model.maxEll, order, L, 0, {}};
        const int harmonics = (model.maxEll + 1) * (model.maxEll + 1);
        for (std::size_t i = 0; i < count; i++) {
            const double* row = &index.data[i * (order + 2)];
            const auto take = [&](int column, int limit) {
                if (!(row[column] >= 0 && row[column] < limit))
                    fail("tensor '" + prefix + ".index' is out of range in row " +
                         std::to_string(i));
                return static_cast<int>(row[column]);
            };
            UTensorEntry entry{take(0, 2 * L + 1), {}, take(order + 1, maxCount), value.data[i]};
            for (int factor = 1; factor <= order; factor++)
                entry.lm.push_back(take(factor, harmonics));
            u.numPaths = std::max(u.numPaths, entry.path + 1);
            u.entries.push_back(entry);
        }
        return u;
    }

    void readContraction(int t, int elements) {
        MaceLayer& layer = model.layers[t];
        layer.contraction.resize(layer.outputLMax + 1);
        for (int L = 0; L <= layer.outputLMax; L++)
            for (int order = 1; order <= model.correlation; order++) {
                UTensor& u = model.uTensors[L][order - 1];
                const std::string tensor = "layers." + std::to_string(t) + ".contractions." +
                                           std::to_string(L) + "." + std::to_string(order);
                const Tensor& data = tensors.get(tensor);
                // Paths at the end whose couplings vanish are not seen in stored couplings.
                if (data.shape.size() != 3 || data.shape[0] != std::size_t(elements) ||
                    data.shape[1] < std::size_t(u.numPaths) ||
                    data.shape[2] != std::size_t(model.numChannels))
                    fail("tensor '" + tensor + "' does not have the shape [" +
                         std::to_string(elements) + ", " + std::to_string(u.numPaths) + ", " +
                         std::to_string(model.numChannels) + "]");
                std::vector<Eigen::MatrixXd> weights;
                for (int z = 0; z < elements; z++)
                    weights.push_back(
                        slice(data, z, static_cast<int>(data.shape[1]), model.numChannels));
                layer.contraction[L].push_back(weights);
            }
    }

    void readGauntConvolution() {
        const std::string type = config.get<std::string>("convolution");
        if (type != "clebsch-gordan" && type != "gaunt")
            fail("unknown convolution '" + type + "' (known: clebsch-gordan, gaunt)");
        gauntConvolution = type == "gaunt";
    }

    /// docs/theory/gaunt-mace.md.
    void readGauntProducts() {
        ConfigReader values(config.take("product"), name + ": config 'product'");
        const std::string type = values.get<std::string>("type");
        GauntManyBody::Sizes sizes;
        if (type == "gaunt-copies") {
            sizes.copies = getInt(values, "copies", 1, 1000);
            sizes.oddPaths = values.get<bool>("odd_paths");
        } else if (type != "gaunt") {
            fail("unknown product '" + type + "' (known: gaunt, gaunt-copies)");
        }
        values.finish();
        if (sizes.oddPaths && model.correlation < 3)
            fail("odd paths need a correlation of at least 3");
        sizes.lMax = model.maxEll;
        sizes.correlation = model.correlation;
        sizes.channels = model.numChannels;
        sizes.species = numSpecies();
        for (int t = 0; t < model.numLayers; t++) {
            sizes.outputLMax = model.layers[t].outputLMax;
            model.layers[t].gauntProduct.emplace(
                sizes, readGauntWeights("layers." + std::to_string(t) + ".product.", sizes));
        }
    }

    GauntManyBody::Weights readGauntWeights(const std::string& prefix,
                                            const GauntManyBody::Sizes& sizes) {
        const std::size_t z = sizes.species, k = sizes.channels, L = sizes.outputLMax + 1,
                          l = sizes.lMax + 1, copies = sizes.copies, nu = sizes.correlation;
        GauntManyBody::Weights weights;
        if (copies == 0) {
            weights.weights = tensors.get(prefix + "weights", {nu, z, k, L});
            return weights;
        }
        weights.linear = tensors.get(prefix + "linear_weights", {z, k, L});
        weights.factors = tensors.get(prefix + "factors", {copies, nu, k, l});
        weights.weights = tensors.get(prefix + "weights", {nu - 1, copies, z, k, L});
        if (sizes.oddPaths)
            weights.odd = tensors.get(prefix + "odd_weights", {nu - 2, copies, z, k, L});
        return weights;
    }

    void readReadouts() {
        const auto types = config.get<std::vector<std::string>>("readouts");
        model.useLastReadoutOnly = config.get<bool>("use_last_readout_only");
        if (types.size() != (model.useLastReadoutOnly ? 1 : model.layers.size()))
            fail("key 'readouts' does not have one entry for each layer");
        for (std::size_t t = 0; t < types.size(); t++) {
            const std::string prefix = "readouts." + std::to_string(t) + ".";
            if (types[t] == "linear")
                model.readouts.push_back(readLinearReadout(prefix));
            else if (types[t] == "nonlinear")
                model.readouts.push_back(readNonlinearReadout(prefix));
            else
                fail("unknown readout '" + types[t] + "' (known: linear, nonlinear)");
        }
    }

    MaceReadout readLinearReadout(const std::string& prefix) {
        MaceReadout readout;
        readout.linear = getMatrix(prefix + "linear.weight", model.numChannels, numHeads()) /
                         std::sqrt(double(model.numChannels));
        return readout;
    }

    MaceReadout readNonlinearReadout(const std::string& prefix) {
        const auto hidden = parseIrreps(config.get<std::string>("MLP_irreps"));
        if (hidden.size() != 1 || hidden[0].l != 0 || hidden[0].parity != 1 ||
            hidden[0].multiplicity < 1)
            fail("MLP_irreps '" + formatIrreps(hidden) + "' is not a set of scalars");
        readGate();
        const int size = hidden[0].multiplicity * numHeads();
        MaceReadout readout;
        readout.isLinear = false;
        readout.linear1 = getMatrix(prefix + "linear_1.weight", model.numChannels, size) /
                          std::sqrt(double(model.numChannels));
        readout.linear2 =
            getMatrix(prefix + "linear_2.weight", size, numHeads()) / std::sqrt(double(size));
        return readout;
    }

    void readGate() {
        static const std::pair<const char*, Activation::Type> known[] = {
            {"silu", Activation::Type::Silu},
            {"tanh", Activation::Type::Tanh},
            {"abs", Activation::Type::Abs},
            {"None", Activation::Type::None}};
        const std::string gate = config.get<std::string>("gate");
        for (const auto& [text, type] : known)
            if (gate == text) {
                model.readoutActivation = {type, config.get<double>("gate_constant")};
                return;
            }
        fail("unknown gate '" + gate + "' (known: silu, tanh, abs, None)");
    }

    int numSpecies() const { return static_cast<int>(model.atomicNumbers.size()); }
    int numHeads() const { return static_cast<int>(model.heads.size()); }

    std::string name;
    bool isGaunt;
    ConfigReader config;
    TensorReader tensors;
    MaceParameters model;
    bool gauntConvolution = false;
};

} // namespace

MaceParameters readMace(const ModelFile& file, const std::string& name) {
    return Reader(file, name).read();
}

} // namespace equivariant
