// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

namespace equivariant::command {

/// A line on the standard error that shows how far a work is, how fast and how long it will take.
/// Where the standard error is no terminal, nothing is shown.
class ProgressBar {
public:
    /// @param total  number of items, which are called `item` ("step")
    /// @param unit   of the rate ("ns/day")
    /// @param scale  the rate that one item in a second is
    ProgressBar(long total, std::string item, std::string unit, double scale);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void update(long done);

    /// The rate from the start until now, in its unit.
    double getRate(long done) const;

private:
    using Clock = std::chrono::steady_clock;

    long total;
    std::string item, unit;
    double scale;
    bool visible, drawn = false;
    Clock::time_point start, lastDrawn;
};

} // namespace equivariant::command
