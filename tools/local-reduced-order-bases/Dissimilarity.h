// SPDX-License-Identifier: MIT
//
// How different two runs are (Daniel, Casenave, Akkari, Ketata & Ryckelynck, arXiv:2103.13683).
#pragma once

#include "Snapshots.h"

namespace equivariant::local_reduced_order_bases {

/// Sine: root of the mean over time of sin^2 of the angle between the lines of u_i(t) and u_j(t),
/// which is the relative error of projecting one on the other. Euclid: root of the mean over time
/// of ||u_i(t) - u_j(t)||^2, for comparison. The others are of the principal angles theta between
/// the spaces that the runs span: Chordal sqrt(sum sin^2 theta), Grassmann sqrt(sum theta^2),
/// MaxSine max sin theta.
enum class Dissimilarity { Sine, Euclid, Chordal, Grassmann, MaxSine };

/// Names on the command line and in Python, in the order of the enumeration.
extern const std::vector<std::string> dissimilarityNames;

/// Throws Error for a name that is not known.
Dissimilarity parseDissimilarity(const std::string& name);

/// Energy that the space of a run may miss, as a share of its norm.
constexpr double spaceTolerance = 1e-3;

/// [a.runs()][b.runs()] dissimilarities of the runs of a and b. Angles down to 1e-15 are right,
/// also where the cosine is 1 to all digits. The spaces of runs have as many dimensions as the run
/// with the most needs for all but spaceTolerance of its norm, and at most the smallest rank.
/// Works in blocks of columns, so that snapshots in a memory-mapped file need not fit into memory.
/// Throws Error if sizes or steps differ or a snapshot is zero.
Matrix dissimilarities(const MatrixView& a, const MatrixView& b, Eigen::Index steps,
                       Dissimilarity kind);

/// The same within one set: symmetric, zero on the diagonal.
Matrix dissimilarities(const MatrixView& a, Eigen::Index steps, Dissimilarity kind);

/// [a.rows()][a.rows()] sines of the angles between the lines of the rows.
Matrix sineMatrix(const MatrixView& a);

} // namespace equivariant::local_reduced_order_bases
