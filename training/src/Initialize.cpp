// SPDX-License-Identifier: MIT
#include "Initialize.h"

#include "equivariant/Couplings.h"
#include "equivariant/Orientations.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace equivariant::training {

namespace {

const double pi = std::acos(-1.0);

double perRoot(double fanIn) {
    return 1 / std::sqrt(fanIn);
}

/// Normally distributed or uniform numbers, the same everywhere: those of the standard library may
/// differ between implementations.
class WeightFiller {
public:
    explicit WeightFiller(unsigned seed) : generator(seed) {}

    void set(const std::string& name, const std::vector<std::size_t>& shape,
             const std::vector<double>& values) {
        file.tensors[name] = {DataType::Float64, shape, values};
    }
    void fill(const std::string& name, const std::vector<std::size_t>& shape, double spread = 1) {
        std::vector<double> values(sizeOf(shape));
        for (double& value : values) { // Box and Muller
            const double u = uniform(), v = uniform();
            value = spread * std::sqrt(-2 * std::log(u)) * std::cos(2 * pi * v);
        }
        set(name, shape, values);
    }
    void fillUniform(const std::string& name, const std::vector<std::size_t>& shape, double width) {
        std::vector<double> values(sizeOf(shape));
        for (double& value : values)
            value = width * (2 * uniform() - 1);
        set(name, shape, values);
    }

    ModelFile file;

private:
    double uniform() { return (double(generator()) + 0.5) / 4294967296.0; }
    static std::size_t sizeOf(const std::vector<std::size_t>& shape) {
        std::size_t count = 1;
        for (const std::size_t size : shape)
            count *= size;
        return count;
    }
    std::mt19937 generator;
};

/// e3nn's factor that makes c silu(x) of a normally distributed x have a mean square of 1.
constexpr double siluConstant = 1.6791767923989418;

class MaceInitializer : WeightFiller {
public:
    MaceInitializer(const ModelSizes& sizes, const DataStatistics& statistics, unsigned seed)
        : WeightFiller(seed), sizes(sizes), statistics(statistics), channels(sizes.numChannels),
          species(sizes.atomicNumbers.size()), numLayers(sizes.numLayers ? sizes.numLayers : 2),
          isGaunt(sizes.architecture == "gaunt-mace") {}

    ModelFile make() {
        file.architecture = sizes.architecture;
        writeConfig();
        set("atomic_energies", {1, species}, statistics.isolatedAtomEnergies);
        set("scale", {1}, {statistics.scale});
        set("shift", {1}, {statistics.shift});
        std::vector<double> frequencies;
        for (int n = 1; n <= sizes.numRadialBasis; n++)
            frequencies.push_back(n * pi / sizes.cutoff);
        set("bessel_weights", {frequencies.size()}, frequencies);
        fill("node_embedding.weight", {species, channels});
        for (int t = 0; t < numLayers; t++)
            addLayer(t);
        return std::move(file);
    }

private:
    int inputLMax(int t) const { return t == 0 ? 0 : sizes.maxL; }
    int outputLMax(int t) const { return t + 1 == numLayers ? 0 : sizes.maxL; }

    void writeConfig() {
        nlohmann::json layers = nlohmann::json::array(), readouts = nlohmann::json::array();
        for (int t = 0; t < numLayers; t++) {
            std::string irreps;
            for (int l = 0; l <= outputLMax(t); l++)
                irreps += (l ? "+" : "") + std::to_string(channels) + "x" + std::to_string(l) +
                          (l % 2 ? "o" : "e");
            layers.push_back({{"interaction", t == 0 ? "RealAgnosticInteractionBlock"
                                                     : "RealAgnosticResidualInteractionBlock"},
                              {"avg_num_neighbors", statistics.avgNumNeighbors},
                              {"hidden_irreps", irreps},
                              {"radial_mlp", sizes.radialNetwork}});
            readouts.push_back(t + 1 == numLayers ? "nonlinear" : "linear");
        }
        file.config = {{"atomic_numbers", sizes.atomicNumbers},
                       {"heads", {"Default"}},
                       {"r_max", sizes.cutoff},
                       {"radial_type", "bessel"},
                       {"num_radial_basis", sizes.numRadialBasis},
                       {"bessel_prefactor", std::sqrt(2 / sizes.cutoff)},
                       {"num_polynomial_cutoff", sizes.cutoffPower},
                       {"apply_cutoff", true},
                       {"silu_constant", siluConstant},
                       {"distance_transform", "None"},
                       {"max_ell", sizes.maxEll},
                       {"correlation", sizes.correlation},
                       {"num_channels", sizes.numChannels},
                       {"layers", layers},
                       {"readouts", readouts},
                       {"use_last_readout_only", false},
                       {"MLP_irreps", std::to_string(sizes.readoutHidden) + "x0e"},
                       {"gate", "silu"},
                       {"gate_constant", siluConstant}};
        if (isGaunt) {
            file.config["convolution"] = "clebsch-gordan";
            file.config["product"] = {
                {"type", "gaunt-copies"}, {"copies", sizes.copies}, {"odd_paths", sizes.oddPaths}};
        } else {
            file.config["couplings"] = "e3nn";
            file.config["use_agnostic_product"] = false;
        }
    }

