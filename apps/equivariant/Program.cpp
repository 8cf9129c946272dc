// SPDX-License-Identifier: MIT
#include "Program.h"

#include "equivariant/Error.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace equivariant::command {

void printError(const std::string& program, std::string message) {
    for (char& c : message)
        if (static_cast<unsigned char>(c) < 32 || c == 127)
            c = ' ';
    std::cerr << program << ": " << message << std::endl;
}

int parseArguments(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& request) {
        return app.exit(request); // --help, --version
    } catch (const CLI::ParseError& error) {
        const CLI::App* command = &app;
        while (!command->get_subcommands().empty())
            command = command->get_subcommands()[0];
        const std::vector<std::string> rest = app.remaining(true);
        const bool isUnknown = command->get_require_subcommand_min() > 0 && !rest.empty();
        printError(app.get_name(),
                   (isUnknown ? "there is no subcommand '" + rest[0] + "'" : error.what()) +
                       " (see --help)");
        return badInput;
    }
    return 0;
}

void becomeProgram(const std::string& program, const std::vector<std::string>& arguments,
                   const std::string& hint) {
    std::vector<char*> argv = {const_cast<char*>(program.c_str())};
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
    throw Error("the program " + program + " is neither beside this one nor on PATH; " + hint);
}

} // namespace equivariant::command
