// SPDX-License-Identifier: MIT
#include "SketchedRegression.h"

#include "Hadamard.h"
#include "Lsqr.h"

#include "support/Decompositions.h"
#include "support/Failure.h"

#include "equivariant/Error.h"

#include <cmath>
#include <utility>

namespace equivariant::linf_sketched_regression {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int rankIsTooSmall = 3; // exit status

/// A P = Q R of a matrix of full column rank whose columns were scaled, and what follows from it.
class Factors {
public:
    /// @param ab  S [A b]
    explicit Factors(const Matrix& ab) : rows(ab.rows()), d(ab.cols() - 1) {
        MatrixXd scaled = ab;
        scales = scaled.leftCols(d).colwise().norm();
        for (Index j = 0; j < d; j++)
            if (scales[j] > 0)
                scaled.col(j) /= scales[j];
        // Blocked, but without pivots; these are chosen in the small factor.
        const Eigen::HouseholderQR<MatrixXd> tall(std::move(scaled));
        const MatrixXd small =
            tall.matrixQR().topRows(std::min(rows, d + 1)).triangularView<Eigen::Upper>();
        pivoted.setThreshold(1e-12);
        pivoted.compute(small.topLeftCorner(d, d));
        if (pivoted.rank() < d)
            throw support::Failure(rankIsTooSmall, "the sketched matrix has rank " +
                                                       std::to_string(pivoted.rank()) + " of " +
                                                       std::to_string(d) + " columns");
        right = small.col(d).head(d);
        residual = rows > d ? std::abs(small(d, d)) : 0;
    }

    VectorXd solve() const { return pivoted.solve(right).cwiseQuotient(scales); }

    /// R^-1 y and R^-T y, for A R^-1 with nearly orthonormal columns.
    VectorXd applyInverse(const VectorXd& y) const {
        const VectorXd solved = pivoted.matrixR().triangularView<Eigen::Upper>().solve(y);
        return (pivoted.colsPermutation() * solved).cwiseQuotient(scales);
    }
    VectorXd applyInverseTransposed(const VectorXd& y) const {
        const VectorXd turned = pivoted.colsPermutation().transpose() * y.cwiseQuotient(scales);
        return pivoted.matrixR().transpose().triangularView<Eigen::Lower>().solve(turned);
    }

    /// Fills in what is known of x' without A.
    void describe(SketchedSolution& solution) const {
        const MatrixXd inverse = [&] {
            MatrixXd rows(d, d); // of (S A)^+ up to a rotation
            for (Index j = 0; j < d; j++)
                rows.col(j) = applyInverse(VectorXd::Unit(d, j));
            return rows;
        }();
        const Eigen::BDCSVD<MatrixXd> svd(inverse);
        const double largest = svd.singularValues()[0];
        solution.rows = rows;
        solution.residual = residual;
        solution.conditionNumber = largest / svd.singularValues()[d - 1];
        solution.standardErrors =
            residual / std::sqrt(static_cast<double>(rows - d)) * inverse.rowwise().norm();
        solution.typicalEps =
            residual > 0 ? solution.standardErrors.maxCoeff() * std::sqrt(d) / (residual * largest)
                         : 0;
    }

private:
    Index rows, d;
    VectorXd scales, right;
    double residual;
    Eigen::ColPivHouseholderQR<MatrixXd> pivoted;
};

void checkSizes(const MatrixView& a, const VectorView& b) {
    if (b.size() != a.rows())
        throw Error("the matrix has " + std::to_string(a.rows()) + " rows, the right-hand side " +
                    std::to_string(b.size()));
    if (a.cols() == 0 || a.rows() <= a.cols())
        throw Error("more rows than columns are needed, not " + std::to_string(a.rows()) + " and " +
                    std::to_string(a.cols()));
    support::requireFinite(a, "the matrix");
    support::requireFinite(b, "the right-hand side");
}

SketchedSolution solve(const Factors& factors) {
    SketchedSolution solution;
    solution.x = factors.solve();
    factors.describe(solution);
    return solution;
}

Matrix joinColumns(const MatrixView& a, const VectorView& b) {
    Matrix ab(a.rows(), a.cols() + 1);
    ab << a, b;
    return ab;
}

/// Goes on from x' on the whole problem, in coordinates in which A has nearly orthonormal columns.
void refine(const MatrixView& a, const VectorView& b, const Factors& factors,
            SketchedSolution& solution) {
    constexpr double tolerance = 1e-14;
    constexpr int mostIterations = 100;
    const LsqrResult correction =
        lsqr([&](const VectorXd& y) -> VectorXd { return a * factors.applyInverse(y); },
             [&](const VectorXd& y) -> VectorXd {
                 return factors.applyInverseTransposed(a.transpose() * y);
             },
             b - a * solution.x, tolerance, mostIterations);
    solution.x += factors.applyInverse(correction.x);
    solution.iterations = correction.iterations;
    solution.converged = correction.converged;
    if (!correction.converged)
        solution.warnings.push_back("the refinement did not converge; the sketch has too few rows");
    solution.residual = (a * solution.x - b).norm();
    solution.standardErrors.setZero();
    solution.typicalEps = 0;
}

} // namespace

