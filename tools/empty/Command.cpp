// SPDX-License-Identifier: MIT
#include "Empty.h"
#include "Output.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

namespace equivariant::empty {

void addCommands(CLI::App& app) {
    auto path = std::make_shared<std::string>();
    CLI::App* sumCommand = app.add_subcommand("sum", "Sum of the entries of a matrix");
    sumCommand->add_option("MATRIX", *path, "file of an array")->required();
    sumCommand->callback([path] {
        const nlohmann::json report = {{"sum", sum(support::readMatrix(*path))}};
        command::writeOutput("", command::dump(report) + "\n");
    });
}

} // namespace equivariant::empty
