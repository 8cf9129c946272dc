// SPDX-License-Identifier: MIT
#include "Experiments.h"
#include "Msm.h"

#include "Plot.h"
#include "support/Random.h"

#include <algorithm>
#include <cmath>

namespace equivariant::probabilistic_world {

namespace {

using support::Random;

/// Reversible: symmetric weights, normalised by rows.
Msm randomReversible(Random& random, int states) {
    MatrixXd weights(states, states);
    for (int i = 0; i < states; i++)
        for (int j = 0; j <= i; j++)
            weights(i, j) = weights(j, i) = std::exp(random.normal());
    weights.array().colwise() /= weights.rowwise().sum().array().eval();
    return makeMsm(weights, 1);
}

/// |f q of the chain on the path - mu q+ q-| in its middle.
double chainError(const Msm& msm, const std::vector<int>& a, const std::vector<int>& b,
                  const VectorXd& expected) {
    constexpr int length = 400;
    const Sweep sweep(transitionChain(msm, a, b, length));
    const Index n = msm.stationary.size();
    const VectorXd density =
        std::exp(sweep.logZ()) * sweep.slice(length / 2).probabilities().segment(n, n);
    return (density - expected).cwiseAbs().maxCoeff<Eigen::PropagateNaN>();
}

void closedForm(Reproduction& run) {
    MatrixXd t(3, 3);
    t << 0.9, 0.1, 0, 0.2, 0.5, 0.3, 0, 0.15, 0.85;
    const Msm msm = makeMsm(t, 1);
    const TransitionPaths paths = transitionPaths(msm, {0}, {2});
    // mu = (0.4, 0.2, 0.4), q+ = 0.3/0.5 and q- = 0.2/0.5 in the middle state
    run.atMost("reversible chain of 3 states: |Z_AB - mu q+ q-|, closed form 0.048",
               std::abs(paths.probability - 0.048), 1e-15);
    run.atMost("reversible chain of 3 states: |f q with both ends - mu q+ q-|",
               chainError(msm, {0}, {2}, Eigen::Vector3d(0, 0.048, 0)), 1e-12);
    run.atMost("reversible chain of 3 states: |flux - mu_A T q+|, closed form 0.024",
               std::abs(paths.flux - 0.024), 1e-15);
}

void committors(Reproduction& run) {
    Random random(12);
    double reversible = 0, general = 0, symmetry = 0;
    for (int k = 0; k < 10; k++) {
        const Msm msm = randomReversible(random, 6);
        const TransitionPaths paths = transitionPaths(msm, {0, 1}, {5});
        reversible = support::larger(
            reversible, chainError(msm, {0, 1}, {5}, paths.density * paths.probability));
        symmetry = std::max(symmetry, (paths.forward + paths.backward - VectorXd::Ones(6))
                                          .cwiseAbs()
                                          .maxCoeff<Eigen::PropagateNaN>());
        MatrixXd t = random.normalMatrix(6, 6).array().exp();
        t.array().colwise() /= t.rowwise().sum().array().eval();
        const Msm other = makeMsm(t, 1);
        const TransitionPaths more = transitionPaths(other, {0, 1}, {5});
        general = support::larger(general,
                                  chainError(other, {0, 1}, {5}, more.density * more.probability));
    }
    run.atMost("10 reversible chains of 6 states: |f q with both ends - mu q+ q-|", reversible,
               1e-12);
    run.atMost("10 chains without detailed balance: the same", general, 1e-12);
    run.atMost("reversible chains: |q+ + q- - 1|", symmetry, 1e-12);
}

/// Share of a long run that lies between leaving A and entering B.
void simulation(Reproduction& run) {
    Random random(13);
    const Msm msm = randomReversible(random, 5);
    const TransitionPaths paths = transitionPaths(msm, {0}, {4});
    const int steps = run.choose(1000000, 4000000);
    VectorXd count = VectorXd::Zero(5), pending = count;
    bool cameFromA = false;
    for (int t = 0, state = 0; t < steps; t++) {
        if (state == 0 || state == 4) {
            if (state == 4 && cameFromA)
                count += pending;
            pending.setZero();
            cameFromA = state == 0;
        } else {
            pending[state]++;
        }
        double left = random.uniform();
        int next = 0;
        while (next < 4 && (left -= msm.transitions(state, next)) >= 0)
            next++;
        state = next;
    }
    run.atMost("simulated chain of 5 states: |share of time on paths from A to B - theory|",
               (count / steps - paths.density * paths.probability)
                   .cwiseAbs()
                   .maxCoeff<Eigen::PropagateNaN>(),
               3e-3);
}

/// Torsion potential of butane (Ryckaert and Bellemans), kJ/mol; 0 is cis.
double butane(double phi) {
    constexpr double c[] = {9.2789, 12.1557, -13.1200, -3.0596, 26.2402, -31.4950};
    double sum = 0;
    for (int n = 5; n >= 0; n--)
        sum = sum * -std::cos(phi) + c[n];
    return sum;
}

constexpr double thermalEnergy = 0.0083144626 * 300;

/// States of the torsion: gauche+ (all from cis to 70 degrees), 22 of 10 degrees from there through
/// trans, and gauche- (all from -70 degrees to cis). The top of the barrier at cis, 18 kT, is out
/// of reach.
constexpr int gauchePlus = 0, gaucheMinus = 23, numStates = 24;

int toState(double phi) { // -pi to pi
    const int bin = std::min(35, static_cast<int>((phi + M_PI) / (M_PI / 18)));
    if (bin > 11 && bin < 24)
        return bin < 18 ? gaucheMinus : gauchePlus;
    return (bin + 12) % 36;
}

/// Overdamped Langevin dynamics of the torsion, in states.
VectorXd simulateButane(int samples) {
    constexpr double spread = 0.05; // of a step, radians
    constexpr int stride = 10;
    Random random(14);
    VectorXd states(samples);
    double phi = M_PI;
    for (int k = 0; k < samples; k++) {
        for (int s = 0; s < stride; s++) {
            const double slope = (butane(phi + 1e-4) - butane(phi - 1e-4)) / 2e-4;
            phi += spread * random.normal() - spread * spread / 2 * slope / thermalEnergy;
        }
        phi -= 2 * M_PI * std::floor((phi + M_PI) / (2 * M_PI));
        states[k] = toState(phi);
    }
    return states;
}

/// Committor of diffusion: integral of exp(V/kT) from A to phi over that from A to B. The way leads
/// down from -70 degrees through trans to 70.
double diffusionCommittor(double degrees) {
    const auto integral = [](double from, double to) { // degrees, downwards
        double sum = 0;
        for (double x = from; x > to; x -= 0.1)
            sum += std::exp(butane(x * M_PI / 180) / thermalEnergy);
        return sum;
    };
    return integral(-70, degrees) / integral(-70, -290);
}

void torsion(Reproduction& run) {
    const VectorXd trajectory = simulateButane(run.choose(400000, 1600000));
    const Msm msm = estimateMsm(trajectory, numStates, 1);
    const TransitionPaths paths = transitionPaths(msm, {gaucheMinus}, {gauchePlus});
    double error = 0;
    command::Series found{"Markov-state model", {}, {}, false}, exact{"diffusion, exact", {}, {}},
        density{"density of paths", {}, {}};
    for (int state = gauchePlus + 1; state < gaucheMinus; state++) {
        const double degrees = 65 + 10 * state; // its middle
        const double expected = diffusionCommittor(degrees - 360);
        error = support::larger(error, std::abs(paths.forward[state] - expected));
        found.x.push_back(degrees), found.y.push_back(paths.forward[state]);
        exact.x.push_back(degrees), exact.y.push_back(expected);
        density.x.push_back(degrees), density.y.push_back(paths.density[state]);
    }
    run.atMost("torsion of butane: |committor from a trajectory - exact one of diffusion|", error,
               0.05);
    run.report("torsion of butane: slowest relaxation, in frames", timescales(msm)[0]);
    run.report("torsion of butane: paths gauche- to gauche+, a frame", paths.flux);
    if (const auto file = run.figure("butane-committor.png"))
        command::writePng(
            *file,
            {{"Butane, gauche- to gauche+", "torsion (degrees)", "committor", {found, exact}},
             {"Where the paths are", "torsion (degrees)", "density", {density}}});
}

} // namespace

void reproduceMsm(Reproduction& run) {
    closedForm(run);
    committors(run);
    simulation(run);
    torsion(run);
}

} // namespace equivariant::probabilistic_world
