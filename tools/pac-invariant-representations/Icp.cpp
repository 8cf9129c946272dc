// SPDX-License-Identifier: MIT
#include "Icp.h"

#include "BetaDistribution.h"

#include "equivariant/Error.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

struct Sums {
    double count = 0, sum = 0, squares = 0;

    double mean() const { return sum / count; }
    double variance() const { return (squares - sum * sum / count) / (count - 1); }
    Sums operator-(const Sums& other) const {
        return {count - other.count, sum - other.sum, squares - other.squares};
    }
};

/// Welch's test of the means and the F test of the variances, both two-sided.
double compare(const Sums& a, const Sums& b) {
    const double va = a.variance() / a.count, vb = b.variance() / b.count;
    const double t2 = (a.mean() - b.mean()) * (a.mean() - b.mean()) / (va + vb);
    const double degrees =
        (va + vb) * (va + vb) / (va * va / (a.count - 1) + vb * vb / (b.count - 1));
    const double ofMeans = 1 - fDistribution(t2, 1, degrees);
    const double below = fDistribution(a.variance() / b.variance(), a.count - 1, b.count - 1);
    const double ofVariances = 2 * std::min(below, 1 - below);
    return std::min(1.0, 2 * std::min(ofMeans, ofVariances));
}

} // namespace

double invarianceTest(const std::vector<Samples>& environments, const std::vector<int>& features) {
    if (environments.size() < 2)
        throw Error("at least two environments are needed");
    for (const Samples& samples : environments) {
        if (samples.features.rows() != samples.target.size() || samples.target.size() < 2)
            throw Error("an environment needs two rows at least, and as many targets as rows");
        for (int i : features)
            if (i < 0 || i >= samples.features.cols())
                throw Error("there is no feature " + std::to_string(i));
    }
    const auto width = static_cast<Index>(features.size()) + 1;
    MatrixXd inner = MatrixXd::Zero(width, width);
    VectorXd cross = VectorXd::Zero(width);
    std::vector<MatrixXd> designs;
    for (const Samples& samples : environments) {
        MatrixXd design = MatrixXd::Ones(samples.features.rows(), width);
        design.leftCols(width - 1) = samples.features(Eigen::all, features);
        inner += design.transpose() * design;
        cross += design.transpose() * samples.target;
        designs.push_back(std::move(design));
    }
    const VectorXd w = inner.ldlt().solve(cross);
    std::vector<Sums> sums;
    Sums total;
    for (std::size_t t = 0; t < designs.size(); t++) {
        const VectorXd residuals = environments[t].target - designs[t] * w;
        sums.push_back({double(residuals.size()), residuals.sum(), residuals.squaredNorm()});
        total = {total.count + sums[t].count, total.sum + sums[t].sum,
                 total.squares + sums[t].squares};
    }
    double p = 1;
    for (const Sums& each : sums)
        p = std::min(p, compare(each, total - each));
    return std::min(1.0, p * double(environments.size()));
}

} // namespace equivariant::pac_invariant_representations
