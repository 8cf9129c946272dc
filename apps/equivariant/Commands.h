// SPDX-License-Identifier: MIT
#pragma once

#include "Evaluate.h"

#include <CLI/CLI.hpp>

namespace equivariant::command {

// Each adds one subcommand, which throws Error (or OpenMM::OpenMMException) if it fails.
void addEvalCommand(CLI::App& app);
void addValidateCommand(CLI::App& app);
void addBenchCommand(CLI::App& app);
void addInfoCommand(CLI::App& app);
void addDoctorCommand(CLI::App& app);
void addMdCommand(CLI::App& app);

/// Adds the subcommands that are programs of their own: train, label, learn.
void addExternalCommands(CLI::App& app);

/// Adds --precision, --threads, --orientations and --head.
void addComputeOptions(CLI::App& app, ComputeOptions& options);

/// Adds --precision, --threads and --orientations.
void addProcessorOptions(CLI::App& app, ComputeOptions& options);

/// Adds --platform with "native" among its values.
void addPlatformOption(CLI::App& app, ComputeOptions& options);

/// Adds what concerns the platform native alone: --exact-radial and --product.
void addNativeOptions(CLI::App& app, ComputeOptions& options);

/// A check for options: a finite number, at least `least` (more than it if `strict`).
CLI::Validator finiteNumber(double least, bool strict);

} // namespace equivariant::command
