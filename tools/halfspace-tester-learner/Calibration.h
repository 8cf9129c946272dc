// SPDX-License-Identifier: MIT
#pragma once

#include "Statistics.h"

#include <map>

namespace equivariant::halfspace_tester_learner {

/// What the statistics are for standard normal points: moments of each over replicas.
class Calibration {
public:
    struct Spread {
        double mean, deviation, largest;
    };

    Index dimension, points;                           ///< of the test part
    std::map<double, std::vector<Spread>> ofCandidate; ///< by sigma, as candidateStatistics
    std::vector<Spread> ofAll;                         ///< as globalStatistics

    /// What a statistic exceeds with probability delta/tests, so that none of `tests` does with
    /// probability 1 - delta (Bonferroni). Beyond what the replicas can count, by the law of
    /// largest values (Gumbel) of the same mean and deviation; never below the largest replica.
    static double threshold(const Spread& spread, double delta, int tests);
};

/// Draws normal points again and again. The result does not depend on threads.
/// Throws Error for less than 20 replicas.
Calibration calibrate(Index dimension, Index points, const std::vector<double>& sigmas,
                      int replicas, std::uint64_t seed);

} // namespace equivariant::halfspace_tester_learner
