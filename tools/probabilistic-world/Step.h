// SPDX-License-Identifier: MIT
//
// One step of a chain in time: weights T(after, before) >= 0 between states.
#pragma once

#include "support/Arrays.h"

#include <memory>
#include <vector>

namespace equivariant::probabilistic_world {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using support::VectorView;

class Step {
public:
    virtual ~Step() = default;

    /// Number of states.
    virtual Index size() const = 0;

    /// f <- T f exp(-logFactor()).
    virtual void apply(VectorXd& f) const = 0;

    /// q <- T^T q exp(-logFactor()).
    virtual void applyTransposed(VectorXd& q) const = 0;

    /// What keeps large weights within the range of numbers.
    virtual double logFactor() const { return 0; }

    /// T exp(-logFactor()), [after][before]. Throws Error for more than 4096 states.
    MatrixXd toDense() const;
};

using StepPointer = std::shared_ptr<const Step>;

/// Any weights, [after][before]. Throws Error naming row and column of the first that is negative
/// or not finite, and for weights whose sum is not finite.
StepPointer denseStep(MatrixXd weights);

/// State tau goes to next[tau]. Throws Error naming two states that go to the same one.
StepPointer permutationStep(std::vector<int> next);

/// Throws Error naming a successor that is no state, or two states that have the same, and for no
/// states at all.
void requireBijection(const std::vector<int>& next);

/// T(s', s) = exp(sum_g time_g s'_g s_g + sum pairs J s_a s_b + sum_g field_g s_g): couplings in
/// time and, before the step, in space.
struct IsingCouplings {
    struct Pair {
        int a, b;
        double coupling;
    };
    VectorXd time;   ///< [spins]
    VectorXd fields; ///< [spins], or empty
    std::vector<Pair> pairs;
};

/// Applied spin by spin, in O(spins 2^spins). Throws Error for couplings that are not finite, and
/// for such whose smallest weight cannot be told from zero.
StepPointer isingStep(const IsingCouplings& couplings);

/// The largest |eigenvalue| of T exp(-logFactor()): power iteration until its certified bounds are
/// within 1e-14, or, where that fails because T is reducible, all eigenvalues of up to 1024 states.
/// 0 for a step that no history survives for long. Throws Error if there are more states.
double largestEigenvalue(const Step& step);

/// Eigenvalues of the step evolution operator S = T / largestEigenvalue, by falling modulus, of up
/// to 1024 states.
Eigen::VectorXcd spectrum(const Step& step);

} // namespace equivariant::probabilistic_world
