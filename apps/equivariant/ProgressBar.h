// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace equivariant::command {

/// A line on the standard error that shows how far a simulation is, how fast (ns/day) and how long
/// it will take. Where the standard error is no terminal, nothing is shown.
class ProgressBar {
public:
    /// @param timestep  fs
    ProgressBar(long numSteps, double timestep);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void update(long step);

    /// ns/day from the start to a step.
    double getSpeed(long step) const;

private:
    using Clock = std::chrono::steady_clock;

    long numSteps;
    double timestep;
    bool visible, drawn = false;
    Clock::time_point start, lastDrawn;
};

} // namespace equivariant::command
