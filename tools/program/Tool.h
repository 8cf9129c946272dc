// SPDX-License-Identifier: MIT
//
// The list of tools, which CMake generates of tools/CMakeLists.txt (ToolList.cpp.in).
#pragma once

#include "support/Reproduction.h"

#include <CLI/CLI.hpp>
#include <vector>

namespace equivariant::support {

struct Tool {
    const char* name;
    const char* summary;
    /// Adds the subcommands of the tool; null if the tool is in the program with LibTorch.
    void (*addCommands)(CLI::App& app);
    void (*reproduce)(Reproduction& run);
};

const std::vector<Tool>& getTools();

} // namespace equivariant::support
