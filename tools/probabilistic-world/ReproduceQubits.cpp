// SPDX-License-Identifier: MIT
#include "Experiments.h"
#include "TwoQubits.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <complex>

namespace equivariant::probabilistic_world {

namespace {

using support::Random;

void gates(Reproduction& run) {
    const Gate &h = findGate("H"), &s = findGate("S");
    run.within("H and S on three bits: distinct maps", double(generateGroup({h.map, s.map}).size()),
               24, 24);
    bool signs = true;
    for (const auto& map : generateGroup({h.map, s.map}))
        signs = signs && std::lround(map.cast<double>().determinant()) == 1;
    run.holds("all of them are rotations", signs);
    Random random(7);
    double error = 0, entropy = 0;
    for (int word = 0; word < 1000; word++) {
        Vector3d means = random.normalVector(3);
        means *= std::cbrt(random.uniform()) / means.norm();
        VectorXd p = independentSpins(means);
        Matrix2cd rho = densityMatrix(means);
        const double before = shannonEntropy(p);
        const auto length = 1 + random.below(30);
        for (int k = 0; k < length; k++) {
            const Gate& gate = random.below(2) ? h : s;
            p = moveStates(p, stateMap(gate.map));
            rho = gate.unitary * rho * gate.unitary.adjoint();
        }
        error = support::larger(
            error, (densityMatrix(meanSpins(p)) - rho).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
        entropy = support::larger(entropy, std::abs(shannonEntropy(p) - before));
    }
    run.atMost("1000 random words of H and S: |rho of the bits - U rho U^+|", error, 1e-13);
    run.atMost("1000 random words of H and S: change of the entropy of the bits", entropy, 1e-13);
}

Joint joint(double visibility, double degrees) {
    return correlationMap(pauliMeans(wernerState(visibility, degrees * M_PI / 180)));
}

void singlets(Reproduction& run) {
    run.holds("singlet with Cartesian spins: a joint distribution of 6 bits exists",
              joint(1, 0).exists);
    run.holds("singlet turned by 45 degrees: none exists", !joint(1, 45).exists);
    run.within("the same: largest CHSH value, 2.828427",
               largestChsh(pauliMeans(wernerState(1, M_PI / 4))), 2.828427 - 1e-6, 2.828427 + 1e-6);
    run.holds("turned singlet mixed to 0.707: a joint distribution exists",
              joint(0.707, 45).exists);
    const Joint none = joint(0.708, 45);
    run.holds("turned singlet mixed to 0.708: none exists", !none.exists);
    run.atLeast("the same: by how much an inequality of all 64 states is violated",
                none.value - none.bound, 1e-4);
    run.atMost("turned singlet: |threshold - 1/sqrt 2|",
               std::abs(joint(1, 45).visibility - M_SQRT1_2), 1e-9);

    const Matrix4d means = pauliMeans(wernerState(0.707, M_PI / 4));
    const VectorXd p = joint(0.707, 45).probabilities;
    double error = std::abs(p.sum() - 1) + std::max(0.0, -p.minCoeff());
    for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) {
            double mean = 0;
            for (int tau = 0; tau < 64; tau++)
                mean += p[tau] * (tau >> (5 - k) & 1 ? 1 : -1) * (tau >> (2 - l) & 1 ? 1 : -1);
            error = support::larger(error, std::abs(mean - means(k + 1, l + 1)));
        }
    run.atMost("the joint distribution at 0.707: error of its correlations", error, 1e-9);
}

Eigen::Vector4cd randomPureState(Random& random) {
    Eigen::Vector4cd state;
    for (auto& amplitude : state)
        amplitude = {random.normal(), random.normal()};
    return state / state.norm();
}

void pureStates(Reproduction& run) {
    const int count = run.choose(300, 2000);
    std::vector<int> found(count);
    bool average = true;
    std::vector<Matrix4d> means;
    for (int k = 0; k < count; k++) {
        Random random(8, k);
        const Eigen::Vector4cd state = randomPureState(random);
        means.push_back(pauliMeans(state * state.adjoint()));
        average =
            average &&
            averageSpins(means.back()).cwiseAbs().maxCoeff<Eigen::PropagateNaN>() <= 1 + 1e-12;
    }
    support::parallelFor(count, [&](int k) { found[k] = correlationMap(means[k]).exists; });
    const double share = double(std::count(found.begin(), found.end(), 1)) / count;
    run.within("random pure states of two qubits: share with a joint of 6 bits (0.53)", share, 0.44,
               0.62);
    run.holds("the same: all have independent average spins of 15 bits", average);
}

/// The value in one of the eight CHSH inequalities that is largest.
double largestChshOf(const std::array<double, 4>& correlations) {
    double largest = 0;
    for (int minus = 0; minus < 4; minus++) {
        double sum = 0;
        for (int k = 0; k < 4; k++)
            sum += k == minus ? -correlations[k] : correlations[k];
        largest = support::larger(largest, std::abs(sum));
    }
    return largest;
}

/// Fine's theorem: four observables have a joint exactly if all CHSH inequalities hold.
void fine(Reproduction& run) {
    int agree = 0, violated = 0;
    constexpr int count = 500;
    const auto& sigma = pauliMatrices();
    for (int k = 0; k < count; k++) {
        Random random(9, k);
        const Eigen::Vector4cd state = randomPureState(random);
        Matrix2cd settings[4];
        for (auto& setting : settings) {
            const Vector3d axis = random.normalVector(3).normalized();
            setting = axis[0] * sigma[1] + axis[1] * sigma[2] + axis[2] * sigma[3];
        }
        const auto mean = [&](const Matrix2cd& first, const Matrix2cd& second) {
            return state.dot(onBoth(first, second) * state).real();
        };
        std::vector<Moment> moments;
        std::array<double, 4> correlations;
        for (int a = 0; a < 2; a++) {
            moments.push_back({{a}, mean(settings[a], sigma[0])});
            moments.push_back({{2 + a}, mean(sigma[0], settings[2 + a])});
            for (int b = 0; b < 2; b++) {
                correlations[2 * a + b] = mean(settings[a], settings[2 + b]);
                moments.push_back({{a, 2 + b}, correlations[2 * a + b]});
            }
        }
        const bool holds = largestChshOf(correlations) <= 2;
        violated += !holds;
        agree += findJoint(4, moments).exists == holds;
    }
    run.within("500 random states and settings: the program agrees with Fine's theorem", agree,
               count, count);
    run.atLeast("the same: how many violate a CHSH inequality", violated, 5);
}

void horodecki(Reproduction& run) {
    double excess = -1, gap = 0;
    for (int k = 0; k < 20; k++) {
        Random random(10, k);
        const Eigen::Vector4cd state = randomPureState(random);
        const Matrix4d means = pauliMeans(state * state.adjoint());
        const Eigen::Matrix3d t = means.bottomRightCorner<3, 3>();
        double best = 0;
        for (int trial = 0; trial < 20; trial++) { // best b, b' for a, a' and the other way round
            Vector3d a = random.normalVector(3).normalized();
            Vector3d a2 = random.normalVector(3).normalized(), b, b2;
            for (int sweep = 0; sweep < 300; sweep++) {
                b = (t.transpose() * (a + a2)).normalized();
                b2 = (t.transpose() * (a - a2)).normalized();
                a = (t * (b + b2)).normalized();
                a2 = (t * (b - b2)).normalized();
            }
            best = support::larger(best, (t * (b + b2)).norm() + (t * (b - b2)).norm());
        }
        excess = support::larger(excess, best - largestChsh(means));
        gap = support::larger(gap, largestChsh(means) - best);
    }
    run.atMost("20 states: CHSH found by a search minus Horodecki's maximum", excess, 1e-9);
    run.atMost("20 states: Horodecki's maximum minus what the search reaches", gap, 1e-6);
}

/// CNOT as a map of 15 bits.
void averageSpinGates(Reproduction& run) {
    Matrix4cd cnot = Matrix4cd::Zero();
    cnot(0, 0) = cnot(1, 1) = cnot(2, 3) = cnot(3, 2) = 1;
    const auto permutation = permuteAverageSpins(cnot);
    double error = permutation ? 0 : 1;
    for (int k = 0; permutation && k < 50; k++) {
        Random random(11, k);
        const Eigen::Vector4cd state = randomPureState(random);
        const Matrix4cd rho = state * state.adjoint();
        const VectorXd before = averageSpins(pauliMeans(rho));
        const VectorXd after = averageSpins(pauliMeans(cnot * rho * cnot.adjoint()));
        for (int l = 0; l < 15; l++)
            error = std::max(
                error, std::abs(after[l] - permutation->sign[l] * before[permutation->from[l]]));
    }
    run.atMost("CNOT as a signed permutation of 15 average spins: error", error, 1e-13);
}

} // namespace

void reproduceQubits(Reproduction& run) {
    gates(run);
    singlets(run);
    pureStates(run);
    fine(run);
    horodecki(run);
    averageSpinGates(run);
}

} // namespace equivariant::probabilistic_world
