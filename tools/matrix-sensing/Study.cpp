// SPDX-License-Identifier: MIT
#include "Study.h"

#include "support/Decompositions.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace equivariant::matrix_sensing {

using Eigen::Index;
using Eigen::MatrixXd;

Matrix makeTarget(const StudyOptions& options) {
    if (options.rank < 1 || options.rank > std::min(options.rows, options.columns))
        throw Error("a matrix of " + std::to_string(options.rows) + " x " +
                    std::to_string(options.columns) + " cannot have the rank " +
                    std::to_string(options.rank));
    if (!(options.condition >= 1))
        throw Error("the condition number has to be at least 1");
    Matrix target = Matrix::Zero(options.rows, options.columns);
    for (Index i = 0; i < options.rank; i++)
        target(i, i) = options.rank == 1
                           ? 1
                           : std::pow(options.condition, -double(i) / double(options.rank - 1));
    return target;
}

Study runStudy(const StudyOptions& options, bool isSymmetric) {
    const Matrix target = makeTarget(options);
    const Matrix ensemble =
        options.measurements > 0
            ? gaussianEnsemble(options.measurements, target.size(), options.seed + 1)
            : Matrix();
    const auto op = options.measurements > 0 ? makeDense(ensemble, options.rows, options.columns)
                                             : makeIdentity(options.rows, options.columns);
    Factors start = randomStart(options.rows, options.columns, options.k, options.scale,
                                options.ratio, options.seed);
    if (options.balanced) {
        if (options.rows != options.columns)
            throw Error("a balanced start needs a square matrix");
        start.g = start.f;
    }
    Study study;
    study.imbalance =
        Eigen::SelfAdjointEigenSolver<MatrixXd>(start.imbalance(), Eigen::EigenvaluesOnly)
            .eigenvalues();
    const Eigen::VectorXd y = op->measure(target);
    study.descent = isSymmetric ? descendSymmetric(*op, y, start.f, options.descent, target)
                                : descendAsymmetric(*op, y, start, options.descent, target);
    return study;
}

Matrix solveAlternating(const MatrixView& a, const VectorView& y, Index rows, Index columns,
                        Index rank, int sweeps, std::uint64_t seed) {
    Matrix f = support::Random(seed).normalMatrix(rows, rank), g = Matrix::Zero(columns, rank);
    const auto measurement = [&](Index i) {
        return Eigen::Map<const Matrix>(a.row(i).data(), rows, columns);
    };
    for (int half = 0; half < 2 * sweeps; half++) {
        const bool isRight = half % 2 == 0;
        Matrix& unknown = isRight ? g : f;
        Matrix system(a.rows(), unknown.size());
        for (Index i = 0; i < a.rows(); i++) {
            const Matrix row =
                isRight ? Matrix(measurement(i).transpose() * f) : Matrix(measurement(i) * g);
            system.row(i) = Eigen::Map<const Eigen::RowVectorXd>(row.data(), row.size());
        }
        const Eigen::VectorXd solution = Eigen::HouseholderQR<MatrixXd>(system).solve(y);
        unknown = Eigen::Map<const Matrix>(solution.data(), unknown.rows(), rank);
    }
    return f * g.transpose();
}

} // namespace equivariant::matrix_sensing
