// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/probabilistic-world.md: chains. The rest is in Reproduce*.cpp.
#include "Enumeration.h"
#include "Experiments.h"

#include "Plot.h"

#include "equivariant/Error.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace equivariant::probabilistic_world {

namespace {

using support::Random;

/// One spin with the coupling beta between times.
Chain isingChain(double beta, int length, const VectorXd& initial, const VectorXd& final) {
    IsingCouplings couplings;
    couplings.time = VectorXd::Constant(1, beta);
    return {std::vector<StepPointer>(length, isingStep(couplings)), {{1, initial, final}}};
}

void enumeration(Reproduction& run) {
    Random random(1);
    double error = 0;
    for (int k = 0; k < 200; k++) {
        const Chain chain = randomChain(random);
        error = support::larger(error, largestError(chain, random));
    }
    run.atMost("200 random chains against sums over all histories: log Z, p(t), correlators", error,
               1e-12);
}

void ising(Reproduction& run) {
    const VectorXd free = VectorXd::Ones(2), spin = spinProduct(1, {0});
    const double t = std::tanh(0.5);
    const Sweep sweep(isingChain(0.5, 400, free, free));
    const std::vector<double> found = correlate(sweep, spin, spin, 200, 10);
    run.within("Ising chain, beta = 0.5, T = 400: <s s> at distance 5, tanh^5 = 0.02107465",
               found[5], 0.02107465 - 1e-8, 0.02107465 + 1e-8);
    double error = 0;
    for (int r = 0; r <= 10; r++)
        error = support::larger(error, std::abs(found[r] - std::pow(t, r)));
    run.atMost("Ising chain: |<s s> - tanh^r|, r = 0 to 10", error, 1e-12);
    const Step& step = *sweep.getChain().steps[0];
    run.atMost("Ising chain: |second eigenvalue of S - tanh beta|",
               std::abs(spectrum(step)[1].real() - t), 1e-14);
    run.atMost(
        "Ising chain: relative error of the largest eigenvalue, 2 cosh beta",
        std::abs(largestEigenvalue(step) * std::exp(step.logFactor()) / (2 * std::cosh(0.5)) - 1),
        1e-14);

    constexpr int length = 100000;
    const Sweep longSweep(isingChain(0.5, length, free, free));
    run.atMost("Ising chain, T = 100000: error of <s s> at distance 5 in its middle",
               std::abs(correlate(longSweep, spin, spin, length / 2, 5)[5] - std::pow(t, 5)),
               1e-12);
    run.atMost(
        "Ising chain, T = 100000: relative error of log Z",
        std::abs(longSweep.logZ() / (std::log(2) + length * std::log(2 * std::cosh(0.5))) - 1),
        1e-12);
}

/// Both ends up: <s_t> = (tanh^t + tanh^(T-t))/(1 + tanh^T).
void fixedEnds(Reproduction& run) {
    constexpr int length = 12;
    const double t = std::tanh(0.5);
    const VectorXd up = VectorXd::Unit(2, 1), spin = spinProduct(1, {0});
    const Sweep both(isingChain(0.5, length, up, up)),
        one(isingChain(0.5, length, up, VectorXd::Ones(2)));
    double error = 0, difference = 0;
    command::Series withBoth{"both ends up", {}, {}}, withOne{"only the past", {}, {}};
    for (int k = 0; k <= length; k++) {
        const double found = both.slice(k).expectation(spin);
        error = support::larger(error, std::abs(found - (std::pow(t, k) + std::pow(t, length - k)) /
                                                            (1 + std::pow(t, length))));
        const double past = one.slice(k).expectation(spin);
        difference = support::larger(difference, std::abs(past - found));
        withBoth.x.push_back(k), withBoth.y.push_back(found);
        withOne.x.push_back(k), withOne.y.push_back(past);
    }
    run.atMost("Ising chain with both ends up: |<s_t> - closed form|", error, 1e-12);
    run.atLeast("the future boundary matters: largest change of <s_t> by it", difference, 0.5);
    if (const auto file = run.figure("fixed-ends.png"))
        command::writePng(*file,
                          {{"Ising chain, beta = 0.5", "t", "mean spin", {withBoth, withOne}}});
}

void densityMatrices(Reproduction& run) {
    Random random(3);
    double evolution = 0, heisenbergError = 0, commutator = 0, mixedRank = 0;
    for (int k = 0; k < 50; k++) {
        Chain chain;
        do
            chain = randomChain(random);
        while (chain.steps.size() < 3 || chain.boundaries.size() < 2 || chain.steps[0]->size() < 4);
        MatrixXd s = chain.steps[1]->toDense();
        if (Eigen::PartialPivLU<MatrixXd>(s).rcond() < 1e-4)
            continue; // the inverse form would show only its own rounding errors
        const Sweep sweep(chain);
        const std::vector<Slice> slices = sweep.slices(1, 2);
        const MatrixXd rho = slices[0].densityMatrix();
        evolution = std::max(evolution, (s * rho * s.inverse() - slices[1].densityMatrix())
                                            .cwiseAbs()
                                            .maxCoeff<Eigen::PropagateNaN>());
        const VectorXd a = random.normalVector(s.rows()), b = random.normalVector(s.rows());
        const MatrixXd later = heisenberg(chain, a, 1, 1), earlier = b.asDiagonal();
        heisenbergError =
            support::larger(heisenbergError, std::abs((later * earlier * rho).trace() -
                                                      correlate(sweep, a, b, 1, 1)[1]));
        commutator = support::larger(commutator, (later * earlier - earlier * later).norm());
        mixedRank = support::larger(mixedRank, double(Eigen::FullPivLU<MatrixXd>(rho).rank()));
    }
    run.atMost("random mixed chains: |rho'(t+1) - S rho' S^-1|", evolution, 1e-10);
    run.atMost("random mixed chains: |tr(A'(1) B' rho') - <A(t+1) B(t)>|", heisenbergError, 1e-10);
    run.atLeast("classical observables at different times do not commute: norm of [A'(1), B']",
                commutator, 0.1);
    run.atLeast("mixed boundaries: rank of rho'", mixedRank, 2);
}

/// Three times with S and with S + u v^T, where v f = 0 and u q = 0: no time sees the difference.
void incompleteStatistics(Reproduction& run) {
    Random random(4);
    double sameDensity = 0, different = 0;
    const VectorXd spin = spinProduct(2, {0});
    for (int k = 0; k < 20; k++) {
        MatrixXd s(4, 4);
        VectorXd f(4), q(4);
        for (double& x : s.reshaped())
            x = 0.5 + random.uniform();
        for (int i = 0; i < 4; i++)
            f[i] = 0.5 + random.uniform(), q[i] = 0.5 + random.uniform();
        VectorXd u = random.normalVector(4), v = random.normalVector(4);
        u -= q * (u.dot(q) / q.squaredNorm());
        v -= f * (v.dot(f) / f.squaredNorm());
        const double size = 0.4 / (u.cwiseAbs().maxCoeff() * v.cwiseAbs().maxCoeff());
        const Sweep one({{denseStep(s)}, {{1, f, q}}});
        const Sweep other({{denseStep(s + size * u * v.transpose())}, {{1, f, q}}});
        for (int t = 0; t <= 1; t++)
            sameDensity = std::max(sameDensity,
                                   (one.slice(t).densityMatrix() - other.slice(t).densityMatrix())
                                       .cwiseAbs()
                                       .maxCoeff<Eigen::PropagateNaN>());
        different = support::larger(different, std::abs(correlate(one, spin, spin, 0, 1)[1] -
                                                        correlate(other, spin, spin, 0, 1)[1]));
    }
    run.atMost("two histories' distributions: largest difference of rho' at any time", sameDensity,
               1e-13);
    run.atLeast("the same: largest difference of <s(1) s(0)>", different, 0.05);
}

/// q and f where S has rows of zeros, and Z = 0 where the ends do not meet.
void singular(Reproduction& run) {
    MatrixXd s(2, 2);
    s << 1, 1, 0, 0;
    const Chain chain{{denseStep(s), denseStep(s)}, {{1, VectorXd::Ones(2), VectorXd::Ones(2)}}};
    const Sweep sweep(chain);
    const VectorXd spin = spinProduct(1, {0});
    run.atMost("a singular step: error of <s(1) s(0)> by wave functions",
               std::abs(correlate(sweep, spin, spin, 0, 1)[1]), 1e-15);
    const auto isRefused = [](const auto& call) {
        try {
            call();
        } catch (const Error&) {
            return true;
        }
        return false;
    };
    run.holds("a singular step: its inverse is refused",
              isRefused([&] { heisenberg(chain, spin, 0, 1); }));
    run.holds(
        "boundaries that do not meet: Z = 0 is refused", isRefused([&] {
            Sweep({{permutationStep({1, 0})}, {{1, VectorXd::Unit(2, 0), VectorXd::Unit(2, 0)}}});
        }));
}

/// A ring of spins, row by row, and the same sum column by column: the trace of a product.
void largeChain(Reproduction& run) {
    const int spins = run.choose(16, 20);
    constexpr int length = 8;
    IsingCouplings rows, columns;
    rows.time = VectorXd::Constant(spins, 0.3);
    for (int g = 0; g < spins; g++)
        rows.pairs.push_back({g, (g + 1) % spins, 0.2});
    columns.time = VectorXd::Constant(length + 1, 0.2);
    columns.time[length] = 0; // the last row has no couplings in space
    for (int t = 0; t < length; t++)
        columns.pairs.push_back({t, t + 1, 0.3});
    const VectorXd free = VectorXd::Ones(Index(1) << spins);
    const Sweep sweep({std::vector<StepPointer>(length, isingStep(rows)), {{1, free, free}}});
    const StepPointer step = isingStep(columns);
    const MatrixXd dense = step->toDense();
    MatrixXd product = dense;
    for (int g = 1; g < spins; g++)
        product = dense * product;
    const double expected = std::log(product.trace()) + spins * step->logFactor();
    run.atMost(std::to_string(spins) +
                   " spins, 8 steps: relative difference of log Z by rows and by columns",
               std::abs(sweep.logZ() / expected - 1), 1e-12);
}

} // namespace

void reproduce(Reproduction& run) {
    enumeration(run);
    ising(run);
    fixedEnds(run);
    densityMatrices(run);
    incompleteStatistics(run);
    singular(run);
    reproduceAutomata(run);
    reproduceQubits(run);
    reproduceMsm(run);
    largeChain(run);
}

} // namespace equivariant::probabilistic_world
