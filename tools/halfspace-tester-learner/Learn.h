// SPDX-License-Identifier: MIT
//
// Learning a halfspace sign(<w, x>) by gradient descent on a surrogate that is not convex: a smooth
// ramp, which a point far on the wrong side cannot pull at.
#pragma once

#include "support/Arrays.h"

#include <cstdint>
#include <vector>

namespace equivariant::halfspace_tester_learner {

using Eigen::Index;
using Eigen::VectorXd;
using support::Matrix;
using support::MatrixView;
using support::VectorView;

/// The ramp l_sigma(t): slope 1/sigma for |t| <= sigma/6, 0 and 1 beyond sigma/2, joined by cubics
/// with a continuous slope. |l'| <= 4/(3 sigma), |l''| <= 12/sigma^2.
struct Ramp {
    double sigma;
    double value(double t) const;
    double slope(double t) const;
};

/// Mean of l_sigma(-y <w, x>), w of length 1.
double surrogate(const MatrixView& x, const VectorView& y, const VectorView& w, double sigma);

/// Its gradient on the sphere, orthogonal to w.
VectorXd surrogateGradient(const MatrixView& x, const VectorView& y, const VectorView& w,
                           double sigma);

struct LearnOptions {
    int steps = 2000, batch = 256;
    std::uint64_t seed = 0;
};

/// Projected stochastic gradient descent from a random start. Candidates of length 1: the mean of
/// the second half of the iterates, and the last iterate where it differs by more than 0.01
/// radians. Each stands for both w and -w.
std::vector<VectorXd> learn(const MatrixView& x, const VectorView& y, double sigma,
                            const LearnOptions& options);

/// sign(<w, x>) of the rows, a tie counts as 1.
VectorXd predict(const MatrixView& x, const VectorView& w);

/// Share of rows whose prediction is not y.
double errorRate(const MatrixView& x, const VectorView& y, const VectorView& w);

} // namespace equivariant::halfspace_tester_learner
