// SPDX-License-Identifier: MIT
#include "Reproduction.h"

#include "Failure.h"
#include "Output.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <sys/resource.h>

namespace equivariant::support {

namespace {

std::string format(double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.6g", value);
    return text;
}

/// JSON knows no NaN and no infinity.
nlohmann::json toJson(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(format(value));
}

double getPeakMegabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

Reproduction::Reproduction(std::string tool, Options options)
    : tool(std::move(tool)), options(std::move(options)) {
    std::error_code error;
    if (!this->options.figures.empty())
        std::filesystem::create_directories(this->options.figures, error);
    if (error)
        throw Error(this->options.figures + ": the folder cannot be made: " + error.message());
}

void Reproduction::add(const std::string& claim, const std::string& status, nlohmann::json measured,
                       const std::string& bound) {
    passed += status == "pass";
    failed += status == "fail";
    skipped += status == "skip";
    const auto now = Clock::now();
    if (!options.json) {
        const std::string number = measured.is_number() ? format(measured) : measured.dump();
        std::printf("%-6s  %-*s  %12s  %s\n", status.c_str(), 76, claim.c_str(),
                    measured.is_null() ? "" : number.c_str(), bound.c_str());
        std::fflush(stdout);
    }
    claims.push_back({{"claim", claim},
                      {"status", status},
                      {"measured", std::move(measured)},
                      {"bound", bound},
                      {"seconds", seconds(now - last)}});
    last = now;
}

void Reproduction::atMost(const std::string& claim, double measured, double bound) {
    add(claim, measured <= bound ? "pass" : "fail", toJson(measured), "<= " + format(bound));
}

void Reproduction::atLeast(const std::string& claim, double measured, double bound) {
    add(claim, measured >= bound ? "pass" : "fail", toJson(measured), ">= " + format(bound));
}

void Reproduction::within(const std::string& claim, double measured, double low, double high) {
    add(claim, measured >= low && measured <= high ? "pass" : "fail", toJson(measured),
        format(low) + " ... " + format(high));
}

void Reproduction::holds(const std::string& claim, bool measured) {
    add(claim, measured ? "pass" : "fail", measured, "true");
}

void Reproduction::report(const std::string& what, double measured) {
    add(what, "report", toJson(measured), "");
}

void Reproduction::skip(const std::string& claim, const std::string& reason) {
    add(claim, "skip", nullptr, reason);
}

std::optional<std::string> Reproduction::figure(const std::string& file) const {
    if (options.figures.empty())
        return std::nullopt;
    return (std::filesystem::path(options.figures) / file).string();
}

std::optional<std::string> Reproduction::data(const std::string& file, const std::string& claim) {
    const std::filesystem::path folder = options.data;
    const std::filesystem::path path = folder / "data" / file;
    if (!options.data.empty() && std::filesystem::exists(path))
        return path.string();
    skip(claim, "there is no data/" + file + " in the folder that --data names");
    return std::nullopt;
}

void Reproduction::finish() {
    const double duration = seconds(Clock::now() - start);
    if (options.json) {
        const nlohmann::json report = {{"tool", tool},
                                       {"quick", options.quick},
                                       {"passed", passed},
                                       {"failed", failed},
                                       {"skipped", skipped},
                                       {"seconds", duration},
                                       {"peak_mb", getPeakMegabytes()},
                                       {"claims", claims}};
        command::writeOutput("", command::dump(report, 2) + "\n");
    } else {
        std::printf("%s: %d passed, %d failed, %d skipped; %.1f s, %.0f MB\n", tool.c_str(), passed,
                    failed, skipped, duration, getPeakMegabytes());
    }
    if (failed > 0)
        throw Failure(1, tool + ": " + std::to_string(failed) + " of " +
                             std::to_string(passed + failed) + " claims do not hold");
}

} // namespace equivariant::support
