// SPDX-License-Identifier: MIT
#include "Statistics.h"

#include "Moments.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace equivariant::halfspace_tester_learner {

namespace {

/// The points by falling closeness to the plane: |<w, x>| ascending, and what is orthogonal to w.
struct Slab {
    VectorXd distance, side; ///< and <w, x> itself
    Matrix across;           ///< [points][d-1], in a basis
    Matrix basis;
};

Slab makeSlab(const MatrixView& x, const VectorView& w) {
    Slab slab;
    slab.basis = orthogonalBasis(w);
    const VectorXd side = x * w, distance = side.cwiseAbs();
    std::vector<Index> order(x.rows());
    std::iota(order.begin(), order.end(), Index(0));
    std::sort(order.begin(), order.end(), [&](Index a, Index b) {
        return distance[a] != distance[b] ? distance[a] < distance[b] : a < b;
    });
    const Matrix across = x * slab.basis;
    slab.distance = distance(order);
    slab.side = side(order);
    slab.across = across(order, Eigen::all);
    return slab;
}

/// Points at most this far, given that distances ascend.
Index countWithin(const VectorXd& distance, double width) {
    return std::upper_bound(distance.begin(), distance.end(), width) - distance.begin();
}

double massDeviation(const VectorXd& distance, double width) {
    const auto count = static_cast<double>(countWithin(distance, width));
    const double expected = gaussianBand(width) * static_cast<double>(distance.size());
    return count > 0 ? std::abs(std::log(count / expected))
                     : std::numeric_limits<double>::infinity();
}

double largestSecondMoment(const MatrixView& points) {
    if (points.cols() == 0)
        return 0;
    const Eigen::MatrixXd second = points.transpose() * points / static_cast<double>(points.rows());
    return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(second, Eigen::EigenvaluesOnly)
        .eigenvalues()
        .maxCoeff();
}

double boundDisagreement(const Slab& slab, double angle) {
    if (slab.across.cols() == 0)
        return 0; // in one dimension nothing lies nearby
    const double eta = std::tan(angle);
    double bound = 0;
    for (Index first = 0; first < slab.distance.size();) {
        const double strip = std::floor(slab.distance[first] / eta);
        const Index last = std::lower_bound(slab.distance.begin() + first, slab.distance.end(),
                                            (strip + 1) * eta) -
                           slab.distance.begin();
        const Index end = std::max(last, first + 1); // whatever rounding does, one point is taken
        const auto count = static_cast<double>(end - first);
        const double share =
            strip == 0
                ? 1
                : std::min(1.0, largestSecondMoment(slab.across.middleRows(first, end - first)) /
                                    (strip * strip));
        bound += count * share;
        first = end;
    }
    return bound / static_cast<double>(slab.distance.size());
}

/// Multiple correlation of <w, x> with what is orthogonal to w in |<w, x>| <= width, times the root
/// of the number of points: those on a plane that is slightly turned from that of w move one with
/// the other.
double trendWithin(const Slab& slab, double width) {
    const Index inBand = countWithin(slab.distance, width);
    const VectorXd side = slab.side.head(inBand);
    if (side.squaredNorm() == 0 || slab.across.cols() == 0)
        return 0;
    const Eigen::MatrixXd across = slab.across.topRows(inBand);
    const VectorXd product = across.transpose() * side;
    const VectorXd slope = (across.transpose() * across).ldlt().solve(product);
    return std::sqrt(static_cast<double>(inBand) * product.dot(slope) / side.squaredNorm());
}

/// At the width of the strips of every tested angle, as it is unknown how far the plane is turned.
double largestTrend(const Slab& slab) {
    double largest = 0;
    for (double angle : testedAngles)
        largest = std::max(largest, trendWithin(slab, std::tan(angle)));
    return largest;
}

std::vector<double> bandStatistics(const Slab& slab, const Matrix& directions, double sigma) {
    const Index inBand = countWithin(slab.distance, sigma / 2);
    const auto band = slab.across.topRows(inBand);
    std::vector<double> values = {massDeviation(slab.distance, sigma / 6),
                                  massDeviation(slab.distance, sigma / 2)};
    if (inBand == 0)
        values.insert(values.end(), 3, std::numeric_limits<double>::infinity());
    else
        values.insert(values.end(), {pairMoments(band), directionMoments(band, directions),
                                     spectralDeviation(band)});
    return values;
}

} // namespace

double gaussianBand(double width) {
    return std::erf(width * M_SQRT1_2);
}

Index countBand(const MatrixView& x, const VectorView& w, double width) {
    return ((x * w).array().abs() <= width).count();
}

double disagreementBound(const MatrixView& x, const VectorView& w, double angle) {
    return boundDisagreement(makeSlab(x, w), angle);
}

const std::vector<std::string>& candidateStatisticNames() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list = {
            "mass of the band sigma/6",     "mass of the band sigma/2",
            "moments of pairs in the band", "moments in directions in the band",
            "second moments in the band",   "trend close to the plane"};
        for (double angle : testedAngles)
            list.push_back("disagreement within " + std::to_string(angle).substr(0, 5) +
                           " radians");
        return list;
    }();
    return names;
}

std::vector<std::vector<double>> candidateStatistics(const MatrixView& x, const VectorView& w,
                                                     const std::vector<double>& sigmas) {
    const Slab slab = makeSlab(x, w);
    const Matrix directions = testDirections(slab.basis);
    std::vector<double> ofAngles = {largestTrend(slab)};
    for (double angle : testedAngles)
        ofAngles.push_back(boundDisagreement(slab, angle) / (angle / M_PI));
    std::vector<std::vector<double>> statistics;
    for (double sigma : sigmas) {
        statistics.push_back(bandStatistics(slab, directions, sigma));
        statistics.back().insert(statistics.back().end(), ofAngles.begin(), ofAngles.end());
    }
    return statistics;
}

const std::vector<std::string>& globalStatisticNames() {
    static const std::vector<std::string> names = {"moments of pairs", "moments in directions",
                                                   "second moments"};
    return names;
}

std::vector<double> globalStatistics(const MatrixView& x) {
    const Matrix identity = Matrix::Identity(x.cols(), x.cols());
    return {pairMoments(x), directionMoments(x, testDirections(identity)), spectralDeviation(x)};
}

} // namespace equivariant::halfspace_tester_learner
