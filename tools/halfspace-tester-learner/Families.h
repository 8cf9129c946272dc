// SPDX-License-Identifier: MIT
//
// Points and labels to try a tester on.
#pragma once

#include "TesterLearner.h"

#include "support/Random.h"

#include <string>

namespace equivariant::halfspace_tester_learner {

/// Kinds of points that are not normal, though their means are 0 and, but for some, variances 1.
const std::vector<std::string>& families();

/// Normal points, a share of which is replaced by points of the family, or changed as it says.
Matrix drawPoints(const std::string& family, Index n, const VectorXd& w, double share,
                  support::Random& random);

/// sign(<w, x>), wrong with probability eta where |<w, x>| < 1 and eta/2 elsewhere.
VectorXd massartLabels(const MatrixView& x, const VectorXd& w, double eta, support::Random& random);

/// sign(<w, x>), wrong for the share of points with the largest key.
VectorXd flipLargest(const MatrixView& x, const VectorXd& w, double share, const VectorXd& key);

/// A direction of length 1; the second one orthogonal to w.
VectorXd randomDirection(Index d, support::Random& random);
VectorXd orthogonal(const VectorXd& w, support::Random& random);

} // namespace equivariant::halfspace_tester_learner
