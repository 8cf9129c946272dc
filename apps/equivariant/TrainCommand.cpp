// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Program.h"

namespace equivariant::command {

void addTrainCommand(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "train", "Starts the separate program equivariant-train with the arguments that follow");
    command->prefix_command();
    // Replaced by the trainer, so that nothing of it is linked here.
    command->callback([command] {
        becomeProgram("equivariant-train", command->remaining(),
                      "install it (the trainer is a separate program, built with LibTorch)");
    });
}

} // namespace equivariant::command
