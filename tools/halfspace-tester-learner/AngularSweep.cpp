// SPDX-License-Identifier: MIT
#include "AngularSweep.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace equivariant::halfspace_tester_learner {

namespace {

/// At this angle of w a point comes to the side of 1 (it is there on the boundary), or has left it.
struct Event {
    double angle;
    bool enters;
    double label;
};

/// The angles of (a, b) and (-a, -b), folded first so that opposite points have the very same.
std::pair<double, double> angles(double a, double b) {
    const bool isLower = b < 0 || (b == 0 && a < 0);
    const double folded = isLower ? std::atan2(-b, -a) : std::atan2(b, a);
    return isLower ? std::pair(folded + M_PI, folded) : std::pair(folded, folded + M_PI);
}

} // namespace

BestHalfspace sweepAngles(const MatrixView& x, const VectorView& y) {
    if (x.cols() != 2 || y.size() != x.rows() || x.rows() == 0)
        throw Error("a sweep of angles needs points in the plane with a label each");
    std::vector<Event> events;
    Index wrong = 0; // just before w comes to the angle 0
    for (Index i = 0; i < x.rows(); i++) {
        if (x(i, 0) == 0 && x(i, 1) == 0) {
            wrong += y[i] < 0;
            continue;
        }
        const auto [from, to] = angles(x(i, 1), -x(i, 0));
        const bool isInside = from > to; // of the interval that wraps around 0
        wrong += isInside == (y[i] < 0);
        events.push_back({from, true, y[i]});
        events.push_back({to, false, y[i]});
    }
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return a.angle != b.angle ? a.angle < b.angle : a.enters > b.enters;
    });
    Index best = wrong;
    double bestAngle = 0;
    for (std::size_t k = 0; k < events.size(); k++) {
        wrong += events[k].enters == (events[k].label < 0) ? 1 : -1;
        const bool isLast = k + 1 == events.size();
        const bool isSettled = isLast || events[k + 1].angle != events[k].angle ||
                               events[k + 1].enters != events[k].enters;
        if (isSettled && wrong <= best) {
            best = wrong;
            const double next = isLast ? 2 * M_PI : events[k + 1].angle;
            bestAngle = (events[k].angle + next) / 2;
        }
    }
    return {static_cast<double>(best) / static_cast<double>(x.rows()), bestAngle};
}

} // namespace equivariant::halfspace_tester_learner
