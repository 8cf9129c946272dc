// SPDX-License-Identifier: MIT
#include "TwoSample.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace equivariant::light_sb {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

void requirePair(const MatrixView& a, const MatrixView& b) {
    if (a.cols() != b.cols())
        throw Error("sets of " + std::to_string(a.cols()) + " and " + std::to_string(b.cols()) +
                    " columns");
    if (a.rows() < 2 || b.rows() < 2)
        throw Error("sets of at least two points are needed");
    support::requireFinite(a, "first set");
    support::requireFinite(b, "second set");
}

/// Distances between all points of both sets.
Matrix distancesOf(const MatrixView& a, const MatrixView& b) {
    Matrix points(a.rows() + b.rows(), a.cols());
    points << a, b;
    Matrix distances(points.rows(), points.rows());
    forEachRow(points.rows(), [&](Index i) {
        distances.row(i) = (points.rowwise() - points.row(i)).rowwise().norm().transpose();
    });
    return distances;
}

/// Of the sums of distances within the first set, from it to all points, and among all points.
double energyDistance(double within, double fromFirst, double all, double n, double m) {
    const double between = fromFirst - within;
    return 2 * between / (n * m) - within / (n * n) - (all - fromFirst - between) / (m * m);
}

MatrixXd squareRoot(const MatrixXd& matrix) {
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix);
    return solver.eigenvectors() * solver.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
           solver.eigenvectors().transpose();
}

template <class BuresAt>
double meanOver(const Model& truth, const MatrixView& x, const BuresAt& buresAt) {
    truth.requirePoints(x);
    VectorXd values(x.rows());
    forEachRow(x.rows(), [&](Index i) { values[i] = buresAt(x.row(i).transpose()); });
    return values.mean();
}

} // namespace

EnergyTest testEnergyDistance(const MatrixView& a, const MatrixView& b, int permutations,
                              std::uint64_t seed) {
    requirePair(a, b);
    if (permutations < 19)
        throw Error("at least 19 permutations are needed");
    const Matrix distances = distancesOf(a, b);
    const VectorXd sums = distances.rowwise().sum();
    const Index n = a.rows(), total = distances.rows();
    // Column k marks the points of the first set; in column 0 as they are, then at random.
    MatrixXd marks = MatrixXd::Zero(total, permutations + 1);
    marks.col(0).head(n).setOnes();
    support::parallelFor(permutations, [&](int k) {
        support::Random random(seed, k, 2); // apart from those that drew the points
        const std::vector<int> order = random.permutation(static_cast<int>(total));
        for (Index i = 0; i < n; i++)
            marks(order[i], k + 1) = 1;
    });
    VectorXd values(permutations + 1);
    constexpr int block = 32;
    support::parallelFor((permutations + block) / block, [&](int item) {
        const Index first = item * block, count = std::min<Index>(block, permutations + 1 - first);
        const MatrixXd some = marks.middleCols(first, count);
        const MatrixXd to = distances * some;
        for (Index k = 0; k < count; k++)
            values[first + k] = energyDistance(some.col(k).dot(to.col(k)), some.col(k).dot(sums),
                                               sums.sum(), double(n), double(total - n));
    });
    const double found = values[0];
    // Divisions that equal the true one up to rounding count as equal.
    const auto larger = (values.array() >= found - 1e-12 * std::abs(found)).count();
    std::sort(values.data() + 1, values.data() + values.size());
    const auto rank = static_cast<Index>(std::ceil(0.95 * permutations));
    return {found, values[rank], double(larger) / double(permutations + 1)};
}

double maximumMeanDiscrepancy(const MatrixView& a, const MatrixView& b) {
    requirePair(a, b);
    const Matrix distances = distancesOf(a, b);
    std::vector<double> all;
    for (Index i = 0; i < distances.rows(); i++)
        all.insert(all.end(), distances.row(i).data(), distances.row(i).data() + i);
    std::nth_element(all.begin(), all.begin() + all.size() / 2, all.end());
    const double width = all[all.size() / 2];
    if (!(width > 0))
        throw Error("more than half of the points are the same");
    const Matrix kernel = (-distances.array().square() / (2 * width * width)).exp();
    const Index n = a.rows(), m = b.rows();
    const double square = kernel.topLeftCorner(n, n).mean() +
                          kernel.bottomRightCorner(m, m).mean() -
                          2 * kernel.topRightCorner(n, m).mean();
    return std::sqrt(std::max(0.0, square));
}

double squaredBures(const VectorView& mean0, const MatrixXd& covariance0, const VectorView& mean1,
                    const MatrixXd& covariance1) {
    const MatrixXd root = squareRoot(covariance0);
    const double cross = squareRoot(root * covariance1 * root).trace();
    return (mean0 - mean1).squaredNorm() +
           std::max(0.0, covariance0.trace() + covariance1.trace() - 2 * cross);
}

Moments momentsOf(const MatrixView& points) {
    const Matrix centred = points.rowwise() - points.colwise().mean();
    return {points.colwise().mean().transpose(),
            centred.transpose() * centred / double(points.rows())};
}

double unexplainedVariance(const MatrixView& a, const MatrixView& b) {
    requirePair(a, b);
    const Moments first = momentsOf(a), second = momentsOf(b);
    return 200 * squaredBures(first.mean, first.covariance, second.mean, second.covariance) /
           second.covariance.trace();
}

double conditionalUnexplainedVariance(const Model& model, const Model& truth, const MatrixView& x,
                                      double variance) {
    model.requirePoints(x);
    return 200 / variance * meanOver(truth, x, [&](const VectorXd& point) {
               const Conditional found = model.conditional(point), exact = truth.conditional(point);
               return squaredBures(found.mean(), model.covariance(found), exact.mean(),
                                   truth.covariance(exact));
           });
}

double conditionalUnexplainedVariance(const Moments& independent, const Model& truth,
                                      const MatrixView& x) {
    return 200 / independent.covariance.trace() * meanOver(truth, x, [&](const VectorXd& point) {
               const Conditional exact = truth.conditional(point);
               return squaredBures(independent.mean, independent.covariance, exact.mean(),
                                   truth.covariance(exact));
           });
}

} // namespace equivariant::light_sb
