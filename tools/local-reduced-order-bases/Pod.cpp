// SPDX-License-Identifier: MIT
#include "Pod.h"

#include "support/Decompositions.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// Modes as columns with their singular values; a QR decomposition first leaves a small SVD.
std::pair<MatrixXd, VectorXd> decompose(const MatrixView& snapshots) {
    const MatrixXd columns = snapshots.transpose(); // [size][rows]
    if (columns.rows() <= columns.cols()) {
        const Eigen::BDCSVD<MatrixXd> svd(columns, Eigen::ComputeThinU);
        return {svd.matrixU(), svd.singularValues()};
    }
    const Eigen::HouseholderQR<MatrixXd> qr(columns);
    const MatrixXd r = qr.matrixQR().topRows(columns.cols()).triangularView<Eigen::Upper>();
    const Eigen::BDCSVD<MatrixXd> svd(r, Eigen::ComputeThinU);
    MatrixXd modes = MatrixXd::Zero(columns.rows(), columns.cols());
    modes.topRows(columns.cols()) = svd.matrixU();
    modes.applyOnTheLeft(qr.householderQ());
    return {std::move(modes), svd.singularValues()};
}

std::pair<MatrixXd, VectorXd> decomposeGram(const MatrixView& snapshots) {
    const MatrixXd gram = snapshots * snapshots.transpose();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(gram);
    const VectorXd values = solver.eigenvalues().reverse().cwiseMax(0).cwiseSqrt();
    MatrixXd modes = snapshots.transpose() * solver.eigenvectors().rowwise().reverse();
    for (Index k = 0; k < modes.cols(); k++)
        if (values[k] > 0)
            modes.col(k) /= values[k];
    return {std::move(modes), values};
}

} // namespace

Pod computePod(const MatrixView& snapshots, PodMethod method) {
    const bool isSvd = method == PodMethod::Svd;
    const auto [modes, values] = isSvd ? decompose(snapshots) : decomposeGram(snapshots);
    if (values.size() == 0 || !(values[0] > 0))
        throw Error("there is no direction in snapshots that are all zero");
    // Rounding errors in singular values, relative to the largest; in the squares that the method
    // of snapshots sees they are as large.
    const double rounding = static_cast<double>(std::max(snapshots.rows(), snapshots.cols())) *
                            std::numeric_limits<double>::epsilon();
    const double floor = isSvd ? rounding : std::sqrt(rounding);
    const Index rank = (values.array() > floor * values[0]).count();
    return {modes.leftCols(rank).transpose(), values.head(rank)};
}

Matrix normalizeRows(Matrix rows) {
    rows.array().colwise() /= rowNorms(rows).array();
    return rows;
}

Index modesForEnergy(const VectorXd& singularValues, double eps) {
    const double allowed = eps * eps * singularValues.squaredNorm();
    Index modes = singularValues.size();
    for (double tail = 0; modes > 1; modes--) {
        tail += singularValues[modes - 1] * singularValues[modes - 1];
        if (tail > allowed)
            break;
    }
    return modes;
}

VectorXd projectionErrors(const MatrixView& basis, const MatrixView& snapshots) {
    if (basis.cols() != snapshots.cols())
        throw Error("modes have " + std::to_string(basis.cols()) + " numbers, snapshots " +
                    std::to_string(snapshots.cols()));
    const Matrix unit = normalizeRows(snapshots);
    const Matrix coefficients = unit * basis.transpose();
    return (unit - coefficients * basis).rowwise().norm();
}

Index modesForTolerance(const MatrixView& basis, const MatrixView& snapshots, double tau) {
    Matrix rest = normalizeRows(snapshots);
    for (Index modes = 0; modes < basis.rows(); modes++) {
        if (modes > 0 && rest.rowwise().squaredNorm().maxCoeff() <= tau * tau)
            return modes;
        const VectorXd coefficients = rest * basis.row(modes).transpose();
        rest.noalias() -= coefficients * basis.row(modes);
    }
    return basis.rows();
}

ErrorSummary summarize(const VectorXd& errors) {
    VectorXd sorted = errors;
    std::sort(sorted.begin(), sorted.end());
    const Index last = sorted.size() - 1;
    const auto place = static_cast<Index>(std::ceil(0.95 * static_cast<double>(last)));
    return {errors.mean(), errors.norm() / std::sqrt(static_cast<double>(errors.size())),
            sorted[place], sorted[last]};
}

} // namespace equivariant::local_reduced_order_bases
