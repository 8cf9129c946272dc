// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Program.h"

namespace equivariant::command {

namespace {

/// A subcommand whose program is equivariant-NAME, so that nothing of that is linked here.
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

} // namespace

void addExternalCommands(CLI::App& app) {
    for (const ExternalCommand& external : externalCommands) {
        CLI::App* command = app.add_subcommand(external.name, external.description);
        command->prefix_command();
        command->set_help_flag(); // the program has its own
        command->callback([command, &external] {
            becomeProgram(std::string("equivariant-") + external.name, command->remaining(),
                          external.remedy);
        });
    }
}

} // namespace equivariant::command
