// SPDX-License-Identifier: MIT
#include "Snapshots.h"

#include "equivariant/Error.h"

#include <cmath>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;

Snapshots Snapshots::select(const std::vector<int>& runs) const {
    Snapshots result{Matrix(static_cast<Index>(runs.size()) * steps, values.cols()), steps};
    for (std::size_t i = 0; i < runs.size(); i++)
        result.values.middleRows(static_cast<Index>(i) * steps, steps) =
            values.middleRows(runs[i] * steps, steps);
    return result;
}

std::vector<Index> findZeroRows(const Matrix& values) {
    std::vector<Index> rows;
    for (Index i = 0; i < values.rows(); i++)
        if (values.row(i).cwiseAbs().maxCoeff() == 0)
            rows.push_back(i);
    return rows;
}

Eigen::VectorXd rowNorms(const MatrixView& values) {
    Eigen::VectorXd norms(values.rows());
    for (Index i = 0; i < values.rows(); i++) {
        norms[i] = values.row(i).stableNorm();
        // The norm itself may hide a NaN.
        if (!values.row(i).allFinite() || !std::isfinite(norms[i]))
            throw Error("snapshot " + std::to_string(i) + " is not of finite numbers");
        if (norms[i] == 0)
            throw Error("snapshot " + std::to_string(i) + " is zero");
    }
    return norms;
}

InnerProduct::InnerProduct(const Matrix& mass, const std::string& name) : name(name) {
    const auto refuse = [&](Index row, const std::string& why) {
        throw Error(name + ": the mass matrix is not " + why + " (row " + std::to_string(row) +
                    ")");
    };
    if (mass.rows() == 1 || mass.cols() == 1) {
        const Eigen::Map<const Eigen::VectorXd> diagonal(mass.data(), mass.size());
        for (Index i = 0; i < diagonal.size(); i++)
            if (!(diagonal[i] > 0))
                refuse(i, "positive");
        roots = diagonal.cwiseSqrt();
        return;
    }
    if (mass.rows() != mass.cols())
        throw Error(name + ": the mass matrix is not square");
    for (Index i = 0; i < mass.rows(); i++)
        for (Index j = 0; j < i; j++)
            if (!(std::abs(mass(i, j) - mass(j, i)) <=
                  1e-10 * std::sqrt(std::abs(mass(i, i) * mass(j, j)))))
                refuse(i, "symmetric");
    lower = mass;
    // Eigen's LLT does not say which pivot failed.
    for (Index k = 0; k < lower.rows(); k++) {
        const double pivot = lower(k, k) - lower.row(k).head(k).squaredNorm();
        if (!(pivot > 1e-14 * mass(k, k)))
            refuse(k, "positive definite");
        lower(k, k) = std::sqrt(pivot);
        const Index rest = lower.rows() - k - 1;
        lower.col(k).tail(rest) -=
            lower.bottomLeftCorner(rest, k) * lower.row(k).head(k).transpose();
        lower.col(k).tail(rest) /= lower(k, k);
    }
    lower.triangularView<Eigen::StrictlyUpper>().setZero();
}

void InnerProduct::requireSize(Index size) const {
    const Index own = std::max(roots.size(), lower.rows());
    if (own != 0 && own != size)
        throw Error(name + ": the mass matrix is for " + std::to_string(own) +
                    " numbers, a snapshot has " + std::to_string(size));
}

Matrix InnerProduct::toEuclidean(Matrix rows) const {
    requireSize(rows.cols());
    if (roots.size())
        rows *= roots.asDiagonal();
    else if (lower.size())
        rows = rows * lower;
    return rows;
}

Matrix InnerProduct::fromEuclidean(Matrix rows) const {
    requireSize(rows.cols());
    if (roots.size())
        rows *= roots.cwiseInverse().asDiagonal();
    else if (lower.size())
        lower.triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(rows);
    return rows;
}

} // namespace equivariant::local_reduced_order_bases
