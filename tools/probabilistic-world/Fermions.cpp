// SPDX-License-Identifier: MIT
#include "Fermions.h"

#include "States.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace equivariant::probabilistic_world {

using Eigen::Index;

namespace {

/// k of 2 pi k/sites in (-pi, pi], times 2: even numbers, or odd ones if `half`.
std::vector<int> doubledModes(int sites, bool half) {
    std::vector<int> modes;
    for (int k = -sites + 1; k <= sites; k++)
        if ((k % 2 != 0) == half)
            modes.push_back(k);
    return modes;
}

} // namespace

Eigen::SparseMatrix<int> annihilator(int sites, int site) {
    requireSpin(site, sites);
    const Index size = countStates(sites);
    Eigen::SparseMatrix<int> a(size, size);
    std::vector<Eigen::Triplet<int>> entries;
    for (Index tau = 0; tau < size; tau++) {
        if (!bitOf(tau, site, sites))
            continue;
        int sign = 1;
        for (int before = 0; before < site; before++)
            sign *= bitOf(tau, before, sites) ? -1 : 1;
        entries.emplace_back(static_cast<int>(tau ^ Index(1) << (sites - 1 - site)),
                             static_cast<int>(tau), sign);
    }
    a.setFromTriplets(entries.begin(), entries.end());
    return a;
}

std::vector<double> momenta(int sites, bool half) {
    std::vector<double> values;
    for (int k : doubledModes(sites, half))
        values.push_back(M_PI * k / sites);
    return values;
}

Eigen::MatrixXcd momentumOperator(int sites) {
    const std::vector<double> values = momenta(sites, false);
    Eigen::MatrixXcd modes(sites, sites);
    for (int x = 0; x < sites; x++)
        for (int k = 0; k < sites; k++)
            modes(x, k) = std::polar(1 / std::sqrt(double(sites)), values[k] * x);
    const Eigen::Map<const Eigen::VectorXd> diagonal(values.data(), sites);
    return modes * diagonal.asDiagonal() * modes.adjoint();
}

std::vector<double> freeFermionPhases(int sites, int particles) {
    const std::vector<int> modes = doubledModes(sites, particles % 2 == 0);
    std::vector<double> phases;
    for (Index chosen = 0; chosen < countStates(sites); chosen++) {
        int count = 0, sum = 0;
        for (int k = 0; k < sites; k++)
            if (bitOf(chosen, k, sites)) {
                count++;
                sum += modes[k];
            }
        if (count != particles)
            continue;
        sum = ((sum % (2 * sites)) + 2 * sites) % (2 * sites);
        phases.push_back(M_PI * (sum > sites ? sum - 2 * sites : sum) / sites);
    }
    std::sort(phases.begin(), phases.end());
    return phases;
}

} // namespace equivariant::probabilistic_world
