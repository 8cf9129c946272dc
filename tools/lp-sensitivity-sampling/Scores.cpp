// SPDX-License-Identifier: MIT
#include "Scores.h"

#include "LeastAbsolute.h"
#include "SliceMinimum.h"

#include "support/Decompositions.h"
#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <cmath>
#include <string>
#include <string_view>
#include <unordered_map>

namespace equivariant::lp_sensitivity_sampling {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

void check(const MatrixView& a, const ScoreOptions& options) {
    if (!(options.p >= 1) || std::isinf(options.p))
        throw Error("p has to be a finite number >= 1, not " + std::to_string(options.p));
    if (options.kind == ScoreKind::RootLeverage && options.p > 2)
        throw Error("root leverage scores are for p <= 2");
    if (a.rows() == 0 || a.cols() == 0)
        throw Error("the matrix is empty");
    support::requireFinite(a, "the matrix");
    const VectorXd& w = options.rowWeights;
    if (w.size() != 0 && w.size() != a.rows())
        throw Error("the matrix has " + std::to_string(a.rows()) + " rows, but there are " +
                    std::to_string(w.size()) + " weights");
    if (w.size() != 0 && (!w.allFinite() || !(w.minCoeff() > 0)))
        throw Error("weights of rows have to be positive and finite");
    if (options.bucketSize < 1 || options.signs < 1)
        throw Error("buckets hold at least one row and have at least one sum");
}

/// Equal rows as one that counts for all of them; no zero rows.
struct MergedRows {
    Matrix rows;             ///< times weight^(1/p)
    std::vector<int> mapped; ///< for each row of the original, its index in rows, or -1
    VectorXd shares;         ///< for each row of the original, its part of the merged row
};

MergedRows mergeRows(const MatrixView& a, const VectorXd& weights, double p) {
    std::unordered_map<std::string_view, int> known;
    const Matrix copy = a;
    MergedRows merged{{}, std::vector<int>(a.rows(), -1), VectorXd::Zero(a.rows())};
    std::vector<Index> firsts;
    std::vector<double> sums;
    for (Index i = 0; i < a.rows(); i++) {
        if (copy.row(i).isZero(0))
            continue;
        const std::string_view bytes(reinterpret_cast<const char*>(copy.row(i).data()),
                                     copy.cols() * sizeof(double));
        const auto [place, isNew] = known.emplace(bytes, static_cast<int>(firsts.size()));
        if (isNew) {
            firsts.push_back(i);
            sums.push_back(0);
        }
        merged.mapped[i] = place->second;
        sums[place->second] += weights[i];
    }
    merged.rows.resize(static_cast<Index>(firsts.size()), a.cols());
    for (std::size_t k = 0; k < firsts.size(); k++)
        merged.rows.row(static_cast<Index>(k)) = copy.row(firsts[k]) * std::pow(sums[k], 1 / p);
    for (Index i = 0; i < a.rows(); i++)
        if (merged.mapped[i] >= 0)
            merged.shares[i] = weights[i] / sums[merged.mapped[i]];
    return merged;
}

struct Sensitivities {
    VectorXd values;
    double largestGap = 0;
};

/// sup_x |u x|^p / ||Q x||_p^p for every row u of `directions`.
Sensitivities solveSlices(const Matrix& q, const Matrix& directions, double p) {
    const auto count = static_cast<int>(directions.rows());
    VectorXd values = VectorXd::Zero(count), gaps = VectorXd::Zero(count);
    support::parallelFor(count, [&](int i) {
        const VectorXd u = directions.row(i).transpose();
        if (u.isZero(0))
            return;
        const SliceMinimum minimum =
            p == 1 ? minimiseAbsoluteOnSlice(q, u) : minimiseOnSlice(q, u, p);
        values[i] = std::min(1.0, 1 / minimum.power);
        gaps[i] = 1 - minimum.lowerBound / minimum.power;
    });
    return {values, gaps.size() ? gaps.maxCoeff() : 0};
}

Sensitivities solveBatches(const Matrix& q, const ScoreOptions& options) {
    const auto count = static_cast<int>(q.rows());
    const int numBuckets = (count + options.bucketSize - 1) / options.bucketSize;
    const std::vector<int> order = support::Random(options.seed).permutation(count);
    Matrix sums = Matrix::Zero(Index(numBuckets) * options.signs, q.cols());
    for (int k = 0; k < count; k++) {
        support::Random random(options.seed, 1, order[k]);
        const int bucket = k / options.bucketSize;
        for (int s = 0; s < options.signs; s++)
            sums.row(Index(bucket) * options.signs + s) += random.sign() * q.row(order[k]);
    }
    const Sensitivities ofSums = solveSlices(q, sums, options.p);
    Sensitivities result{VectorXd(count), ofSums.largestGap};
    for (int k = 0; k < count; k++)
        result.values[order[k]] =
            ofSums.values.segment(Index(k / options.bucketSize) * options.signs, options.signs)
                .maxCoeff();
    return result;
}

} // namespace

