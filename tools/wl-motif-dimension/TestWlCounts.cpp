// SPDX-License-Identifier: MIT
//
// Counts against enumeration, and against what k-WL can see.
#include "BondGraph.h"
#include "BruteForce.h"
#include "ColourTable.h"
#include "CountFrames.h"
#include "Dimension.h"
#include "GraphCollections.h"
#include "Homomorphisms.h"
#include "Witness.h"

#include "support/Random.h"
#include "support/Throws.h"

#include "equivariant/Error.h"

using namespace equivariant::wl_motif_dimension;
using equivariant::Error;
using equivariant::Structure;
using equivariant::support::Random;
using equivariant::test::throwsNaming;

namespace {

LabelledGraph randomLabelled(int size, double probability, int seed, int vertexLabels,
                             int edgeLabels) {
    Random random(seed);
    std::vector<LabelledGraph::Edge> edges;
    std::vector<int> labels;
    for (int v = 0; v < size; v++) {
        labels.push_back(1 + static_cast<int>(random.below(vertexLabels)));
        for (int u = 0; u < v; u++)
            if (random.uniform() < probability)
                edges.push_back({u, v, 1 + static_cast<int>(random.below(edgeLabels))});
    }
    return {size, edges, labels};
}

mpz_class copies(const LabelledGraph& pattern, const LabelledGraph& graph,
                 Mode mode = Mode::Subgraph) {
    return evaluateCount(makeParameter(Pattern(pattern), mode), graph);
}

/// One tree of every class: leaves are attached to smaller ones.
std::vector<LabelledGraph> treesUpTo(int size) {
    std::map<std::string, LabelledGraph> classes;
    std::vector<LabelledGraph> trees = {LabelledGraph(1, {})};
    for (std::size_t k = 0; k < trees.size(); k++) {
        const LabelledGraph tree = trees[k];
        for (int v = 0; v < tree.size() && tree.size() < size; v++) {
            auto edges = tree.edges();
            edges.push_back({v, tree.size()});
            const LabelledGraph larger(tree.size() + 1, edges);
            if (classes.emplace(canonicalForm(Pattern(larger)).key, larger).second)
                trees.push_back(larger);
        }
    }
    return trees;
}

const LabelledGraph rook = namedGraph("rook"), shrikhande = namedGraph("shrikhande");

} // namespace

TEST(WlCounts, EqualEnumeration) {
    for (int seed = 0; seed < 4; seed++) {
        const LabelledGraph graph = randomGraph(10, 0.4, seed);
        for (int size = 1; size <= 4; size++)
            for (const LabelledGraph& pattern : allGraphs(size)) { // disconnected ones, too
                EXPECT_EQ(countHomomorphisms(Pattern(pattern), graph),
                          BruteForce({false, false}).countMaps(pattern, graph));
                EXPECT_EQ(copies(pattern, graph), BruteForce().countCopies(pattern, graph));
                EXPECT_EQ(copies(pattern, graph, Mode::Induced),
                          BruteForce({true, true}).countCopies(pattern, graph));
            }
    }
}

TEST(WlCounts, EqualEnumerationWithLabels) {
    for (int seed = 0; seed < 40; seed++) {
        const LabelledGraph graph = randomLabelled(11, 0.5, seed, 2, 2);
        const LabelledGraph pattern = randomLabelled(5, 0.5, 1000 + seed, 2, 2);
        EXPECT_EQ(copies(pattern, graph), BruteForce().countCopies(pattern, graph));
        // Labels of edges that are not in the pattern must be absent, too.
        const EdgeKinds kinds = anyKinds(pattern, {1, 2});
        EXPECT_EQ(evaluateCount(makeParameter(Pattern(pattern), Mode::Induced, kinds), graph),
                  BruteForce({true, true}).countCopies(pattern, graph));
    }
}

TEST(WlCounts, NumbersBeyond128Bits) {
    // hom(S45, K10) = 10 * 9^45; a pattern of 60 isolated vertices has 10^60 maps.
    mpz_class power, expected;
    mpz_ui_pow_ui(power.get_mpz_t(), 9, 45);
    EXPECT_EQ(countHomomorphisms(Pattern(namedGraph("S45")), namedGraph("K10")), 10 * power);
    mpz_ui_pow_ui(expected.get_mpz_t(), 10, 60);
    EXPECT_EQ(countHomomorphisms(Pattern(60), LabelledGraph(10, {})), expected);
}

