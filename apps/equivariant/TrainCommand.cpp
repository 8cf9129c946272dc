// SPDX-License-Identifier: MIT
#include "Commands.h"

#include "equivariant/Error.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace equivariant::command {

namespace {

constexpr const char* trainer = "equivariant-train";

/// Replaces this program by the trainer, so that nothing of it is linked here.
void runTrain(const std::vector<std::string>& arguments) {
    std::vector<char*> argv = {const_cast<char*>(trainer)};
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error)
        execv((self.parent_path() / trainer).c_str(), argv.data());
    execvp(trainer, argv.data());
    if (errno != ENOENT)
        throw Error(std::string(trainer) + " cannot be started: " + std::strerror(errno));
    throw Error(std::string("train: the program ") + trainer +
                " is neither beside this one nor on PATH; install it (the trainer is a separate "
                "program, built with LibTorch)");
}

} // namespace

void addTrainCommand(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "train", "Starts the separate program equivariant-train with the arguments that follow");
    command->prefix_command();
    command->callback([command] { runTrain(command->remaining()); });
}

} // namespace equivariant::command
