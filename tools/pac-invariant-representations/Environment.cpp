// SPDX-License-Identifier: MIT
#include "Environment.h"

#include "equivariant/Error.h"

#include <Eigen/Dense>
#include <cmath>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Environment environmentOf(const std::string& name, const MatrixView& features,
                          const VectorView& target) {
    const Index rows = features.rows();
    if (target.size() != rows)
        throw Error(name + ": " + std::to_string(rows) + " rows of features and " +
                    std::to_string(target.size()) + " targets");
    if (rows <= features.cols())
        throw Error(name + ": " + std::to_string(rows) + " rows, not more than the " +
                    std::to_string(features.cols()) + " features");
    support::requireFinite(features, name + ": features");
    support::requireFinite(target, name + ": target");
    const Matrix x = features.rowwise() - features.colwise().mean();
    const VectorXd y = target.array() - target.mean();
    return {name, x.transpose() * x / double(rows), x.transpose() * y / double(rows),
            y.squaredNorm() / double(rows), rows};
}

Environment environmentOf(const std::string& name, const MatrixXd& covariance, Index target) {
    std::vector<int> others;
    for (Index i = 0; i < covariance.rows(); i++)
        if (i != target)
            others.push_back(static_cast<int>(i));
    return {name, covariance(others, others), covariance(others, target),
            covariance(target, target), 0};
}

Residual residual(const Environment& environment, const Representation& representation,
                  double eta) {
    const MatrixXd& phi = representation.phi;
    const VectorXd& w = representation.w;
    const MatrixXd inner = phi * environment.xx * phi.transpose();
    const VectorXd cross = phi * environment.xy;
    Residual result{inner * w - cross, 0, 0, 0, 0};
    const VectorXd& g = result.g;
    result.norm = g.norm();
    result.error = environment.yy - 2 * w.dot(cross) + w.dot(inner * w);
    const double whitened = g.dot(inner.completeOrthogonalDecomposition().solve(g));
    result.relative = std::sqrt(std::max(0.0, whitened) / environment.yy);
    if (environment.samples > 0) {
        const MatrixXd v = inner * result.error + g * g.transpose();
        const double largest = Eigen::SelfAdjointEigenSolver<MatrixXd>(v, Eigen::EigenvaluesOnly)
                                   .eigenvalues()
                                   .maxCoeff();
        result.slack = (std::sqrt(v.trace()) + std::sqrt(2 * largest * std::log(1 / eta))) /
                       std::sqrt(double(environment.samples));
    }
    return result;
}

MatrixXd onObserved(const MatrixXd& phi, const MatrixXd& o) {
    const Eigen::CompleteOrthogonalDecomposition<MatrixXd> decomposition(o);
    if (decomposition.rank() < o.cols())
        throw Error("the observations do not determine the latent variables: rank " +
                    std::to_string(decomposition.rank()) + " of " + std::to_string(o.cols()));
    return phi * decomposition.pseudoInverse();
}

Environment observe(const Environment& latent, const MatrixXd& o) {
    return {latent.name, o * latent.xx * o.transpose(), o * latent.xy, latent.yy, latent.samples};
}

} // namespace equivariant::pac_invariant_representations