    void addLayer(int t) {
        const std::string prefix = "layers." + std::to_string(t) + ".";
        const std::size_t ell = sizes.maxEll + 1;
        std::size_t paths = 0;
        for (int l1 = 0; l1 <= inputLMax(t); l1++)
            for (int l2 = 0; l2 <= sizes.maxEll; l2++)
                for (int l3 = std::abs(l1 - l2); l3 <= std::min(l1 + l2, sizes.maxEll); l3 += 2)
                    paths++;
        fill(prefix + "linear_up.weight", {std::size_t(inputLMax(t)) + 1, channels, channels});
        std::size_t inputs = sizes.numRadialBasis;
        for (std::size_t q = 0; q <= sizes.radialNetwork.size(); q++) {
            const std::size_t outputs = q < sizes.radialNetwork.size()
                                            ? std::size_t(sizes.radialNetwork[q])
                                            : paths * channels;
            fill(prefix + "radial_mlp." + std::to_string(q) + ".weight", {inputs, outputs});
            inputs = outputs;
        }
        fill(prefix + "linear.weight", {paths, channels, channels});
        const std::size_t degrees =
            t == 0 ? ell : std::size_t(std::min(inputLMax(t), outputLMax(t))) + 1;
        fill(prefix + "skip_tp.weight", {degrees, channels, species, channels});
        addProduct(t, prefix);
        fill(prefix + "product_linear.weight",
             {std::size_t(outputLMax(t)) + 1, channels, channels});
        const std::string readout = "readouts." + std::to_string(t) + ".";
        if (t + 1 < numLayers) {
            fill(readout + "linear.weight", {channels, 1});
        } else {
            const std::size_t hidden = sizes.readoutHidden;
            fill(readout + "linear_1.weight", {channels, hidden});
            fill(readout + "linear_2.weight", {hidden, 1});
        }
    }

    void addProduct(int t, const std::string& prefix) {
        if (!isGaunt) {
            for (int L = 0; L <= outputLMax(t); L++)
                for (int order = 1; order <= sizes.correlation; order++) {
                    const std::size_t count = uTensor(sizes.maxEll, order, L).numPaths;
                    fill(prefix + "contractions." + std::to_string(L) + "." + std::to_string(order),
                         {species, count, channels}, 1.0 / double(std::max<std::size_t>(count, 1)));
                }
            return;
        }
        const std::size_t copies = sizes.copies, order = sizes.correlation,
                          degrees = outputLMax(t) + 1, inputDegrees = sizes.maxEll + 1;
        const double spread = perRoot(sizes.copies);
        fill(prefix + "product.linear_weights", {species, channels, degrees});
        fill(prefix + "product.factors", {copies, order, channels, inputDegrees});
        fill(prefix + "product.weights", {order - 1, copies, species, channels, degrees}, spread);
        if (sizes.oddPaths)
            fill(prefix + "product.odd_weights", {order - 2, copies, species, channels, degrees},
                 0.1 * spread); // brackets are larger than products, by their derivatives
    }

    const ModelSizes& sizes;
    const DataStatistics& statistics;
    const std::size_t channels, species;
    const int numLayers;
    const bool isGaunt;
};

/// Linear maps as PyTorch makes them; kernels are calibrated when training starts.
class PonitaInitializer : WeightFiller {
public:
    PonitaInitializer(const ModelSizes& sizes, const DataStatistics& statistics, unsigned seed)
        : WeightFiller(seed), sizes(sizes), statistics(statistics), channels(sizes.numChannels),
          basis(sizes.basisDim ? sizes.basisDim : sizes.numChannels),
          species(sizes.atomicNumbers.size()), numLayers(sizes.numLayers ? sizes.numLayers : 3) {}

