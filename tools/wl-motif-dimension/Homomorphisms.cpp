// SPDX-License-Identifier: MIT
#include "Homomorphisms.h"

#include "Relation.h"
#include "Treewidth.h"

#include <stdexcept>

namespace equivariant::wl_motif_dimension {

namespace {

struct Overflow {};

/// 128 bits, which say when they are too few.
struct Checked {
    Wide value;
    explicit Checked(unsigned value) : value(value) {}
    friend Checked operator+(Checked a, Checked b) {
        if (__builtin_add_overflow(a.value, b.value, &a.value))
            throw Overflow();
        return a;
    }
    friend Checked operator*(Checked a, Checked b) {
        if (__builtin_mul_overflow(a.value, b.value, &a.value))
            throw Overflow();
        return a;
    }
};

mpz_class toInteger(const Checked& count) {
    const auto high = static_cast<unsigned long>(count.value >> 64);
    return (mpz_class(high) << 64) + static_cast<unsigned long>(count.value);
}
mpz_class toInteger(const mpz_class& count) {
    return count;
}

template <class Count> class Elimination {
public:
    Elimination(const Pattern& pattern, const LabelledGraph& graph)
        : packing(graph.size()), pattern(pattern), graph(graph) {
        for (int v = 0; v < pattern.size; v++)
            relations.push_back(vertexRelation(v));
        for (int v = 0; v < pattern.size; v++)
            for (int u = 0; u < v; u++)
                if (pattern.edge(u, v))
                    relations.push_back(edgeRelation(u, v));
    }

    void eliminate(int vertex) {
        relations.push_back(sumOut(joinAll(takeWith(vertex)), vertex, packing));
    }

    Relation<Count> finish() { return joinAll(std::move(relations)); }

    const Packing packing;

private:
    Relation<Count> vertexRelation(int v) const {
        Relation<Count> relation{{v}, {}};
        for (int x = 0; x < graph.size(); x++)
            if (graph.label(x) == pattern.labels[v])
                relation.rows.push_back({Wide(x), Count(1u)});
        return relation;
    }

    Relation<Count> edgeRelation(int u, int v) const {
        Relation<Count> relation{{u, v}, {}};
        for (int x = 0; x < graph.size(); x++)
            for (const auto& [y, label] : graph.neighbours(x))
                if (1 + label == pattern.edge(u, v) && graph.label(x) == pattern.labels[u] &&
                    graph.label(y) == pattern.labels[v])
                    relation.rows.push_back({packing.put(x, 0) | packing.put(y, 1), Count(1u)});
        return relation;
    }

    std::vector<Relation<Count>> takeWith(int vertex) {
        const auto rest =
            std::stable_partition(relations.begin(), relations.end(), [&](const auto& relation) {
                return !std::binary_search(relation.vertices.begin(), relation.vertices.end(),
                                           vertex);
            });
        std::vector<Relation<Count>> taken(std::make_move_iterator(rest),
                                           std::make_move_iterator(relations.end()));
        relations.erase(rest, relations.end());
        return taken;
    }

    /// The smallest first, then always the one that adds the fewest vertices.
    Relation<Count> joinAll(std::vector<Relation<Count>> parts) const {
        Relation<Count> all{{}, {{0, Count(1u)}}};
        while (!parts.empty()) {
            const auto cost = [&](const Relation<Count>& part) {
                std::vector<int> fresh;
                std::set_difference(part.vertices.begin(), part.vertices.end(),
                                    all.vertices.begin(), all.vertices.end(),
                                    std::back_inserter(fresh));
                const bool isApart = fresh.size() == part.vertices.size() && !fresh.empty();
                return std::tuple(isApart, fresh.size(), part.rows.size());
            };
            const auto next = std::min_element(parts.begin(), parts.end(),
                                               [&](auto& a, auto& b) { return cost(a) < cost(b); });
            all = join(all, *next, packing);
            parts.erase(next);
        }
        return all;
    }

    const Pattern& pattern;
    const LabelledGraph& graph;
    std::vector<Relation<Count>> relations;
};

/// [rows] after all but the last vertices of an order are eliminated.
template <class Count>
RootedCounts countWith(const Pattern& pattern, const LabelledGraph& graph, int numRoots) {
    const std::vector<int> order = computeTreewidth(pattern).order;
    Elimination<Count> elimination(pattern, graph);
    for (int i = 0; i + numRoots < pattern.size; i++)
        elimination.eliminate(order[i]);
    const Relation<Count> all = elimination.finish();
    RootedCounts result{all.vertices, {}, {}};
    for (const auto& row : all.rows) {
        std::vector<int> images;
        for (std::size_t k = 0; k < all.vertices.size(); k++)
            images.push_back(elimination.packing.get(row.images, k));
        result.images.push_back(std::move(images));
        result.counts.push_back(toInteger(row.count));
    }
    return result;
}

} // namespace

RootedCounts countRooted(const Pattern& pattern, const LabelledGraph& graph, int numRoots) {
    try {
        return countWith<Checked>(pattern, graph, numRoots);
    } catch (const Overflow&) {
        return countWith<mpz_class>(pattern, graph, numRoots);
    }
}

mpz_class countHomomorphisms(const Pattern& pattern, const LabelledGraph& graph) {
    const RootedCounts all = countRooted(pattern, graph, 0);
    return all.counts.empty() ? mpz_class(0) : all.counts[0];
}

mpq_class evaluate(const Parameter& parameter, const LabelledGraph& graph) {
    mpq_class value = 0;
    for (const auto& [pattern, coefficient] : parameter.terms())
        value += coefficient * countHomomorphisms(pattern, graph);
    return value;
}

mpz_class evaluateCount(const Parameter& parameter, const LabelledGraph& graph) {
    const mpq_class value = evaluate(parameter, graph);
    if (value.get_den() != 1 || value < 0)
        throw std::logic_error("a number of copies came out as " + value.get_str());
    return value.get_num();
}

} // namespace equivariant::wl_motif_dimension
