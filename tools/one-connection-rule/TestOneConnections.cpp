// SPDX-License-Identifier: MIT
//
// Formulas against matrices in rationals, treks and counts; identifiability against what is known.
#include "Covariance.h"
#include "Identification.h"
#include "Simulation.h"

#include "support/Failure.h"
#include "support/Throws.h"

#include "support/Compare.h"

using namespace equivariant::one_connection_rule;
using equivariant::Error;
using equivariant::support::Failure;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

/// sum over treks from i to j: two paths from k and l with omega_kl, for an acyclic graph, by
/// walking.
mpq_class sumTreks(const MixedGraph& graph, const std::vector<mpq_class>& values, int i, int j) {
    const std::size_t numDirected = graph.directed.size();
    const std::function<mpq_class(int, int)> walk = [&](int from, int to) {
        mpq_class sum = from == to ? 1 : 0;
        for (std::size_t k = 0; k < numDirected; k++)
            if (graph.directed[k].first == from)
                sum += values[k] * walk(graph.directed[k].second, to);
        return sum;
    };
    mpq_class sum = 0;
    for (int k = 0; k < graph.n; k++)
        sum += values[numDirected + k] * walk(k, i) * walk(k, j);
    for (std::size_t b = 0; b < graph.bidirected.size(); b++) {
        const auto [k, l] = graph.bidirected[b];
        sum +=
            values[numDirected + graph.n + b] * (walk(k, i) * walk(l, j) + walk(l, i) * walk(k, j));
    }
    return sum;
}

MixedGraph complete(int n) {
    std::vector<MixedGraph::Edge> edges;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (i != j)
                edges.emplace_back(i, j);
    return {n, edges, {}};
}

} // namespace

TEST(OneConnections, EqualMatricesInRationals) {
    int tested = 0;
    for (std::uint64_t seed = 0; seed < 60; seed++) {
        const MixedGraph graph = randomMixedGraph(2 + static_cast<int>(seed % 4), 0.6, false, seed);
        const std::vector<mpq_class> values = randomRationals(graph, seed);
        CovarianceFormula formula(graph);
        if (formula.determinant().evaluate(values) == 0)
            continue;
        EXPECT_EQ(formula.evaluate(values), invertExactly(graph, values)) << seed;
        tested++;
    }
    EXPECT_GT(tested, 40);
}

TEST(OneConnections, ThreeCycleByHand) {
    CovarianceFormula formula(MixedGraph(3, {{0, 1}, {1, 2}, {2, 0}}, {}));
    const RingPointer ring = formula.ring();
    EXPECT_TRUE(formula.determinant() == Polynomial::parse(ring, "1 - l01*l12*l20"));
    EXPECT_TRUE(formula.numerator(0, 1) ==
                Polynomial::parse(ring, "w00*l01 + w11*l12*l20 + w22*l20^2*l01"));
    EXPECT_TRUE(formula.numerator(0, 0) == // with the trivial path
                Polynomial::parse(ring, "w00 + w11*l12^2*l20^2 + w22*l20^2"));
    ASSERT_EQ(formula.denominatorFactors(0).size(), 1u);
}

TEST(OneConnections, CyclesThatAvoidThePath) {
    // 0 -> 1 beside the cycle 2 <-> 3: the adjugate has it, the covariance does not need it.
    const MixedGraph graph(4, {{0, 1}, {2, 3}, {3, 2}}, {});
    Connections connections(graph, makeParameterRing(graph));
    EXPECT_EQ(connections.adjugate(0, 1, 15).numTerms(), 2);
    CovarianceFormula formula(graph);
    EXPECT_TRUE(formula.numerator(0, 1) == Polynomial::parse(formula.ring(), "w00*l01"));
    EXPECT_EQ(formula.denominatorFactors(1).size(), 0u);
    EXPECT_EQ(formula.denominatorFactors(2).size(), 1u);
}

TEST(OneConnections, OmegaBesideTheDiagonalCountsTwice) {
    CovarianceFormula formula(MixedGraph(3, {{0, 2}, {1, 2}}, {{0, 1}}));
    EXPECT_TRUE(formula.numerator(2, 2) ==
                Polynomial::parse(formula.ring(), "w22 + w00*l02^2 + w11*l12^2 + 2*w01*l02*l12"));
}

TEST(OneConnections, AcyclicGraphsObeyTheTrekRule) {
    for (int seed = 0; seed < 20; seed++) {
        std::vector<MixedGraph::Edge> directed, bidirected;
        for (const auto& [i, j] : randomMixedGraph(5, 0.7, false, seed).directed)
            if (i < j)
                directed.emplace_back(i, j);
        bidirected = randomMixedGraph(5, 0.5, true, seed).bidirected;
        const MixedGraph graph(5, directed, bidirected);
        const std::vector<mpq_class> values = randomRationals(graph, seed);
        CovarianceFormula formula(graph);
        for (int i = 0; i < 5; i++) {
            EXPECT_TRUE(formula.denominator(i) == Polynomial(formula.ring(), 1));
            for (int j = 0; j <= i; j++)
                EXPECT_EQ(formula.numerator(i, j).evaluate(values), sumTreks(graph, values, i, j));
        }
    }
}

