// SPDX-License-Identifier: MIT
//
// What "fit" writes and "certify" reads.
#pragma once

#include "Bounds.h"
#include "Dataset.h"

#include <nlohmann/json.hpp>

namespace equivariant::pac_invariant_representations {

struct FittedFile {
    std::vector<std::string> features;
    std::string target;
    Representation representation;
    double eps;
    bool relative;
};

nlohmann::json toJson(const SearchResult& result, const Dataset& data, const std::string& target,
                      const SearchOptions& options, const std::vector<int>& usable);

/// Throws Error naming the file if it is none, or holds no representation.
FittedFile readFitted(const std::string& path);

nlohmann::json toJson(const Certificate& certificate, const SearchOptions& options);
nlohmann::json toJson(const SampleBound& bound);

} // namespace equivariant::pac_invariant_representations
