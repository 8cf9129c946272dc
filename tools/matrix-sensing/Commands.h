// SPDX-License-Identifier: MIT
//
// What the subcommands share.
#pragma once

#include "Descent.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace equivariant::matrix_sensing {

void addSolve(CLI::App& app);
void addStudy(CLI::App& app);

/// Options of descents, and `log`, the file of the curve.
void addDescentOptions(CLI::App& command, DescentOptions& options, std::string& log);

/// The end of a descent, its rate and its rescaling.
nlohmann::json describe(const Descent& descent);

/// A CSV file; nothing for an empty path.
void writeCurve(const std::string& path, const std::vector<Point>& curve);

} // namespace equivariant::matrix_sensing
