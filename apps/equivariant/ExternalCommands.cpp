// SPDX-License-Identifier: MIT
#include "Commands.h"

#include "equivariant/Error.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace equivariant::command {

namespace {

/// A subcommand whose program is equivariant-NAME.
struct ExternalCommand {
    const char *name, *description, *remedy;
};

constexpr ExternalCommand externalCommands[] = {
    {"train", "Trains a potential on labelled structures",
     "install the trainer, which is built with LibTorch"},
    {"label", "Labels structures with GFN-xTB, to train on",
     "install the Python package openmm-equivariant with the extra 'label'"},
    {"learn", "Trains, simulates, picks uncertain structures, labels them, and again",
     "install the Python package openmm-equivariant with the extra 'learn'"},
};

/// Replaces this program by another, so that nothing of that is linked here.
void start(const ExternalCommand& command, const std::vector<std::string>& arguments) {
    std::string program = std::string("equivariant-") + command.name;
    std::vector<char*> argv = {program.data()};
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error)
        execv((self.parent_path() / program).c_str(), argv.data());
    execvp(program.c_str(), argv.data());
    if (errno != ENOENT)
        throw Error(program + " cannot be started: " + std::strerror(errno));
    throw Error(std::string(command.name) + ": the program " + program +
                " is neither beside this one nor on PATH; " + command.remedy);
}

} // namespace

void addExternalCommands(CLI::App& app) {
    for (const ExternalCommand& external : externalCommands) {
        CLI::App* command = app.add_subcommand(external.name, external.description);
        command->prefix_command();
        command->set_help_flag(); // the program has its own
        command->callback([command, &external] { start(external, command->remaining()); });
    }
}

} // namespace equivariant::command
