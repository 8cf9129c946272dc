// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/one-connection-rule.md.
#include "Covariance.h"
#include "Identification.h"
#include "Residual.h"
#include "Simulation.h"
#include "Vanishing.h"

#include "Plot.h"
#include "support/Reproduction.h"

#include <chrono>
#include <cmath>

namespace equivariant::one_connection_rule {

namespace {

using support::Reproduction;

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool hasCycle(const MixedGraph& graph) {
    return strongComponents(graph.children(), bit(graph.n) - 1).size() <
           static_cast<std::size_t>(graph.n);
}

/// The rule against matrices, in rationals.
void formulas(Reproduction& run) {
    int models = 0, wrong = 0;
    for (std::uint64_t seed = 0; models < 100; seed++) {
        const MixedGraph graph =
            randomMixedGraph(3 + static_cast<int>(seed % 3), 0.7, seed % 2 == 0, seed);
        if (!hasCycle(graph))
            continue;
        const std::vector<mpq_class> values = randomRationals(graph, seed);
        CovarianceFormula formula(graph);
        if (formula.determinant().evaluate(values) == 0)
            continue;
        models++;
        wrong += formula.evaluate(values) != invertExactly(graph, values);
    }
    run.within("100 random cyclic models, n = 3 to 5, rationals: formulas that differ from "
               "(I-L)^-T W (I-L)^-1",
               wrong, 0, 0);
}

MixedGraph completeDigraph(int n) {
    std::vector<MixedGraph::Edge> edges;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (i != j)
                edges.emplace_back(i, j);
    return {n, edges, {}};
}

void counts(Reproduction& run) {
    double factorial = 2;
    for (int n = 3; n <= 6; n++) {
        const MixedGraph graph = completeDigraph(n);
        Connections connections(graph, makeParameterRing(graph));
        const Mask all = bit(n) - 1;
        const std::string name = "complete digraph, n = " + std::to_string(n) + ": ";
        const double paths = double(connections.adjugate(0, 1, all).numTerms());
        run.within(name + "one-connections from 0 to 1", paths, factorial, factorial);
        run.holds(name + "as many by a permanent", countOneConnections(graph, 0, 1) == factorial);
        factorial *= n;
        run.within(name + "linear subgraphs", double(connections.determinant(all).numTerms()),
                   factorial, factorial);
    }
}

/// Graph number `code` in base 4: no edge, ->, <-, <-> for every pair.
MixedGraph simpleGraph(int n, int code) {
    std::vector<MixedGraph::Edge> directed, bidirected;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++, code /= 4) {
            if (code % 4 == 1)
                directed.emplace_back(i, j);
            if (code % 4 == 2)
                directed.emplace_back(j, i);
            if (code % 4 == 3)
                bidirected.emplace_back(i, j);
        }
    return {n, directed, bidirected};
}

void identifiability(Reproduction& run) {
    for (const auto& [n, number] : {std::pair(3, 64), std::pair(4, 4096)}) {
        const auto start = std::chrono::steady_clock::now();
        int finite = 0;
        for (int code = 0; code < number; code++)
            finite += identify(simpleGraph(n, code)).isFinite;
        run.within("simple mixed graphs on " + std::to_string(n) + " vertices: finite-to-one",
                   finite, number, number);
        run.atMost("simple mixed graphs on " + std::to_string(n) + " vertices: seconds",
                   secondsSince(start), 60);
    }
    int exceptions = 0;
    for (int seed = 0; seed < 300; seed++)
        exceptions += !identify(randomMixedGraph(5 + seed % 3, 0.8, true, seed)).isFinite;
    run.within("300 random simple graphs, n = 5 to 7: not finite-to-one", exceptions, 0, 0);
    const std::vector<std::pair<std::string, MixedGraph>> controls = {
        {"bow 0->1, 0<->1", {2, {{0, 1}}, {{0, 1}}}},
        {"2-cycle", {2, {{0, 1}, {1, 0}}, {}}},
        {"instrument 0->1->2, 1<->2", {3, {{0, 1}, {1, 2}}, {{1, 2}}}}};
    for (const auto& [name, graph] : controls) {
        const int expected = graph.n == 2 ? 3 : 6;
        run.within(name + " (not simple): rank of " + std::to_string(graph.countParameters()),
                   identify(graph).rank, expected, expected);
    }
}

struct KnownIdeal {
    std::string name;
    MixedGraph graph;
    std::vector<long> dimensions;
};

std::vector<KnownIdeal> knownIdeals() {
    return {{"chain 0->1->2", {3, {{0, 1}, {1, 2}}, {}}, {0, 1, 6}},
            {"collider", {3, {{0, 1}, {2, 1}}, {}}, {1, 6}},
            {"3-cycle", {3, {{0, 1}, {1, 2}, {2, 0}}, {}}, {0, 0, 0, 0}},
            {"4-chain", {4, {{0, 1}, {1, 2}, {2, 3}}, {}}, {0, 5, 45}},
            {"4-chain with 1<->3", {4, {{0, 1}, {1, 2}, {2, 3}}, {{1, 3}}}, {0, 1, 12, 73}},
            {"Verma", {4, {{0, 1}, {0, 2}, {1, 2}, {2, 3}}, {{1, 3}}}, {0, 0, 0, 1}},
            {"4-cycle", {4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}}, {}}, {0, 0, 2, 20}},
            {"3-cycle with tail", {4, {{0, 1}, {1, 2}, {2, 0}, {2, 3}}, {}}, {0, 3, 28, 145}},
            {"source into 3-cycle", {4, {{0, 1}, {1, 2}, {2, 0}, {3, 0}}, {}}, {0, 0, 2, 20}},
            {"4-cycle with chord",
             {4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 2}}, {}},
             {0, 0, 1, 10, 55}}};
}

