// SPDX-License-Identifier: MIT
//
// Automata against dense matrices, and fermions against their algebra.
#include "Automaton.h"
#include "Fermions.h"
#include "Step.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <Eigen/Eigenvalues>
#include <complex>

using namespace equivariant;
using namespace equivariant::probabilistic_world;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::throwsNaming;

TEST(WorldAutomaton, LevelsAreTheEigenvaluesOfThePermutation) {
    const Automaton automaton(Random(1).permutation(40));
    const Eigen::VectorXcd values =
        permutationStep(automaton.successors())->toDense().eigenvalues();
    int count = 0;
    for (const auto& level : automaton.levels()) {
        EXPECT_GT(level.phase(), -M_PI);
        EXPECT_LE(level.phase(), M_PI);
        const auto distance = (values.array() - std::polar(1.0, level.phase())).abs();
        EXPECT_EQ((distance < 1e-9).count(), level.multiplicity) << level.phase();
        count += static_cast<int>(level.multiplicity);
    }
    EXPECT_EQ(count, 40);
}

TEST(WorldAutomaton, StepsForwardsAndBackwards) {
    const Automaton automaton(Random(2).permutation(50));
    std::vector<int> expected(50);
    for (int tau = 0; tau < 50; tau++) {
        expected[tau] = tau;
        for (int k = 0; k < 7; k++)
            expected[tau] = automaton.successors()[expected[tau]];
    }
    EXPECT_EQ(automaton.after(7), expected);
    const std::vector<int> back = automaton.after(-7);
    for (int tau = 0; tau < 50; tau++)
        EXPECT_EQ(back[expected[tau]], tau);
}

TEST(WorldAutomaton, HamiltonianOfATransposition) {
    // U swaps: H = pi/eps times the projector on the odd state.
    const Eigen::VectorXcd h = Automaton({1, 0}).applyHamiltonian(Eigen::Vector2cd(1, 0), 0.5);
    EXPECT_NEAR(std::abs(h[0] - M_PI), 0, 1e-14);
    EXPECT_NEAR(std::abs(h[1] + M_PI), 0, 1e-14);
    EXPECT_TRUE(throwsNaming<Error>("3 entries", [] {
        Automaton({1, 0}).applyHamiltonian(Eigen::VectorXcd::Ones(3), 1);
    }));
    EXPECT_TRUE(throwsNaming<Error>("positive", [] {
        Automaton({1, 0}).applyHamiltonian(Eigen::VectorXcd::Ones(2), 0);
    }));
}

TEST(WorldAutomaton, ShiftMovesBitsToTheRight) {
    EXPECT_EQ(shift(4).successors()[0b1000], 0b0100);
    EXPECT_EQ(shift(4).successors()[0b0001], 0b1000);
}

TEST(WorldAutomaton, LocalRulesChangeTheirSpinsOnly) {
    // Exchange of spins 0 and 2 of three.
    EXPECT_EQ(localRule(3, {0, 2}, {0, 2, 1, 3}), (std::vector<int>{0, 4, 2, 6, 1, 5, 3, 7}));
    EXPECT_EQ(localRule(2, {1}, {1, 0}), (std::vector<int>{1, 0, 3, 2}));
    EXPECT_TRUE(throwsNaming<Error>("named twice", [] { localRule(2, {1, 1}, {0, 1, 2, 3}); }));
    EXPECT_TRUE(throwsNaming<Error>("no spin 2", [] { localRule(2, {2}, {0, 1}); }));
    EXPECT_TRUE(throwsNaming<Error>("2^1 entries, not 3", [] { localRule(2, {1}, {0, 1, 2}); }));
    EXPECT_TRUE(throwsNaming<Error>("states 0 and 1 both go to 1", [] {
        localRule(2, {1}, {1, 1});
    }));
}

TEST(WorldAutomaton, ComplexStructureNeedsAnInvolutionThatTimeKeeps) {
    const Automaton twoCycles({1, 2, 0, 4, 5, 3});
    const ComplexStructure structure(twoCycles, {3, 4, 5, 0, 1, 2});
    const Eigen::VectorXd f = Random(3).normalVector(6);
    EXPECT_TRUE(allClose(structure.toReal(structure.toComplex(f)), f, 1e-15));
    EXPECT_NEAR(structure.toComplex(f).squaredNorm(), f.squaredNorm(), 1e-14);
    const auto with = [&](const std::vector<int>& involution) {
        return [&twoCycles, involution] { ComplexStructure(twoCycles, involution); };
    };
    EXPECT_TRUE(
        throwsNaming<Error>("state 0: the automaton does not commute", with({3, 5, 4, 0, 2, 1})));
    EXPECT_TRUE(throwsNaming<Error>("state 0 is its own partner", with({0, 1, 2, 3, 4, 5})));
    EXPECT_TRUE(throwsNaming<Error>("does not return", with({1, 2, 0, 4, 5, 3})));
    EXPECT_TRUE(throwsNaming<Error>("2 entries", with({1, 0})));
    EXPECT_TRUE(throwsNaming<Error>("cycle of state 0 is its own partner", [] {
        ComplexStructure(Automaton({1, 2, 3, 0}), {2, 3, 0, 1});
    }));
}

TEST(WorldAutomaton, FermionsAnticommute) {
    const Eigen::MatrixXi a = annihilator(3, 0), b = annihilator(3, 2);
    EXPECT_EQ(a * a.transpose() + a.transpose() * a, Eigen::MatrixXi::Identity(8, 8));
    EXPECT_TRUE((a * b + b * a).isZero(0));
    EXPECT_TRUE((a * b.transpose() + b.transpose() * a).isZero(0));
    EXPECT_FALSE((a * b - b * a).isZero(0));
    EXPECT_TRUE(throwsNaming<Error>("no spin 3", [] { annihilator(3, 3); }));
}

TEST(WorldAutomaton, MomentumMovesParticles) {
    for (int sites : {4, 5}) {
        const Eigen::MatrixXcd p = momentumOperator(sites);
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(p);
        EXPECT_TRUE(allClose(solver.eigenvalues(), momenta(sites, false), 1e-13));
        const Eigen::VectorXcd phases =
            (std::complex<double>(0, -1) * solver.eigenvalues().cast<std::complex<double>>())
                .array()
                .exp();
        const Eigen::MatrixXcd u =
            solver.eigenvectors() * phases.asDiagonal() * solver.eigenvectors().adjoint();
        for (int x = 0; x < sites; x++)
            EXPECT_NEAR(std::abs(u((x + 1) % sites, x) - 1.0), 0, 1e-12);
    }
}
