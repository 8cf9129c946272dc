// SPDX-License-Identifier: MIT
//
// Runs the real program in a process of its own.
#pragma once

#include "support/TemporaryFolder.h"

#include <sys/wait.h>
#include <vector>

namespace equivariant::test {

struct Result {
    int status; ///< of the exit, or -1 if a signal ended the program
    std::string output, error;
};

/// @param program  as the shell takes it
inline Result runCommand(const std::vector<std::string>& arguments,
                         const std::string& program = EQUIVARIANT_PROGRAM) {
    TemporaryFolder folder;
    const auto quote = [](const std::string& text) {
        std::string quoted = "'";
        for (char c : text)
            quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
        return quoted + "'";
    };
    std::string line = quote(program);
    for (const std::string& argument : arguments)
        line += ' ' + quote(argument);
    line += " >" + quote(folder.path("output")) + " 2>" + quote(folder.path("error"));
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, readText(folder.path("output")),
            readText(folder.path("error"))};
}

} // namespace equivariant::test
