// SPDX-License-Identifier: MIT
#include "Sinkhorn.h"

#include "equivariant/Error.h"

#include <cmath>

namespace equivariant::light_sb {

using Eigen::ArrayXd;
using Eigen::Index;

namespace {

/// For each row of the logarithms, shifted by `potential`, minus the log of its mean exponential.
ArrayXd update(const Matrix& logs, const ArrayXd& potential) {
    ArrayXd result(logs.rows());
    forEachRow(logs.rows(), [&](Index i) {
        const ArrayXd row = logs.row(i).transpose().array() + potential;
        const double largest = row.maxCoeff();
        result[i] = -largest - std::log((row - largest).exp().mean());
    });
    return result;
}

} // namespace

Matrix sinkhornMeans(const MatrixView& x, const MatrixView& y, double eps, double tolerance) {
    if (x.cols() != y.cols() || x.rows() < 1 || y.rows() < 1)
        throw Error("two sets of points with as many columns are needed");
    support::requireFinite(x, "source");
    support::requireFinite(y, "target");
    if (!(eps > 0 && std::isfinite(eps)))
        throw Error("eps has to be positive");
    Matrix logs(x.rows(), y.rows());
    for (Index i = 0; i < x.rows(); i++)
        logs.row(i) = -(y.rowwise() - x.row(i)).rowwise().squaredNorm().transpose() / (2 * eps);
    const Matrix transposed = logs.transpose();
    ArrayXd f = ArrayXd::Zero(x.rows()), g = ArrayXd::Zero(y.rows());
    for (int iteration = 0;; iteration++) {
        const ArrayXd next = update(logs, g);
        // With g up to date, row i holds exp(f_i - next_i) of its share.
        if (iteration > 0 && ((f - next).exp() - 1).abs().mean() <= tolerance)
            break;
        if (iteration == 100'000)
            throw Error("Sinkhorn's iteration does not converge; a larger eps may help");
        f = next;
        g = update(transposed, f);
    }
    Matrix means(x.rows(), x.cols());
    for (Index i = 0; i < x.rows(); i++) {
        const ArrayXd shares = (logs.row(i).transpose().array() + f[i] + g).exp();
        means.row(i) = shares.matrix().transpose() * y / shares.sum();
    }
    return means;
}

} // namespace equivariant::light_sb
