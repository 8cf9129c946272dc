// SPDX-License-Identifier: MIT
#include "LeastAbsolute.h"

#include "support/Decompositions.h"

#include "equivariant/Error.h"

#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <numeric>
#include <vector>

namespace equivariant::lp_sensitivity_sampling {

namespace {

/// max objective·y with A^T y = 0 and |y_i| <= bounds_i, the dual of min sum bounds_i |a_i x -
/// b_i|.
void load(ClpSimplex& program, const Matrix& a, const Eigen::VectorXd& objective,
          const Eigen::VectorXd& bounds) {
    const auto rows = static_cast<int>(a.cols()), columns = static_cast<int>(a.rows());
    std::vector<int> indices(a.size()), lengths(columns, rows);
    std::vector<CoinBigIndex> starts(columns + 1);
    for (int j = 0; j <= columns; j++)
        starts[j] = j * rows;
    for (int j = 0; j < columns; j++)
        std::iota(indices.begin() + starts[j], indices.begin() + starts[j + 1], 0);
    const CoinPackedMatrix matrix(true, rows, columns, static_cast<CoinBigIndex>(a.size()),
                                  a.data(), indices.data(), starts.data(), lengths.data());
    const std::vector<double> zeros(rows, 0.0);
    const Eigen::VectorXd lower = -bounds;
    program.setLogLevel(0);
    program.scaling(0);
    program.loadProblem(matrix, lower.data(), bounds.data(), objective.data(), zeros.data(),
                        zeros.data());
    program.setOptimizationDirection(-1);
    program.setPrimalTolerance(1e-9);
    program.setDualTolerance(1e-9);
}

void solve(ClpSimplex& program) {
    program.dual(); // where a long step passes many bounds at once
    if (!program.isProvenOptimal())
        throw Error("a linear program was not solved: status " + std::to_string(program.status()));
}

} // namespace

SliceMinimum minimiseAbsoluteOnSlice(const MatrixView& q, const VectorView& u) {
    // x = u/|u|^2 + N z with the orthonormal basis N of what is orthogonal to u.
    const Eigen::VectorXd start = u / u.squaredNorm();
    const Eigen::HouseholderQR<Eigen::MatrixXd> reflection(u);
    const Eigen::MatrixXd basis =
        Eigen::MatrixXd(reflection.householderQ()).rightCols(q.cols() - 1);
    const Eigen::VectorXd r = q * start;
    const Eigen::VectorXd ones = Eigen::VectorXd::Ones(q.rows());
    ClpSimplex program;
    load(program, q * basis, r, ones);
    solve(program);
    const Eigen::VectorXd x =
        start - basis * Eigen::Map<const Eigen::VectorXd>(program.getRowPrice(), q.cols() - 1);
    // The variables prove a bound, once they are made feasible.
    Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(program.getColSolution(), q.rows());
    const Eigen::VectorXd image = q.transpose() * y;
    const double lambda = u.dot(image) / u.squaredNorm();
    y -= q * (image - lambda * u);
    return {x, (q * x).lpNorm<1>(), lambda / y.lpNorm<Eigen::Infinity>()};
}

Eigen::VectorXd fitLeastAbsolute(const MatrixView& a, const VectorView& b,
                                 const VectorView& weights) {
    if (b.size() != a.rows() || (weights.size() != 0 && weights.size() != a.rows()))
        throw Error("the matrix has " + std::to_string(a.rows()) + " rows, the right-hand side " +
                    std::to_string(b.size()) + ", the weights " + std::to_string(weights.size()));
    if (a.size() == 0)
        throw Error("the matrix is empty");
    support::requireFinite(a, "the matrix");
    support::requireFinite(b, "the right-hand side");
    Eigen::VectorXd w = weights.size() ? Eigen::VectorXd(weights) : Eigen::VectorXd::Ones(b.size());
    if (!(w.minCoeff() >= 0) || !w.allFinite())
        throw Error("the weights have to be finite and not negative");
    ClpSimplex program;
    load(program, a, b, w);
    solve(program);
    return Eigen::Map<const Eigen::VectorXd>(program.getRowPrice(), a.cols());
}

} // namespace equivariant::lp_sensitivity_sampling
