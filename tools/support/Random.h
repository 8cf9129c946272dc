// SPDX-License-Identifier: MIT
#pragma once

#include "Arrays.h"

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace equivariant::support {

/// Random numbers that are a function of a seed, a stream and a position alone (Philox 4x64 of
/// Random123: Salmon et al., SC 2011). Loops in parallel give each item a stream of its own, so
/// that one seed makes the same bytes on any number of threads. No distribution of <random> is
/// used, since those differ between libraries.
class Random {
public:
    /// @param stream  for instance the number of a draw and that of an item
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0, std::uint64_t substream = 0);

    /// 64 random bits.
    std::uint64_t bits();

    /// Uniform on [0, 1), a multiple of 2^-53.
    double uniform();

    /// Standard normal (Box-Muller).
    double normal();

    /// Uniform on 0 … count-1. Requires: count > 0.
    std::int64_t below(std::int64_t count);

    /// -1 or 1.
    double sign();

    /// 0 … count-1 in random order.
    std::vector<int> permutation(int count);

    /// Independent standard normal entries.
    Matrix normalMatrix(Eigen::Index rows, Eigen::Index columns);
    Eigen::VectorXd normalVector(Eigen::Index size);

private:
    std::array<std::uint64_t, 4> block;
    std::array<std::uint64_t, 2> key;
    std::uint64_t substream, numBlocks = 0;
    int used = 4;                                            ///< of block
    double spare = std::numeric_limits<double>::quiet_NaN(); ///< second of a pair of normals
};

} // namespace equivariant::support
