// SPDX-License-Identifier: MIT
//
// The command "equivariant-tools NAME COMMAND …". Exit status 2: bad input; 1: a mistake of ours
// or, from "reproduce", a claim that does not hold; others: see the tool.
#include "Program.h"
#include "Tool.h"

#include "support/Failure.h"

#include <memory>
#include <new>

using namespace equivariant;
using namespace equivariant::support;

namespace {

constexpr const char* program = "equivariant-tools";

void addReproduce(CLI::App& app, const Tool& tool) {
    auto options = std::make_shared<Reproduction::Options>();
    CLI::App* command = app.add_subcommand("reproduce", "Measures what the tool's page claims");
    command->add_flag("--quick", options->quick, "smaller experiments, seconds");
    command->add_flag("--json", options->json, "one JSON object instead of a table");
    command->add_option("--out", options->figures, "folder for the figures (default: none drawn)");
    command->add_option("--data", options->data, "folder with the public training sets")
        ->envname("EQUIVARIANT_SHARED_DIR");
    command->callback([options, &tool] {
        Reproduction run(tool.name, *options);
        tool.reproduce(run);
        run.finish();
    });
}

void addTool(CLI::App& app, const Tool& tool) {
    CLI::App* command = app.add_subcommand(tool.name, tool.summary);
    if (!tool.addCommands) { // replaced by the program with LibTorch
        command->prefix_command();
        command->callback([command, &tool] {
            std::vector<std::string> arguments = command->remaining();
            arguments.insert(arguments.begin(), tool.name);
            command::becomeProgram("equivariant-tools-torch", arguments,
                                   "install it (tools that train networks are apart)");
        });
        return;
    }
    command->require_subcommand(1);
    tool.addCommands(*command);
    addReproduce(*command, tool);
}

} // namespace

int main(int argc, char** argv) {
    try {
        CLI::App app("Models and analyses around equivariant learning; docs/tools has a page for "
                     "each tool.",
                     program);
        app.set_version_flag("--version", EQUIVARIANT_VERSION);
        app.require_subcommand(1);
        for (const Tool& tool : getTools())
            addTool(app, tool);
        return command::parseArguments(app, argc, argv);
    } catch (const Failure& failure) {
        command::printError(program, failure.what());
        return failure.status;
    } catch (const Error& error) {
        command::printError(program, error.what());
        return command::badInput;
    } catch (const std::bad_alloc&) {
        command::printError(program, "the memory does not suffice for input of this size");
        return command::badInput;
    } catch (const std::exception& error) {
        command::printError(program, std::string("internal error: ") + error.what());
        return command::ourMistake;
    }
}
