// SPDX-License-Identifier: MIT
#include "Initialize.h"

#include "equivariant/Couplings.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace equivariant::training {

namespace {

const double pi = std::acos(-1.0);

/// e3nn's factor that makes c silu(x) of a normally distributed x have a mean square of 1.
constexpr double siluConstant = 1.6791767923989418;

class Initializer {
public:
    Initializer(const MaceSizes& sizes, const DataStatistics& statistics, unsigned seed)
        : sizes(sizes), statistics(statistics), generator(seed), channels(sizes.numChannels),
          species(sizes.atomicNumbers.size()) {}

    ModelFile make() {
        file.architecture = "mace";
        writeConfig();
        set("atomic_energies", {1, species}, statistics.isolatedAtomEnergies);
        set("scale", {1}, {statistics.scale});
        set("shift", {1}, {statistics.shift});
        std::vector<double> frequencies;
        for (int n = 1; n <= sizes.numRadialBasis; n++)
            frequencies.push_back(n * pi / sizes.cutoff);
        set("bessel_weights", {frequencies.size()}, frequencies);
        fill("node_embedding.weight", {species, channels});
        for (int t = 0; t < sizes.numLayers; t++)
            addLayer(t);
        return std::move(file);
    }

private:
    int inputLMax(int t) const { return t == 0 ? 0 : sizes.maxL; }
    int outputLMax(int t) const { return t + 1 == sizes.numLayers ? 0 : sizes.maxL; }

    void writeConfig() {
        nlohmann::json layers = nlohmann::json::array(), readouts = nlohmann::json::array();
        for (int t = 0; t < sizes.numLayers; t++) {
            std::string irreps;
            for (int l = 0; l <= outputLMax(t); l++)
                irreps += (l ? "+" : "") + std::to_string(channels) + "x" + std::to_string(l) +
                          (l % 2 ? "o" : "e");
            layers.push_back({{"interaction", t == 0 ? "RealAgnosticInteractionBlock"
                                                     : "RealAgnosticResidualInteractionBlock"},
                              {"avg_num_neighbors", statistics.avgNumNeighbors},
                              {"hidden_irreps", irreps},
                              {"radial_mlp", sizes.radialNetwork}});
            readouts.push_back(t + 1 == sizes.numLayers ? "nonlinear" : "linear");
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
                       {"couplings", "e3nn"},
                       {"use_agnostic_product", false},
                       {"readouts", readouts},
                       {"use_last_readout_only", false},
                       {"MLP_irreps", std::to_string(sizes.readoutHidden) + "x0e"},
                       {"gate", "silu"},
                       {"gate_constant", siluConstant}};
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
        for (int L = 0; L <= outputLMax(t); L++)
            for (int order = 1; order <= sizes.correlation; order++) {
                const std::size_t count = uTensor(sizes.maxEll, order, L).numPaths;
                fill(prefix + "contractions." + std::to_string(L) + "." + std::to_string(order),
                     {species, count, channels}, 1.0 / double(std::max<std::size_t>(count, 1)));
            }
        fill(prefix + "product_linear.weight",
             {std::size_t(outputLMax(t)) + 1, channels, channels});
        const std::string readout = "readouts." + std::to_string(t) + ".";
        if (t + 1 < sizes.numLayers) {
            fill(readout + "linear.weight", {channels, 1});
        } else {
            const std::size_t hidden = sizes.readoutHidden;
            fill(readout + "linear_1.weight", {channels, hidden});
            fill(readout + "linear_2.weight", {hidden, 1});
        }
    }

    void set(const std::string& name, const std::vector<std::size_t>& shape,
             const std::vector<double>& values) {
        file.tensors[name] = {DataType::Float64, shape, values};
    }

    /// Normally distributed numbers (Box and Muller: that of the standard library may differ
    /// between implementations).
    void fill(const std::string& name, const std::vector<std::size_t>& shape, double spread = 1) {
        std::size_t count = 1;
        for (const std::size_t size : shape)
            count *= size;
        std::vector<double> values(count);
        for (double& value : values) {
            const double u = (double(generator()) + 0.5) / 4294967296.0;
            const double v = (double(generator()) + 0.5) / 4294967296.0;
            value = spread * std::sqrt(-2 * std::log(u)) * std::cos(2 * pi * v);
        }
        set(name, shape, values);
    }

    const MaceSizes& sizes;
    const DataStatistics& statistics;
    std::mt19937 generator;
    const std::size_t channels, species;
    ModelFile file;
};

} // namespace

ModelFile makeInitialMace(const MaceSizes& sizes, const DataStatistics& statistics, unsigned seed) {
    return Initializer(sizes, statistics, seed).make();
}

} // namespace equivariant::training
