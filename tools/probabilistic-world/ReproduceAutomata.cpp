// SPDX-License-Identifier: MIT
#include "Automaton.h"
#include "Experiments.h"
#include "Fermions.h"
#include "States.h"
#include "Sweep.h"

#include "support/Random.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numeric>

namespace equivariant::probabilistic_world {

namespace {

using Eigen::MatrixXcd;
using Eigen::VectorXcd;
using support::Random;

constexpr std::complex<double> i(0, 1);

int countBits(int tau) {
    return __builtin_popcount(static_cast<unsigned>(tau));
}

/// (1/N) sum over divisors d of N of phi(d) 2^(N/d).
std::size_t countNecklaces(int sites) {
    std::size_t sum = 0;
    for (int k = 0; k < sites; k++) // phi(d) numbers k have gcd(k, N) = N/d
        sum += std::size_t(1) << std::gcd(k, sites);
    return sum / sites;
}

/// Eigenphases of the cycles whose states have this many particles, ascending.
std::vector<double> sectorPhases(const Automaton& automaton, int particles) {
    std::vector<double> phases;
    for (const auto& cycle : automaton.cycles())
        if (countBits(cycle.first) == particles)
            for (int j = -(cycle.length - 1) / 2; j <= cycle.length / 2; j++)
                phases.push_back(2 * M_PI * j / cycle.length);
    std::sort(phases.begin(), phases.end());
    return phases;
}

void necklaces(Reproduction& run) {
    const std::map<int, std::size_t> known = {{2, 3},  {3, 4},  {4, 6},   {5, 8},
                                              {6, 14}, {8, 36}, {10, 108}};
    bool agree = true;
    for (const auto& [sites, count] : known)
        agree = agree && shift(sites).cycles().size() == count && countNecklaces(sites) == count;
    run.holds("shift on 2, 3, 4, 5, 6, 8, 10 sites: 3, 4, 6, 8, 14, 36, 108 cycles", agree);
    run.within("shift on 10 sites: cycles", double(shift(10).cycles().size()), 108, 108);
    std::int64_t states = 0;
    for (const auto& level : shift(10).levels())
        states += level.multiplicity;
    run.within("shift on 10 sites: eigenphases with their multiplicities", double(states), 1024,
               1024);
}

/// Cycles against the eigenvalues that a dense eigensolver finds.
void phases(Reproduction& run) {
    constexpr int sites = 10;
    const Automaton automaton = shift(sites);
    const MatrixXd dense = permutationStep(automaton.successors())->toDense();
    MatrixXd one(sites, sites); // of one particle
    for (int x = 0; x < sites; x++)
        for (int y = 0; y < sites; y++)
            one(x, y) = dense(Index(1) << (sites - 1 - x), Index(1) << (sites - 1 - y));
    const VectorXcd values = Eigen::EigenSolver<MatrixXd>(one, false).eigenvalues();
    double error = 0;
    for (const double momentum : momenta(sites, false))
        error =
            support::larger(error, (values.array() - std::polar(1.0, momentum)).abs().minCoeff());
    run.atMost("shift, one particle: |eigenvalue of a dense solver - exp(2 pi i k/10)|", error,
               1e-13);

    const std::vector<double> found = sectorPhases(automaton, 1), expected = momenta(sites, false);
    error = 0;
    for (int k = 0; k < sites; k++)
        error = support::larger(error, std::abs(found[k] - expected[k]));
    run.atMost("shift, one particle: |phase of a cycle - 2 pi k/10|", error, 1e-13);

    error = 0;
    for (int n = 0; n <= sites; n++) {
        const auto many = sectorPhases(automaton, n), fermions = freeFermionPhases(sites, n);
        for (std::size_t k = 0; k < many.size(); k++)
            error = support::larger(error, std::abs(many[k] - fermions.at(k)));
    }
    run.atMost("shift, any number of particles: |phase - sum of different fermion momenta|", error,
               1e-13);
}

void hamiltonian(Reproduction& run) {
    Random random(5);
    const Automaton automaton(random.permutation(60));
    constexpr double eps = 0.7;
    MatrixXcd h(60, 60);
    for (int k = 0; k < 60; k++)
        h.col(k) = automaton.applyHamiltonian(VectorXcd::Unit(60, k), eps);
    run.atMost("H of a random automaton: |H - H^+|",
               (h - h.adjoint()).cwiseAbs().maxCoeff<Eigen::PropagateNaN>(), 1e-13);
    const Eigen::SelfAdjointEigenSolver<MatrixXcd> solver(h);
    const VectorXcd evolution =
        (-i * eps * solver.eigenvalues().cast<std::complex<double>>()).array().exp();
    const MatrixXcd u =
        solver.eigenvectors() * evolution.asDiagonal() * solver.eigenvectors().adjoint();
    run.atMost("H of a random automaton: |exp(-i eps H) - U|",
               (u - permutationStep(automaton.successors())->toDense())
                   .cwiseAbs()
                   .maxCoeff<Eigen::PropagateNaN>(),
               1e-12);
}

void momentum(Reproduction& run) {
    constexpr int sites = 8;
    const MatrixXcd p = momentumOperator(sites);
    const VectorXcd x = VectorXd::LinSpaced(sites, 0, sites - 1).cast<std::complex<double>>();
    MatrixXcd u = MatrixXcd::Zero(sites, sites);
    for (int k = 0; k < sites; k++)
        u((k + 1) % sites, k) = 1;
    run.atMost("momentum: |[P, U]|, so that transport keeps it", (p * u - u * p).norm(), 1e-13);
    const MatrixXcd commutator = x.asDiagonal() * p - p * x.asDiagonal();
    run.atLeast("momentum: |[X, P]|, although the automaton is deterministic", commutator.norm(),
                1);
}

void anticommutators(Reproduction& run) {
    bool exact = true;
    for (int sites = 1; sites <= 6; sites++)
        for (int g = 0; g < sites; g++)
            for (int h = 0; h < sites; h++) {
                const Eigen::MatrixXi a = annihilator(sites, g), b = annihilator(sites, h);
                const Eigen::MatrixXi mixed = a * b.transpose() + b.transpose() * a;
                const Eigen::MatrixXi expected =
                    int(g == h) * Eigen::MatrixXi::Identity(a.rows(), a.cols());
                exact = exact && mixed == expected && (a * b + b * a).isZero(0);
            }
    run.holds("fermions on 1 to 6 sites: {a_g, a_h^+} = delta and {a_g, a_h} = 0 in integers",
              exact);
}

/// p = f^2 in an automaton, q = f, and psi of a complex structure.
void waveFunctions(Reproduction& run) {
    constexpr int sites = 7;
    const Automaton automaton = shift(sites);
    Random random(6);
    VectorXd f = random.normalVector(1 << sites);
    f /= f.norm();
    std::vector<int> holes(1 << sites);
    for (int tau = 0; tau < 1 << sites; tau++)
        holes[tau] = (1 << sites) - 1 - tau;
    const ComplexStructure structure(automaton, holes);
    VectorXcd psi = structure.toComplex(f);
    const StepPointer step = permutationStep(automaton.successors());
    double norm = 0, difference = 0;
    for (int t = 0; t < 100; t++) {
        step->apply(f);
        VectorXcd moved(psi.size());
        for (Index k = 0; k < psi.size(); k++)
            moved[structure.evolution().successors()[k]] = psi[k];
        psi = moved;
        norm = support::larger(
            norm, support::larger(std::abs(f.squaredNorm() - 1), std::abs(psi.squaredNorm() - 1)));
        difference = support::larger(
            difference, (structure.toReal(psi) - f).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
    }
    run.atMost("particle-hole structure of 7 sites: change of the norm in 100 steps", norm, 1e-13);
    run.atMost("the same: |psi evolved unitarily - f evolved by the automaton|", difference, 1e-14);

    const VectorXd p = f.cwiseAbs2();
    const Sweep sweep({std::vector<StepPointer>(9, step), {{1, p, VectorXd::Ones(p.size())}}});
    VectorXd later = f;
    for (int t = 0; t < 9; t++)
        step->apply(later);
    run.atMost("automaton: |p(t) of the chain - f(t)^2|",
               (sweep.slice(9).probabilities() - later.cwiseAbs2())
                   .cwiseAbs()
                   .maxCoeff<Eigen::PropagateNaN>(),
               1e-15);
}

} // namespace

void reproduceAutomata(Reproduction& run) {
    necklaces(run);
    phases(run);
    hamiltonian(run);
    momentum(run);
    anticommutators(run);
    waveFunctions(run);
}

} // namespace equivariant::probabilistic_world
