// SPDX-License-Identifier: MIT
#include "Enumeration.h"

#include <cmath>

namespace equivariant::probabilistic_world {

namespace {

VectorXd uniformVector(support::Random& random, Index size) {
    VectorXd values(size);
    for (double& value : values)
        value = 0.05 + random.uniform();
    return values;
}

StepPointer randomStep(support::Random& random, int spins) {
    const Index size = Index(1) << spins;
    switch (random.below(3)) {
    case 0:
        return permutationStep(random.permutation(static_cast<int>(size)));
    case 1: {
        IsingCouplings couplings;
        couplings.time = random.normalVector(spins);
        couplings.fields = random.normalVector(spins);
        for (int g = 0; g + 1 < spins; g++)
            couplings.pairs.push_back({g, g + 1, random.normal()});
        return isingStep(couplings);
    }
    default: {
        MatrixXd weights(size, size);
        for (Index j = 0; j < size; j++)
            weights.col(j) = uniformVector(random, size);
        return denseStep(weights);
    }
    }
}

} // namespace

Enumeration enumerate(const Chain& chain) {
    const auto times = static_cast<int>(chain.steps.size()) + 1;
    const Index size = chain.boundaries[0].initial.size();
    std::vector<MatrixXd> steps;
    double logFactors = 0;
    for (const StepPointer& step : chain.steps) {
        steps.push_back(step->toDense());
        logFactors += step->logFactor();
    }
    Enumeration result{0, MatrixXd::Zero(size, times),
                       std::vector<MatrixXd>(times * times, MatrixXd::Zero(size, size))};
    double z = 0;
    std::vector<Index> history(times, 0);
    for (bool isDone = false; !isDone;) {
        double weight = 0;
        for (const Boundary& pair : chain.boundaries)
            weight += pair.weight * pair.initial[history.front()] * pair.final[history.back()];
        for (int t = 0; t + 1 < times; t++)
            weight *= steps[t](history[t + 1], history[t]);
        z += weight;
        for (int t = 0; t < times; t++) {
            result.probabilities(history[t], t) += weight;
            for (int later = t; later < times; later++)
                result.pairs[t * times + later](history[t], history[later]) += weight;
        }
        int t = 0; // the next history, as an odometer counts
        while (t < times && ++history[t] == size)
            history[t++] = 0;
        isDone = t == times;
    }
    result.logZ = std::log(z) + logFactors;
    result.probabilities /= z;
    for (MatrixXd& pair : result.pairs)
        pair /= z;
    return result;
}

Chain randomChain(support::Random& random) {
    const auto spins = static_cast<int>(1 + random.below(3));
    const auto length = static_cast<int>(1 + random.below(4));
    Chain chain;
    for (int t = 0; t < length; t++)
        chain.steps.push_back(randomStep(random, spins));
    const auto pairs = static_cast<int>(1 + random.below(3));
    for (int k = 0; k < pairs; k++)
        chain.boundaries.push_back({0.1 + random.uniform(),
                                    uniformVector(random, Index(1) << spins),
                                    uniformVector(random, Index(1) << spins)});
    return chain;
}

double largestError(const Chain& chain, support::Random& random) {
    const Enumeration expected = enumerate(chain);
    const Sweep sweep(chain);
    double error = 0;
    const auto add = [&error](double difference) { // a NaN stays, which std::max would lose
        if (!(std::abs(difference) <= error) && !std::isnan(error))
            error = std::abs(difference);
    };
    add(sweep.logZ() - expected.logZ);
    const VectorXd a = random.normalVector(expected.probabilities.rows()).cwiseMin(1).cwiseMax(-1);
    const VectorXd b = random.normalVector(a.size()).cwiseMin(1).cwiseMax(-1);
    for (int t = 0; t <= sweep.length(); t++) {
        const VectorXd p = sweep.slice(t).probabilities();
        for (Index tau = 0; tau < p.size(); tau++)
            add(p[tau] - expected.probabilities(tau, t));
        const std::vector<double> found = correlate(sweep, a, b, t, sweep.length() - t);
        for (int later = t; later <= sweep.length(); later++)
            add(found[later - t] - b.dot(expected.joint(t, later) * a));
    }
    return error;
}

} // namespace equivariant::probabilistic_world
