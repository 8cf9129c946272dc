// SPDX-License-Identifier: MIT
//
// Reads the golden data, which were made by other programs (tests/data/*/README.md), and finds the
// larger files beside the repository (training sets, trained models) that it does not hold.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace equivariant::test {

/// The numbers of nested lists, in order.
inline std::vector<double> flatten(const nlohmann::json& values) {
    if (values.is_number())
        return {values.get<double>()};
    std::vector<double> flat;
    for (const auto& value : values)
        for (double x : flatten(value))
            flat.push_back(x);
    return flat;
}

inline std::string goldenPath(const std::string& name) {
    return std::string(EQUIVARIANT_SOURCE_DIR) + "/tests/data/" + name;
}

/// A model file that the build converted from tests/data (see tests/make_golden_models.py).
inline std::string modelPath(const std::string& name) {
    return std::string(EQUIVARIANT_GOLDEN_MODELS_DIR) + "/" + name + ".safetensors";
}

inline std::string sharedPath(const std::string& name) {
    return std::string(EQUIVARIANT_SHARED_DIR) + "/" + name;
}

inline bool haveShared(const std::string& name) {
    return std::filesystem::exists(sharedPath(name));
}

inline nlohmann::json readJson(const std::string& path) {
    std::ifstream stream(path);
    if (!stream)
        throw std::runtime_error("cannot read " + path);
    return nlohmann::json::parse(stream);
}

} // namespace equivariant::test

/// Skips the test where a file or folder beside the repository is absent.
#define EQUIVARIANT_NEED_SHARED(name)                                                              \
    if (!equivariant::test::haveShared(name))                                                      \
    GTEST_SKIP() << "needs " << equivariant::test::sharedPath(name)
