// SPDX-License-Identifier: MIT
#pragma once

#include "support/Arrays.h"

#include <cstdint>

namespace equivariant::local_reduced_order_bases {

using support::Matrix;
using support::MatrixView;

struct KMedoidsOptions {
    int restarts = 10;    ///< the first from BUILD, the others from random seeds
    bool squared = false; ///< the cost is the sum of d^2, else of d
    std::uint64_t seed = 0;
    Eigen::Index largest = 2000; ///< items, up to which swaps are tried; beyond, medoids alternate
};

struct Clustering {
    std::vector<int> medoids; ///< [K] items, ascending
    std::vector<int> labels;  ///< [items] 0 ... K - 1
    double cost = 0;          ///< sum over items of d (or d^2) to their medoid
};

/// K items such that the others are near to one of them: PAM (BUILD, then SWAP with the sums of
/// FastPAM1, Schubert & Rousseeuw 2021) to a local optimum, the best of several starts. Of equal
/// choices the one of the lowest index is taken, so a seed gives the same result on any number of
/// threads.
/// @param d  [items][items] symmetric, zero on the diagonal
/// Throws Error if K is not in 1 ... items - 1, there is no start or a number is not finite,
/// Failure with status 3 if there are fewer than K distinct items.
Clustering kMedoids(const MatrixView& d, int k, const KMedoidsOptions& options = {});

/// Items of which no two have d <= 1e-12.
int countDistinct(const MatrixView& d);

/// [rows] the nearest column of each row, the first of equally near ones.
std::vector<int> nearestColumns(const MatrixView& d);

} // namespace equivariant::local_reduced_order_bases
