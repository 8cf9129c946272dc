// SPDX-License-Identifier: MIT
//
// Linear measurements of a matrix: y_i = <A_i, M>, i = 1 ... m.
#pragma once

#include "support/Arrays.h"

#include <memory>

namespace equivariant::matrix_sensing {

using support::Matrix;
using support::MatrixView;
using support::VectorView;

/// What a step of gradient descent needs, S = sum_i r_i A_i being the adjoint applied to the
/// residual.
struct Evaluation {
    Eigen::VectorXd residual; ///< [m] r_i = <A_i, F G^T> - y_i
    Matrix left;              ///< [n1][k] S G
    Matrix right;             ///< [n2][k] S^T F
};

/// Same result on any number of threads.
class SensingOperator {
public:
    virtual ~SensingOperator() = default;

    virtual Eigen::Index count() const = 0;   ///< m
    virtual Eigen::Index rows() const = 0;    ///< n1
    virtual Eigen::Index columns() const = 0; ///< n2

    /// [m] <A_i, M>. @param matrix  [n1][n2]
    virtual Eigen::VectorXd measure(const MatrixView& matrix) const = 0;

    /// [n1][n2] sum_i r_i A_i. @param residual  [m]
    virtual Matrix adjoint(const VectorView& residual) const = 0;

    /// @param f  [n1][k] @param g  [n2][k] @param y  [m]
    virtual Evaluation evaluate(const Matrix& f, const Matrix& g, const VectorView& y) const = 0;
};

/// y is M, row by row; costs O(n1 n2 k) a step.
std::unique_ptr<SensingOperator> makeIdentity(Eigen::Index rows, Eigen::Index columns);

/// A_i are the rows of a, each [n1][n2] row-major; O(m n1 n2) a step, in one pass through a. a is
/// not copied: it has to live as long as the operator, and may be a memory-mapped file. Throws
/// Error if the sizes do not fit.
std::unique_ptr<SensingOperator> makeDense(const MatrixView& a, Eigen::Index rows,
                                           Eigen::Index columns);

/// A_i = a_i b_i^T for rows a_i of a and b_i of b; O(m (n1 + n2) k) a step.
/// Throws Error if the numbers of rows differ.
std::unique_ptr<SensingOperator> makeRankOne(const MatrixView& a, const MatrixView& b);

/// The entries (rows[i], columns[i]); O(m k) a step.
struct Entries {
    std::vector<int> rows, columns;
};
std::unique_ptr<SensingOperator> makeMask(const Entries& entries, Eigen::Index rows,
                                          Eigen::Index columns);

/// [m][n1 n2] independent entries of mean 0 and variance 1/m, so that sum_i <A_i, M> A_i is about
/// M.
Matrix gaussianEnsemble(Eigen::Index count, Eigen::Index size, std::uint64_t seed);

} // namespace equivariant::matrix_sensing
