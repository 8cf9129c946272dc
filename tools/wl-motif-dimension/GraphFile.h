// SPDX-License-Identifier: MIT
//
// Graphs and patterns from files and names. A source is a name (namedGraph), graph6, or a file:
//   .g6    graph6, one graph a line
//   .csv   the edges of one graph: columns from, to and perhaps label (numbers)
//   .json  {"n": 3, "edges": [[0, 1], [1, 2, "double"]], "labels": ["C", "C", "O"],
//           "edge_kinds": [["C", "C"], ["C", "O", "double"]]} or a list of such; all but n and
//           edges
//          may be left out
#pragma once

#include "Parameter.h"

#include <map>

namespace equivariant::wl_motif_dimension {

/// Numbers of the names of labels, from 1.
class Alphabet {
public:
    /// The number of a name, a new one if need be. Throws Error for an unknown name once complete:
    /// then the names are those of the graphs.
    int find(const std::string& name);

    const std::string& name(int label) const { return names.at(label - 1); }
    void complete() { isComplete = true; }

    /// All numbers, if complete.
    std::optional<std::set<int>> known() const;

private:
    std::vector<std::string> names;
    std::map<std::string, int> numbers;
    bool isComplete = false;
};

struct Alphabets {
    Alphabet vertices, edges;
    void complete();
};

struct GraphWithKinds {
    LabelledGraph graph;
    EdgeKinds kinds;
};

/// Throws Error naming source, graph (from 0) and what is wrong: a self-loop, an edge given twice,
/// a vertex out of range, labels of some vertices (edges) but not of all, an unknown label, no
/// graph.
std::vector<GraphWithKinds> readGraphs(const std::string& source, Alphabets& alphabets);

/// The only graph of a source, which has at least a vertex. If it has labels of edges and those of
/// the graphs are known, edges of all these may join its vertices where no edge_kinds say
/// otherwise.
GraphWithKinds readPattern(const std::string& source, Alphabets& alphabets);

/// Reads "2*hom(C4) - 1/2*sub(paw.json) + ind(K4)".
/// Throws Error for anything else and if all terms cancel.
Parameter parseFormula(const std::string& text, Alphabets& alphabets);

} // namespace equivariant::wl_motif_dimension
