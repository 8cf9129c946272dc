// SPDX-License-Identifier: MIT
//
// Random PONITA models of every variant of the model file.
#pragma once

#include "support/RandomPonita.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace equivariant::test {

struct PonitaVariant {
    std::string name;
    nlohmann::json changes;
    std::string grid = "icosahedron-12";
};

inline void PrintTo(const PonitaVariant& variant, std::ostream* stream) {
    *stream << variant.name;
}

/// Every space and every option of the model file.
inline std::vector<PonitaVariant> ponitaVariants() {
    const nlohmann::json banded = {{"type", "band-limited"}, {"l_max", 2}};
    const nlohmann::json smooth = {{"type", "smooth"}, {"delta", 0.3}};
    return {
        {"published", nlohmann::json::object()},
        {"allPairs", {{"radius", nullptr}, {"scale", -1.3}, {"shift", 2.5}}},
        {"layerScale", {{"layer_scale", true}, {"multiple_readouts", false}}},
        {"degreePlusOne", {{"factors", "degree+1"}, {"fiber_normalization", "channels"}}},
        {"unnormalizedFiber", {{"fiber_normalization", "none"}, {"window_power", 3}}},
        {"noWindow", {{"window_power", 0}, {"radius", nullptr}}},
        {"radiusWithoutWindow", {{"window_power", 0}}},
        {"manyChannels", {{"hidden_dim", 40}, {"basis_dim", 19}, {"widening_factor", 3}}},
        {"smooth", {{"invariants", smooth}}},
        {"weightedGrid", nlohmann::json::object(), "icosahedral-32"},
        {"fibonacciGrid", nlohmann::json::object(), "fibonacci-9"},
        {"oneOrientation", nlohmann::json::object(), "fibonacci-1"},
        {"bandLimited", {{"kernel", banded}}, "lebedev-14"},
        {"bandLimitedAllPairs", {{"kernel", banded}, {"radius", nullptr}}, "lebedev-14"},
        {"tetrahedralAverage", {{"rotation_average", "tetrahedral"}}, "fibonacci-5"},
        {"plane", {{"space", "R2xS1"}}, "circle-7"},
        {"plainPlane", {{"space", "R2"}}, ""},
        {"plain", {{"space", "R3"}}, ""},
        {"plainAllPairs", {{"space", "R3"}, {"radius", nullptr}, {"degree", 3}}, ""},
        {"pointCloud", {{"space", "R3xS2-point-cloud"}}, ""},
        {"pointCloudSmooth",
         {{"space", "R3xS2-point-cloud"}, {"invariants", smooth}, {"radius", nullptr}},
         ""},
        {"pointCloudEnvelope", {{"space", "R3xS2-point-cloud"}, {"lifted_envelope", true}}, ""}};
}

inline std::shared_ptr<const Model> makeModel(const PonitaVariant& variant) {
    nlohmann::json config = ponitaConfig();
    config.update(variant.changes);
    return RandomPonita(config, variant.grid).make();
}

/// 64 channels, three layers.
inline std::shared_ptr<const Model> ponitaOfUsualSize(const nlohmann::json& changes,
                                                      const std::string& grid) {
    nlohmann::json config = {{"hidden_dim", 64},     {"basis_dim", 64}, {"degree", 3},
                             {"widening_factor", 4}, {"num_layers", 3}, {"radius", 5.0}};
    config.update(changes);
    return makeModel({"usual", config, grid});
}

} // namespace equivariant::test
