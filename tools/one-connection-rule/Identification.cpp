// SPDX-License-Identifier: MIT
#include "Identification.h"

#include <algorithm>
#include <flint/ulong_extras.h>

namespace equivariant::one_connection_rule {

namespace {

unsigned long draw(unsigned long prime, support::Random& random) {
    return static_cast<unsigned long>(random.below(static_cast<std::int64_t>(prime)));
}

} // namespace

ModelPoint drawPoint(const MixedGraph& graph, unsigned long prime, support::Random& random) {
    while (true) {
        ModularMatrix a(graph.n, graph.n, prime), omega(graph.n, graph.n, prime);
        for (int i = 0; i < graph.n; i++) {
            a(i, i) = 1;
            omega(i, i) = draw(prime, random);
        }
        for (const auto& [i, j] : graph.directed)
            a(i, j) = draw(prime, random);
        for (const auto& [i, j] : graph.bidirected)
            omega(i, j) = omega(j, i) = draw(prime, random);
        if (const auto inverse = a.inverse())
            return {*inverse, inverse->transpose() * omega * *inverse};
    }
}

namespace {

/// [parameters][entries i <= j of sigma]:
///   d sigma/d lambda_uv = sigma_.u G_v. and its transpose,  d sigma/d omega_kl = G_k.^T G_l.
///   likewise
ModularMatrix makeJacobian(const MixedGraph& graph, const ModelPoint& point) {
    const auto& [inverse, sigma] = point;
    const nmod_t& modulus = sigma.modulus();
    ModularMatrix jacobian(graph.countParameters(), graph.n * (graph.n + 1) / 2, sigma.prime());
    long row = 0;
    const auto addRow = [&](const ModularMatrix& a, int u, const ModularMatrix& b, int v) {
        long column = 0;
        for (int i = 0; i < graph.n; i++)
            for (int j = i; j < graph.n; j++)
                jacobian(row, column++) = nmod_add(nmod_mul(a(u, i), b(v, j), modulus),
                                                   nmod_mul(a(u, j), b(v, i), modulus), modulus);
        row++;
    };
    for (const auto& [u, v] : graph.directed)
        addRow(sigma, u, inverse, v);
    for (int k = 0; k < graph.n; k++)
        addRow(inverse, k, inverse, k); // twice the derivative
    for (const auto& [k, l] : graph.bidirected)
        addRow(inverse, k, inverse, l);
    return jacobian;
}

} // namespace

Identification identify(const MixedGraph& graph, std::uint64_t seed) {
    Identification result{graph.countParameters(), 0, false, 0, (1ul << 31) - 1};
    constexpr int maxPoints = 3;
    for (unsigned long prime = result.prime; result.points < maxPoints && !result.isFinite;
         prime = n_nextprime(prime, 1)) {
        support::Random random(seed, result.points++);
        result.prime = prime;
        const long rank = makeJacobian(graph, drawPoint(graph, prime, random)).rank();
        result.rank = std::max(result.rank, static_cast<int>(rank));
        result.isFinite = result.rank == result.parameters;
    }
    return result;
}

} // namespace equivariant::one_connection_rule
