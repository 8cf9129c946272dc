// SPDX-License-Identifier: MIT
//
// MACE and Gaunt-MACE models with random weights, of every variant the model file can say.
#pragma once

#include "equivariant/Couplings.h"
#include "equivariant/Irreps.h"
#include "equivariant/Model.h"

#include <cmath>
#include <random>
#include <string>

namespace equivariant::test {

/// Config of a small MACE of the elements 1, 6, 8 with three channels; tests overwrite keys of it.
inline nlohmann::json maceConfig() {
    const auto layer = [](const char* interaction, const char* irreps) {
        return nlohmann::json{{"interaction", interaction},
                              {"avg_num_neighbors", 7.5},
                              {"hidden_irreps", irreps},
                              {"radial_mlp", {5, 4}}};
    };
    return {{"atomic_numbers", {1, 6, 8}},
            {"heads", {"Default"}},
            {"r_max", 4.0},
            {"radial_type", "bessel"},
            {"num_radial_basis", 5},
            {"bessel_prefactor", std::sqrt(2 / 4.0)},
            {"num_polynomial_cutoff", 5},
            {"apply_cutoff", true},
            {"silu_constant", 1.6791767923989418},
            {"distance_transform", "None"},
            {"max_ell", 2},
            {"correlation", 3},
            {"num_channels", 3},
            {"layers",
             {layer("RealAgnosticInteractionBlock", "3x0e+3x1o"),
              layer("RealAgnosticResidualInteractionBlock", "3x0e")}},
            {"couplings", "e3nn"},
            {"use_agnostic_product", false},
            {"readouts", {"linear", "nonlinear"}},
            {"use_last_readout_only", false},
            {"MLP_irreps", "4x0e"},
            {"gate", "silu"},
            {"gate_constant", 1.6791767923989418}};
}

/// The same as a Gaunt-MACE with a product {"type": ...} as in docs/theory/gaunt-mace.md.
inline nlohmann::json gauntMaceConfig(const nlohmann::json& product) {
    nlohmann::json config = maceConfig();
    config.erase("couplings");
    config.erase("use_agnostic_product");
    config["product"] = product;
    config["convolution"] = "clebsch-gordan";
    return config;
}

/// Random tensors for a config, normally distributed as mace-torch initialises them.
class RandomMace {
public:
    explicit RandomMace(nlohmann::json config, unsigned seed = 1)
        : config(std::move(config)), generator(seed) {}

    ModelFile makeFile() {
        file = {};
        file.architecture = isGaunt() ? "gaunt-mace" : "mace";
        file.config = config;
        file.license = "MIT";
        file.citation = file.provenance = "random weights of a test";
        channels = config["num_channels"];
        species = config["atomic_numbers"].size();
        heads = config["heads"].size();
        basis = config["num_radial_basis"];
        add("atomic_energies", {heads, species});
        add("scale", {heads}, 0.2, 1);
        add("shift", {heads});
        add("node_embedding.weight", {species, channels});
        addRadial();
        std::size_t inputLMax = 0;
        for (std::size_t t = 0; t < config["layers"].size(); t++)
            inputLMax = addLayer(t, inputLMax);
        addReadouts();
        return file;
    }

    std::shared_ptr<const Model> make() {
        return Model::fromBytes(makeFile().serialize(), "random MACE");
    }

private:
    bool isGaunt() const { return config.contains("product"); }

    void add(const std::string& name, const std::vector<std::size_t>& shape, double spread = 1,
             double mean = 0) {
        Tensor& tensor = file.tensors[name];
        tensor.shape = shape;
        std::size_t count = 1;
        for (std::size_t size : shape)
            count *= size;
        std::normal_distribution<double> normal(mean, spread);
        for (std::size_t i = 0; i < count; i++)
            tensor.data.push_back(normal(generator));
    }

    void addRadial() {
        // Near n pi/4 and n for the frequencies or centres, so that they are told apart.
        const bool bessel = config["radial_type"] == "bessel";
        if (config["radial_type"] != "chebyshev") {
            const std::string name = bessel ? "bessel_weights" : "gaussian_weights";
            add(name, {basis}, 0.05);
            for (std::size_t n = 0; n < basis; n++)
                file.tensors[name].data[n] += bessel ? (n + 1) * std::acos(-1) / 4 : double(n);
        }
        if (config.contains("zbl") || config["distance_transform"] != "None")
            add("covalent_radii", {species}, 0.05, 0.7);
    }

