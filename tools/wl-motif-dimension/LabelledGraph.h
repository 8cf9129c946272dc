// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace equivariant::wl_motif_dimension {

/// An undirected graph without self-loops and parallel edges. Labels of vertices and edges are
/// numbers from 1; 0 means that there are none.
class LabelledGraph {
public:
    struct Edge {
        int from, to, label = 0;
    };
    struct Neighbour {
        int vertex, label;
    };

    LabelledGraph() = default;

    /// @param labels  [size], or empty: none
    /// Throws Error naming the edge for a self-loop, an edge given twice and a vertex out of range,
    /// and for negative labels.
    LabelledGraph(int size, const std::vector<Edge>& edges, std::vector<int> labels = {});

    int size() const { return static_cast<int>(labels.size()); }
    int label(int vertex) const { return labels[vertex]; }

    /// Ascending.
    const std::vector<Neighbour>& neighbours(int vertex) const { return adjacency[vertex]; }

    /// 1 + label of the edge, 0 if there is none.
    int edgeCode(int u, int v) const;

    /// All edges, from < to, ascending.
    std::vector<Edge> edges() const;

    bool hasVertexLabels() const;
    bool hasEdgeLabels() const;

private:
    std::vector<int> labels;
    std::vector<std::vector<Neighbour>> adjacency;
};

/// The same graph with labels of vertices, of edges, or both replaced by 0.
LabelledGraph removeLabels(const LabelledGraph& graph, bool ofVertices, bool ofEdges);

LabelledGraph disjointUnion(const LabelledGraph& a, const LabelledGraph& b);

/// Vertices are pairs of equal label, joined if both coordinates are, by edges of equal label:
/// hom(F, A x B) = hom(F, A) hom(F, B).
LabelledGraph tensorProduct(const LabelledGraph& a, const LabelledGraph& b);

/// The subgraph on some vertices, which are numbered anew in that order.
LabelledGraph inducedSubgraph(const LabelledGraph& graph, const std::vector<int>& vertices);

/// Vertices of every connected component, each ascending.
std::vector<std::vector<int>> findComponents(const LabelledGraph& graph);

/// graph6 (McKay), which has no labels. Throws Error for what is not a graph in this format.
LabelledGraph parseGraph6(const std::string& text);
/// Throws Error for more than 100000 vertices.
std::string formatGraph6(const LabelledGraph& graph);

/// P4 (path on 4 vertices), C5, K4, K3,3, S3 (star of 3 edges), 3K2, 2C3, paw, diamond, petersen,
/// rook (4x4) and shrikhande. Throws Error for other names and sizes of 0 or beyond 100000
/// vertices.
LabelledGraph namedGraph(const std::string& name);

/// Whether a text looks like one of these names rather than graph6.
bool isGraphName(const std::string& text);

} // namespace equivariant::wl_motif_dimension
