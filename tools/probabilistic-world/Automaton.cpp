// SPDX-License-Identifier: MIT
#include "Automaton.h"

#include "States.h"
#include "Step.h"

#include <algorithm>
#include <complex>
#include <map>
#include <numeric>
#include <unsupported/Eigen/FFT>

namespace equivariant::probabilistic_world {

using Eigen::VectorXcd;

double Automaton::Level::phase() const {
    return 2 * M_PI * numerator / denominator;
}

Automaton::Automaton(std::vector<int> given) : next(std::move(given)) {
    requireBijection(next);
    std::vector<bool> seen(next.size());
    for (std::size_t start = 0; start < next.size(); start++) {
        int length = 0;
        for (auto tau = static_cast<int>(start); !seen[tau]; tau = next[tau], length++)
            seen[tau] = true;
        if (length > 0)
            allCycles.push_back({static_cast<int>(start), length});
    }
}

std::vector<int> Automaton::after(std::int64_t steps) const {
    std::vector<int> result(next.size());
    for (const Cycle& cycle : allCycles) {
        const auto offset = static_cast<int>((steps % cycle.length + cycle.length) % cycle.length);
        int target = cycle.first;
        for (int k = 0; k < offset; k++)
            target = next[target];
        int tau = cycle.first;
        for (int k = 0; k < cycle.length; k++, tau = next[tau], target = next[target])
            result[tau] = target;
    }
    return result;
}

std::vector<Automaton::Level> Automaton::levels() const {
    std::map<int, std::int64_t> ofLength;
    for (const Cycle& cycle : allCycles)
        ofLength[cycle.length]++;
    std::map<std::pair<int, int>, std::int64_t> multiplicities;
    for (const auto& [length, count] : ofLength)
        for (int j = -(length - 1) / 2; j <= length / 2; j++) {
            const int common = std::gcd(std::abs(j), length);
            multiplicities[{j / common, length / common}] += count;
        }
    std::vector<Level> levels;
    for (const auto& [fraction, multiplicity] : multiplicities)
        levels.push_back({fraction.first, fraction.second, multiplicity});
    std::sort(levels.begin(), levels.end(), [](const Level& a, const Level& b) {
        return std::int64_t(a.numerator) * b.denominator <
               std::int64_t(b.numerator) * a.denominator;
    });
    return levels;
}

VectorXcd Automaton::applyHamiltonian(const VectorXcd& psi, double eps) const {
    if (psi.size() != static_cast<Eigen::Index>(next.size()))
        throw Error("psi has " + std::to_string(psi.size()) + " entries, but there are " +
                    std::to_string(next.size()) + " states");
    if (!(eps > 0))
        throw Error("the time of a step has to be positive");
    VectorXcd result(psi.size());
    Eigen::FFT<double> fft;
    VectorXcd values, modes;
    for (const Cycle& cycle : allCycles) {
        values.resize(cycle.length);
        int tau = cycle.first;
        for (int m = 0; m < cycle.length; m++, tau = next[tau])
            values[m] = psi[tau];
        if (cycle.length == 1) {
            result[cycle.first] = 0;
            continue;
        }
        fft.fwd(modes, values);
        for (int j = 0; j < cycle.length; j++) {
            const int signedMode = 2 * j > cycle.length ? j - cycle.length : j;
            modes[j] *= 2 * M_PI * signedMode / (cycle.length * eps);
        }
        fft.inv(values, modes);
        for (int m = 0; m < cycle.length; m++, tau = next[tau])
            result[tau] = values[m];
    }
    return result;
}

Automaton shift(int sites) {
    std::vector<int> next(countStates(sites));
    for (int tau = 0; tau < static_cast<int>(next.size()); tau++)
        next[tau] = tau >> 1 | (tau & 1) << (sites - 1);
    return Automaton(std::move(next));
}

std::vector<int> localRule(int spins, const std::vector<int>& which,
                           const std::vector<int>& table) {
    std::vector<bool> used(spins);
    for (int spin : which) {
        requireSpin(spin, spins);
        if (used[spin])
            throw Error("spin " + std::to_string(spin) + " is named twice");
        used[spin] = true;
    }
    if (which.size() > mostSpins || table.size() != std::size_t(1) << which.size())
        throw Error("a table for " + std::to_string(which.size()) + " spins has 2^" +
                    std::to_string(which.size()) + " entries, not " + std::to_string(table.size()));
    requireBijection(table);
    std::vector<int> next(countStates(spins));
    for (int tau = 0; tau < static_cast<int>(next.size()); tau++) {
        int local = 0, changed = tau;
        for (int spin : which)
            local = 2 * local + bitOf(tau, spin, spins);
        for (std::size_t k = 0; k < which.size(); k++) {
            const int bit = 1 << (spins - 1 - which[k]);
            changed = table[local] >> (which.size() - 1 - k) & 1 ? changed | bit : changed & ~bit;
        }
        next[tau] = changed;
    }
    return next;
}

ComplexStructure::ComplexStructure(const Automaton& automaton, const std::vector<int>& given)
    : involution(given), representatives(choose(automaton, given)),
      onRepresentatives(restrict(automaton)) {}

std::vector<int> ComplexStructure::choose(const Automaton& automaton,
                                          const std::vector<int>& involution) {
    const std::vector<int>& next = automaton.successors();
    if (involution.size() != next.size())
        throw Error("the involution has " + std::to_string(involution.size()) +
                    " entries, but there are " + std::to_string(next.size()) + " states");
    requireBijection(involution);
    for (std::size_t tau = 0; tau < next.size(); tau++) {
        const std::string state = "state " + std::to_string(tau);
        if (involution[involution[tau]] != static_cast<int>(tau))
            throw Error(state + " does not return when the involution acts twice");
        if (involution[tau] == static_cast<int>(tau))
            throw Error(state + " is its own partner, which leaves psi no imaginary part there");
        if (next[involution[tau]] != involution[next[tau]])
            throw Error(state + ": the automaton does not commute with the involution");
    }
    std::vector<int> cycleOf(next.size()), chosen;
    const auto& cycles = automaton.cycles();
    for (std::size_t c = 0; c < cycles.size(); c++) {
        int tau = cycles[c].first;
        for (int k = 0; k < cycles[c].length; k++, tau = next[tau])
            cycleOf[tau] = static_cast<int>(c);
    }
    for (std::size_t tau = 0; tau < next.size(); tau++) {
        const int partner = cycleOf[involution[tau]];
        if (partner == cycleOf[tau])
            throw Error("the cycle of state " + std::to_string(tau) +
                        " is its own partner, so that i would not commute with time");
        if (cycleOf[tau] < partner)
            chosen.push_back(static_cast<int>(tau));
    }
    return chosen;
}

Automaton ComplexStructure::restrict(const Automaton& automaton) const {
    std::vector<int> place(involution.size(), -1), next;
    for (std::size_t k = 0; k < representatives.size(); k++)
        place[representatives[k]] = static_cast<int>(k);
    next.reserve(representatives.size());
    for (int tau : representatives)
        next.push_back(place[automaton.successors()[tau]]);
    return Automaton(std::move(next));
}

VectorXcd ComplexStructure::toComplex(const Eigen::VectorXd& f) const {
    VectorXcd psi(static_cast<Eigen::Index>(representatives.size()));
    for (Eigen::Index k = 0; k < psi.size(); k++) {
        const double a = f[representatives[k]], b = f[involution[representatives[k]]];
        psi[k] = std::complex<double>(a + b, a - b) * M_SQRT1_2;
    }
    return psi;
}

Eigen::VectorXd ComplexStructure::toReal(const VectorXcd& psi) const {
    Eigen::VectorXd f(2 * psi.size());
    for (Eigen::Index k = 0; k < psi.size(); k++) {
        f[representatives[k]] = (psi[k].real() + psi[k].imag()) * M_SQRT1_2;
        f[involution[representatives[k]]] = (psi[k].real() - psi[k].imag()) * M_SQRT1_2;
    }
    return f;
}

} // namespace equivariant::probabilistic_world