TEST(WlCounts, RingsOfStronglyRegularGraphs) {
    const std::vector<long> expected = {32, 60, 288, 1248, 4032};
    for (int length = 3; length <= 7; length++)
        for (const LabelledGraph* graph : {&rook, &shrikhande}) {
            const LabelledGraph cycle = namedGraph("C" + std::to_string(length));
            EXPECT_EQ(copies(cycle, *graph), expected[length - 3]);
            EXPECT_EQ(countRings(*graph, length), expected[length - 3]);
        }
    EXPECT_EQ(copies(namedGraph("K4"), rook), 8);
    EXPECT_EQ(copies(namedGraph("K4"), shrikhande), 0);
    EXPECT_EQ(copies(namedGraph("C8"), rook), 11952);
    EXPECT_EQ(copies(namedGraph("C8"), shrikhande), 11688);
    EXPECT_EQ(copies(namedGraph("C5"), namedGraph("petersen")), 12);
    EXPECT_EQ(copies(namedGraph("C6"), namedGraph("petersen")), 10);
}

TEST(WeisfeilerLeman, KnownPairs) {
    EXPECT_TRUE(isEquivalent(namedGraph("C6"), namedGraph("2C3"), 1));
    EXPECT_FALSE(isEquivalent(namedGraph("C6"), namedGraph("2C3"), 2));
    EXPECT_TRUE(isEquivalent(rook, shrikhande, 2));
    EXPECT_FALSE(isEquivalent(rook, shrikhande, 3));
    EXPECT_FALSE(isEquivalent(namedGraph("C6"), namedGraph("C7"), 1));
}

TEST(WeisfeilerLeman, DoesNotDependOnTheNumbering) {
    for (int seed = 0; seed < 5; seed++) {
        const LabelledGraph graph = randomLabelled(9, 0.4, seed, 2, 2);
        const Pattern pattern(graph);
        const LabelledGraph same = reorder(pattern, Random(100 + seed).permutation(9)).toGraph();
        for (int k = 1; k <= 3; k++)
            EXPECT_TRUE(isEquivalent(graph, same, k));
    }
}

TEST(WeisfeilerLeman, OneWlIsCountingTrees) {
    // Graphs on 6 vertices: equal under 1-WL exactly if all trees have equally many homomorphisms
    // (Dvorak 2010); trees on up to 7 vertices are enough here.
    const std::vector<LabelledGraph> graphs = allGraphs(6), trees = treesUpTo(7);
    EXPECT_EQ(trees.size(), 1u + 1 + 1 + 2 + 3 + 6 + 11); // OEIS A000055
    std::vector<std::vector<mpz_class>> counts;
    for (const LabelledGraph& graph : graphs) {
        counts.emplace_back();
        for (const LabelledGraph& tree : trees)
            counts.back().push_back(countHomomorphisms(Pattern(tree), graph));
    }
    const std::vector<int> classes = findClasses(graphs, 1);
    int numPairs = 0;
    for (std::size_t i = 0; i < graphs.size(); i++)
        for (std::size_t j = 0; j < i; j++) {
            const bool isEqual = classes[i] == classes[j];
            EXPECT_EQ(isEqual, counts[i] == counts[j]);
            numPairs += isEqual;
        }
    EXPECT_GT(numPairs, 0);
}

TEST(WeisfeilerLeman, RefusesWhatDoesNotFit) {
    EXPECT_TRUE(throwsNaming<Error>("GB", [] { refine({namedGraph("P3000")}, 3); }));
    EXPECT_TRUE(throwsNaming<Error>("k is 1 to 4", [] { refine({namedGraph("P3")}, 0); }));
    EXPECT_TRUE(throwsNaming<Error>("without vertices", [] { refine({LabelledGraph(0, {})}, 1); }));
}