TEST(OneConnections, CountsAreFactorialsAndPermanents) {
    long factorial = 1;
    for (int n = 2; n <= 6; n++) {
        const MixedGraph graph = complete(n);
        Connections connections(graph, makeParameterRing(graph));
        EXPECT_EQ(connections.adjugate(0, 1, bit(n) - 1).numTerms(), factorial);
        factorial *= n;
        EXPECT_EQ(connections.determinant(bit(n) - 1).numTerms(), factorial);
    }
    for (int seed = 0; seed < 10; seed++) {
        const MixedGraph graph = randomMixedGraph(6, 0.6, false, seed);
        Connections connections(graph, makeParameterRing(graph));
        EXPECT_EQ(connections.determinant(63).numTerms(), countLinearSubgraphs(graph));
        for (int j = 0; j < 6; j++)
            EXPECT_EQ(connections.adjugate(2, j, 63).numTerms(), countOneConnections(graph, 2, j));
    }
}

TEST(OneConnections, NumbersAndWarnings) {
    const MixedGraph graph(2, {{0, 1}, {1, 0}}, {});
    const NumericCovariance found = evaluateNumerically(graph, {0.5, 0.5, 1, 2});
    EXPECT_TRUE(close(found.determinant, 0.75, 1e-14));
    EXPECT_TRUE(close(found.sigma(0, 0), (1 + 2 * 0.25) / 0.5625, 1e-13));
    EXPECT_TRUE(close(found.spectralRadius, 0.5, 1e-12));
    EXPECT_TRUE(found.warnings.empty());
    EXPECT_EQ(evaluateNumerically(graph, {2, 2, 1, 1}).warnings.size(), 1u);
    EXPECT_TRUE(throwsNaming<Failure>("singular", [&] {
        evaluateNumerically(graph, {1, 1, 1, 1});
    }));
    EXPECT_TRUE(throwsNaming<Failure>("positive definite", [&] {
        evaluateNumerically(graph, {0, 0, 1, -1});
    }));
    EXPECT_TRUE(throwsNaming<Failure>("is 0", [&] { invertExactly(graph, {1, 1, 1, 1}); }));
    EXPECT_TRUE(throwsNaming<Failure>("is 0", [&] {
        CovarianceFormula(graph).evaluate({1, 1, 1, 1});
    }));
}

TEST(Identification, KnownModels) {
    const auto rank = [](const MixedGraph& graph) { return identify(graph).rank; };
    EXPECT_EQ(rank({2, {{0, 1}}, {{0, 1}}}), 3);                     // bow
    EXPECT_EQ(rank({2, {{0, 1}, {1, 0}}, {}}), 3);                   // 2-cycle
    EXPECT_TRUE(identify({3, {{0, 1}, {1, 2}}, {{1, 2}}}).isFinite); // instrument
    EXPECT_FALSE(identify({2, {{0, 1}}, {{0, 1}}}).isFinite);
    EXPECT_EQ(identify({2, {{0, 1}}, {{0, 1}}}).points, 3);
    for (int seed = 0; seed < 40; seed++)
        EXPECT_TRUE(identify(randomMixedGraph(4 + seed % 6, 0.9, true, seed)).isFinite);
}

TEST(MixedGraph, RefusesWhatIsNoGraph) {
    using Edges = std::vector<MixedGraph::Edge>;
    const auto make = [](Edges directed, Edges bidirected) {
        return [=] { MixedGraph(3, directed, bidirected); };
    };
    EXPECT_TRUE(throwsNaming<Error>("directed edge [2, 2] is a self-loop", make({{2, 2}}, {})));
    EXPECT_TRUE(throwsNaming<Error>("bidirected edge [1, 1]", make({}, {{1, 1}})));
    EXPECT_TRUE(throwsNaming<Error>("[0, 1] is given twice", make({{0, 1}, {0, 1}}, {})));
    EXPECT_TRUE(throwsNaming<Error>("[0, 1] is given twice", make({}, {{0, 1}, {1, 0}})));
    EXPECT_TRUE(throwsNaming<Error>("[0, 3]", make({{0, 3}}, {})));
    EXPECT_TRUE(throwsNaming<Error>("1 to 64", [] { MixedGraph(0, {}, {}); }));
    EXPECT_TRUE(MixedGraph(3, {{0, 1}}, {{1, 2}}).isSimple());
    EXPECT_FALSE(MixedGraph(3, {{0, 1}, {1, 0}}, {}).isSimple());
    EXPECT_FALSE(MixedGraph(3, {{1, 0}}, {{0, 1}}).isSimple());
}

TEST(CovarianceFormula, RefusesWhatWouldBeTooLarge) {
    EXPECT_TRUE(throwsNaming<Failure>("terms", [] { CovarianceFormula(complete(13)); }));
    EXPECT_TRUE(throwsNaming<Failure>("4.79e+08 terms", [] { CovarianceFormula(complete(12)); }));
    EXPECT_TRUE(throwsNaming<Failure>("covariance 0, 1",
                                      [] { CovarianceFormula(complete(8)).numerator(0, 1); }));
    EXPECT_EQ(CovarianceFormula(MixedGraph(12, {{0, 11}}, {})).numerator(0, 11).toString(),
              "l0x11*w0x0");
}
