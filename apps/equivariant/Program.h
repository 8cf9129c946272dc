// SPDX-License-Identifier: MIT
//
// What all programs with subcommands do alike.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace equivariant::command {

constexpr int badInput = 2;   ///< exit status for what a user can do wrong
constexpr int ourMistake = 1; ///< exit status for what only a mistake of ours can cause

/// One line on the standard error, whatever the message holds.
void printError(const std::string& program, std::string message);

/// Parses the arguments, which runs the callbacks of the subcommands. Returns the exit status:
/// badInput, with a line that says why, for arguments that make no sense.
int parseArguments(CLI::App& app, int argc, char** argv);

/// Replaces this process by a program that lies beside this one or on PATH.
/// Throws Error if there is none, with `hint`, or if it cannot be started.
[[noreturn]] void becomeProgram(const std::string& program,
                                const std::vector<std::string>& arguments, const std::string& hint);

} // namespace equivariant::command