Index rowsFor(Index d, double eps, double delta) {
    if (!(eps > 0) || std::isinf(eps) || !(delta > 0 && delta < 1))
        throw Error("eps has to be positive and delta between 0 and 1");
    const double rows =
        std::ceil(static_cast<double>(d) / (eps * eps) * std::log(static_cast<double>(d) / delta));
    if (rows > 1e15)
        throw Error("eps is too small");
    return std::max(static_cast<Index>(rows), 2 * (d + 1));
}

double theoremPool(Index n, Index m, Index d, double delta) {
    const auto nn = static_cast<double>(n), mm = static_cast<double>(m),
               dd = static_cast<double>(d);
    const double lambda = std::log(nn * mm * dd * std::sqrt(dd) / delta);
    const double pool = std::max(std::ceil(nn / mm), dd * (dd + 1) * lambda * lambda);
    return std::exp2(std::ceil(std::log2(pool)));
}

SketchedSolution solveSketched(const MatrixView& a, const VectorView& b,
                               const RegressionOptions& options) {
    checkSizes(a, b);
    const Index d = a.cols();
    SketchOptions sketch = options.sketch;
    sketch.scoredColumns = d; // the right-hand side has no leverage
    if (sketch.rows == 0)
        sketch.rows = rowsFor(d, options.eps, options.delta);
    if (sketch.rows < d + 1)
        throw Error("the sketch needs at least " + std::to_string(d + 1) + " rows, not " +
                    std::to_string(sketch.rows));
    const Factors factors(applySketch(joinColumns(a, b), sketch));
    SketchedSolution solution = solve(factors);
    if (solution.rows < sketch.rows)
        solution.warnings.push_back("the sketch has " + std::to_string(solution.rows) +
                                    " rows, the matrix padded to a power of two has no more");
    if (sketch.kind == SketchKind::BlockSrht)
        solution.warnings.push_back("no theory covers a sketch of blocks");
    if (options.refine)
        refine(a, b, factors, solution);
    return solution;
}

SketchedSolution solveWithSketch(const MatrixView& sketch, const MatrixView& a,
                                 const VectorView& b) {
    checkSizes(a, b);
    support::requireFinite(sketch, "the sketch");
    if (sketch.cols() != a.rows())
        throw Error("the sketch has " + std::to_string(sketch.cols()) + " columns, the matrix " +
                    std::to_string(a.rows()) + " rows");
    if (sketch.rows() < a.cols() + 1)
        throw Error("the sketch needs at least " + std::to_string(a.cols() + 1) + " rows, not " +
                    std::to_string(sketch.rows()));
    return solve(Factors(sketch * joinColumns(a, b)));
}

} // namespace equivariant::linf_sketched_regression
