// SPDX-License-Identifier: MIT
//
// Data of the experiments, and the clustering that they compare with.
#pragma once

#include "KMedoids.h"
#include "Snapshots.h"
#include "Superpose.h"

namespace equivariant::local_reduced_order_bases {

/// Snapshots [runs][size] of a family, and for each what is known about it.
struct Example {
    Matrix values;
    std::vector<int> classes; ///< [runs] the true ones, or empty
    Matrix parameters;        ///< [runs][parameters], or empty
};

/// Peaks a exp(-((x - c)/0.03)^2) on 200 nodes of [0, 1], c in the middle 60 % of one of four
/// windows (the class), |a| from 0.1 to 10 with a random sign. Parameters: c and a.
Example makePeaks(int count, std::uint64_t seed);

/// u_t + (u^2/2)_x = nu u_xx on [0, 1], u = 0 at the ends, from a sin(pi x)^2 at t = 0 to 0.5 on
/// 256 cells. Parameters: a in [0.5, 2] and nu in [1e-3, 1e-2].
Example makeBurgers(int count, std::uint64_t seed);

/// Brownian dynamics of a chain of six atoms whose middle bond has two torsional basins, cis and
/// trans (the class), 8 kT apart. Half of the runs of 50 frames start in each.
struct Chain {
    std::vector<Positions> frames;
    std::vector<int> classes;
};
Chain simulateChain(int runs, std::uint64_t seed);

/// Lloyd's algorithm, the best of ten starts by k-means++.
struct Means {
    Matrix centres;          ///< [K][size]
    std::vector<int> labels; ///< [rows]
};
Means kMeans(const Matrix& rows, int k, std::uint64_t seed);

} // namespace equivariant::local_reduced_order_bases
