// SPDX-License-Identifier: MIT
//
// Random MACE and Gaunt-MACE models of every variant of the model file.
#pragma once

#include "support/RandomModels.h"

#include <memory>
#include <ostream>
#include <vector>

namespace equivariant::test {

using nlohmann::json;

struct MaceVariant {
    std::string name;
    json changes;               ///< of keys of the config
    std::vector<json> layers{}; ///< changes of each layer; empty: two layers as in maceConfig()
};

inline json interactionBlock(const char* interaction, const char* irreps) {
    return {{"interaction", std::string("RealAgnostic") + interaction + "InteractionBlock"},
            {"hidden_irreps", irreps}};
}

inline std::vector<MaceVariant> maceVariants() {
    const json agnesi = {{"a", 1.0805}, {"q", 0.9183}, {"p", 4.5791}};
    const json zbl = {{"c", {0.1818, 0.5099, 0.2802, 0.02817}},
                      {"p", 6},
                      {"a_exp", 0.3},
                      {"a_prefactor", 0.4543}};
    const json gaussian = {{"radial_type", "gaussian"}, {"gaussian_coefficient", -0.5}};
    const std::vector<json> density = {interactionBlock("Density", "3x0e+3x1o"),
                                       interactionBlock("DensityResidual", "3x0e")};
    return {
        {"plain", json::object()},
        {"residualFirst",
         json::object(),
         {interactionBlock("Residual", "3x0e+3x1o"), interactionBlock("Residual", "3x0e")}},
        {"noResidual",
         json::object(),
         {interactionBlock("", "3x0e+3x1o"), interactionBlock("", "3x0e")}},
        {"oneLayer", {{"readouts", {"nonlinear"}}}, {interactionBlock("Residual", "3x0e+3x1o")}},
        {"threeLayers",
         {{"readouts", {"linear", "linear", "nonlinear"}}, {"max_ell", 1}},
         {interactionBlock("", "3x0e+3x1o"), interactionBlock("Residual", "3x0e+3x1o"),
          interactionBlock("Residual", "3x0e")}},
        {"densityZblAgnesiHeads",
         {{"heads", {"a", "b"}},
          {"zbl", zbl},
          {"distance_transform", "Agnesi"},
          {"agnesi", agnesi}},
         density},
        {"densityFirstResidual",
         json::object(),
         {interactionBlock("DensityResidual", "3x0e+3x1o"), interactionBlock("Density", "3x0e")}},
        {"cutoffAfterNetwork", {{"apply_cutoff", false}}, density},
        {"hiddenL2",
         {{"max_ell", 3}, {"correlation", 2}},
         {interactionBlock("", "3x0e+3x1o+3x2e"), interactionBlock("Residual", "3x0e")}},
        {"hiddenL3maxEll4",
         {{"max_ell", 4}, {"correlation", 2}},
         {interactionBlock("", "3x0e+3x1o+3x2e+3x3o"), interactionBlock("Residual", "3x0e+3x1o")}},
        {"correlation4", {{"correlation", 4}, {"max_ell", 1}}},
        {"correlation1",
         {{"correlation", 1}, {"max_ell", 0}},
         {interactionBlock("", "3x0e"), interactionBlock("Residual", "3x0e")}},
        {"gaussian", gaussian},
        {"chebyshevAgnesi",
         {{"radial_type", "chebyshev"}, {"distance_transform", "Agnesi"}, {"agnesi", agnesi}}},
        {"soft", {{"distance_transform", "Soft"}, {"soft_alpha", 4.0}}},
        {"agnosticProductLastReadout",
         {{"use_agnostic_product", true},
          {"use_last_readout_only", true},
          {"readouts", {"nonlinear"}}}},
        {"gateTanh", {{"gate", "tanh"}, {"gate_constant", 1.59}}},
        {"gateAbs", {{"gate", "abs"}, {"gate_constant", 1.0}}},
        {"gateNone", {{"gate", "None"}, {"gate_constant", 1.0}}},
    };
}

/// Keys that belong to one radial basis only would be refused beside another.
inline json configOf(const MaceVariant& variant) {
    json config = maceConfig();
    if (variant.changes.value("radial_type", "bessel") != "bessel")
        config.erase("bessel_prefactor");
    config.update(variant.changes);
    if (!variant.layers.empty()) {
        const json layer = config["layers"][0];
        config["layers"] = json::array();
        for (const json& changes : variant.layers) {
            config["layers"].push_back(layer);
            config["layers"].back().update(changes);
        }
    }
    return config;
}

struct GauntVariant {
    std::string name;
    json product;
    json changes = json::object();     ///< of keys of the config
    std::vector<std::string> hidden{}; ///< irreps after each layer, if not those of maceConfig()
};

inline json gauntCopies(int count, bool oddPaths) {
    return {{"type", "gaunt-copies"}, {"copies", count}, {"odd_paths", oddPaths}};
}

inline json configOf(const GauntVariant& variant) {
    json config = gauntMaceConfig(variant.product);
    config.update(variant.changes);
    if (!variant.hidden.empty()) {
        const json layer = config["layers"][1];
        config["layers"] = json::array();
        config["readouts"] = json::array();
        for (const std::string& irreps : variant.hidden) {
            config["layers"].push_back(layer);
            config["layers"].back()["hidden_irreps"] = irreps;
            config["readouts"].push_back("linear");
        }
        config["readouts"].back() = "nonlinear";
    }
    return config;
}

inline std::vector<GauntVariant> gauntMaceVariants() {
    return {
        {"published", {{"type", "gaunt"}}},
        {"publishedHiddenL2MaxEll3",
         {{"type", "gaunt"}},
         {{"max_ell", 3}},
         {"3x0e+3x1o+3x2e", "3x0e"}},
        {"oneCopy", gauntCopies(1, false)},
        {"threeCopies", gauntCopies(3, false)},
        {"oddPaths", gauntCopies(2, true)},
        {"oddPathsCorrelation4", gauntCopies(1, true), {{"correlation", 4}}},
        {"correlation2", gauntCopies(2, false), {{"correlation", 2}}},
        {"gauntConvolution", gauntCopies(2, false), {{"convolution", "gaunt"}}},
        {"gauntConvolutionThreeLayers",
         {{"type", "gaunt"}},
         {{"convolution", "gaunt"}},
         {"3x0e+3x1o+3x2e", "3x0e+3x1o", "3x0e"}},
    };
}

struct NamedModel {
    std::string name;
    json config;
};

inline void PrintTo(const NamedModel& named, std::ostream* stream) {
    *stream << named.name;
}

/// Every variant of the model file, and shapes that kernels treat differently.
inline std::vector<NamedModel> allMaceVariants() {
    std::vector<NamedModel> result;
    for (const MaceVariant& variant : maceVariants())
        result.push_back({"mace_" + variant.name, configOf(variant)});
    for (const GauntVariant& variant : gauntMaceVariants())
        result.push_back({"gaunt_" + variant.name, configOf(variant)});
    json scalars = maceConfig(); // contractions to scalars in both layers
    scalars["max_ell"] = 3;
    scalars["layers"][0]["hidden_irreps"] = "3x0e";
    result.push_back({"mace_scalarsOnly", scalars});
    json wide = maceConfig(); // more than one block of channels, the last not full
    wide["num_channels"] = 37;
    wide["max_ell"] = 3;
    wide["layers"][0]["hidden_irreps"] = "37x0e+37x1o";
    wide["layers"][1]["hidden_irreps"] = "37x0e";
    result.push_back({"mace_manyChannels", wide});
    return result;
}

/// The shapes of MACE-OFF23 small and medium, and of a Gaunt-MACE of medium size.
inline std::vector<NamedModel> maceModelsOfUsualSize() {
    const auto withSize = [](json config, int channels, const std::string& irreps, double cutoff) {
        const std::string count = std::to_string(channels);
        config.update({{"atomic_numbers", {1, 6, 7, 8}},
                       {"r_max", cutoff},
                       {"bessel_prefactor", std::sqrt(2 / cutoff)},
                       {"num_radial_basis", 8},
                       {"max_ell", 3},
                       {"num_channels", channels},
                       {"MLP_irreps", "16x0e"}});
        for (json& layer : config["layers"])
            layer["radial_mlp"] = {64, 64, 64};
        config["layers"][0]["hidden_irreps"] = irreps;
        config["layers"][1]["hidden_irreps"] = count + "x0e";
        return config;
    };
    return {{"mace-small", withSize(maceConfig(), 96, "96x0e", 4.5)},
            {"mace-medium", withSize(maceConfig(), 128, "128x0e+128x1o", 5)},
            {"gaunt-mace-medium",
             withSize(gauntMaceConfig({{"type", "gaunt"}}), 128, "128x0e+128x1o", 5)}};
}

} // namespace equivariant::test
