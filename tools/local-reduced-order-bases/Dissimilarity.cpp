// SPDX-License-Identifier: MIT
#include "Dissimilarity.h"

#include "Subspaces.h"

#include "support/Parallel.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using Eigen::VectorXd;

const std::vector<std::string> dissimilarityNames = {"sine", "euclid", "chordal", "grassmann",
                                                     "max-sine"};

Dissimilarity parseDissimilarity(const std::string& name) {
    const auto place = std::find(dissimilarityNames.begin(), dissimilarityNames.end(), name);
    if (place == dissimilarityNames.end())
        throw Error("there is no dissimilarity '" + name + "'");
    return static_cast<Dissimilarity>(place - dissimilarityNames.begin());
}

namespace {

constexpr Index rowBlock = 64, columnBlock = 4096;
constexpr double nearlyParallel = 0.9; // cosine from where differences are the better formula

/// The rows of one step.
auto atStep(const MatrixView& a, Index step, Index steps) {
    return Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>(
        a.data() + step * a.outerStride(), a.rows() / steps, a.cols(),
        Eigen::OuterStride<>(steps * a.outerStride()));
}

/// Adds sin^2 of the angles between rows of a and b, divided by their number of steps.
void addSineSquares(const MatrixView& a, const VectorXd& normsA, const MatrixView& b,
                    const VectorXd& normsB, double share, Eigen::Ref<Matrix> sum) {
    Matrix cosines = Matrix::Zero(a.rows(), b.rows());
    for (Index first = 0; first < a.cols(); first += columnBlock) {
        const Index count = std::min(columnBlock, a.cols() - first);
        const Matrix left = normsA.cwiseInverse().asDiagonal() * a.middleCols(first, count);
        const Matrix right = normsB.cwiseInverse().asDiagonal() * b.middleCols(first, count);
        cosines.noalias() += left * right.transpose();
    }
    for (Index i = 0; i < a.rows(); i++)
        for (Index j = 0; j < b.rows(); j++) {
            const double c = cosines(i, j);
            if (std::abs(c) < nearlyParallel) {
                sum(i, j) += share * (1 - c * c);
                continue;
            }
            // 1 - |c| = s^2/2 of unit vectors that differ by s (up to sign).
            const double sign = c > 0 ? 1 : -1;
            const double s2 = (a.row(i) / normsA[i] - sign / normsB[j] * b.row(j)).squaredNorm();
            sum(i, j) += share * s2 * (1 - s2 / 4);
        }
}

/// Calls body(first, count) for blocks of rows, in parallel.
template <class Body> void forRowBlocks(Index rows, const Body& body) {
    const Index blocks = (rows + rowBlock - 1) / rowBlock;
    support::parallelFor(static_cast<int>(blocks), [&](int block) {
        const Index first = block * rowBlock;
        body(first, std::min(rowBlock, rows - first));
    });
}

Matrix meanOverTime(const MatrixView& a, const MatrixView& b, Index steps, bool isSine,
                    bool onlyUpper) {
    Matrix sum = Matrix::Zero(a.rows() / steps, b.rows() / steps);
    const VectorXd normsA = isSine ? rowNorms(a) : VectorXd(),
                   normsB = isSine ? rowNorms(b) : normsA;
    const double share = 1.0 / static_cast<double>(steps);
    for (Index step = 0; step < steps; step++) {
        const auto ofA = atStep(a, step, steps), ofB = atStep(b, step, steps);
        const auto pick = [&](const VectorXd& norms) -> VectorXd {
            return norms(Eigen::seq(step, Eigen::last, steps));
        };
        const VectorXd na = isSine ? pick(normsA) : VectorXd(), nb = isSine ? pick(normsB) : na;
        forRowBlocks(sum.rows(), [&](Index first, Index count) {
            const Index left = onlyUpper ? first : 0, width = sum.cols() - left;
            auto block = sum.block(first, left, count, width);
            if (isSine)
                addSineSquares(ofA.middleRows(first, count), na.segment(first, count),
                               ofB.middleRows(left, width), nb.segment(left, width), share, block);
            else
                for (Index i = 0; i < count; i++)
                    for (Index j = 0; j < width; j++)
                        block(i, j) +=
                            share * (ofA.row(first + i) - ofB.row(left + j)).squaredNorm();
        });
    }
    return sum.cwiseSqrt();
}

Matrix ofSpaces(const MatrixView& a, const MatrixView& b, Index steps, Dissimilarity kind,
                bool onlyUpper) {
    const auto [left, right] = computeSpaces(a, b, steps, onlyUpper);
    Matrix result = Matrix::Zero(left.size(), right.size());
    support::parallelFor(static_cast<int>(left.size()), [&, &left = left, &right = right](int i) {
        for (std::size_t j = onlyUpper ? i : 0; j < right.size(); j++) {
            const Eigen::ArrayXd angles = principalAngles(left[i], right[j]);
            const Index column = static_cast<Index>(j);
            if (kind == Dissimilarity::Chordal)
                result(i, column) = angles.sin().matrix().norm();
            else if (kind == Dissimilarity::Grassmann)
                result(i, column) = angles.matrix().norm();
            else
                result(i, column) = angles.sin().maxCoeff();
        }
    });
    return result;
}

Matrix compute(const MatrixView& a, const MatrixView& b, Index steps, Dissimilarity kind,
               bool onlyUpper) {
    if (steps < 1 || a.rows() % steps != 0 || b.rows() % steps != 0)
        throw Error("the number of snapshots is not a multiple of the steps of a run");
    if (a.cols() != b.cols())
        throw Error("snapshots have " + std::to_string(a.cols()) + " and " +
                    std::to_string(b.cols()) + " numbers");
    if (kind == Dissimilarity::Sine || kind == Dissimilarity::Euclid)
        return meanOverTime(a, b, steps, kind == Dissimilarity::Sine, onlyUpper);
    rowNorms(a); // refuses what has no direction
    rowNorms(b);
    return ofSpaces(a, b, steps, kind, onlyUpper);
}

} // namespace

Matrix dissimilarities(const MatrixView& a, const MatrixView& b, Index steps, Dissimilarity kind) {
    return compute(a, b, steps, kind, false);
}

Matrix dissimilarities(const MatrixView& a, Index steps, Dissimilarity kind) {
    Matrix d = compute(a, a, steps, kind, true);
    d.triangularView<Eigen::StrictlyLower>() = d.transpose();
    d.diagonal().setZero();
    return d;
}

Matrix sineMatrix(const MatrixView& a) {
    return dissimilarities(a, 1, Dissimilarity::Sine);
}

} // namespace equivariant::local_reduced_order_bases
