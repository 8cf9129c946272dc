// SPDX-License-Identifier: MIT
//
// Which cluster a query belongs to, told from its parameters before anything is computed.
#pragma once

#include "support/Arrays.h"

#include <cstdint>

namespace equivariant::local_reduced_order_bases {

using support::Matrix;
using support::MatrixView;

enum class ClassifierKind { NearestNeighbors, Logistic };

/// Learns clusters from parameters, which it scales to mean 0 and variance 1.
class Classifier {
public:
    /// @param parameters  [runs][parameters]
    /// @param labels      [runs] 0 ... K - 1
    /// Throws Error if the lengths differ, there are no runs, or a number is not finite or negative
    /// where it is a label.
    Classifier(ClassifierKind kind, const MatrixView& parameters, const std::vector<int>& labels);

    /// [rows] clusters. Throws Error if the number of parameters differs or one is not finite.
    std::vector<int> predict(const MatrixView& parameters) const;

private:
    Matrix scale(const MatrixView& parameters) const;
    void fitLogistic();

    ClassifierKind kind;
    Eigen::RowVectorXd mean, deviation;
    Matrix inputs; ///< scaled
    std::vector<int> labels;
    int numLabels;
    Eigen::MatrixXd weights; ///< [1 + parameters][labels], logistic
};

/// Share of runs for which a classifier is right that was trained without them: on the other four
/// of five parts, into which the runs are divided at random.
double crossValidatedAccuracy(ClassifierKind kind, const MatrixView& parameters,
                              const std::vector<int>& labels, std::uint64_t seed);

} // namespace equivariant::local_reduced_order_bases
