// SPDX-License-Identifier: MIT
//
// Runs the real program in a process of its own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace equivariant::test {

/// A folder that vanishes with this object.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "equivariant-XXXXXX");
        if (!mkdtemp(pattern.data()))
            throw std::runtime_error("cannot make " + pattern);
        folder = pattern;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(folder); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string path(const std::string& name) const { return folder / name; }

    /// Writes a file and returns its path.
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(path(name), std::ios::binary) << content;
        return path(name);
    }

private:
    std::filesystem::path folder;
};

inline std::string readText(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

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
