// SPDX-License-Identifier: MIT
#include "General.h"

#include "Search.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <lbfgs.h>
#include <memory>
#include <new>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// What liblbfgs calls. It may pad variables to a multiple of its vectors.
struct Problem {
    const GeneralObjective& objective;
    double lambda;

    static double evaluate(void* instance, const double* x, double* gradient, int padded, double) {
        const auto& problem = *static_cast<Problem*>(instance);
        const Index size = problem.objective.size();
        VectorXd slope;
        const double value =
            problem.objective.evaluate(Eigen::Map<const VectorXd>(x, size), problem.lambda, &slope);
        Eigen::Map<VectorXd>(gradient, padded).setZero();
        Eigen::Map<VectorXd>(gradient, size) = slope;
        return value;
    }
};

void minimise(const GeneralObjective& objective, double lambda, VectorXd& variables) {
    lbfgs_parameter_t parameters;
    lbfgs_parameter_init(&parameters);
    parameters.epsilon = 1e-10;
    parameters.max_iterations = 500;
    const int size = static_cast<int>(variables.size()), padded = (size + 15) / 16 * 16;
    const std::unique_ptr<double, void (*)(double*)> memory(lbfgs_malloc(padded), lbfgs_free);
    if (!memory)
        throw std::bad_alloc();
    std::fill_n(memory.get(), padded, 0.0);
    Eigen::Map<VectorXd>(memory.get(), size) = variables;
    Problem problem{objective, lambda};
    // The status says why it stopped; what it leaves is the best point either way.
    lbfgs(padded, memory.get(), nullptr, &Problem::evaluate, nullptr, &problem, &parameters);
    if (const VectorXd found = Eigen::Map<VectorXd>(memory.get(), size); found.allFinite())
        variables = found;
}

} // namespace

GeneralObjective::GeneralObjective(const std::vector<Environment>& environments, Index rank)
    : environments(environments), rank(rank), n(environments.at(0).xx.rows()) {}

double GeneralObjective::evaluate(const VectorXd& variables, double lambda,
                                  VectorXd* gradient) const {
    const MatrixXd psi = Eigen::Map<const Matrix>(variables.data(), rank, n);
    const VectorXd u = variables.tail(rank), b = psi.transpose() * u;
    const Eigen::LLT<MatrixXd> inner(psi * psi.transpose());
    const auto m = double(environments.size());
    double value = 0;
    VectorXd slope = VectorXd::Zero(n);       // by b
    MatrixXd byPsi = MatrixXd::Zero(rank, n); // by P
    for (const Environment& e : environments) {
        const VectorXd d = e.xx * b - e.xy;
        const VectorXd coefficients = inner.solve(psi * d); // P d = Psi^T coefficients
        const VectorXd projected = psi.transpose() * coefficients;
        value += (e.yy + b.dot(d) - b.dot(e.xy)) / m + lambda * projected.squaredNorm();
        slope += 2 / m * d + 2 * lambda * e.xx * projected;
        byPsi += 2 * lambda * coefficients * (d - projected).transpose();
    }
    if (gradient) {
        gradient->resize(size());
        Eigen::Map<Matrix>(gradient->data(), rank, n) = byPsi + u * slope.transpose();
        gradient->tail(rank) = psi * slope;
    }
    return value;
}

Representation GeneralObjective::representation(const VectorXd& variables) const {
    const MatrixXd psi = Eigen::Map<const Matrix>(variables.data(), rank, n);
    const Eigen::HouseholderQR<MatrixXd> qr(psi.transpose());
    const MatrixXd phi = (qr.householderQ() * MatrixXd::Identity(n, rank)).transpose();
    return {phi, phi * psi.transpose() * variables.tail(rank)};
}

SearchResult optimiseGeneral(const std::vector<Environment>& environments,
                             const GeneralOptions& options) {
    check(environments, options.search);
    const Index n = environments[0].xx.rows(), rank = options.search.mostFeatures;
    if (options.restarts < 1 || rank > n)
        throw Error("a representation of " + std::to_string(rank) + " rows for " +
                    std::to_string(n) + " features, restarts: " + std::to_string(options.restarts));
    const GeneralObjective objective(environments, rank);
    constexpr int lambdas = 13;
    std::vector<std::vector<Candidate>> found(options.restarts);
    support::parallelFor(options.restarts, [&](int restart) {
        VectorXd variables = support::Random(options.seed, restart).normalVector(objective.size());
        for (int k = 0; k < lambdas; k++) {
            minimise(objective, std::pow(10, -2 + 0.5 * k), variables);
            found[restart].push_back(
                judge(environments, objective.representation(variables), options.search));
        }
    });
    SearchResult result;
    for (const auto& candidates : found)
        for (const Candidate& candidate : candidates)
            result.consider(candidate, options.search);
    return result;
}

} // namespace equivariant::pac_invariant_representations
