// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace equivariant::examples {

/// What every example that trains a PONITA for some time can be told.
struct TrainingOptions {
    std::string orientations, output;
    int channels = 64, layers = 4, threads = 0;
    double minutes = 10, learningRate = 1e-3;
    unsigned seed = 1;

    void addTo(CLI::App& app);
};

/// The config of a PONITA model on complete graphs: features of every atom or particle, no window.
nlohmann::json networkConfig(const TrainingOptions& options, const std::string& space);

/// Parses the arguments and runs; prints errors. @return the exit status
/// @param threads  of LibTorch, as the arguments say; 0: as many as the processor has
int runExample(CLI::App& app, int argc, char** argv, const int& threads,
               const std::function<void()>& run);

} // namespace equivariant::examples
