// SPDX-License-Identifier: MIT
//
// What reduced-order bases are made of: the snapshots of one or several runs.
#pragma once

#include "support/Arrays.h"

#include <Eigen/Cholesky>

namespace equivariant::local_reduced_order_bases {

using support::Matrix;
using support::MatrixView;

/// Runs of the same number of steps each; the rows of run i are i * steps ... (i + 1) * steps - 1.
/// A run of one step is just a snapshot.
struct Snapshots {
    Matrix values; ///< [runs * steps][size]
    Eigen::Index steps = 1;

    Eigen::Index runs() const { return values.rows() / steps; }

    /// The runs of these indices, in their order.
    Snapshots select(const std::vector<int>& runs) const;
};

/// Indices of the rows that are zero. They have no direction.
std::vector<Eigen::Index> findZeroRows(const Matrix& values);

/// [rows] lengths of the rows. Throws Error naming the first that is zero or not finite.
Eigen::VectorXd rowNorms(const MatrixView& values);

/// <u, v> = u^T M v. All else in this tool is Euclidean: snapshots are taken to coordinates where
/// the inner product is the usual one, and bases are brought back.
class InnerProduct {
public:
    InnerProduct() = default; ///< M = 1

    /// @param mass  symmetric positive definite [size][size], or a diagonal as one column or row.
    /// Throws Error naming the first row where it is not.
    InnerProduct(const Matrix& mass, const std::string& name);

    /// u -> u L of every row, where M = L L^T. Throws Error if the sizes differ.
    Matrix toEuclidean(Matrix rows) const;

    /// The inverse.
    Matrix fromEuclidean(Matrix rows) const;

private:
    void requireSize(Eigen::Index size) const;

    std::string name;
    Eigen::VectorXd roots; ///< of a diagonal, or empty
    Eigen::MatrixXd lower; ///< L, or empty
};

} // namespace equivariant::local_reduced_order_bases
