// SPDX-License-Identifier: MIT
#include "Parameter.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <unordered_map>

namespace equivariant::wl_motif_dimension {

void Parameter::add(const std::string& key, const Pattern& pattern, const mpq_class& coefficient) {
    if (coefficient == 0)
        return;
    const auto [place, isNew] = byKey.try_emplace(key, Term{pattern, coefficient});
    if (isNew)
        return;
    place->second.coefficient += coefficient;
    if (place->second.coefficient == 0)
        byKey.erase(place);
}

void Parameter::add(const Pattern& pattern, const mpq_class& coefficient) {
    const CanonicalForm form = canonicalForm(pattern);
    add(form.key, form.pattern, coefficient);
}

void Parameter::add(const Parameter& other, const mpq_class& factor) {
    for (const auto& [key, term] : other.byKey)
        add(key, term.pattern, factor * term.coefficient);
}

std::vector<Parameter::Term> Parameter::terms() const {
    std::vector<Term> sorted;
    for (auto place = byKey.rbegin(); place != byKey.rend(); ++place) // a key starts with the size
        sorted.push_back(place->second);
    return sorted;
}

Mode parseMode(const std::string& name) {
    for (Mode mode : {Mode::Subgraph, Mode::Induced, Mode::Homomorphism})
        if (name == nameOf(mode))
            return mode;
    throw Error("'" + name + "' is none of sub, ind and hom");
}

const char* nameOf(Mode mode) {
    return mode == Mode::Subgraph ? "sub" : mode == Mode::Induced ? "ind" : "hom";
}

EdgeKinds anyKinds(const LabelledGraph& pattern, const std::set<int>& edgeLabels) {
    std::set<int> ofVertices;
    for (int v = 0; v < pattern.size(); v++)
        ofVertices.insert(pattern.label(v));
    EdgeKinds kinds(std::in_place);
    for (int a : ofVertices)
        for (int b : ofVertices)
            for (int label : edgeLabels)
                if (a <= b)
                    kinds->push_back({a, b, label});
    return kinds;
}

namespace {

/// hom(pattern, G) restricted to maps that are injective on the marked vertices.
struct State {
    Pattern pattern;
    std::uint64_t marked;
    std::int64_t coefficient;
};
using States = std::unordered_map<std::string, State>;

void addState(States& states, const Pattern& pattern, std::uint64_t marked,
              std::int64_t coefficient) {
    CanonicalForm form = canonicalForm(pattern, marked);
    const auto place =
        states.try_emplace(form.key, State{std::move(form.pattern), form.marked, 0}).first;
    place->second.coefficient += coefficient;
}

std::uint64_t removeBit(std::uint64_t mask, int bit) {
    const std::uint64_t below = (std::uint64_t(1) << bit) - 1;
    return (mask & below) | (mask >> 1 & ~below);
}

/// Maps with v different from all other marked vertices: all maps without those that send v where
/// another marked vertex goes, which are mutually exclusive.
void freeVertex(const State& state, int v, States& next) {
    const std::uint64_t others = state.marked & ~(std::uint64_t(1) << v);
    addState(next, state.pattern, others, state.coefficient);
    for (int w = 0; w < state.pattern.size; w++) {
        Pattern merged = state.pattern;
        if ((others >> w & 1) && mergeVertices(merged, v, w))
            addState(next, merged, removeBit(others, v), -state.coefficient);
    }
}

/// The number of injective homomorphisms. Freeing one vertex after the other sums the Moebius
/// function of partitions, prod (-1)^(|B|-1) (|B|-1)! over their blocks, with isomorphic
/// intermediates counted once.
Parameter expandInjective(const Pattern& pattern) {
    if (pattern.size > maxExpandedSize)
        throw Error("a pattern of " + std::to_string(pattern.size) +
                    " vertices has too many quotients, at most " + std::to_string(maxExpandedSize) +
                    " vertices are expanded");
    States states;
    addState(states, pattern, (std::uint64_t(1) << pattern.size) - 1, 1);
    for (int step = 0; step < pattern.size; step++) {
        States next;
        for (const auto& [key, state] : states)
            freeVertex(state, __builtin_ctzll(state.marked), next);
        states = std::move(next);
    }
    Parameter parameter;
    for (const auto& [key, state] : states)
        parameter.add(state.pattern, mpq_class(state.coefficient));
    return parameter;
}

/// Pairs that are not joined and the codes of edges that may join them.
struct Gap {
    int u, v;
    std::vector<std::uint8_t> codes;
};

std::uint8_t toCode(int edgeLabel) {
    if (edgeLabel > Pattern::maxEdgeLabel)
        throw Error("more than 14 labels of edges");
    return static_cast<std::uint8_t>(1 + edgeLabel);
}

std::vector<Gap> findGaps(const Pattern& pattern, const EdgeKinds& kinds) {
    std::set<std::uint8_t> all(pattern.codes.begin(), pattern.codes.end());
    all.erase(0);
    if (all.empty())
        all = {1};
    std::vector<Gap> gaps;
    for (int v = 0; v < pattern.size; v++)
        for (int u = 0; u < v; u++) {
            if (pattern.edge(u, v))
                continue;
            std::set<std::uint8_t> codes = kinds ? std::set<std::uint8_t>() : all;
            if (kinds)
                for (const auto& [a, b, label] : *kinds)
                    if (std::minmax(a, b) == std::minmax<int>(pattern.labels[u], pattern.labels[v]))
                        codes.insert(toCode(label));
            if (!codes.empty())
                gaps.push_back({u, v, {codes.begin(), codes.end()}});
        }
    return gaps;
}

struct Weighted {
    Pattern pattern;
    std::int64_t weight;
};

/// Induced homomorphisms that are injective: a factor 1 - sum over codes [edge] for every gap.
/// Supergraphs with isomorphic images are collected.
Parameter expandInduced(const Pattern& pattern, const EdgeKinds& kinds) {
    const std::vector<Gap> gaps = findGaps(pattern, kinds);
    double number = 1;
    for (const Gap& gap : gaps)
        number *= 1 + static_cast<double>(gap.codes.size());
    if (number > 1 << 21)
        throw Error("more than 2^21 graphs contain the pattern on its vertices, too many to expand "
                    "the number of induced copies");
    std::map<std::string, Weighted> supergraphs;
    std::vector<std::size_t> choice(gaps.size(), 0); // 0: not joined
    while (true) {
        Weighted graph{pattern, 1};
        for (std::size_t k = 0; k < gaps.size(); k++)
            if (choice[k]) {
                graph.pattern.join(gaps[k].u, gaps[k].v, gaps[k].codes[choice[k] - 1]);
                graph.weight = -graph.weight;
            }
        const CanonicalForm form = canonicalForm(graph.pattern);
        supergraphs.try_emplace(form.key, Weighted{form.pattern, 0}).first->second.weight +=
            graph.weight;
        std::size_t k = 0;
        while (k < gaps.size() && ++choice[k] > gaps[k].codes.size())
            choice[k++] = 0;
        if (k == gaps.size())
            break;
    }
    Parameter parameter;
    for (const auto& [key, graph] : supergraphs)
        parameter.add(expandInjective(graph.pattern), mpq_class(graph.weight));
    return parameter;
}

} // namespace

Parameter makeParameter(const Pattern& pattern, Mode mode, const EdgeKinds& kinds) {
    Parameter parameter;
    if (mode == Mode::Homomorphism) {
        parameter.add(pattern, 1);
        return parameter;
    }
    const mpq_class factor(1, canonicalForm(pattern).automorphisms);
    parameter.add(mode == Mode::Subgraph ? expandInjective(pattern) : expandInduced(pattern, kinds),
                  factor);
    return parameter;
}

} // namespace equivariant::wl_motif_dimension
