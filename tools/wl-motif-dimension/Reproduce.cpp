// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/wl-motif-dimension.md.
#include "BruteForce.h"
#include "ColourTable.h"
#include "Dimension.h"
#include "GraphCollections.h"
#include "Homomorphisms.h"
#include "RingExperiments.h"
#include "Witness.h"

#include "support/Parallel.h"
#include "support/Reproduction.h"

#include <chrono>
#include <functional>

namespace equivariant::wl_motif_dimension {

namespace {

using support::Reproduction;

Pattern named(const std::string& name) {
    return Pattern(namedGraph(name));
}

Parameter copiesOf(const LabelledGraph& pattern) {
    return makeParameter(Pattern(pattern), Mode::Subgraph);
}

double secondsOf(const std::function<void()>& body) {
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void dimensions(Reproduction& run) {
    const std::vector<std::pair<std::string, int>> expected = {
        {"P2", 1}, {"P3", 1},  {"P4", 2},  {"P5", 2},  {"P6", 2}, {"P7", 2},  {"P8", 3},
        {"C3", 2}, {"C4", 2},  {"C5", 2},  {"C6", 2},  {"C7", 2}, {"C8", 3},  {"S2", 1},
        {"S5", 1}, {"2K2", 1}, {"3K2", 2}, {"paw", 2}, {"K4", 3}, {"K3,3", 3}};
    int correct = 0;
    for (const auto& [name, dimension] : expected)
        correct += computeDimension(copiesOf(namedGraph(name))).upper == dimension;
    run.within("dimensions of 20 patterns (paths, cycles, stars, matchings, K4, K3,3): correct",
               correct, 20, 20);
    const std::vector<std::pair<std::string, std::size_t>> sizes = {
        {"P4", 4},  {"P5", 8},  {"P6", 15}, {"P7", 30},
        {"P8", 65}, {"C6", 10}, {"C7", 12}, {"C8", 35}};
    correct = 0;
    for (const auto& [name, size] : sizes)
        correct += copiesOf(namedGraph(name)).terms().size() == size;
    run.within("sizes of 8 spasms (P4 to P8, C6 to C8): correct", correct, 8, 8);

    int wrong = 0;
    for (int size = 3; size <= 6; size++)
        for (const LabelledGraph& graph : allGraphs(size))
            wrong +=
                computeDimension(makeParameter(Pattern(graph), Mode::Induced)).upper != size - 1;
    run.within("induced copies of all 205 patterns on 3 to 6 vertices: dimension other than n-1",
               wrong, 0, 0);
}

void longPath(Reproduction& run) {
    Dimension exact{0, 0, Pattern()};
    const int size = run.choose(11, 13);
    const std::string name = "P" + std::to_string(size);
    const double seconds = secondsOf([&] { exact = computeDimension(copiesOf(namedGraph(name))); });
    const Dimension bounds = boundDimension(named(name), Mode::Subgraph);
    // K5 has 10 edges and an Eulerian circuit; 12 edges are too few for treewidth 5.
    run.within(name + ": dimension by all quotients", exact.upper, 4, 4);
    run.holds(name + ": within the bounds of a random search",
              bounds.lower <= exact.upper && exact.upper <= bounds.upper);
    run.atMost(name + ": seconds", seconds, 60);
}

void stronglyRegular(Reproduction& run) {
    const LabelledGraph rook = namedGraph("rook"), shrikhande = namedGraph("shrikhande");
    const std::vector<long> expected = {32, 60, 288, 1248, 4032};
    int correct = 0;
    for (int length = 3; length <= 7; length++)
        for (const LabelledGraph* graph : {&rook, &shrikhande})
            correct += evaluateCount(copiesOf(namedGraph("C" + std::to_string(length))), *graph) ==
                           expected[length - 3] &&
                       countRings(*graph, length) == expected[length - 3];
    run.within("C3 to C7 in rook's and Shrikhande's graph, formula and enumeration: correct",
               correct, 10, 10);
    const auto count = [](const char* pattern, const LabelledGraph& graph) {
        return evaluateCount(copiesOf(namedGraph(pattern)), graph).get_d();
    };
    run.within("K4 in rook's graph", count("K4", rook), 8, 8);
    run.within("K4 in Shrikhande's graph", count("K4", shrikhande), 0, 0);
    // The first cycle of dimension 3: these graphs may, and do, differ; enumeration agrees.
    run.within("C8 in rook's graph", count("C8", rook), 11952, 11952);
    run.within("C8 in Shrikhande's graph", count("C8", shrikhande), 11688, 11688);
    run.within("C8 in rook's graph by enumeration", double(countRings(rook, 8)), 11952, 11952);
    run.within("C8 in Shrikhande's graph by enumeration", double(countRings(shrikhande, 8)), 11688,
               11688);
    run.within("C5 in Petersen's graph (known: 12)", count("C5", namedGraph("petersen")), 12, 12);
    run.within("C6 in Petersen's graph (known: 10)", count("C6", namedGraph("petersen")), 10, 10);
    run.holds("folklore 2-WL: rook = Shrikhande", isEquivalent(rook, shrikhande, 2));
    run.holds("folklore 3-WL: rook != Shrikhande", !isEquivalent(rook, shrikhande, 3));
    run.holds("1-WL: C6 = 2 C3", isEquivalent(namedGraph("C6"), namedGraph("2C3"), 1));
    run.holds("folklore 2-WL: C6 != 2 C3", !isEquivalent(namedGraph("C6"), namedGraph("2C3"), 2));
}

void enumeration(Reproduction& run) {
    const std::vector<LabelledGraph> patterns = connectedGraphs(5);
    const int numGraphs = run.choose(30, 100);
    std::vector<int> mismatches(numGraphs, 0);
    std::vector<Parameter> parameters;
    for (const LabelledGraph& pattern : patterns)
        parameters.push_back(copiesOf(pattern));
    support::parallelFor(numGraphs, [&](int g) {
        const LabelledGraph graph = randomGraph(12, 0.4, g);
        for (std::size_t p = 0; p < patterns.size(); p++)
            mismatches[g] +=
                evaluateCount(parameters[p], graph) != BruteForce().countCopies(patterns[p], graph);
    });
    int total = 0;
    for (int mismatch : mismatches)
        total += mismatch;
    run.within(std::to_string(numGraphs) +
                   " random G(12, 0.4), all 31 connected patterns on up to 5 vertices: mismatches",
               total, 0, 0);
}

/// All pairs of graphs on 6 vertices that 1-WL cannot tell apart.
void sixVertices(Reproduction& run) {
    const std::vector<LabelledGraph> graphs = allGraphs(6);
    run.within("graphs on 6 vertices", double(graphs.size()), 156, 156);
    const std::vector<int> classes = findClasses(graphs, 1);
    std::vector<std::pair<int, int>> pairs;
    for (int i = 0; i < 156; i++)
        for (int j = 0; j < i; j++)
            if (classes[i] == classes[j])
                pairs.emplace_back(i, j);
    run.report("pairs of them that 1-WL cannot tell apart", double(pairs.size()));
    int wrong = 0, above = 0, seen = 0, witnessed = 0;
    for (int size = 1; size <= 5; size++)
        for (const LabelledGraph& pattern : allGraphs(size)) {
            const Parameter parameter = copiesOf(pattern);
            const int dimension = computeDimension(parameter).upper;
            bool differs = false;
            for (const auto& [i, j] : pairs)
                differs |=
                    evaluateCount(parameter, graphs[i]) != evaluateCount(parameter, graphs[j]);
            if (dimension <= 1) {
                wrong += differs;
                continue;
            }
            above++;
            seen += differs;
            const auto witness = findWitness(parameter);
            witnessed += witness && isEquivalent(witness->first, witness->second, dimension - 1);
        }
    run.within("patterns on up to 5 vertices of dimension <= 1 whose counts differ in such a pair",
               wrong, 0, 0);
    run.report("patterns on up to 5 vertices of dimension > 1", above);
    run.report("of these, counts differ in such a pair", seen);
    run.within("of these, share with a pair that (dimension-1)-WL cannot tell apart",
               double(witnessed) / above, 1, 1);
}

void smallWitnesses(Reproduction& run) {
    for (const char* name : {"C3", "C4", "P4"}) {
        const auto witness = findWitness(copiesOf(namedGraph(name)));
        run.holds(std::string(name) +
                      ": a pair on at most 8 vertices, 1-WL equal, counts different",
                  witness && witness->first.size() <= 8 &&
                      isEquivalent(witness->first, witness->second, 1) &&
                      witness->firstValue != witness->secondValue);
    }
    for (const char* name : {"P8", "C8", "K3,3"}) {
        const auto witness = findWitness(copiesOf(namedGraph(name)));
        run.holds(std::string(name) + ": a pair that 2-WL cannot tell apart, counts different",
                  witness && isEquivalent(witness->first, witness->second, 2) &&
                      witness->firstValue != witness->secondValue);
    }
}

void localColours(Reproduction& run) {
    const std::vector<LabelledGraph> pair = {namedGraph("rook"), namedGraph("shrikhande")};
    const ColourTable seven = makeColourTable(copiesOf(namedGraph("C7")), pair, 2);
    run.holds("C7: the contribution of a pair is a function of its 2-WL colour", seven.isFunction);
    run.within("C7: count in Shrikhande's graph from the colours of rook's graph",
               seven.predicted[1] ? seven.predicted[1]->get_d() : -1, 4032, 4032);
    const ColourTable eight = makeColourTable(copiesOf(namedGraph("C8")), pair, 2);
    run.holds("C8: it is not", !eight.isFunction);
}

} // namespace

void reproduce(Reproduction& run) {
    dimensions(run);
    longPath(run);
    stronglyRegular(run);
    enumeration(run);
    sixVertices(run);
    smallWitnesses(run);
    localColours(run);
    reproduceRings(run);
}

} // namespace equivariant::wl_motif_dimension
