// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace equivariant::support {

/// The larger number, or a NaN if either is one: std::max(a, NaN) is a, so that a claim might hold.
inline double larger(double a, double b) {
    return a >= b || std::isnan(a) ? a : b;
}

/// What `equivariant-tools NAME reproduce` does: the tool measures something and states the claim
/// that its page makes about it, in one line, with a bound. A NaN fulfils no claim. With --json the
/// report is {tool, quick, passed, failed, skipped, seconds, peak_mb, claims: [{claim, status,
/// measured, bound, seconds}]}.
class Reproduction {
public:
    struct Options {
        bool quick = false;  ///< about 15 seconds
        bool json = false;   ///< one object at the end instead of a line for each claim
        std::string figures; ///< folder, or "": no figures
        std::string data;    ///< folder of the public training sets, or ""
    };

    /// Makes the folder for figures. Throws Error if that fails.
    Reproduction(std::string tool, Options options);

    bool isQuick() const { return options.quick; }

    /// The first number in a quick run, else the second.
    int choose(int quick, int full) const { return options.quick ? quick : full; }

    void atMost(const std::string& claim, double measured, double bound);
    void atLeast(const std::string& claim, double measured, double bound);
    void within(const std::string& claim, double measured, double low, double high);
    void holds(const std::string& claim, bool measured);

    /// A number that the page shows and nothing bounds.
    void report(const std::string& what, double measured);

    /// An experiment that cannot run here, and why.
    void skip(const std::string& claim, const std::string& reason);

    /// Path of a new file in the folder for figures; nothing if no figures are wanted.
    std::optional<std::string> figure(const std::string& file) const;

    /// Path of a file of the public training sets ("3bpa/train_300K.xyz"); nothing, if it is not
    /// there, and then the claim counts as skipped.
    std::optional<std::string> data(const std::string& file, const std::string& claim);

    /// Prints the report. Throws Failure with status 1 if a claim does not hold.
    void finish();

private:
    using Clock = std::chrono::steady_clock;

    void add(const std::string& claim, const std::string& status, nlohmann::json measured,
             const std::string& bound);

    std::string tool;
    Options options;
    std::vector<nlohmann::json> claims;
    int passed = 0, failed = 0, skipped = 0;
    Clock::time_point start = Clock::now(), last = start;
};

} // namespace equivariant::support
