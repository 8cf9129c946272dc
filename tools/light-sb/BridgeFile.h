// SPDX-License-Identifier: MIT
#pragma once

#include "BridgeModel.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace equivariant::light_sb {

/// Writes {schema: 1, eps, dim, K, log_alpha, r, log_s, Q (if covariances are full), checksum} and
/// what `origin` holds beside (scale, seed, steps, hashes of the data).
void writeModel(const std::string& path, const Model& model, const nlohmann::json& origin);

/// @param eps  that is expected, or none
/// Throws Error naming the file for anything else, and for an eps that is not the one that the
/// model was fitted with: S means nothing with another.
Model readModel(const std::string& path, std::optional<double> eps = {});

/// 16 hexadecimal digits for the bytes of an array.
std::string hashOf(const MatrixView& points);

} // namespace equivariant::light_sb
