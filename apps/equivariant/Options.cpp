// SPDX-License-Identifier: MIT
#include "Commands.h"

#include <cmath>

namespace equivariant::command {

void addProcessorOptions(CLI::App& app, ComputeOptions& options) {
    app.add_option("--precision", options.precision,
                   "single, mixed or double (default: double for native, else the platform's own)")
        ->check(CLI::IsMember({"single", "mixed", "double"}));
    app.add_option("--threads", options.threads,
                   "threads of native or of the platform CPU (default: all the processor has)")
        ->check(CLI::Range(1, 100000));
    app.add_option("--orientations", options.orientations,
                   "grid in the place of that of a PONITA model, for instance lebedev-26");
}

void addComputeOptions(CLI::App& app, ComputeOptions& options) {
    addProcessorOptions(app, options);
    app.add_option("--head", options.head, "head of the model (default: its first)");
}

void addPlatformOption(CLI::App& app, ComputeOptions& options) {
    app.add_option("--platform", options.platform,
                   "native (without OpenMM) or the OpenMM platform Reference, CPU, OpenCL or CUDA")
        ->check(CLI::IsMember({"native", "Reference", "CPU", "OpenCL", "CUDA"}))
        ->capture_default_str();
}

void addNativeOptions(CLI::App& app, ComputeOptions& options) {
    app.add_flag("--exact-radial", options.exactRadial,
                 "native: radial functions by their networks instead of by tables");
    app.add_option("--product", options.product,
                   "native: how many-body products are evaluated; auto takes the form with the "
                   "fewest operations")
        ->check(CLI::IsMember({"auto", "monomials", "sphere"}))
        ->capture_default_str();
}

CLI::Validator finiteNumber(double least, bool strict) {
    const std::string range = (strict ? "number > " : "number >= ") + CLI::detail::to_string(least);
    return CLI::Validator(
        [=](std::string& text) -> std::string {
            double value;
            if (!CLI::detail::lexical_cast(text, value) || !std::isfinite(value) || value < least ||
                (strict && value == least))
                return "'" + text + "' is not a finite " + range;
            return "";
        },
        range);
}

} // namespace equivariant::command
