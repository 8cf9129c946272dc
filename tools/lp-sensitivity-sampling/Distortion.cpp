// SPDX-License-Identifier: MIT
#include "Distortion.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

namespace equivariant::lp_sensitivity_sampling {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

constexpr int searches = 8;    // upwards and downwards each
constexpr int steps = 100;     // of a search
constexpr int blockSize = 256; // directions at once

class Ratio {
public:
    Ratio(Matrix q, const std::vector<int>& rows, const VectorView& weights, double p)
        : q(std::move(q)), p(p), factors(VectorXd::Zero(this->q.rows())) {
        for (std::size_t k = 0; k < rows.size(); k++)
            factors[rows[k]] += std::pow(weights[static_cast<Index>(k)], p);
    }

    /// [directions] of the columns of x
    VectorXd evaluate(const Eigen::MatrixXd& x) const {
        const Eigen::ArrayXXd powers = (q * x).array().abs().pow(p);
        return (factors.transpose() * powers.matrix()).transpose().array() /
               powers.colwise().sum().transpose();
    }

    /// d log(ratio)/dx
    VectorXd gradient(const VectorXd& x) const {
        const ArrayXd r = (q * x).array();
        const ArrayXd first = r.abs().pow(p - 1) * r.sign();
        const ArrayXd power = first * r;
        const double all = power.sum(), kept = (factors.array() * power).sum();
        if (kept == 0)
            return VectorXd::Zero(x.size());
        return p * (q.transpose() * ((factors.array() / kept - 1 / all) * first).matrix());
    }

    /// Follows the gradient, uphill for sign 1 and downhill for -1.
    double search(VectorXd x, double sign) const {
        double value = evaluate(x)[0], length = 0.5;
        for (int i = 0; i < steps && length > 1e-6; i++) {
            x.normalize();
            const VectorXd slope = sign * gradient(x);
            if (slope.isZero(0))
                break;
            const VectorXd trial = x + length * slope.normalized();
            const double found = evaluate(trial)[0];
            if (sign * (found - value) > 0) {
                x = trial;
                value = found;
                length *= 1.5;
            } else {
                length /= 2;
            }
        }
        return value;
    }

    const Matrix& getBasis() const { return q; }

private:
    Matrix q;
    double p;
    VectorXd factors; ///< weight^p of rows that are kept, 0 for others
};

/// Random directions, and those of the rows of largest leverage, as columns.
Eigen::MatrixXd makeDirections(const Matrix& q, const DistortionOptions& options) {
    const Index random = std::max(1, options.directions);
    const Index important = options.search ? std::min<Index>(q.rows(), 4 * q.cols()) : 0;
    Eigen::MatrixXd x(q.cols(), random + important);
    x.leftCols(random) = support::Random(options.seed).normalMatrix(random, q.cols()).transpose();
    const VectorXd leverage = q.rowwise().squaredNorm();
    std::vector<int> order(q.rows());
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + important, order.end(), [&](int i, int j) {
        return std::pair(-leverage[i], i) < std::pair(-leverage[j], j);
    });
    for (Index k = 0; k < important; k++)
        x.col(random + k) = q.row(order[k]).transpose();
    return x;
}

} // namespace

Distortion measureDistortion(const MatrixView& a, const std::vector<int>& rows,
                             const VectorView& weights, double p,
                             const DistortionOptions& options) {
    if (static_cast<Index>(rows.size()) != weights.size())
        throw Error("there are " + std::to_string(rows.size()) + " rows and " +
                    std::to_string(weights.size()) + " weights");
    for (std::size_t k = 0; k < rows.size(); k++) {
        const double weight = weights[static_cast<Index>(k)];
        if (rows[k] < 0 || rows[k] >= a.rows())
            throw Error("the matrix has no row " + std::to_string(rows[k]));
        if (!(weight > 0) || std::isinf(weight))
            throw Error("row " + std::to_string(rows[k]) + ": the weight is not positive");
    }
    support::requireFinite(a, "the matrix");
    if (!(p >= 1) || std::isinf(p))
        throw Error("p has to be a finite number >= 1, not " + std::to_string(p));
    const Ratio ratio(columnSpace(a), rows, weights, p);
    if (ratio.getBasis().cols() == 0)
        throw Error("the matrix has rank 0");
    const Eigen::MatrixXd x = makeDirections(ratio.getBasis(), options);
    VectorXd ratios(x.cols());
    support::parallelFor(static_cast<int>((x.cols() + blockSize - 1) / blockSize), [&](int block) {
        const Index begin = Index(block) * blockSize;
        const Index count = std::min<Index>(blockSize, x.cols() - begin);
        ratios.segment(begin, count) = ratio.evaluate(x.middleCols(begin, count));
    });
    double highest = ratios.maxCoeff(), lowest = ratios.minCoeff();
    if (options.search) {
        std::vector<int> order(ratios.size());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(),
                  [&](int i, int j) { return std::pair(ratios[i], i) < std::pair(ratios[j], j); });
        const int count = std::min<int>(searches, static_cast<int>(order.size()));
        VectorXd ends(2 * count);
        support::parallelFor(2 * count, [&](int k) {
            const bool up = k >= count;
            const int start = up ? order[order.size() - 1 - (k - count)] : order[k];
            ends[k] = ratio.search(x.col(start), up ? 1 : -1);
        });
        lowest = std::min(lowest, ends.head(count).minCoeff());
        highest = std::max(highest, ends.tail(count).maxCoeff());
    }
    return {highest, lowest, static_cast<int>(x.cols())};
}

} // namespace equivariant::lp_sensitivity_sampling