Matrix columnSpace(const MatrixView& a) {
    Eigen::MatrixXd scaled = a;
    for (Index j = 0; j < scaled.cols(); j++) {
        const double largest = scaled.col(j).cwiseAbs().maxCoeff();
        if (largest > 0)
            scaled.col(j) = (scaled.col(j) / largest).normalized();
    }
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(std::move(scaled));
    qr.setThreshold(1e-12);
    return qr.householderQ() * Eigen::MatrixXd::Identity(a.rows(), qr.rank());
}

Scores computeScores(const MatrixView& a, const ScoreOptions& options) {
    check(a, options);
    const double p = options.p;
    const VectorXd weights =
        options.rowWeights.size() ? options.rowWeights : VectorXd::Ones(a.rows());
    const MergedRows merged = mergeRows(a, weights, p);
    if (merged.rows.rows() == 0)
        throw Error("the matrix has rank 0");
    const Matrix q = columnSpace(merged.rows);
    const auto spread = [&](const VectorXd& values) { // over the rows that were merged
        VectorXd all = VectorXd::Zero(a.rows());
        for (Index i = 0; i < a.rows(); i++)
            if (merged.mapped[i] >= 0)
                all[i] = values[merged.mapped[i]] * merged.shares[i];
        return all;
    };

    const VectorXd lewis = spread(lewisWeights(q, p));
    const double factor = std::pow(static_cast<double>(q.cols()), std::max(0.0, p / 2 - 1));
    Scores scores{{}, (factor * lewis).cwiseMin(1), q.cols(), 0, 0};
    if (options.kind == ScoreKind::Lewis) {
        scores.values = lewis;
    } else if (options.kind == ScoreKind::Sensitivity) {
        if (options.approximation == Approximation::Lewis) {
            scores.values = scores.upperBounds;
        } else if (options.approximation == Approximation::Exact && p == 2) {
            scores.values = spread(q.rowwise().squaredNorm());
        } else {
            const Sensitivities found = options.approximation == Approximation::Exact
                                            ? solveSlices(q, q, p)
                                            : solveBatches(q, options);
            scores.values = spread(found.values);
            scores.largestGap = found.largestGap;
        }
    } else { // a row that counts w times is w^(1/p) as long, but not w^(1/2): nothing is merged
        const Matrix full = columnSpace(weights.array().pow(1 / p).matrix().asDiagonal() * a);
        scores.values = full.rowwise().squaredNorm();
        if (options.kind == ScoreKind::RootLeverage)
            scores.values = scores.values.array().pow(p / 2);
    }
    scores.total = scores.values.sum();
    return scores;
}

double gaussianTotalSensitivity(int d, double p) {
    return std::exp(std::lgamma((d + p) / 2) + std::lgamma(0.5) - std::lgamma(d / 2.0) -
                    std::lgamma((p + 1) / 2));
}

SampleSizes sampleSizes(double p, double rank, double totalSensitivity) {
    const double s = totalSensitivity;
    return {std::pow(s, p < 2 ? 2 / p : 2 - 2 / p), s * rank, p < 2 ? rank : 0,
            p > 2 ? std::pow(rank, 2 / p) * std::pow(s, 2 - 4 / p) : 0};
}

} // namespace equivariant::lp_sensitivity_sampling
