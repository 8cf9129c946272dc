// SPDX-License-Identifier: MIT
//
// Chains of unique jumps: deterministic automata, whose step operators are orthogonal, so that both
// wave functions may be one real vector f with p = f^2, as in quantum mechanics.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace equivariant::probabilistic_world {

class Automaton {
public:
    struct Cycle {
        int first, length;
    };

    /// A level of H in units of 2 pi/eps: numerator/denominator, in (-1/2, 1/2], in lowest terms.
    struct Level {
        int numerator, denominator;
        std::int64_t multiplicity;
        double phase() const;
    };

    /// State tau goes to next[tau]. Throws Error naming two states that go to the same one.
    explicit Automaton(std::vector<int> next);

    const std::vector<int>& successors() const { return next; }
    const std::vector<Cycle>& cycles() const { return allCycles; }

    /// Where each state is after some steps; before, if they are negative.
    std::vector<int> after(std::int64_t steps) const;

    /// The spectrum of H from the lengths of the cycles alone: a cycle of length L has the phases
    /// 2 pi j/L. Ascending.
    std::vector<Level> levels() const;

    /// H psi with H = (i/eps) log U: Fourier modes of the cycles; the phase pi counts as +pi.
    /// Throws Error for a psi of another length, and for eps <= 0.
    Eigen::VectorXcd applyHamiltonian(const Eigen::VectorXcd& psi, double eps) const;

private:
    std::vector<int> next;
    std::vector<Cycle> allCycles;
};

/// Every bit moves to the next of `sites` periodic sites: transport to the right.
Automaton shift(int sites);

/// The listed spins of `spins` (the first the most significant) change as `table` says, the others
/// stay. Throws Error for a spin that is not there or twice, and a table that is no bijection.
std::vector<int> localRule(int spins, const std::vector<int>& which, const std::vector<int>& table);

/// An involution K that the automaton keeps splits a real f into an even and an odd part, and
/// psi = f_even + i f_odd on one state of each pair {tau, K tau}. Multiplying psi by i makes sense
/// only if time keeps the choice of states, which fails if K maps a cycle onto itself.
class ComplexStructure {
public:
    /// Throws Error naming the state where K is no involution, is the identity, does not commute
    /// with the automaton, or maps a cycle onto itself.
    ComplexStructure(const Automaton& automaton, const std::vector<int>& involution);

    /// [states/2], sum |psi|^2 = sum f^2
    Eigen::VectorXcd toComplex(const Eigen::VectorXd& f) const;
    Eigen::VectorXd toReal(const Eigen::VectorXcd& psi) const;

    /// One step of psi, unitary because it permutes.
    const Automaton& evolution() const { return onRepresentatives; }

private:
    static std::vector<int> choose(const Automaton& automaton, const std::vector<int>& involution);
    Automaton restrict(const Automaton& automaton) const;

    std::vector<int> involution, representatives;
    Automaton onRepresentatives;
};

} // namespace equivariant::probabilistic_world