    ModelFile make() {
        file.architecture = "ponita";
        writeConfig();
        set("isolated_atom_energies", {species}, statistics.isolatedAtomEnergies);
        const OrientationGrid grid = orientationGrid(sizes.orientations);
        std::vector<double> points;
        for (const Eigen::Vector3d& point : grid.points)
            points.insert(points.end(), point.data(), point.data() + 3);
        set("orientations", {grid.points.size(), 3}, points);
        set("orientation_weights", {grid.points.size()},
            {grid.weights.data(), grid.weights.data() + grid.weights.size()});
        addLinear("basis_fn.1", channels, countMonomials(2));
        addLinear("basis_fn.3", basis, channels);
        addLinear("fiber_basis_fn.1", channels, countMonomials(1));
        addLinear("fiber_basis_fn.3", basis, channels);
        fillUniform("x_embedder.weight", {channels, species}, perRoot(double(species)));
        for (int t = 0; t < numLayers; t++)
            addLayer(t);
        return std::move(file);
    }

private:
    std::size_t countMonomials(std::size_t attributes) const {
        std::size_t total = 0, power = 1;
        for (int k = 0; k < sizes.degree; k++)
            total += power *= attributes;
        return total;
    }

    void writeConfig() {
        nlohmann::json indices = nlohmann::json::array();
        for (std::size_t i = 0; i < species; i++)
            indices.push_back(i);
        const nlohmann::json smooth = {{"type", "smooth"}, {"delta", sizes.smoothDelta}};
        const nlohmann::json published = {{"type", "published"}};
        file.config = {{"space", "R3xS2"},
                       {"hidden_dim", channels},
                       {"basis_dim", basis},
                       {"degree", sizes.degree},
                       {"factors", "degree"},
                       {"widening_factor", sizes.wideningFactor},
                       {"num_layers", numLayers},
                       {"radius", sizes.cutoff},
                       {"window_power", sizes.windowPower},
                       {"fiber_normalization", "orientations"},
                       {"multiple_readouts", true},
                       {"layer_scale", false},
                       {"layer_norm_eps", 1e-5},
                       {"input_scalars", species},
                       {"input_vectors", 0},
                       {"output_scalars", 1},
                       {"output_vectors", 0},
                       {"task_level", "graph"},
                       {"invariants", sizes.smoothDelta > 0 ? smooth : published},
                       {"kernel", {{"type", "mlp"}}},
                       {"lifted_envelope", false},
                       {"rotation_average", "none"},
                       {"scale", statistics.scale},
                       {"shift", statistics.shift * statistics.atomsPerFrame},
                       {"atomic_numbers", sizes.atomicNumbers},
                       {"input_index", indices}};
    }

    void addLinear(const std::string& name, std::size_t out, std::size_t in) {
        fillUniform(name + ".weight", {out, in}, perRoot(double(in)));
        fillUniform(name + ".bias", {out}, perRoot(double(in)));
    }

    void addLayer(int t) {
        const std::string number = std::to_string(t);
        const std::string prefix = "interaction_layers." + number + ".";
        const std::size_t wide = sizes.wideningFactor * channels;
        fillUniform(prefix + "conv.kernel.weight", {channels, basis}, perRoot(double(basis)));
        fillUniform(prefix + "conv.fiber_kernel.weight", {channels, basis}, perRoot(double(basis)));
        set(prefix + "conv.bias", {channels}, std::vector<double>(channels, 0));
        set(prefix + "norm.weight", {channels}, std::vector<double>(channels, 1));
        set(prefix + "norm.bias", {channels}, std::vector<double>(channels, 0));
        addLinear(prefix + "linear_1", wide, channels);
        addLinear(prefix + "linear_2", channels, wide);
        addLinear("read_out_layers." + number, 1, channels);
    }

    const ModelSizes& sizes;
    const DataStatistics& statistics;
    const std::size_t channels, basis, species;
    const int numLayers;
};

} // namespace

ModelFile makeInitialModel(const ModelSizes& sizes, const DataStatistics& statistics,
                           unsigned seed) {
    if (sizes.architecture == "ponita")
        return PonitaInitializer(sizes, statistics, seed).make();
    return MaceInitializer(sizes, statistics, seed).make();
}

} // namespace equivariant::training
