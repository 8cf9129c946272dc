// SPDX-License-Identifier: MIT
#include "Search.h"

#include "equivariant/Error.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

void requireSameFeatures(const std::vector<Environment>& environments) {
    if (environments.empty())
        throw Error("there is no environment");
    for (const Environment& environment : environments)
        if (environment.xx.rows() != environments[0].xx.rows())
            throw Error(environment.name + ": another number of features");
}

} // namespace

void check(const std::vector<Environment>& environments, const SearchOptions& options) {
    requireSameFeatures(environments);
    if (!(options.eps > 0 && std::isfinite(options.eps)))
        throw Error("eps has to be positive");
    if (!(options.eta > 0 && options.eta < 1))
        throw Error("eta has to be within (0, 1)");
    if (options.mostFeatures < 1)
        throw Error("a representation needs a feature");
}

namespace {

MatrixXd selection(const std::vector<int>& features, Index n) {
    MatrixXd phi = MatrixXd::Zero(Index(features.size()), n);
    for (std::size_t k = 0; k < features.size(); k++)
        phi(Index(k), features[k]) = 1;
    return phi;
}

/// Moments of some features only, so that a candidate costs r^2 and not n^2.
std::vector<Environment> momentsOf(const std::vector<Environment>& environments,
                                   const std::vector<int>& features) {
    std::vector<Environment> result;
    for (const Environment& e : environments)
        result.push_back({{}, e.xx(features, features), e.xy(features), e.yy, e.samples});
    return result;
}

/// The next set of as many numbers below n in lexicographic order; false after the last.
bool advance(std::vector<int>& set, int n) {
    const int r = static_cast<int>(set.size());
    for (int i = r - 1; i >= 0; i--)
        if (set[i] < n - r + i) {
            set[i]++;
            for (int j = i + 1; j < r; j++)
                set[j] = set[j - 1] + 1;
            return true;
        }
    return false;
}

double excess(const Candidate& c, const SearchOptions& options) {
    return options.relative ? c.largestRelative : c.largestNorm;
}

/// Whether a candidate is the new best.
bool isBetter(const Candidate& candidate, const SearchResult& result,
              const SearchOptions& options) {
    if (result.candidates == 0)
        return true;
    if (candidate.isInvariant != result.best.isInvariant)
        return candidate.isInvariant;
    return candidate.isInvariant ? candidate.error < result.best.error * (1 - 1e-12)
                                 : excess(candidate, options) < excess(result.best, options);
}

} // namespace

void SearchResult::consider(Candidate candidate, const SearchOptions& options) {
    invariant += candidate.isInvariant;
    if (isBetter(candidate, *this, options))
        best = std::move(candidate);
    candidates++;
    found = best.isInvariant;
}

Candidate judge(const std::vector<Environment>& environments, Representation representation,
                const SearchOptions& options) {
    Candidate result{std::move(representation), {}, 0, 0, 0, 0, true};
    const double eta = options.eta / double(environments.size());
    for (const Environment& environment : environments) {
        const Residual r = residual(environment, result.representation, eta);
        result.error += r.error / double(environments.size());
        result.largestNorm = std::max(result.largestNorm, r.norm);
        result.largestRelative = std::max(result.largestRelative, r.relative);
        result.largestSlack = std::max(result.largestSlack, r.slack);
        result.isInvariant =
            result.isInvariant && (options.relative ? r.relative <= options.eps + r.relativeSlack
                                                    : r.norm <= options.eps + r.slack);
    }
    return result;
}

VectorXd pooledHead(const std::vector<Environment>& environments, const MatrixXd& phi) {
    MatrixXd inner = MatrixXd::Zero(phi.rows(), phi.rows());
    VectorXd cross = VectorXd::Zero(phi.rows());
    for (const Environment& e : environments) {
        inner += phi * e.xx * phi.transpose();
        cross += phi * e.xy;
    }
    const VectorXd scale = inner.diagonal().cwiseSqrt().cwiseInverse();
    const Eigen::LDLT<MatrixXd> factors(scale.asDiagonal() * inner * scale.asDiagonal());
    if (!scale.allFinite() || factors.info() != Eigen::Success ||
        !(factors.vectorD().minCoeff() > 1e-13))
        throw Error("the features of a representation are linearly dependent");
    return scale.asDiagonal() * factors.solve(scale.asDiagonal() * cross);
}

std::vector<int> independentFeatures(const std::vector<Environment>& environments) {
    requireSameFeatures(environments);
    MatrixXd total = MatrixXd::Zero(environments[0].xx.rows(), environments[0].xx.rows());
    for (const Environment& e : environments)
        total += e.xx;
    // Constant columns, up to rounding, keep a zero row.
    const double tiny = 1e-26 * total.diagonal().maxCoeff();
    VectorXd scale = VectorXd::Zero(total.rows());
    for (Index i = 0; i < total.rows(); i++)
        if (total(i, i) > tiny)
            scale[i] = 1 / std::sqrt(total(i, i));
    const MatrixXd correlations = scale.asDiagonal() * total * scale.asDiagonal();
    Eigen::ColPivHouseholderQR<MatrixXd> qr;
    qr.setThreshold(1e-10);
    qr.compute(correlations);
    std::vector<int> kept;
    for (Index i = 0; i < qr.rank(); i++)
        kept.push_back(qr.colsPermutation().indices()[i]);
    std::sort(kept.begin(), kept.end());
    return kept;
}

SearchResult searchSubsets(const std::vector<Environment>& environments,
                           const SearchOptions& options, const std::vector<int>& usable) {
    check(environments, options);
    const Index n = environments[0].xx.rows();
    std::vector<int> names = usable;
    for (int i = 0; usable.empty() && i < n; i++)
        names.push_back(i);
    SearchResult result;
    const int count = static_cast<int>(names.size());
    for (int r = 1; r <= std::min(options.mostFeatures, count); r++) {
        std::vector<int> set(r);
        for (int i = 0; i < r; i++)
            set[i] = i;
        do {
            std::vector<int> features;
            for (int i : set)
                features.push_back(names[i]);
            const auto some = momentsOf(environments, features);
            const MatrixXd identity = MatrixXd::Identity(r, r);
            Candidate candidate =
                judge(some,
                      {identity, options.head == Head::Pooled ? pooledHead(some, identity)
                                                              : minimaxHead(some, identity)},
                      options);
            candidate.features = features;
            result.consider(std::move(candidate), options);
        } while (advance(set, count));
    }
    result.best.representation.phi = selection(result.best.features, n);
    return result;
}

} // namespace equivariant::pac_invariant_representations
