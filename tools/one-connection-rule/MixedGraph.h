// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace equivariant::one_connection_rule {

/// Sets of vertices as bits.
using Mask = std::uint64_t;
constexpr Mask bit(int vertex) {
    return Mask(1) << vertex;
}

/// The graph of a linear structural equation model X = Lambda^T X + e, Cov e = Omega: lambda_ij for
/// every directed edge i -> j, cycles allowed; omega_ij for every bidirected one, and omega_ii.
struct MixedGraph {
    using Edge = std::pair<int, int>;

    /// Throws Error naming the edge for a self-loop, one given twice and a vertex out of range, and
    /// for no vertex or more than 64.
    MixedGraph(int n, std::vector<Edge> directed, std::vector<Edge> bidirected);

    int n;
    std::vector<Edge> directed;   ///< from, to; ascending
    std::vector<Edge> bidirected; ///< smaller vertex first; ascending

    /// [n] vertices to which a directed edge leads from each.
    std::vector<Mask> children() const;

    /// At most one edge between any two vertices.
    bool isSimple() const;

    /// n + directed + bidirected: entries of Omega's diagonal, of Lambda, and of Omega beside it.
    int countParameters() const;
};

/// Vertices from which v is reached, with v, within a set.
Mask ancestorsOf(const std::vector<Mask>& children, Mask vertices, Mask within);

/// The strongly connected components within a set.
std::vector<Mask> strongComponents(const std::vector<Mask>& children, Mask within);

/// {"n": 4, "directed": [[0, 1], ...], "bidirected": [[1, 3]]}. Throws Error naming file and edge.
MixedGraph readMixedGraph(const std::string& path);

} // namespace equivariant::one_connection_rule
