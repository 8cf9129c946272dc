// SPDX-License-Identifier: MIT
//
// The command "equivariant". Whatever goes wrong ends in one line on the standard error and exit
// status 2; what only a mistake of ours can cause, in exit status 1.
#include "Commands.h"
#include "Program.h"

#include "equivariant/Error.h"

#include <openmm/OpenMMException.h>

using namespace equivariant::command;

namespace {

constexpr const char* program = "equivariant";

int run(int argc, char** argv) {
    CLI::App app("Equivariant machine-learned potentials. Energies are in eV and lengths in Å, "
                 "unless an option says otherwise.",
                 program);
    app.set_version_flag("--version", EQUIVARIANT_VERSION);
    app.require_subcommand(1);
    addEvalCommand(app);
    addValidateCommand(app);
    addBenchCommand(app);
    addInfoCommand(app);
    addMdCommand(app);
    addTrainCommand(app);
    addDoctorCommand(app);
    return parseArguments(app, argc, argv);
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const equivariant::Error& error) {
        printError(program, error.what());
        return badInput;
    } catch (const OpenMM::OpenMMException& error) {
        printError(program, std::string("OpenMM: ") + error.what());
        return badInput;
    } catch (const std::exception& error) {
        printError(program, std::string("internal error: ") + error.what());
        return ourMistake;
    }
}
