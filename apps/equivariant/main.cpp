// SPDX-License-Identifier: MIT
//
// The command "equivariant". Whatever goes wrong ends in one line on the standard error and exit
// status 2; what only a mistake of ours can cause, in exit status 1.
#include "Commands.h"

#include "equivariant/Error.h"

#include <iostream>
#include <openmm/OpenMMException.h>

namespace {

constexpr int badInput = 2;
constexpr int ourMistake = 1;

/// One line, whatever the message holds.
void printError(std::string message) {
    for (char& c : message)
        if (static_cast<unsigned char>(c) < 32 || c == 127)
            c = ' ';
    std::cerr << "equivariant: " << message << std::endl;
}

int run(int argc, char** argv) {
    using namespace equivariant::command;
    CLI::App app("Equivariant machine-learned potentials. Energies are in eV and lengths in Å, "
                 "unless an option says otherwise.",
                 "equivariant");
    app.set_version_flag("--version", EQUIVARIANT_VERSION);
    app.require_subcommand(1);
    addEvalCommand(app);
    addValidateCommand(app);
    addBenchCommand(app);
    addInfoCommand(app);
    addMdCommand(app);
    addExternalCommands(app);
    addDoctorCommand(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& request) {
        return app.exit(request); // --help, --version
    } catch (const CLI::ParseError& error) {
        const std::vector<std::string> rest = app.remaining();
        const bool isUnknown = app.get_subcommands().empty() && !rest.empty();
        printError((isUnknown ? "there is no subcommand '" + rest[0] + "'" : error.what()) +
                   " (see --help)");
        return badInput;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const equivariant::Error& error) {
        printError(error.what());
        return badInput;
    } catch (const OpenMM::OpenMMException& error) {
        printError(std::string("OpenMM: ") + error.what());
        return badInput;
    } catch (const std::exception& error) {
        printError(std::string("internal error: ") + error.what());
        return ourMistake;
    }
}
