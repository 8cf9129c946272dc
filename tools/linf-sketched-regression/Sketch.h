// SPDX-License-Identifier: MIT
//
// Random matrices S of few rows, applied to a tall matrix.
#pragma once

#include "support/Arrays.h"

#include <cstdint>
#include <string>
#include <vector>

namespace equivariant::linf_sketched_regression {

using support::Matrix;
using support::MatrixView;
using support::VectorView;

/// Bgp: balanced Gaussian pooling, S = B D_g P H/sqrt(N) D_s J, where J pads to N = m s rows, D_s
/// are signs, P a permutation, D_g standard normal numbers, and B sums m blocks of s rows (Song &
/// Zhang 2026). Srht: sqrt(N/m) times m rows, drawn without replacement, of H/sqrt(N) D_s J.
/// BlockSrht: the same for one block of rows after the other, for streams. Gauss: independent
/// N(0, 1/m). CountSketch: each row of A goes, with signs and 1/sqrt(nonzeros), to `nonzeros` rows.
/// Leverage, Uniform: m rows drawn with replacement by leverage scores or alike. The last three are
/// for comparison: they give no bound for single coefficients.
enum class SketchKind { Bgp, Srht, BlockSrht, Gauss, CountSketch, Leverage, Uniform };

/// The names "bgp", "srht", "block-srht", "gauss", "countsketch", "leverage", "uniform".
SketchKind parseSketchKind(const std::string& name);
extern const std::vector<std::string> sketchKindNames;

struct SketchOptions {
    SketchKind kind = SketchKind::Bgp;
    Eigen::Index rows = 0; ///< m
    std::uint64_t seed = 0;
    Eigen::Index pool = 0;          ///< Bgp: at least so many rows in a block; 0: as few as fit
    int nonzeros = 1;               ///< CountSketch: in each column of S
    Eigen::Index blockSize = 4096;  ///< BlockSrht: a power of two
    Eigen::Index scoredColumns = 0; ///< Leverage: scores are of so many first columns; 0: of all
};

/// The number of rows that a sketch will have: m, for Bgp rounded up to a power of two, for all at
/// most n padded to a power of two.
Eigen::Index sketchedRows(Eigen::Index n, const SketchOptions& options);

/// S A, [sketchedRows][columns]. One seed gives the same S for any number of columns and threads.
/// Throws Error for no rows, options that make no sense, and numbers that are not finite.
Matrix applySketch(const MatrixView& a, const SketchOptions& options);

/// S of the columns x_k (x) y_k (Kronecker), from the factors alone, [rows][columns]: m random
/// products of entries of H D_1 x_k and H D_2 y_k, with replacement (2023 paper, tensor sketches).
/// Throws Error for no rows, factors of different numbers of columns, and numbers that are not
/// finite.
Matrix applyTensorSketch(const MatrixView& x, const MatrixView& y, Eigen::Index rows,
                         std::uint64_t seed);

} // namespace equivariant::linf_sketched_regression
