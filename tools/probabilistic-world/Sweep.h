// SPDX-License-Identifier: MIT
//
// Classical probability over all times of a chain, in the language of wave functions (Wetterich,
// "The probabilistic world", arXiv:2011.02867). A history tau_0 … tau_T has the weight
//   sum_k weight_k final_k(tau_T) prod_t T_t(tau_t+1, tau_t) initial_k(tau_0)
// and a boundary pair k carries the classical wave function f(t+1) = S f(t) from the past and its
// conjugate q(t) = S^T q(t+1) from the future. At any time rho' = sum_k f_k q_k^T is the classical
// density matrix, of trace 1, and its diagonal the probability of the states.
#pragma once

#include "Step.h"

#include <functional>

namespace equivariant::probabilistic_world {

/// One pair makes a pure rho', of rank 1; several a mixed one.
struct Boundary {
    double weight = 1;
    VectorXd initial, final; ///< [states]
};

struct Chain {
    std::vector<StepPointer> steps; ///< T of them, between the times 0 … T
    std::vector<Boundary> boundaries;
};

/// The wave functions at one time, a column for each boundary pair: rho' = f q^T.
struct Slice {
    MatrixXd f, q; ///< [states][pairs]

    /// Diagonal of rho', [states].
    VectorXd probabilities() const;
    /// [states][states]
    MatrixXd densityMatrix() const { return f * q.transpose(); }
    /// tr(A rho'), A diagonal.
    double expectation(const VectorView& a) const { return probabilities().dot(a); }
};

/// Both wave functions at any time, and the sum of all weights. They are kept at about sqrt(T)
/// times and rescaled at every step, so that long chains neither need much memory nor underflow.
class Sweep {
public:
    /// Throws Error for a vector of the wrong length, weights that are negative or not finite, and
    /// Z = 0.
    explicit Sweep(Chain chain);

    int length() const { return static_cast<int>(chain.steps.size()); }
    const Chain& getChain() const { return chain; }

    /// Logarithm of the sum of the weights of all histories.
    double logZ() const { return logarithmOfZ; }

    /// Probabilities of the boundary pairs, [pairs].
    const VectorXd& getShares() const { return shares; }

    /// At the times first … last.
    std::vector<Slice> slices(int first, int last) const;
    Slice slice(int time) const { return slices(time, time)[0]; }

    /// At all times one after the other, about sqrt(T) of them in memory.
    void forEach(const std::function<void(int time, const Slice&)>& use) const;

private:
    void requireValid() const;
    void sweepForwards();
    void sweepBackwards();
    void normalise(Slice& slice) const;

    Chain chain;
    int spacing;
    std::vector<MatrixXd> forwards, backwards; ///< at times that are multiples of the spacing
    VectorXd shares, logScales;
    double logarithmOfZ = 0;
};

/// <A(time + k) B(time)> for k = 0 … lags, A and B diagonal: q(t+k)^T A S … S B f(t).
std::vector<double> correlate(const Sweep& sweep, const VectorView& a, const VectorView& b,
                              int time, int lags);

/// A'(lag) = S^-1 A S, S the product of the steps from `time` on: what A at time + lag is at
/// `time`. Throws Error if S is singular, which correlate() does not mind.
MatrixXd heisenberg(const Chain& chain, const VectorView& a, int time, int lag);

/// The product of some spins as a diagonal observable, [2^spins].
VectorXd spinProduct(int spins, const std::vector<int>& which);

} // namespace equivariant::probabilistic_world
