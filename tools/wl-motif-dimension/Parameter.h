// SPDX-License-Identifier: MIT
//
// Graph motif parameters (Lanzinger and Barcelo, ICLR 2024): finite sums of numbers of
// homomorphisms.
#pragma once

#include "Pattern.h"

#include <array>
#include <gmpxx.h>
#include <map>
#include <optional>
#include <set>

namespace equivariant::wl_motif_dimension {

/// sum coefficient * hom(pattern, G), in the one form in which no two patterns are isomorphic and
/// no coefficient is 0.
class Parameter {
public:
    struct Term {
        Pattern pattern; ///< as canonicalForm() numbers it
        mpq_class coefficient;
    };

    void add(const Pattern& pattern, const mpq_class& coefficient);
    void add(const Parameter& other, const mpq_class& factor);

    /// By size of the pattern, largest first, and then in an order that depends on the patterns
    /// alone.
    std::vector<Term> terms() const;
    bool isZero() const { return byKey.empty(); }

private:
    void add(const std::string& key, const Pattern& pattern, const mpq_class& coefficient);
    std::map<std::string, Term> byKey;
};

enum class Mode { Subgraph, Induced, Homomorphism };

/// "sub", "ind", "hom". Throws Error for another.
Mode parseMode(const std::string& name);
const char* nameOf(Mode mode);

/// Which edges a graph may have at all: labels of two vertices and of the edge. Without a list, any
/// two vertices may be joined, by edges of every label that the pattern has.
using EdgeKinds = std::optional<std::vector<std::array<int, 3>>>;

/// Edges of these labels between any two vertices of a pattern: for `Induced` in graphs that have
/// labels of edges which the pattern has not.
EdgeKinds anyKinds(const LabelledGraph& pattern, const std::set<int>& edgeLabels);

/// Largest pattern that is expanded: sums over its partitions grow like Bell numbers.
constexpr int maxExpandedSize = 14;

/// The number of homomorphisms of a pattern, of its copies (subgraphs that are isomorphic to it),
/// or of its induced copies. The patterns of `Subgraph` are its spasm: the quotients by partitions
/// into independent sets of equal labels. Throws Error for more than 14 vertices (homomorphisms:
/// see canonicalForm), and for induced copies if more than 2^21 graphs contain the pattern on its
/// vertices.
Parameter makeParameter(const Pattern& pattern, Mode mode, const EdgeKinds& kinds = {});

} // namespace equivariant::wl_motif_dimension
