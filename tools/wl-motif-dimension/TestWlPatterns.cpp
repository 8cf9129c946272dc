// SPDX-License-Identifier: MIT
//
// Patterns alone: canonical forms, treewidths, expansions in homomorphisms, dimensions.
#include "BruteForce.h"
#include "Dimension.h"
#include "GraphCollections.h"
#include "Homomorphisms.h"
#include "Treewidth.h"
#include "Witness.h"

#include "support/Random.h"
#include "support/Throws.h"

#include "equivariant/Error.h"

using namespace equivariant::wl_motif_dimension;
using equivariant::Error;
using equivariant::support::Random;
using equivariant::test::throwsNaming;

namespace {

Pattern named(const std::string& name) {
    return Pattern(namedGraph(name));
}

int dimensionOf(const std::string& name, Mode mode = Mode::Subgraph) {
    return computeDimension(makeParameter(named(name), mode)).upper;
}

/// {name of the pattern: coefficient}
void expectTerms(const Parameter& parameter, const std::map<std::string, mpq_class>& expected) {
    Parameter difference = parameter;
    for (const auto& [name, coefficient] : expected)
        difference.add(named(name), -coefficient);
    EXPECT_TRUE(difference.isZero());
    EXPECT_EQ(parameter.terms().size(), expected.size());
}

/// The least width of eliminating the vertices in any order, by trying all.
int treewidthOfAllOrders(std::vector<std::uint64_t> adjacency, std::uint64_t left) {
    int best = left ? 64 : 0;
    for (std::size_t v = 0; v < adjacency.size(); v++)
        if (left >> v & 1) {
            auto rest = adjacency;
            const std::uint64_t around = adjacency[v] & left;
            for (std::size_t u = 0; u < rest.size(); u++)
                if (around >> u & 1)
                    rest[u] |= around & ~(std::uint64_t(1) << u);
            const int width = std::max(__builtin_popcountll(around),
                                       treewidthOfAllOrders(rest, left & ~(std::uint64_t(1) << v)));
            best = std::min(best, width);
        }
    return best;
}

} // namespace

TEST(WlPatterns, CanonicalFormsTellClassesApart) {
    // Numbers of graphs: OEIS A000088.
    const std::vector<std::size_t> expected = {1, 2, 4, 11, 34, 156};
    for (int size = 1; size <= 6; size++)
        EXPECT_EQ(allGraphs(size).size(), expected[size - 1]);
    EXPECT_EQ(connectedGraphs(5).size(), 1u + 1 + 2 + 6 + 21); // A001349
}

TEST(WlPatterns, CanonicalFormsDoNotDependOnTheNumbering) {
    for (int seed = 0; seed < 50; seed++) {
        Random random(seed);
        std::vector<LabelledGraph::Edge> edges;
        std::vector<int> labels;
        for (int v = 0; v < 9; v++) {
            labels.push_back(static_cast<int>(random.below(3)));
            for (int u = 0; u < v; u++)
                if (random.uniform() < 0.4)
                    edges.push_back({u, v, static_cast<int>(random.below(4))});
        }
        const Pattern pattern(LabelledGraph(9, edges, labels));
        const CanonicalForm form = canonicalForm(pattern);
        EXPECT_EQ(canonicalForm(reorder(pattern, random.permutation(9))).key, form.key);
        EXPECT_EQ(form.automorphisms, BruteForce().countMaps(pattern.toGraph(), pattern.toGraph()));
        labels[4] = 1 - std::min(labels[4], 1);
        EXPECT_NE(canonicalForm(Pattern(LabelledGraph(9, edges, labels))).key, form.key);
        if (!edges.empty()) {
            edges[0].label++;
            EXPECT_NE(canonicalForm(Pattern(LabelledGraph(9, edges, labels))).key, form.key);
        }
    }
    EXPECT_EQ(canonicalForm(Pattern(14)).automorphisms, 87178291200); // 14!
    EXPECT_NE(canonicalForm(named("P4"), 1).key, canonicalForm(named("P4"), 2).key);
    EXPECT_EQ(canonicalForm(named("P4"), 1).key, canonicalForm(named("P4"), 8).key);
}

TEST(WlPatterns, TreewidthEqualsThatOfAllOrders) {
    for (int seed = 0; seed < 60; seed++) {
        const Pattern pattern(randomGraph(7, 0.2 + 0.01 * seed, seed));
        const Treewidth width = computeTreewidth(pattern);
        EXPECT_TRUE(width.isExact());
        EXPECT_EQ(width.upper, treewidthOfAllOrders(pattern.neighbourMasks(), 127));
        EXPECT_LE(width.upper, treewidthBound(7, pattern.countEdges()));
    }
}

TEST(WlPatterns, TreewidthsThatAreKnown) {
    const std::map<std::string, int> expected = {
        {"P9", 1}, {"C12", 2}, {"K7", 6},   {"K3,3", 3}, {"petersen", 4},
        {"S5", 1}, {"3K2", 1}, {"K4,9", 4}, {"rook", 9}}; // Lucena 2007: n^2/2 + n/2 - 1
    for (const auto& [name, width] : expected) {
        EXPECT_EQ(computeTreewidth(named(name)).upper, width) << name;
        EXPECT_TRUE(computeTreewidth(named(name)).isExact()) << name;
    }
    EXPECT_EQ(computeTreewidth(Pattern(3)).upper, 0);
}

