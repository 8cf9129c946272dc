// SPDX-License-Identifier: MIT
#include "ProgressBar.h"

#include <cstdio>
#include <string>
#include <unistd.h>

namespace equivariant::command {

namespace {

constexpr double secondsPerDay = 86400;
constexpr double femtosecondsPerNanosecond = 1e6;
constexpr std::chrono::milliseconds redrawInterval(200);

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

ProgressBar::ProgressBar(long numSteps, double timestep)
    : numSteps(numSteps), timestep(timestep), visible(isatty(STDERR_FILENO)), start(Clock::now()) {}

ProgressBar::~ProgressBar() {
    if (drawn)
        std::fputc('\n', stderr);
}

double ProgressBar::getSpeed(long step) const {
    const double elapsed = seconds(Clock::now() - start);
    if (elapsed <= 0)
        return 0;
    return static_cast<double>(step) * timestep / femtosecondsPerNanosecond / elapsed *
           secondsPerDay;
}

void ProgressBar::update(long step) {
    const auto now = Clock::now();
    if (!visible || step == 0 || (drawn && step < numSteps && now - lastDrawn < redrawInterval))
        return;
    drawn = true;
    lastDrawn = now;
    constexpr int width = 30;
    const double fraction = static_cast<double>(step) / static_cast<double>(numSteps);
    const std::string bar(static_cast<std::size_t>(width * fraction), '#');
    const long left = static_cast<long>(seconds(now - start) * (1 - fraction) / fraction);
    std::fprintf(stderr, "\r[%-*s] %3.0f %%  step %ld/%ld  %.3g ns/day  %ld:%02ld left ", width,
                 bar.c_str(), 100 * fraction, step, numSteps, getSpeed(step), left / 60, left % 60);
    std::fflush(stderr);
}

} // namespace equivariant::command
