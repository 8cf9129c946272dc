// SPDX-License-Identifier: MIT
//
// What the commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace equivariant::probabilistic_world {

struct Options {
    std::string input, out, densities;
    bool eigenvalues = false, spectrum = false, enumerate = false;
    int sites = 0, states = 0, lag = 1, length = 0, chains = 200;
    std::int64_t evolve = 0;
    std::string initial;
    std::vector<std::string> gates;
    std::vector<double> means;
    std::vector<int> from, to;
    double singlet = 1, angle = 0;
    std::uint64_t seed = 0;
};

/// A list of numbers.
template <class Values> nlohmann::json toList(const Values& values) {
    return std::vector<double>(values.begin(), values.end());
}

/// Writes the report of a command.
void finish(const nlohmann::json& report, const Options& options);

CLI::App* addCommand(CLI::App& app, const std::shared_ptr<Options>& options,
                     const std::string& name, const std::string& summary,
                     void (*run)(const Options&));

/// qubit and bell.
void addQubitCommands(CLI::App& app, const std::shared_ptr<Options>& options);

} // namespace equivariant::probabilistic_world