TEST(WlPatterns, ExpansionsWorkedByHand) {
    const auto half = [](int numerator, int denominator) {
        mpq_class value(numerator, denominator);
        value.canonicalize();
        return value;
    };
    const auto sub = [](const std::string& name) {
        return makeParameter(named(name), Mode::Subgraph);
    };
    expectTerms(sub("P3"), {{"P3", half(1, 2)}, {"K2", half(-1, 2)}});
    expectTerms(sub("P4"),
                {{"P4", half(1, 2)}, {"P3", -1}, {"K2", half(1, 2)}, {"C3", half(-1, 2)}});
    expectTerms(sub("2K2"), {{"2K2", half(1, 8)}, {"P3", half(-1, 2)}, {"K2", half(1, 4)}});
    expectTerms(sub("K4"), {{"K4", half(1, 24)}});
    // A pair that is not joined: n(n-1)/2 - m, with n^2 = hom of two vertices.
    Parameter expected;
    expected.add(Pattern(2), half(1, 2));
    expected.add(Pattern(1), half(-1, 2));
    expected.add(named("K2"), half(-1, 2));
    expected.add(makeParameter(Pattern(2), Mode::Induced), -1);
    EXPECT_TRUE(expected.isZero());
}

TEST(WlPatterns, SizesOfSpasms) {
    const std::map<std::string, std::size_t> expected = {{"P4", 4},  {"P5", 8},  {"P6", 15},
                                                         {"P7", 30}, {"P8", 65}, {"C6", 10},
                                                         {"C7", 12}, {"C8", 35}};
    for (const auto& [name, size] : expected)
        EXPECT_EQ(makeParameter(named(name), Mode::Subgraph).terms().size(), size) << name;
}

TEST(WlPatterns, CoefficientsSumToCopiesInCompleteGraphs) {
    // On one vertex nothing but a vertex has a copy; on K_n there are n!/(n-s)!/|Aut| copies.
    for (const LabelledGraph& graph : connectedGraphs(5)) {
        const Parameter parameter = makeParameter(Pattern(graph), Mode::Subgraph);
        const long automorphisms = BruteForce().countMaps(graph, graph);
        long maps = 1;
        for (int i = 0; i < graph.size(); i++)
            maps *= 6 - i;
        EXPECT_EQ(evaluateCount(parameter, namedGraph("K6")), maps / automorphisms);
    }
}

TEST(WlPatterns, Dimensions) {
    const std::map<std::string, int> expected = {
        {"P2", 1},  {"P3", 1},  {"P4", 2}, {"P5", 2},   {"P6", 2}, {"P7", 2}, {"P8", 3},
        {"C3", 2},  {"C4", 2},  {"C7", 2}, {"C8", 3},   {"S1", 1}, {"S4", 1}, {"2K2", 1},
        {"3K2", 2}, {"paw", 2}, {"K4", 3}, {"K3,3", 3}, {"P1", 0}};
    for (const auto& [name, dimension] : expected)
        EXPECT_EQ(dimensionOf(name), dimension) << name;
    EXPECT_EQ(dimensionOf("C8", Mode::Homomorphism), 2);
    EXPECT_EQ(dimensionOf("P4", Mode::Homomorphism), 1);
}

TEST(WlPatterns, InducedCopiesNeedOneLessThanTheVertices) {
    for (int size = 3; size <= 5; size++)
        for (const LabelledGraph& graph : allGraphs(size))
            EXPECT_EQ(computeDimension(makeParameter(Pattern(graph), Mode::Induced)).upper,
                      size - 1);
    EXPECT_EQ(boundDimension(named("P20"), Mode::Induced).lower, 19);
}

TEST(WlPatterns, LabelsKeepVerticesApart) {
    const std::vector<LabelledGraph::Edge> path = {{0, 1}, {1, 2}};
    const Parameter distinct =
        makeParameter(Pattern(LabelledGraph(3, path, {1, 2, 3})), Mode::Subgraph);
    ASSERT_EQ(distinct.terms().size(), 1u); // the ends cannot fall on one another
    EXPECT_EQ(distinct.terms()[0].coefficient, 1);
    EXPECT_EQ(computeDimension(distinct).upper, 1);
    EXPECT_EQ(
        makeParameter(Pattern(LabelledGraph(3, path, {1, 2, 1})), Mode::Subgraph).terms().size(),
        2u);
    // Merging the ends of a path would make parallel edges of different labels.
    EXPECT_EQ(makeParameter(Pattern(LabelledGraph(3, {{0, 1, 1}, {1, 2, 2}})), Mode::Subgraph)
                  .terms()
                  .size(),
              1u);
    // P4 with ends of two labels has no triangle among its quotients.
    const LabelledGraph p4(4, {{0, 1}, {1, 2}, {2, 3}}, {1, 2, 2, 3});
    EXPECT_EQ(computeDimension(makeParameter(Pattern(p4), Mode::Subgraph)).upper, 1);
}

