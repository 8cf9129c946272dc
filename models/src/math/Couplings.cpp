// SPDX-License-Identifier: MIT
#include "equivariant/Couplings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <map>
#include <mutex>

namespace equivariant {

namespace {

constexpr double pi = 3.14159265358979323846;

/// n! in extended precision, which leaves Racah's alternating sum exact to double for l <= 16.
long double factorial(int n) {
    long double product = 1;
    for (int k = 2; k <= n; k++)
        product *= k;
    return product;
}

/// Coefficients of a complex harmonic of order m in the real ones of order m and -m:
/// Y^m = (-1)^m (S_m + i S_-m)/sqrt2, Y^-m = (S_m - i S_-m)/sqrt2 for m > 0.
struct RealExpansion {
    std::array<int, 2> orders;
    std::array<std::complex<double>, 2> values;
    int count;
};

RealExpansion expand(int m) {
    const double half = std::sqrt(0.5);
    if (m == 0)
        return {{0, 0}, {1.0, 0.0}, 1};
    if (m < 0)
        return {{-m, m}, {std::complex<double>(half, 0), std::complex<double>(0, -half)}, 2};
    const double sign = m % 2 == 0 ? half : -half;
    return {{m, -m}, {std::complex<double>(sign, 0), std::complex<double>(0, sign)}, 2};
}

/// The invariant tensor for l1 <= l2 <= l3.
std::vector<CouplingEntry> sortedWigner3j(int l1, int l2, int l3) {
    const int n1 = 2 * l1 + 1, n2 = 2 * l2 + 1, n3 = 2 * l3 + 1;
    std::vector<std::complex<double>> dense(n1 * n2 * n3);
    for (int m1 = -l1; m1 <= l1; m1++)
        for (int m2 = -l2; m2 <= l2; m2++) {
            const int m3 = -m1 - m2;
            if (std::abs(m3) > l3)
                continue;
            const double value = complexWigner3j(l1, l2, l3, m1, m2, m3);
            const RealExpansion e1 = expand(m1), e2 = expand(m2), e3 = expand(m3);
            for (int i = 0; i < e1.count; i++)
                for (int j = 0; j < e2.count; j++)
                    for (int k = 0; k < e3.count; k++)
                        dense[((e1.orders[i] + l1) * n2 + e2.orders[j] + l2) * n3 + e3.orders[k] +
                              l3] += value * e1.values[i] * e2.values[j] * e3.values[k];
        }
    // The tensor is real or imaginary as a whole.
    std::vector<double> real(dense.size());
    double norm = 0;
    for (std::size_t i = 0; i < dense.size(); i++) {
        real[i] = (l1 + l2 + l3) % 2 == 0 ? dense[i].real() : dense[i].imag();
        norm += real[i] * real[i];
    }
    norm = std::sqrt(norm);
    const auto isZero = [&](double value) { return std::abs(value) < 1e-12 * norm; };
    double lead = real[(l1 * n2 + l2) * n3 + l3];
    for (std::size_t i = 0; isZero(lead); i++)
        lead = real[i];
    std::vector<CouplingEntry> entries;
    for (int a = 0; a < n1; a++)
        for (int b = 0; b < n2; b++)
            for (int c = 0; c < n3; c++) {
                const double value = real[(a * n2 + b) * n3 + c];
                if (!isZero(value))
                    entries.push_back({a, b, c, (lead > 0 ? value : -value) / norm});
            }
    return entries;
}

std::vector<CouplingEntry> makeWigner3j(int l1, int l2, int l3) {
    if (!isTriangle(l1, l2, l3))
        return {};
    // Sort the degrees; an odd permutation of the axes changes the sign for an odd sum.
    const std::array<int, 3> l = {l1, l2, l3};
    std::array<int, 3> order = {0, 1, 2};
    std::stable_sort(order.begin(), order.end(), [&](int i, int j) { return l[i] < l[j]; });
    const int inversions = (order[0] > order[1]) + (order[0] > order[2]) + (order[1] > order[2]);
    const double sign = inversions % 2 == 1 && (l1 + l2 + l3) % 2 == 1 ? -1 : 1;
    std::vector<CouplingEntry> entries = sortedWigner3j(l[order[0]], l[order[1]], l[order[2]]);
    for (CouplingEntry& entry : entries) {
        const std::array<int, 3> sorted = {entry.a, entry.b, entry.c};
        std::array<int, 3> original;
        for (int i = 0; i < 3; i++)
            original[order[i]] = sorted[i];
        entry = {original[0], original[1], original[2], sign * entry.value};
    }
    return entries;
}

/// A coupling of several factors to one degree; entries [M][packed factors] -> value.
struct Coupling {
    int l, parity;
    std::map<std::vector<int>, double> entries; ///< key: M, lm_1, …, lm_nu
};

void sortByDegreeAndParity(std::vector<Coupling>& couplings) {
    std::stable_sort(couplings.begin(), couplings.end(), [](const Coupling& a, const Coupling& b) {
        return a.l != b.l ? a.l < b.l : a.parity < b.parity;
    });
}

int naturalParity(int l) {
    return l % 2 == 0 ? 1 : -1;
}

/// Couples one more factor of degree l2 to a total of degree l.
Coupling couple(const Coupling& previous, int l2, int l) {
    Coupling result{l, previous.parity * naturalParity(l2), {}};
    std::vector<std::vector<CouplingEntry>> byMiddle(2 * previous.l + 1);
    for (const CouplingEntry& entry : wigner3j(l, previous.l, l2))
        byMiddle[entry.b].push_back(entry);
    const double factor = std::sqrt(2.0 * l + 1);
    for (const auto& [key, value] : previous.entries)
        for (const CouplingEntry& entry : byMiddle[key[0]]) {
            std::vector<int> extended = key;
            extended[0] = entry.a;
            extended.push_back(l2 * l2 + entry.c);
            result.entries[extended] += factor * entry.value * value;
        }
    return result;
}

} // namespace

double complexWigner3j(int l1, int l2, int l3, int m1, int m2, int m3) {
    if (m1 + m2 + m3 != 0 || !isTriangle(l1, l2, l3) || std::abs(m1) > l1 || std::abs(m2) > l2 ||
        std::abs(m3) > l3)
        return 0;
    const int low = std::max({0, l2 - l3 - m1, l1 - l3 + m2});
    const int high = std::min({l1 + l2 - l3, l1 - m1, l2 + m2});
    long double sum = 0;
    for (int t = low; t <= high; t++) {
        const long double term =
            1 / (factorial(t) * factorial(l3 - l2 + t + m1) * factorial(l3 - l1 + t - m2) *
                 factorial(l1 + l2 - l3 - t) * factorial(l1 - t - m1) * factorial(l2 - t + m2));
        sum += t % 2 == 0 ? term : -term;
    }
    const long double triangle = factorial(l1 + l2 - l3) * factorial(l1 - l2 + l3) *
                                 factorial(-l1 + l2 + l3) / factorial(l1 + l2 + l3 + 1);
    const long double orders = factorial(l1 + m1) * factorial(l1 - m1) * factorial(l2 + m2) *
                               factorial(l2 - m2) * factorial(l3 + m3) * factorial(l3 - m3);
    const long double value = std::sqrt(triangle * orders) * sum;
    return static_cast<double>((l1 - l2 - m3) % 2 == 0 ? value : -value);
}

const std::vector<CouplingEntry>& wigner3j(int l1, int l2, int l3) {
    static std::mutex mutex;
    static std::map<std::array<int, 3>, std::vector<CouplingEntry>> cache;
    std::lock_guard<std::mutex> lock(mutex);
    const auto [found, isNew] = cache.try_emplace({l1, l2, l3});
    if (isNew)
        found->second = makeWigner3j(l1, l2, l3);
    return found->second;
}

double gauntFactor(int l1, int l2, int l3) {
    if ((l1 + l2 + l3) % 2 != 0)
        return 0;
    return std::sqrt((2 * l1 + 1) * (2 * l2 + 1) * (2 * l3 + 1) / (4 * pi)) *
           std::abs(complexWigner3j(l1, l2, l3, 0, 0, 0));
}

std::vector<CouplingEntry> gauntCoefficients(int lMax1, int lMax2, int lMaxOut) {
    std::vector<CouplingEntry> entries;
    for (int l1 = 0; l1 <= lMax1; l1++)
        for (int l2 = 0; l2 <= lMax2; l2++)
            for (int l3 = 0; l3 <= lMaxOut; l3++) {
                const double factor = gauntFactor(l1, l2, l3);
                if (factor == 0)
                    continue;
                for (const CouplingEntry& entry : wigner3j(l1, l2, l3))
                    entries.push_back({l1 * l1 + entry.a, l2 * l2 + entry.b, l3 * l3 + entry.c,
                                       factor * entry.value});
            }
    return entries;
}

UTensor uTensor(int lMax, int degree, int L) {
    std::vector<Coupling> couplings;
    for (int l = 0; l <= lMax; l++) {
        couplings.push_back({l, naturalParity(l), {}});
        for (int m = 0; m <= 2 * l; m++)
            couplings.back().entries[{m, l * l + m}] = 1;
    }
    for (int factor = 2; factor <= degree; factor++) {
        std::vector<Coupling> next;
        for (const Coupling& previous : couplings)
            for (int l2 = 0; l2 <= lMax; l2++)
                for (int l = std::abs(previous.l - l2); l <= previous.l + l2; l++) {
                    const bool natural = previous.parity * naturalParity(l2) == naturalParity(l);
                    if (factor == degree ? l != L || !natural : degree >= 4 && !natural)
                        continue;
                    next.push_back(couple(previous, l2, l));
                }
        sortByDegreeAndParity(next);
        couplings = std::move(next);
    }
    UTensor result{lMax, degree, L, 0, {}};
    for (const Coupling& coupling : couplings) {
        if (coupling.l != L || coupling.parity != naturalParity(L))
            continue;
        for (const auto& [key, value] : coupling.entries)
            if (std::abs(value) > 1e-13)
                result.entries.push_back(
                    {key[0], std::vector<int>(key.begin() + 1, key.end()), result.numPaths, value});
        result.numPaths++;
    }
    return result;
}

} // namespace equivariant
