// SPDX-License-Identifier: MIT
#include "Bounds.h"

#include "BetaDistribution.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>

namespace equivariant::pac_invariant_representations {

namespace {

void requireProbability(double p, const std::string& name) {
    if (!(p > 0 && p < 1))
        throw Error(name + " has to be within (0, 1)");
}

SampleBound fromVc(double parameters, double degree, double vc, double delta, double eta) {
    requireProbability(delta, "delta");
    requireProbability(eta, "eta");
    const double m =
        std::max(4 / delta * std::log2(2 / eta), 8 * vc / delta * std::log2(13 / delta));
    return {parameters, degree, vc, std::ceil(m)};
}

} // namespace

double clopperPearson(long v, long m, double eta) {
    if (m < 1 || v < 0 || v > m)
        throw Error(std::to_string(v) + " violations in " + std::to_string(m) + " environments");
    requireProbability(eta, "eta");
    // P(at most v events) falls with the probability; the bound is where it is eta.
    return v == m ? 1 : betaQuantile(double(v + 1), double(m - v), 1 - eta);
}

Certificate certify(const Representation& representation, const std::vector<Environment>& heldOut,
                    const SearchOptions& options) {
    if (heldOut.empty())
        throw Error("a certificate needs environments that were held out");
    Certificate result{static_cast<long>(heldOut.size()), 0, 0, 0, 0, 0, INFINITY, 0};
    for (const Environment& environment : heldOut) {
        const Residual r =
            residual(environment, representation, options.eta / double(heldOut.size()));
        const double found = options.relative ? r.relative : r.norm;
        const double slack = options.relative ? r.relativeSlack : r.slack;
        result.violations += !(found <= options.eps);
        result.withinSlack += !(found <= options.eps) && found <= options.eps + slack;
        result.largestNorm = std::max(result.largestNorm, r.norm);
        result.largestRelative = std::max(result.largestRelative, r.relative);
        result.smallestError = std::min(result.smallestError, r.error);
        result.largestError = std::max(result.largestError, r.error);
    }
    result.upperBound = clopperPearson(result.violations, result.environments, options.eta);
    return result;
}

SampleBound ambientBound(int rank, int features, double delta, double eta) {
    if (rank < 1 || features < rank)
        throw Error("a representation of " + std::to_string(rank) + " rows for " +
                    std::to_string(features) + " features");
    const double parameters = double(rank) * features + rank, degree = 6;
    return fromVc(parameters, degree, 2 * parameters * std::log2(8 * std::exp(1) * degree), delta,
                  eta);
}

SampleBound dimensionFreeBound(int sites, int indegree, double delta, double eta) {
    if (sites < 1 || indegree < 0)
        throw Error("interventions need a site, and no negative number of parents");
    const double parameters = double(sites) * (indegree + 1), degree = 4.0 * sites + 2;
    double monomials = 1; // binomial(parameters + degree, degree)
    const double fewer = std::min(parameters, degree), more = std::max(parameters, degree);
    for (double i = 1; i <= fewer && std::isfinite(monomials); i++)
        monomials *= (more + i) / i;
    if (!std::isfinite(monomials))
        throw Error("the bound for " + std::to_string(sites) + " sites of " +
                    std::to_string(indegree) + " parents is beyond all numbers");
    return fromVc(parameters, degree, std::round(monomials), delta, eta);
}

} // namespace equivariant::pac_invariant_representations
