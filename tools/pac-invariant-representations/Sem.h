// SPDX-License-Identifier: MIT
//
// Linear structural equation models, which make environments whose invariances are known.
#pragma once

#include "Environment.h"
#include "support/Random.h"

namespace equivariant::pac_invariant_representations {

/// V = B V + e, independent e. Variable `target` is Y, the others are X.
struct LinearSem {
    Eigen::MatrixXd b;         ///< [N][N] row i: coefficients of the parents of variable i
    Eigen::VectorXd variances; ///< [N] of e
    Eigen::Index target = 0;
    std::vector<std::string> names; ///< [N]

    /// Throws Error naming a variable on a cycle, or what else is wrong.
    void check() const;

    /// (1-B)^-1 diag(variances) (1-B)^-T
    Eigen::MatrixXd covariance() const;

    /// Normal rows, [count][N].
    Matrix sample(Eigen::Index count, support::Random& random) const;

    /// Variables with a coefficient in the equation of Y, as indices into X.
    std::vector<int> parentsOfTarget() const;

    /// Coefficients of Y, on its parents.
    Representation exactRepresentation() const;
};

/// What an intervention does to the equation of a variable. Soft: new coefficients of its parents
/// and a new variance; Do: no parents and a new variance; Noise: a new variance.
enum class InterventionKind { Soft, Do, Noise };

/// Random interventions: at `sites` variables (chosen anew each time, unless `at` names them), soft
/// coefficients uniform on [-range, range], variances uniform on [lowest, highest].
struct InterventionFamily {
    InterventionKind kind = InterventionKind::Soft;
    int sites = 2;
    std::vector<Eigen::Index> at; ///< never the target
    double range = 2, lowest = 0.2, highest = 3;

    /// Throws Error for an intervention at the target, sites that do not exist, or too many.
    void check(const LinearSem& sem) const;

    LinearSem draw(const LinearSem& sem, support::Random& random) const;
};

/// n features and Y in the middle of a random order, up to `indegree` parents each (as many as come
/// before), coefficients ±U(0.4, 1), variances 1.
LinearSem randomSem(int n, int indegree, support::Random& random);

/// Environments of `count` random interventions, with exact moments.
std::vector<Environment> drawEnvironments(const LinearSem& sem, const InterventionFamily& family,
                                          int count, support::Random& random);

} // namespace equivariant::pac_invariant_representations
