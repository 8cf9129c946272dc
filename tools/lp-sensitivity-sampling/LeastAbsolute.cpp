// SPDX-License-Identifier: MIT
#include "LeastAbsolute.h"

#include "equivariant/Error.h"

#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <limits>
#include <numeric>
#include <vector>

namespace equivariant::lp_sensitivity_sampling {

namespace {

/// max objective·y with Q^T y = 0 and |y_i| <= bounds_i.
void load(ClpSimplex& program, const MatrixView& q, std::vector<double> objective,
          const std::vector<double>& lower, const std::vector<double>& upper) {
    const auto rows = static_cast<int>(q.cols()), columns = static_cast<int>(q.rows());
    std::vector<int> indices(q.size()), lengths(columns, rows);
    std::vector<CoinBigIndex> starts(columns + 1);
    for (int j = 0; j <= columns; j++)
        starts[j] = j * rows;
    for (int j = 0; j < columns; j++)
        std::iota(indices.begin() + starts[j], indices.begin() + starts[j + 1], 0);
    const Matrix elements = q; // without gaps between rows
    const CoinPackedMatrix matrix(true, rows, columns, static_cast<CoinBigIndex>(q.size()),
                                  elements.data(), indices.data(), starts.data(), lengths.data());
    const std::vector<double> zeros(rows, 0.0);
    program.setLogLevel(0);
    program.loadProblem(matrix, lower.data(), upper.data(), objective.data(), zeros.data(),
                        zeros.data());
    program.setOptimizationDirection(-1);
    program.setPrimalTolerance(1e-9);
    program.setDualTolerance(1e-9);
}

void solve(ClpSimplex& program) {
    program.primal();
    if (!program.isProvenOptimal())
        throw Error("a linear program was not solved: status " + std::to_string(program.status()));
}

} // namespace

struct AbsoluteSlices::Implementation {
    explicit Implementation(const MatrixView& q) : q(q) {
        const auto count = static_cast<std::size_t>(q.rows());
        Matrix extended(q.rows() + 1, q.cols());
        extended << q, Eigen::RowVectorXd::Ones(q.cols());
        std::vector<double> objective(count + 1, 0.0), lower(count + 1, -1.0),
            upper(count + 1, 1.0);
        objective[count] = 1; // lambda
        lower[count] = 0;
        upper[count] = std::numeric_limits<double>::max();
        load(program, extended, objective, lower, upper);
    }

    const Matrix q;
    ClpSimplex program;
};

AbsoluteSlices::AbsoluteSlices(const MatrixView& q)
    : implementation(std::make_unique<Implementation>(q)) {}

AbsoluteSlices::~AbsoluteSlices() = default;

SliceMinimum AbsoluteSlices::minimise(const VectorView& u) {
    const Matrix& q = implementation->q;
    ClpSimplex& program = implementation->program;
    const auto lambda = static_cast<int>(q.rows());
    for (int k = 0; k < q.cols(); k++)
        program.modifyCoefficient(k, lambda, -u[k], true);
    solve(program);
    // The prices of the rows are the minimiser, up to a factor.
    Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(program.getRowPrice(), q.cols());
    x /= u.dot(x);
    // The variables prove a bound, once they are made feasible.
    Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(program.getColSolution(), q.rows());
    const Eigen::VectorXd image = q.transpose() * y;
    const double factor = u.dot(image) / u.squaredNorm();
    y -= q * (image - factor * u);
    return {x, (q * x).lpNorm<1>(), factor / y.lpNorm<Eigen::Infinity>()};
}

Eigen::VectorXd fitLeastAbsolute(const MatrixView& a, const VectorView& b,
                                 const VectorView& weights) {
    if (b.size() != a.rows() || (weights.size() != 0 && weights.size() != a.rows()))
        throw Error("the matrix has " + std::to_string(a.rows()) + " rows, the right-hand side " +
                    std::to_string(b.size()) + ", the weights " + std::to_string(weights.size()));
    support::requireFinite(a, "the matrix");
    support::requireFinite(b, "the right-hand side");
    Eigen::VectorXd w = weights.size() ? Eigen::VectorXd(weights) : Eigen::VectorXd::Ones(b.size());
    if (!(w.minCoeff() >= 0) || !w.allFinite())
        throw Error("the weights have to be finite and not negative");
    ClpSimplex program;
    const Eigen::VectorXd low = -w;
    load(program, a, {b.data(), b.data() + b.size()}, {low.data(), low.data() + low.size()},
         {w.data(), w.data() + w.size()});
    solve(program);
    return Eigen::Map<const Eigen::VectorXd>(program.getRowPrice(), a.cols());
}

} // namespace equivariant::lp_sensitivity_sampling
