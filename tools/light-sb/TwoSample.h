// SPDX-License-Identifier: MIT
//
// How different two sets of points are, and two plans.
#pragma once

#include "BridgeModel.h"

#include <cstdint>

namespace equivariant::light_sb {

/// A test whether two sets have the same law: the energy distance 2 E|a-b| - E|a-a'| - E|b-b'|
/// (Székely & Rizzo) against that of random divisions of all points.
struct EnergyTest {
    double distance;
    double quantile95; ///< of the random divisions
    double p;          ///< share of the divisions with as large a distance, the true one included
};
EnergyTest testEnergyDistance(const MatrixView& a, const MatrixView& b, int permutations,
                              std::uint64_t seed);

/// Maximum mean discrepancy with the kernel exp(-|u-v|^2/(2 h^2)), h the median distance of all
/// points (not squared, biased as a V-statistic).
double maximumMeanDiscrepancy(const MatrixView& a, const MatrixView& b);

/// Squared Bures-Wasserstein distance of Gaussians.
double squaredBures(const VectorView& mean0, const Eigen::MatrixXd& covariance0,
                    const VectorView& mean1, const Eigen::MatrixXd& covariance1);

struct Moments {
    Eigen::VectorXd mean;
    Eigen::MatrixXd covariance;
};
Moments momentsOf(const MatrixView& points);

/// BW2-UVP, per cent: 100 BW2^2 / (Var b / 2) of the Gaussians with the moments of the sets.
double unexplainedVariance(const MatrixView& a, const MatrixView& b);

/// cBW2-UVP, per cent: 100 mean_x BW2^2(pi(.|x), pi*(.|x)) / (Var y / 2), pi* of `truth`, with the
/// exact moments of both mixtures. That a model reproduces the target alone proves little; the
/// independent plan does so, too.
double conditionalUnexplainedVariance(const Model& model, const Model& truth, const MatrixView& x,
                                      double variance);

/// The same for the independent plan, whose y has these moments at every x.
double conditionalUnexplainedVariance(const Moments& independent, const Model& truth,
                                      const MatrixView& x);

} // namespace equivariant::light_sb