TEST(ColourTable, IsAFunctionFromTheDimensionOnAndPredicts) {
    const Parameter c7 = makeParameter(Pattern(namedGraph("C7")), Mode::Subgraph);
    const ColourTable two = makeColourTable(c7, {rook, shrikhande}, 2);
    EXPECT_TRUE(two.isFunction);
    EXPECT_EQ(two.totals[0], 4032);
    EXPECT_EQ(two.totals[1], 4032);
    EXPECT_EQ(*two.predicted[1], 4032);
    const Parameter c8 = makeParameter(Pattern(namedGraph("C8")), Mode::Subgraph);
    const ColourTable tooFew = makeColourTable(c8, {rook, shrikhande}, 2);
    EXPECT_FALSE(tooFew.isFunction); // one set of colours, two counts
    EXPECT_EQ(tooFew.totals[0], 11952);
    EXPECT_EQ(tooFew.totals[1], 11688);
    for (int seed = 0; seed < 6; seed++) {
        const LabelledGraph graph = randomGraph(9, 0.35, seed);
        const Parameter paw = makeParameter(Pattern(namedGraph("paw")), Mode::Subgraph);
        const ColourTable table = makeColourTable(paw, {graph}, 2);
        EXPECT_TRUE(table.isFunction);
        EXPECT_EQ(table.totals[0], BruteForce().countCopies(namedGraph("paw"), graph));
    }
}

TEST(Witness, CfiGraphsOfKnownBases) {
    EXPECT_EQ(canonicalForm(Pattern(cfiGraph(namedGraph("C3"), false))).key,
              canonicalForm(Pattern(namedGraph("2C3"))).key);
    EXPECT_EQ(canonicalForm(Pattern(cfiGraph(namedGraph("C3"), true))).key,
              canonicalForm(Pattern(namedGraph("C6"))).key);
    EXPECT_TRUE(
        isEquivalent(cfiGraph(namedGraph("K4"), false), cfiGraph(namedGraph("K4"), true), 2));
    EXPECT_FALSE(
        isEquivalent(cfiGraph(namedGraph("K4"), false), cfiGraph(namedGraph("K4"), true), 3));
}

TEST(Witness, ShowsThatLessIsNotEnough) {
    for (const char* name : {"C3", "C4", "P4", "3K2", "paw", "C6", "K4", "P8"}) {
        const Parameter parameter = makeParameter(Pattern(namedGraph(name)), Mode::Subgraph);
        const int dimension = computeDimension(parameter).upper;
        const std::optional<Witness> witness = findWitness(parameter);
        ASSERT_TRUE(witness) << name;
        EXPECT_NE(witness->firstValue, witness->secondValue) << name;
        EXPECT_TRUE(isEquivalent(witness->first, witness->second, dimension - 1)) << name;
        EXPECT_FALSE(isEquivalent(witness->first, witness->second, dimension)) << name;
    }
}

TEST(BondGraph, PeriodicImagesAndLabels) {
    Structure square; // 4 atoms on a ring that closes through the boundary
    square.atomicNumbers = {8, 1, 8, 1};
    for (int i = 0; i < 4; i++)
        square.positions.emplace_back(1.0 * i, 0, 0);
    square.cell.diagonal() << 4, 10, 10;
    EXPECT_EQ(makeBondGraph(square, BondRule("1.1"), false).edges().size(), 3u);
    square.periodic = {true, true, true};
    const LabelledGraph ring = makeBondGraph(square, BondRule("O-H=1.1"), true);
    EXPECT_EQ(copies(namedGraph("C4"), removeLabels(ring, true, false)), 1);
    EXPECT_EQ(ring.label(0), 8);
    EXPECT_EQ(makeBondGraph(square, BondRule("O-O=1.1"), true).edges().size(), 0u);
    EXPECT_TRUE(throwsNaming<Error>("atom 0 (O) is bonded to two images of atom 2 (O)",
                                    [&] { makeBondGraph(square, BondRule("O-O=2.1"), true); }));
    EXPECT_TRUE(
        throwsNaming<Error>("own image", [&] { makeBondGraph(square, BondRule("4.1"), true); }));
    for (const char* rule : {"", "-1", "C-H", "C-H=x", "C-Xx=1", "C-H=1,H-C=1", "1.2A"})
        EXPECT_TRUE(throwsNaming<Error>("cutoff", [&] { BondRule{rule}; })) << rule;
}

TEST(CountFrames, AtomsOfCopies) {
    const LabelledGraph graph(6, {{0, 1}, {1, 2}, {0, 2}, {2, 3}, {3, 4}}, {1, 1, 1, 2, 2, 2});
    const Motif triangle("C3", {namedGraph("C3"), {}}, Mode::Subgraph);
    EXPECT_EQ(triangle.count(graph), 1);
    EXPECT_EQ(triangle.findVertices(graph), (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(Motif("K4", {namedGraph("K4"), {}}, Mode::Subgraph).findVertices(graph).size(), 0u);
}
