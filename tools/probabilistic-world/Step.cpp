// SPDX-License-Identifier: MIT
#include "Step.h"

#include "States.h"

#include "support/Parallel.h"

#include <algorithm>
#include <cmath>

namespace equivariant::probabilistic_world {

namespace {

class DenseStep : public Step {
public:
    explicit DenseStep(MatrixXd weights) : weights(std::move(weights)) {}
    Index size() const override { return weights.rows(); }
    void apply(VectorXd& f) const override { f = weights * f; }
    void applyTransposed(VectorXd& q) const override { q = weights.transpose() * q; }

private:
    const MatrixXd weights;
};

class PermutationStep : public Step {
public:
    explicit PermutationStep(std::vector<int> next) : next(std::move(next)) {}
    Index size() const override { return static_cast<Index>(next.size()); }

    void apply(VectorXd& f) const override {
        VectorXd moved(f.size());
        for (Index tau = 0; tau < f.size(); tau++)
            moved[next[tau]] = f[tau];
        f.swap(moved);
    }

    void applyTransposed(VectorXd& q) const override {
        VectorXd moved(q.size());
        for (Index tau = 0; tau < q.size(); tau++)
            moved[tau] = q[next[tau]];
        q.swap(moved);
    }

private:
    const std::vector<int> next;
};

/// Calls body(first, last) for parts of 0 … count-1, in parallel if there are many.
template <class Body> void forParts(Index count, Index part, const Body& body) {
    if (count < 1 << 15)
        return body(Index(0), count);
    const auto parts = static_cast<int>((count + part - 1) / part);
    support::parallelFor(parts, [&](int i) { body(i * part, std::min(count, (i + 1) * part)); });
}

class IsingStep : public Step {
public:
    explicit IsingStep(const IsingCouplings& couplings) {
        const auto spins = static_cast<int>(couplings.time.size());
        for (int g = 0; g < spins; g++) {
            const double beta = couplings.time[g], other = std::exp(-2 * std::abs(beta));
            factors.push_back(
                {Index(1) << (spins - 1 - g), beta < 0 ? other : 1, beta < 0 ? 1 : other});
            factor += std::abs(beta);
        }
        makeBefore(couplings);
        const double smallest = before.minCoeff() * std::exp(-2 * couplings.time.cwiseAbs().sum());
        if (!(smallest > 1e-280))
            throw Error("the couplings are too large: weights differ by more than 1e280");
    }

    Index size() const override { return before.size(); }
    double logFactor() const override { return factor; }

    void apply(VectorXd& f) const override {
        f.array() *= before.array();
        mix(f);
    }

    void applyTransposed(VectorXd& q) const override {
        mix(q);
        q.array() *= before.array();
    }

private:
    struct Factor {
        Index stride; ///< between states that differ in this spin
        double same, other;
    };

    void makeBefore(const IsingCouplings& couplings) {
        const auto spins = static_cast<int>(couplings.time.size());
        before.resize(countStates(spins));
        for (Index tau = 0; tau < before.size(); tau++) {
            double sum = 0;
            for (const auto& pair : couplings.pairs)
                sum += pair.coupling * spinOf(tau, pair.a, spins) * spinOf(tau, pair.b, spins);
            for (Index g = 0; g < couplings.fields.size(); g++)
                sum += couplings.fields[g] * spinOf(tau, static_cast<int>(g), spins);
            before[tau] = sum;
        }
        const double largest = before.maxCoeff();
        factor += largest;
        before = (before.array() - largest).exp();
    }

    /// The factor of one spin, for the pairs of states number first … last-1.
    static void mixPairs(VectorXd& f, const Factor& factor, Index first, Index last) {
        for (Index pair = first; pair < last;) {
            const Index low = pair % factor.stride,
                        run = std::min(factor.stride - low, last - pair);
            double* a = f.data() + 2 * (pair - low) + low;
            double* b = a + factor.stride;
            for (Index k = 0; k < run; k++) {
                const double x = a[k], y = b[k];
                a[k] = factor.same * x + factor.other * y;
                b[k] = factor.other * x + factor.same * y;
            }
            pair += run;
        }
    }

    /// All factors: first those within blocks that fit into the cache.
    void mix(VectorXd& f) const {
        constexpr Index block = 1 << 13;
        forParts(f.size(), block, [&](Index first, Index last) {
            for (const Factor& factor : factors)
                if (factor.stride < block)
                    mixPairs(f, factor, first / 2, last / 2);
        });
        for (const Factor& factor : factors)
            if (factor.stride >= block)
                forParts(f.size() / 2, block,
                         [&](Index first, Index last) { mixPairs(f, factor, first, last); });
    }

    std::vector<Factor> factors;
    VectorXd before;
    double factor = 0;
};

} // namespace

MatrixXd Step::toDense() const {
    if (size() > 4096)
        throw Error("a dense step of " + std::to_string(size()) + " states is too large");
    MatrixXd dense(size(), size());
    for (Index j = 0; j < size(); j++) {
        VectorXd f = VectorXd::Unit(size(), j);
        apply(f);
        dense.col(j) = f;
    }
    return dense;
}

StepPointer denseStep(MatrixXd weights) {
    if (weights.rows() != weights.cols() || weights.rows() == 0)
        throw Error("the weights of a step have to be square, not " +
                    std::to_string(weights.rows()) + " x " + std::to_string(weights.cols()));
    for (Index i = 0; i < weights.rows(); i++)
        for (Index j = 0; j < weights.cols(); j++)
            if (!(weights(i, j) >= 0) || !std::isfinite(weights(i, j)))
                throw Error("row " + std::to_string(i) + ", column " + std::to_string(j) +
                            " of a step is " + (weights(i, j) < 0 ? "negative" : "not finite"));
    if (!std::isfinite(weights.sum()))
        throw Error("the weights of a step are too large: their sum is not finite");
    return std::make_shared<DenseStep>(std::move(weights));
}

void requireBijection(const std::vector<int>& next) {
    const auto size = static_cast<int>(next.size());
    if (size == 0)
        throw Error("an automaton needs at least one state");
    std::vector<int> from(next.size(), -1);
    for (int tau = 0; tau < size; tau++) {
        if (next[tau] < 0 || next[tau] >= size)
            throw Error("state " + std::to_string(tau) + " goes to " + std::to_string(next[tau]) +
                        ", but the states are 0 to " + std::to_string(size - 1));
        if (from[next[tau]] >= 0)
            throw Error("states " + std::to_string(from[next[tau]]) + " and " +
                        std::to_string(tau) + " both go to " + std::to_string(next[tau]) +
                        ", so this is no automaton that can be reversed");
        from[next[tau]] = tau;
    }
}

StepPointer permutationStep(std::vector<int> next) {
    requireBijection(next);
    return std::make_shared<PermutationStep>(std::move(next));
}

StepPointer isingStep(const IsingCouplings& couplings) {
    const auto spins = static_cast<int>(couplings.time.size());
    countStates(spins);
    if (couplings.fields.size() != 0 && couplings.fields.size() != spins)
        throw Error(std::to_string(couplings.fields.size()) + " fields for " +
                    std::to_string(spins) + " spins");
    bool finite = couplings.time.allFinite() && couplings.fields.allFinite();
    for (const auto& pair : couplings.pairs) {
        requireSpin(pair.a, spins);
        requireSpin(pair.b, spins);
        finite = finite && std::isfinite(pair.coupling);
    }
    if (!finite)
        throw Error("the couplings have to be finite");
    return std::make_shared<IsingStep>(couplings);
}

} // namespace equivariant::probabilistic_world