void ideals(Reproduction& run) {
    for (const KnownIdeal& known : knownIdeals()) {
        const VanishingIdeal ideal =
            findVanishing(known.graph, static_cast<int>(known.dimensions.size()));
        int wrong = 0;
        std::string text;
        for (std::size_t k = 0; k < known.dimensions.size(); k++) {
            text += (k ? ", " : "") + std::to_string(known.dimensions[k]);
            wrong += ideal.dimensions[k] != known.dimensions[k];
        }
        run.within("ideal of " + known.name + ", dimensions " + text + ": wrong", wrong, 0, 0);
        const Substitution substitution(known.graph);
        int notZero = 0;
        for (const auto& [polynomial, degree] : ideal.generators)
            notZero += !substitution.isZero(polynomial);
        run.within("ideal of " + known.name + ": of " + std::to_string(ideal.generators.size()) +
                       " generators, not 0 on the formulas",
                   notZero, 0, 0);
    }
}

/// Of 3 regressed on 0, 1, 2 (coefficients b0, b1) and 1 on 0 (g), Verma's constraint is
/// b0 + b1 g = 0; here by Cramer's rule, times the determinant and s00.
void literature(Reproduction& run) {
    const MixedGraph graph(4, {{0, 1}, {0, 2}, {1, 2}, {2, 3}}, {{1, 3}});
    const Polynomial known = Polynomial::parse(
        makeCovarianceRing(4),
        "s00*(s03*(s11*s22 - s12^2) - s13*(s01*s22 - s02*s12) + s23*(s01*s12 - s02*s11))"
        " + s01*(s13*(s00*s22 - s02^2) - s03*(s01*s22 - s02*s12) - s23*(s00*s12 - s01*s02))");
    const auto generators = findVanishing(graph, 4).generators;
    const auto isKnown = [&](const Polynomial& found) {
        return found == known || found == known * Polynomial(known.ring(), -1);
    };
    run.holds("Verma: the quartic is the known one, up to sign",
              generators.size() == 1 && isKnown(generators[0].polynomial));
}

/// Largest and smallest |z| of the constraints of one model on data of another.
std::pair<double, double> testConstraints(const std::vector<VanishingIdeal::Generator>& constraints,
                                          const MixedGraph& model, int count, std::uint64_t seed) {
    const support::Matrix data = simulate(model, randomValues(model, seed), count, seed);
    const support::Matrix covariance = sampleCovariance(data);
    double largest = 0, smallest = std::numeric_limits<double>::infinity();
    for (const auto& [polynomial, degree] : constraints) {
        const double z = std::abs(computeResidual(polynomial, covariance, count).z);
        largest = support::larger(largest, z);
        smallest = std::min(smallest, z);
    }
    return {largest, smallest};
}

void statistics(Reproduction& run) {
    const MixedGraph cycle(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}}, {});
    const auto constraints = findVanishing(cycle, 3).generators;
    constexpr int count = 100000;
    run.within("4-cycle: constraints", double(constraints.size()), 2, 2);
    run.atMost("4-cycle, 100000 samples: largest |z| of its constraints",
               testConstraints(constraints, cycle, count, 1).first, 4);
    const MixedGraph chord(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 2}}, {});
    run.atLeast("4-cycle with chord 0->2, 100000 samples: largest |z| of the 4-cycle's constraints",
                testConstraints(constraints, chord, count, 1).first, 10);
    const MixedGraph hidden(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}}, {{0, 2}});
    run.report("4-cycle with 0<->2, 100000 samples: largest |z| of the 4-cycle's constraints",
               testConstraints(constraints, hidden, count, 1).first);
    const int models = run.choose(40, 200);
    double squares = 0;
    for (int seed = 0; seed < models; seed++) {
        const double z = testConstraints({constraints[0]}, cycle, 2000, 100 + seed).first;
        squares += z * z / models;
    }
    run.within(std::to_string(models) + " random 4-cycles, 2000 samples: mean z^2 of a constraint",
               squares, 0.5, 1.6);
}

/// |z| against the number of samples, for data of the model and of one with an edge more.
void drawPower(Reproduction& run) {
    const auto path = run.figure("constraints.png");
    if (!path)
        return;
    const MixedGraph cycle(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}}, {});
    const MixedGraph chord(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 2}}, {});
    const auto constraints = findVanishing(cycle, 3).generators;
    command::Plot plot;
    plot.title = "Constraints of the 4-cycle";
    plot.xLabel = "samples";
    plot.yLabel = "largest |z|";
    plot.logX = plot.logY = true;
    plot.series = {{"data of the 4-cycle", {}, {}}, {"with chord 0->2", {}, {}}};
    for (int count = 100; count <= 1000000; count *= 10)
        for (int k = 0; k < 2; k++) {
            plot.series[k].x.push_back(count);
            plot.series[k].y.push_back(
                testConstraints(constraints, k == 0 ? cycle : chord, count, 1).first);
        }
    command::writePng(*path, {plot});
}

} // namespace

void reproduce(Reproduction& run) {
    formulas(run);
    counts(run);
    identifiability(run);
    ideals(run);
    literature(run);
    statistics(run);
    drawPower(run);
}

} // namespace equivariant::one_connection_rule
