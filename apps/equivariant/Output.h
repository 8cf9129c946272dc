// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <nlohmann/json.hpp>
#include <string>

namespace equivariant::command {

/// Writes to a file, or to the standard output if the path is empty. Throws Error naming the file.
void writeOutput(const std::string& path, const std::string& text);

/// JSON text that is valid even where a file brought bytes that are not UTF-8.
std::string dump(const nlohmann::json& value, int indent = -1);

/// A list of rows.
nlohmann::json toJson(const Eigen::Matrix3d& matrix);
nlohmann::json toJson(const Eigen::Vector3d& vector);

} // namespace equivariant::command