    std::size_t addLayer(std::size_t t, std::size_t inputLMax) {
        const nlohmann::json& layer = config["layers"][t];
        const std::string prefix = "layers." + std::to_string(t) + ".";
        const std::string interaction = layer["interaction"];
        const std::size_t outputLMax = parseIrreps(layer["hidden_irreps"]).size() - 1;
        const std::size_t maxEll = config["max_ell"];
        const bool gaunt = isGaunt() && config["convolution"] == "gaunt";
        const std::size_t paths = gaunt ? maxEll + 1 : countPaths(inputLMax, maxEll);
        const std::size_t k = channels;
        add(prefix + "linear_up.weight", {inputLMax + 1, k, k});
        std::size_t inputs = basis;
        std::vector<std::size_t> sizes = layer["radial_mlp"];
        sizes.push_back((gaunt ? 2 : 1) * paths * k);
        for (std::size_t q = 0; q < sizes.size(); q++) {
            add(prefix + "radial_mlp." + std::to_string(q) + ".weight", {inputs, sizes[q]});
            inputs = sizes[q];
        }
        if (interaction.find("Density") != std::string::npos)
            add(prefix + "density_fn.weight", {basis});
        add(prefix + "linear.weight", {paths, k, k});
        const bool residual = interaction.find("Residual") != std::string::npos;
        add(prefix + "skip_tp.weight",
            {(residual ? std::min(inputLMax, outputLMax) : maxEll) + 1, k, species, k});
        if (isGaunt())
            addGauntProduct(prefix + "product.", outputLMax);
        else
            addContractions(prefix, outputLMax);
        add(prefix + "product_linear.weight", {outputLMax + 1, k, k});
        return outputLMax;
    }

    static std::size_t countPaths(std::size_t inputLMax, std::size_t maxEll) {
        std::size_t count = 0;
        for (std::size_t l1 = 0; l1 <= inputLMax; l1++)
            for (std::size_t l2 = 0; l2 <= maxEll; l2++)
                for (std::size_t l3 = 0; l3 <= maxEll; l3++)
                    count += isTriangle(int(l1), int(l2), int(l3)) && (l1 + l2 + l3) % 2 == 0;
        return count;
    }

    void addContractions(const std::string& prefix, std::size_t outputLMax) {
        const std::size_t elements = config["use_agnostic_product"].get<bool>() ? 1 : species;
        for (std::size_t L = 0; L <= outputLMax; L++)
            for (int order = 1; order <= config["correlation"].get<int>(); order++) {
                const std::size_t paths = uTensor(config["max_ell"], order, int(L)).numPaths;
                add(prefix + "contractions." + std::to_string(L) + "." + std::to_string(order),
                    {elements, paths, channels}, 1 / std::sqrt(double(paths)));
            }
    }

    void addGauntProduct(const std::string& prefix, std::size_t outputLMax) {
        const nlohmann::json& product = config["product"];
        const std::size_t nu = config["correlation"], k = channels, z = species, L = outputLMax + 1;
        if (product["type"] == "gaunt")
            return add(prefix + "weights", {nu, z, k, L}, 0.3);
        const std::size_t copies = product["copies"], degrees = config["max_ell"].get<int>() + 1;
        add(prefix + "linear_weights", {z, k, L}, 0.5);
        add(prefix + "factors", {copies, nu, k, degrees}, 0.7);
        add(prefix + "weights", {nu - 1, copies, z, k, L}, 0.5);
        if (product["odd_paths"].get<bool>())
            add(prefix + "odd_weights", {nu - 2, copies, z, k, L}, 0.3);
    }

    void addReadouts() {
        for (std::size_t t = 0; t < config["readouts"].size(); t++) {
            const std::string prefix = "readouts." + std::to_string(t) + ".";
            if (config["readouts"][t] == "linear") {
                add(prefix + "linear.weight", {channels, heads});
                continue;
            }
            const std::size_t hidden = parseIrreps(config["MLP_irreps"])[0].multiplicity * heads;
            add(prefix + "linear_1.weight", {channels, hidden});
            add(prefix + "linear_2.weight", {hidden, heads});
        }
    }

    nlohmann::json config;
    std::mt19937 generator;
    ModelFile file;
    std::size_t channels = 0, species = 0, heads = 0, basis = 0;
};

} // namespace equivariant::test
