// SPDX-License-Identifier: MIT
#include "Moments.h"

#include "support/Decompositions.h"
#include "support/Random.h"

#include <Eigen/Eigenvalues>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace equivariant::halfspace_tester_learner {

namespace {

/// h_1 … h_4 of every entry, He_a/sqrt(a!).
std::array<Matrix, 4> hermite(const Matrix& x) {
    const auto square = x.array().square();
    return {x, (square - 1) * std::sqrt(0.5), x.array() * (square - 3) / std::sqrt(6.0),
            (square * (square - 6) + 3) / std::sqrt(24.0)};
}

/// Largest |entry| off the diagonal of A^T B/n.
double largestMixed(const Matrix& a, const Matrix& b) {
    Matrix products = a.transpose() * b / static_cast<double>(a.rows());
    products.diagonal().setZero();
    return products.cwiseAbs().maxCoeff();
}

double largestMean(const std::array<Matrix, 4>& h) {
    double largest = 0;
    for (const Matrix& degree : h)
        largest = std::max(largest, degree.colwise().mean().cwiseAbs().maxCoeff());
    return largest;
}

} // namespace

double pairMoments(const MatrixView& x) {
    if (x.cols() == 0)
        return 0;
    const std::array<Matrix, 4> h = hermite(x);
    const double largest =
        std::max({largestMean(h), largestMixed(h[0], h[0]), largestMixed(h[1], h[0]),
                  largestMixed(h[2], h[0]), largestMixed(h[1], h[1])});
    return std::sqrt(static_cast<double>(x.rows())) * largest;
}

double directionMoments(const MatrixView& x, const MatrixView& directions) {
    if (x.cols() == 0)
        return 0;
    double largest = 0;
    constexpr Index block = 2048; // rows, so that the projections stay in the cache
    Matrix sums = Matrix::Zero(4, directions.cols());
    for (Index first = 0; first < x.rows(); first += block) {
        const Index rows = std::min(block, x.rows() - first);
        const std::array<Matrix, 4> h = hermite(x.middleRows(first, rows) * directions);
        for (int a = 0; a < 4; a++)
            sums.row(a) += h[a].colwise().sum();
    }
    largest = sums.cwiseAbs().maxCoeff();
    return largest / std::sqrt(static_cast<double>(x.rows()));
}

double spectralDeviation(const MatrixView& x) {
    if (x.cols() == 0)
        return 0;
    const Eigen::MatrixXd second = x.transpose() * x / static_cast<double>(x.rows());
    const VectorXd values =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(second, Eigen::EigenvaluesOnly)
            .eigenvalues();
    if (!(values[0] > 0))
        return std::numeric_limits<double>::infinity();
    return std::sqrt(static_cast<double>(x.rows())) * values.array().log().abs().maxCoeff();
}

Matrix testDirections(const MatrixView& basis) {
    constexpr int numRandom = 64;
    Matrix directions(basis.cols(), basis.rows() + numRandom);
    directions.leftCols(basis.rows()) = basis.transpose();
    directions.rightCols(numRandom) =
        support::Random(0x6469726563).normalMatrix(basis.cols(), numRandom);
    std::vector<Index> kept;
    for (Index k = 0; k < directions.cols(); k++)
        if (directions.col(k).norm() > 1e-6)
            kept.push_back(k);
    return Matrix(directions(Eigen::all, kept)).colwise().normalized();
}

Matrix orthogonalBasis(const VectorView& w) {
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr{Eigen::MatrixXd(w)};
    const Eigen::MatrixXd q = qr.householderQ();
    return q.rightCols(w.size() - 1);
}

} // namespace equivariant::halfspace_tester_learner
