// SPDX-License-Identifier: MIT
#include "ProgressBar.h"

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace equivariant::command {

namespace {

constexpr std::chrono::milliseconds redrawInterval(200);

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

ProgressBar::ProgressBar(long total, std::string item, std::string unit, double scale)
    : total(total), item(std::move(item)), unit(std::move(unit)), scale(scale),
      visible(isatty(STDERR_FILENO)), start(Clock::now()) {}

ProgressBar::~ProgressBar() {
    if (drawn)
        std::fputc('\n', stderr);
}

double ProgressBar::getRate(long done) const {
    const double elapsed = seconds(Clock::now() - start);
    return elapsed > 0 ? scale * static_cast<double>(done) / elapsed : 0;
}

void ProgressBar::update(long done) {
    const auto now = Clock::now();
    if (!visible || done == 0 || (drawn && done < total && now - lastDrawn < redrawInterval))
        return;
    drawn = true;
    lastDrawn = now;
    constexpr int width = 30;
    const double fraction = static_cast<double>(done) / static_cast<double>(total);
    const std::string bar(static_cast<std::size_t>(width * fraction), '#');
    const long left = static_cast<long>(seconds(now - start) * (1 - fraction) / fraction);
    std::fprintf(stderr, "\r[%-*s] %3.0f %%  %s %ld/%ld  %.3g %s  %ld:%02ld left ", width,
                 bar.c_str(), 100 * fraction, item.c_str(), done, total, getRate(done),
                 unit.c_str(), left / 60, left % 60);
    std::fflush(stderr);
}

} // namespace equivariant::command
