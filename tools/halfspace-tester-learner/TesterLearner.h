// SPDX-License-Identifier: MIT
//
// Testable learning of halfspaces (Gollakota, Klivans, Stavropoulos & Vasilyan, ICLR 2024,
// arXiv:2302.14853): a classifier comes with a verdict on whether its points are enough like normal
// ones for it to be near the best.
#pragma once

#include "Calibration.h"

#include <optional>

namespace equivariant::halfspace_tester_learner {

/// Massart: a label is wrong with a probability of at most eta < 1/2, whatever the point.
/// Adversarial: any share of the labels is wrong.
enum class Noise { Massart, Adversarial };

struct Options {
    Noise noise = Noise::Massart;
    double eta = 0;      ///< Massart
    double eps = 0.05;   ///< excess error that is tolerated
    double delta = 0.01; ///< probability that normal points are rejected
    LearnOptions learning;
    int replicas = 200; ///< of a calibration
    std::uint64_t seed = 0;
};

struct TestResult {
    std::string name;
    double sigma; ///< of the candidate, 0 for a test of all points
    double value, threshold;
    bool passed() const { return value <= threshold; }
};

enum class Status { Accepted, Rejected, Insufficient };

struct Outcome {
    Status status;
    std::string reason; ///< in one line
    VectorXd w;         ///< of length 1; empty if there are not enough points
    double sigma = 0;   ///< of the candidate
    double error = 0;   ///< on points that neither learned nor tested
    double radius = 0;  ///< all candidates' errors are within this with probability 1 - delta
    /// Within the largest tested angle of w any halfspace disagrees with it on at most this times
    /// angle/pi of the points that were tested, at the tested angles.
    double disagreement = 0;
    double gradient = 0; ///< length of the gradient of the surrogate at w, on the points tested
    int candidates = 0;
    bool isOneClass = false; ///< all labels are equal
    std::vector<TestResult> tests;
};

/// How many points learn, test and validate.
struct Parts {
    Index learning, testing, validation;
};
Parts splitPoints(Index points);

/// Widths of ramps in use: eps (1 - 2 eta) 2^k, k = 0 … 3, for Massart noise, else 0.05, 0.1, 0.2,
/// 0.4; only those whose band |<w, x>| <= sigma/2 would have 60 d normal points for the tests.
std::vector<double> chooseSigmas(Index points, Index dimension, const Options& options);

/// Throws Error for numbers that are not finite, labels other than -1 and 1 (naming the row),
/// another number of labels than of rows, eta that is not in [0, 1/2), eps and delta not in (0, 1),
/// and a calibration that is not one for these points.
/// @param calibration  made here if there is none
Outcome testAndLearn(const MatrixView& x, const VectorView& y, const Options& options,
                     const Calibration* calibration = nullptr);

/// x -> (x - mean) map, after which the points have mean 0 and second moments 1. The certificate
/// then is about whitened points.
struct Whitening {
    VectorXd mean;
    Matrix map; ///< [d][d]
    Matrix apply(const MatrixView& x) const { return (x.rowwise() - mean.transpose()) * map; }
};

/// Throws Error if the points lie in a plane.
Whitening whiten(const MatrixView& x);

} // namespace equivariant::halfspace_tester_learner
