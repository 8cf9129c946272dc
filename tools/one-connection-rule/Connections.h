// SPDX-License-Identifier: MIT
#pragma once

#include "MixedGraph.h"
#include "Polynomial.h"

#include <functional>
#include <map>

namespace equivariant::one_connection_rule {

/// Names of the parameters of a model: l01 for lambda_01, w00 and w13 for omega; with more than ten
/// vertices l0x11. Directed edges first, then the diagonal of Omega, then bidirected edges.
RingPointer makeParameterRing(const MixedGraph& graph);

/// The sums over linear subgraphs (sets of disjoint directed cycles) and one-connections (a simple
/// path and disjoint cycles that avoid it) that det(I - Lambda) and its adjugate are. No two terms
/// cancel.
class Connections {
public:
    Connections(const MixedGraph& graph, RingPointer ring);

    /// det(I - Lambda) of the subgraph on a set of vertices: sum over linear subgraphs C of
    /// (-1)^|C| lambda(C). A product over strongly connected components.
    Polynomial determinant(Mask within);

    /// adj(I - Lambda)_ij of that subgraph: sum over one-connections (P, C) from i to j of
    /// (-1)^|C| lambda(P) lambda(C).
    Polynomial adjugate(int from, int to, Mask within);

private:
    using Path = std::vector<int>;
    void forEachPath(Path& path, int to, Mask free,
                     const std::function<void(const Path&, Mask)>& use);
    Polynomial weight(const Path& path, bool isClosed) const;
    const Polynomial& componentDeterminant(Mask component); ///< strongly connected

    std::vector<Mask> children;
    RingPointer ring;
    std::map<MixedGraph::Edge, int> variableOf;
    std::map<Mask, Polynomial> known; ///< of strongly connected sets
};

/// Number of terms of determinant() or adjugate(), from a permanent: exact for at most 20 vertices,
/// else an upper bound (Bregman and Minc).
double countLinearSubgraphs(const MixedGraph& graph);
double countOneConnections(const MixedGraph& graph, int from, int to);

} // namespace equivariant::one_connection_rule
