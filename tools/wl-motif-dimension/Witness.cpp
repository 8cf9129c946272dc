// SPDX-License-Identifier: MIT
#include "Witness.h"

#include "Dimension.h"
#include "Homomorphisms.h"
#include "Treewidth.h"

#include "equivariant/Error.h"

namespace equivariant::wl_motif_dimension {

namespace {

constexpr int maxVertices = 20000;
constexpr int maxProduct = 400; ///< vertices of products that are tried

} // namespace

LabelledGraph cfiGraph(const LabelledGraph& base, bool isTwisted) {
    struct Vertex {
        int base;
        unsigned set; ///< of places in the list of neighbours
    };
    std::vector<Vertex> vertices;
    std::vector<int> labels;
    for (int v = 0; v < base.size(); v++) {
        const auto degree = base.neighbours(v).size();
        if (degree > 16)
            throw Error("the witness would have more than " + std::to_string(maxVertices) +
                        " vertices");
        for (unsigned set = 0; set < 1u << degree; set++)
            if (__builtin_parity(set) == (isTwisted && v == 0)) {
                vertices.push_back({v, set});
                labels.push_back(base.label(v));
            }
    }
    if (vertices.size() > maxVertices)
        throw Error("the witness would have " + std::to_string(vertices.size()) + " vertices");
    const auto has = [&](const Vertex& vertex, int neighbour) {
        const auto& list = base.neighbours(vertex.base);
        unsigned place = 0;
        while (list[place].vertex != neighbour)
            place++;
        return vertex.set >> place & 1;
    };
    std::vector<LabelledGraph::Edge> edges;
    for (int j = 0; j < static_cast<int>(vertices.size()); j++)
        for (int i = 0; i < j; i++) {
            const int u = vertices[i].base, v = vertices[j].base;
            if (const int code = base.edgeCode(u, v);
                code && has(vertices[i], v) == has(vertices[j], u))
                edges.push_back({i, j, code - 1});
        }
    return {static_cast<int>(vertices.size()), edges, labels};
}

namespace {

/// The component of largest treewidth and the rest.
std::pair<LabelledGraph, LabelledGraph> splitWidest(const LabelledGraph& graph) {
    std::vector<int> widest, rest;
    int width = -1;
    for (auto component : findComponents(graph)) {
        const int found = computeTreewidth(Pattern(inducedSubgraph(graph, component))).upper;
        if (found > width) {
            width = found;
            std::swap(widest, component);
        }
        rest.insert(rest.end(), component.begin(), component.end());
    }
    return {inducedSubgraph(graph, widest), inducedSubgraph(graph, rest)};
}

} // namespace

std::optional<Witness> findWitness(const Parameter& parameter) {
    const Dimension dimension = computeDimension(parameter);
    if (!dimension.isExact())
        throw Error("witnesses are for parameters whose dimension is known exactly");
    if (dimension.upper < 1)
        return std::nullopt;
    for (const auto& [base, coefficient] : parameter.terms()) {
        if (computeTreewidth(base).lower < dimension.upper)
            continue;
        const auto [core, rest] = splitWidest(base.toGraph());
        const LabelledGraph plain = disjointUnion(cfiGraph(core, false), rest);
        const LabelledGraph twisted = disjointUnion(cfiGraph(core, true), rest);
        const auto attempt = [&](const LabelledGraph& a, const LabelledGraph& b) {
            return Witness{a, b, evaluate(parameter, a), evaluate(parameter, b)};
        };
        Witness found = attempt(plain, twisted);
        if (found.firstValue != found.secondValue)
            return found;
        for (const auto& [factor, other] : parameter.terms()) {
            const LabelledGraph times = factor.toGraph();
            if (plain.size() * times.size() > maxProduct)
                continue;
            found = attempt(tensorProduct(plain, times), tensorProduct(twisted, times));
            if (found.firstValue != found.secondValue)
                return found;
        }
    }
    return std::nullopt;
}

} // namespace equivariant::wl_motif_dimension
