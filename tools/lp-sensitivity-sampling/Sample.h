// SPDX-License-Identifier: MIT
//
// Random subsets of rows with weights such that E ||S A x||_p^p = ||A x||_p^p.
#pragma once

#include "Scores.h"

#include <vector>

namespace equivariant::lp_sensitivity_sampling {

struct Sample {
    Eigen::VectorXd probabilities; ///< [rows of A], each in (0, 1]
    std::vector<int> rows;         ///< kept, ascending
    Eigen::VectorXd weights;       ///< [kept] factors of the rows, probability^(-1/p) >= 1
};

/// q_i = min(1, score_i/beta + 1/n) with beta such that they sum to `expectedRows`. The flat part
/// keeps rows of score 0, and does not grow: the sum is less if more rows are wanted than have a
/// score. All 1 if as many rows as there are are wanted. Throws Error for fewer rows than the rank,
/// which no such sample preserves, and for scores that are negative or not finite.
Eigen::VectorXd inclusionProbabilities(const VectorView& scores, double expectedRows,
                                       Eigen::Index rank);

/// Keeps each row with its probability, independently of the others.
/// @param stream  number of the draw
Sample draw(const VectorView& probabilities, double p, std::uint64_t seed,
            std::uint64_t stream = 0);

/// Draws in rounds by tau^(p/2) of the rows that are left, p < 2, which needs fewer rows than one
/// round does. The expected numbers of rows fall geometrically to `expectedRows`; probabilities and
/// weights are the products over the rounds, those of rows that were dropped up to that round.
Sample drawRootLeverage(const MatrixView& a, double p, double expectedRows, int rounds,
                        std::uint64_t seed, std::uint64_t stream = 0);

/// share * sensitivity/total + (1 - share) * leverage/rank, for p > 2.
Eigen::VectorXd mixScores(const VectorView& sensitivities, const VectorView& leverages,
                          double share);

} // namespace equivariant::lp_sensitivity_sampling