TEST(WlPatterns, KindsOfEdgesRestrictWhatIsNotThere) {
    // If H (2) bonds to C (1) only, two H on one C are an induced path without any condition.
    const Pattern methylene(LabelledGraph(3, {{0, 1}, {0, 2}}, {1, 2, 2}));
    const EdgeKinds kinds = {{{1, 1, 0}, {1, 2, 0}}};
    EXPECT_EQ(computeDimension(makeParameter(methylene, Mode::Induced, kinds)).upper, 1);
    EXPECT_EQ(computeDimension(makeParameter(methylene, Mode::Induced)).upper, 2);
    // Every kind counts once, whichever of its ends is named first and however often.
    using Kinds = std::vector<std::array<int, 3>>;
    const auto apart = [](const Kinds& kinds) {
        return makeParameter(Pattern(LabelledGraph(2, {}, {1, 2})), Mode::Induced, kinds);
    };
    Parameter difference = apart(Kinds{{1, 2, 0}});
    difference.add(apart(Kinds{{1, 2, 0}, {2, 1, 0}, {1, 2, 0}}), -1);
    EXPECT_TRUE(difference.isZero());
    EXPECT_TRUE(throwsNaming<Error>("14 labels", [&] { apart(Kinds{{1, 2, 15}}); }));
}

TEST(WlPatterns, WhatIsNotKnownExactlyIsNotSoldAsExact) {
    // The 6 x 6 grid has treewidth 6, but its minors, which are planar, have degrees of 5 at most.
    std::vector<LabelledGraph::Edge> edges;
    for (int v = 0; v < 36; v++) {
        if (v % 6 < 5)
            edges.push_back({v, v + 1});
        if (v < 30)
            edges.push_back({v, v + 6});
    }
    const Parameter grid = makeParameter(Pattern(LabelledGraph(36, edges)), Mode::Homomorphism);
    const Dimension dimension = computeDimension(grid);
    EXPECT_FALSE(dimension.isExact());
    EXPECT_LE(dimension.lower, 5);
    EXPECT_GE(dimension.upper, 6);
    EXPECT_TRUE(throwsNaming<Error>("known exactly", [&] { findWitness(grid); }));
}

TEST(WlPatterns, BoundsContainTheDimension) {
    for (const char* name : {"P8", "C8", "K3,3", "3K2", "P11"}) {
        const Dimension bounds = boundDimension(named(name), Mode::Subgraph);
        const int exact = dimensionOf(name);
        EXPECT_LE(bounds.lower, exact) << name;
        EXPECT_GE(bounds.upper, exact) << name;
        EXPECT_EQ(computeTreewidth(bounds.witness).lower, bounds.lower) << name;
    }
    const Dimension large = boundDimension(named("P30"), Mode::Subgraph);
    EXPECT_LT(large.lower, large.upper);
    EXPECT_GE(large.lower, 5);
}

TEST(WlPatterns, BadInputIsRefused) {
    const auto edges = [](std::vector<LabelledGraph::Edge> list) { LabelledGraph(3, list); };
    EXPECT_TRUE(throwsNaming<Error>("[1, 1] is a self-loop", [&] { edges({{1, 1}}); }));
    EXPECT_TRUE(throwsNaming<Error>("[0, 1] is given twice", [&] { edges({{0, 1}, {1, 0}}); }));
    EXPECT_TRUE(throwsNaming<Error>("[0, 3]", [&] { edges({{0, 3}}); }));
    EXPECT_TRUE(throwsNaming<Error>("negative", [&] { edges({{0, 1, -1}}); }));
    EXPECT_TRUE(throwsNaming<Error>("from 1", [] { LabelledGraph(1, {}, {-1}); }));
    EXPECT_TRUE(throwsNaming<Error>("needs a vertex", [] { Pattern(LabelledGraph(0, {})); }));
    EXPECT_TRUE(throwsNaming<Error>("too large", [] { Pattern(namedGraph("P65")); }));
    EXPECT_TRUE(throwsNaming<Error>(
        "15 vertices", [] { makeParameter(Pattern(namedGraph("P15")), Mode::Subgraph); }));
    EXPECT_TRUE(throwsNaming<Error>(
        "2^21", [] { makeParameter(Pattern(namedGraph("P9")), Mode::Induced); }));
    EXPECT_TRUE(throwsNaming<Error>("is 0", [] { computeDimension(Parameter()); }));
    EXPECT_TRUE(throwsNaming<Error>("'Q4'", [] { namedGraph("Q4"); }));
    EXPECT_TRUE(throwsNaming<Error>("'P0'", [] { namedGraph("P0"); }));
    EXPECT_TRUE(throwsNaming<Error>("graph6", [] { parseGraph6("C~~"); }));
    EXPECT_TRUE(throwsNaming<Error>("graph6", [] { parseGraph6("C 1"); }));
}
