// SPDX-License-Identifier: MIT
#pragma once

#include "BridgeModel.h"

#include <cstdint>

namespace equivariant::light_sb {

struct FitOptions {
    double eps = 0.1;          ///< variance of the Brownian motion, in squared units of the points
    int components = 20;       ///< at least four for each mode of the target, see the page
    bool full = false;         ///< covariances with correlations, instead of diagonal ones
    int steps = 10000;         ///< of Adam
    int batch = 128;           ///< points of either set in a step
    double learningRate = 0;   ///< constant over the first half, then falling to 0; 0: by eps
    double initialScale = 0.1; ///< S of all components at the start
    std::uint64_t seed = 0;
    std::function<void(long)> progress; ///< is told each step that is done
};

struct Fit {
    Model model; ///< sum of the weights: 1
    /// Common length by which the points were divided, after each set was centred: the mean of the
    /// standard deviations of all coordinates of both sets. It changes nothing but the numbers that
    /// are optimised: plans of shifted and scaled sets are shifted and scaled plans.
    double scale;
    double learningRate;
    Eigen::VectorXd losses;         ///< [steps] of the batches, of centred and scaled points
    double lossTail;                ///< mean over the last fifth
    double rise;                    ///< riseOf() the last fifth
    std::vector<Eigen::Index> dead; ///< components with a weight below 1e-8 at all source points

    /// Whether the loss rose over the last fifth by more than its noise explains.
    bool isRising() const { return rise > 3; }
};

/// Fits a bridge from x [N][D] to y [M][D] by stochastic gradients. The same seed gives the same
/// model. Throws Error for eps <= 0, sets of different dimension, numbers that are not finite,
/// fewer targets than components, columns that do not vary, and a loss that becomes infinite.
Fit fit(const MatrixView& x, const MatrixView& y, const FitOptions& options);

/// Mean of the later half of losses less that of the earlier half, in standard errors; 0 for fewer
/// than four.
double riseOf(const Eigen::VectorXd& losses);

/// After the experience of the paper: 1e-3 up to eps = 0.1, 3e-3 at 1, 6e-2 from 10 on, for points
/// with standard deviations around 1.
double chooseLearningRate(double eps);

} // namespace equivariant::light_sb
