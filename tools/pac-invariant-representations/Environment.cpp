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
    Matrix x = features.rowwise() - features.colwise().mean();
    x.rowwise() -= x.colwise().mean().eval(); // what rounding left, lest constants seem to vary
    const VectorXd y = target.array() - target.mean();
    return {name, x.transpose() * x / double(rows), x.transpose() * y / double(rows),
            y.squaredNorm() / double(rows), rows};
}

Environment environmentOf(const std::string& name, const MatrixXd& covariance, Index target) {
    const Index n = covariance.rows();
    if (n < 2 || covariance.cols() != n || target < 0 || target >= n)
        throw Error(name + ": a square covariance of the target and a feature at least is needed");
    support::requireFinite(Matrix(covariance), name + ": covariance");
    const double rounding = 1e-10 * covariance.cwiseAbs().maxCoeff();
    if ((covariance - covariance.transpose()).cwiseAbs().maxCoeff() > rounding)
        throw Error(name + ": the covariance is not symmetric");
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance, Eigen::EigenvaluesOnly);
    if (!(solver.eigenvalues()[0] >= -rounding))
        throw Error(name + ": the covariance is not positive semidefinite");
    std::vector<int> others;
    for (Index i = 0; i < n; i++)
        if (i != target)
            others.push_back(static_cast<int>(i));
    return {name, covariance(others, others), covariance(others, target),
            covariance(target, target), 0};
}

Residual residual(const Environment& environment, const Representation& representation,
                  double eta) {
    const MatrixXd& phi = representation.phi;
    const VectorXd& w = representation.w;
    if (phi.cols() != environment.xx.rows() || phi.rows() != w.size() || w.size() == 0)
        throw Error(environment.name + ": Phi of " + std::to_string(phi.rows()) + " x " +
                    std::to_string(phi.cols()) + " with a head of " + std::to_string(w.size()) +
                    " numbers does not fit to " + std::to_string(environment.xx.rows()) +
                    " features");
    const MatrixXd inner = phi * environment.xx * phi.transpose();
    const VectorXd cross = phi * environment.xy;
    Residual result{inner * w - cross, 0, 0, 0, 0, 0};
    const VectorXd& g = result.g;
    result.norm = g.norm();
    // Not below 0 by rounding, where the prediction is exact.
    result.error = std::max(0.0, environment.yy - 2 * w.dot(cross) + w.dot(inner * w));
    // Of correlations, so that no feature is too small to count.
    const VectorXd scale =
        (inner.diagonal().array() > 0).select(inner.diagonal().array().sqrt().inverse(), 0);
    const VectorXd scaled = scale.cwiseProduct(g);
    const MatrixXd correlations = scale.asDiagonal() * inner * scale.asDiagonal();
    const Eigen::CompleteOrthogonalDecomposition<MatrixXd> decomposition(correlations);
    const double whitened = std::max(0.0, scaled.dot(decomposition.solve(scaled)));
    result.relative = std::sqrt(whitened / environment.yy);
    if (environment.samples > 0) {
        const MatrixXd v = inner * result.error + g * g.transpose();
        const double largest = Eigen::SelfAdjointEigenSolver<MatrixXd>(v, Eigen::EigenvaluesOnly)
                                   .eigenvalues()
                                   .maxCoeff();
        const auto bound = [&](double trace, double norm) {
            return (std::sqrt(trace) + std::sqrt(2 * norm * std::log(1 / eta))) /
                   std::sqrt(double(environment.samples));
        };
        result.slack = bound(v.trace(), largest);
        // Whitened, V is E[e^2] and, along g, |whitened g|^2 more.
        result.relativeSlack =
            bound(double(decomposition.rank()) * result.error + whitened, result.error + whitened) /
            std::sqrt(environment.yy);
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
