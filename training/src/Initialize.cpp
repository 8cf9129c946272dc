// SPDX-License-Identifier: MIT
#include "Initialize.h"

#include "CovalentRadii.h"
#include "WeightFiller.h"

#include "equivariant/Couplings.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace equivariant::training {

namespace {

const double pi = std::acos(-1.0);

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
        if (sizes.pairRepulsion)
            addRepulsion();
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
            if (sizes.copies == 0)
                file.config["product"] = {{"type", "gaunt"}};
        } else {
            file.config["couplings"] = "e3nn";
            file.config["use_agnostic_product"] = false;
        }
    }

    /// With the constants of mace-torch.
    void addRepulsion() {
        file.config["zbl"] = {{"c", {0.1818, 0.5099, 0.2802, 0.02817}},
                              {"p", 6},
                              {"a_exp", 0.3},
                              {"a_prefactor", 0.4543}};
        std::vector<double> radii;
        for (const int atomicNumber : sizes.atomicNumbers)
            radii.push_back(getCovalentRadius(atomicNumber));
        set("covalent_radii", {species}, radii);
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
        if (copies == 0) {
            fill(prefix + "product.weights", {order, species, channels, degrees});
            return;
        }
        const double spread = perRoot(double(copies));
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

ModelFile makePonitaPotential(const ModelSizes& sizes, const DataStatistics& statistics,
                              unsigned seed) {
    nlohmann::json config = ponitaConfig(sizes);
    const std::size_t species = sizes.atomicNumbers.size();
    std::vector<std::size_t> indices(species);
    std::iota(indices.begin(), indices.end(), std::size_t(0));
    config["task_level"] = "graph";
    config["input_scalars"] = species;
    config["scale"] = statistics.scale;
    config["shift"] = statistics.shift * statistics.atomsPerFrame;
    config["atomic_numbers"] = sizes.atomicNumbers;
    config["input_index"] = indices;
    ModelFile file = makeInitialPonita(config, sizes.orientations, seed);
    file.tensors["isolated_atom_energies"] = {
        DataType::Float64, {species}, statistics.isolatedAtomEnergies};
    return file;
}

} // namespace

ModelFile makeInitialModel(const ModelSizes& sizes, const DataStatistics& statistics,
                           unsigned seed) {
    if (sizes.architecture == "ponita")
        return makePonitaPotential(sizes, statistics, seed);
    return MaceInitializer(sizes, statistics, seed).make();
}

} // namespace equivariant::training
