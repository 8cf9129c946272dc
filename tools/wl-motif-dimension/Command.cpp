// SPDX-License-Identifier: MIT
//
// equivariant-tools wl-motif-dimension dim | basis | count | wl | colours | witness.
#include "ColourTable.h"
#include "CountCommand.h"
#include "Dimension.h"
#include "GraphFile.h"
#include "Homomorphisms.h"
#include "Output.h"
#include "Treewidth.h"
#include "Witness.h"

#include "equivariant/Error.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

namespace equivariant::wl_motif_dimension {

namespace {

using command::dump;
using command::writeOutput;
using nlohmann::json;

struct Options {
    std::string pattern, mode = "sub", formula, first, second;
    int k = 1;
    bool boundsOnly = false;
};

void print(const json& report) {
    writeOutput("", dump(report, 2) + "\n");
}

/// An integer as a number if JSON readers keep it exactly, else as a text.
json toJson(const mpq_class& value) {
    if (value.get_den() == 1 && abs(value.get_num()) < mpz_class(1) << 53)
        return value.get_num().get_si();
    return value.get_str();
}

json toJson(const Treewidth& width) {
    return width.isExact() ? json(width.upper) : json({width.lower, width.upper});
}

json describe(const LabelledGraph& graph, const Alphabets& alphabets) {
    json result = {{"g6", formatGraph6(graph)}};
    if (graph.hasVertexLabels())
        for (int v = 0; v < graph.size(); v++)
            result["labels"].push_back(alphabets.vertices.name(graph.label(v)));
    if (graph.hasEdgeLabels())
        for (const auto& [u, v, label] : graph.edges())
            result["edges"].push_back({u, v, alphabets.edges.name(label)});
    return result;
}

json describeTerms(const Parameter& parameter, const Alphabets& alphabets) {
    json terms = json::array();
    for (const auto& [pattern, coefficient] : parameter.terms()) {
        json term = describe(pattern.toGraph(), alphabets);
        term["coef"] = toJson(coefficient);
        term["tw"] = toJson(computeTreewidth(pattern));
        terms.push_back(std::move(term));
    }
    return terms;
}

json describeDimension(const Dimension& dimension, const Alphabets& alphabets) {
    return {{"wl_dim", dimension.isExact() ? json(dimension.upper) : json()},
            {"lower", dimension.lower},
            {"upper", dimension.upper},
            {"exact", dimension.isExact()},
            {"convention", "folklore"},
            {"witness_quotient", describe(dimension.witness.toGraph(), alphabets)}};
}

void runDim(const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    Alphabets alphabets;
    const GraphWithKinds given = readPattern(options.pattern, alphabets);
    const Pattern pattern(given.graph);
    const Mode mode = parseMode(options.mode);
    json report;
    if (options.boundsOnly) {
        if (given.kinds)
            throw Error(options.pattern + ": --bounds-only disregards edge_kinds");
        report = describeDimension(boundDimension(pattern, mode), alphabets);
    } else {
        if (pattern.size > maxExpandedSize)
            throw Error(options.pattern + ": a pattern of " + std::to_string(pattern.size) +
                        " vertices, more than " + std::to_string(maxExpandedSize) +
                        ", has bounds only (--bounds-only)");
        const Parameter parameter = makeParameter(pattern, mode, given.kinds);
        report = describeDimension(computeDimension(parameter), alphabets);
        report["support_size"] = parameter.terms().size();
        report["spasm"] = describeTerms(parameter, alphabets);
    }
    report["tw_pattern"] = toJson(computeTreewidth(pattern));
    report["mode"] = options.mode;
    report["seconds"] =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    print(report);
}

/// A graph without the labels of a kind that no pattern of a parameter has.
LabelledGraph removeOtherLabels(const LabelledGraph& graph, const Parameter& parameter) {
    bool ofVertices = false, ofEdges = false;
    for (const auto& [pattern, coefficient] : parameter.terms()) {
        ofVertices = ofVertices || pattern.toGraph().hasVertexLabels();
        ofEdges = ofEdges || pattern.toGraph().hasEdgeLabels();
    }
    return removeLabels(graph, !ofVertices, !ofEdges);
}

void runBasis(const Options& options) {
    Alphabets alphabets;
    std::vector<GraphWithKinds> graphs;
    if (!options.first.empty()) {
        graphs = readGraphs(options.first, alphabets);
        alphabets.complete();
    }
    const Parameter parameter = parseFormula(options.formula, alphabets);
    json report = describeDimension(computeDimension(parameter), alphabets);
    report["formula"] = options.formula;
    report["basis"] = describeTerms(parameter, alphabets);
    for (const GraphWithKinds& graph : graphs)
        report["values"].push_back(
            toJson(evaluate(parameter, removeOtherLabels(graph.graph, parameter))));
    print(report);
}

/// The two graphs that are compared, with labels of one alphabet.
std::vector<LabelledGraph> readPair(const Options& options, Alphabets& alphabets) {
    return {readPattern(options.first, alphabets).graph,
            readPattern(options.second, alphabets).graph};
}

void runWl(const Options& options) {
    Alphabets alphabets;
    const std::vector<LabelledGraph> pair = readPair(options, alphabets);
    print({{"k", options.k},
           {"convention", "folklore"},
           {"equivalent", isEquivalent(pair[0], pair[1], options.k)}});
}

void runColours(const Options& options) {
    Alphabets alphabets;
    std::vector<LabelledGraph> pair = readPair(options, alphabets);
    alphabets.complete();
    const GraphWithKinds pattern = readPattern(options.pattern, alphabets);
    const Parameter parameter =
        makeParameter(Pattern(pattern.graph), parseMode(options.mode), pattern.kinds);
    for (LabelledGraph& graph : pair)
        graph = removeOtherLabels(graph, parameter);
    const ColourTable table = makeColourTable(parameter, pair, options.k);
    const Dimension dimension = computeDimension(parameter);
    json report = {{"k", options.k},
                   {"convention", "folklore"},
                   {"wl_dim", dimension.isExact() ? json(dimension.upper) : json()},
                   {"function_of_colour", table.isFunction}};
    for (const auto& [colour, contribution, tuples] : table.rows)
        report["colours"].push_back(
            {{"colour", colour}, {"contribution", toJson(contribution)}, {"tuples", tuples}});
    for (std::size_t g = 0; g < pair.size(); g++) {
        report["values"].push_back(toJson(table.totals[g]));
        report["predicted"].push_back(table.predicted[g] ? toJson(*table.predicted[g]) : json());
    }
    print(report);
}

void runWitness(const Options& options) {
    Alphabets alphabets;
    const GraphWithKinds pattern = readPattern(options.pattern, alphabets);
    const Parameter parameter =
        makeParameter(Pattern(pattern.graph), parseMode(options.mode), pattern.kinds);
    const int dimension = computeDimension(parameter).upper;
    json report = {{"wl_dim", dimension}, {"convention", "folklore"}, {"witness", nullptr}};
    if (const std::optional<Witness> found = findWitness(parameter)) {
        report["witness"] = {describe(found->first, alphabets), describe(found->second, alphabets)};
        report["values"] = {toJson(found->firstValue), toJson(found->secondValue)};
        if (dimension > 1)
            report["equivalent"] = isEquivalent(found->first, found->second, dimension - 1);
    }
    print(report);
}

void addPattern(CLI::App& command, Options& options) {
    command
        .add_option("--pattern", options.pattern,
                    "file (.json, .g6, .csv), graph6, or a name as C6")
        ->required();
    command
        .add_option("--mode", options.mode, "sub: copies; ind: induced copies; hom: homomorphisms")
        ->check(CLI::IsMember({"sub", "ind", "hom"}))
        ->capture_default_str();
}

void addPair(CLI::App& command, Options& options) {
    command
        .add_option("--k", options.k, "folklore k-WL; graph networks' \"k-WL\" often is k-1 here")
        ->required();
    command.add_option("first", options.first, "graph")->required();
    command.add_option("second", options.second, "graph")->required();
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    CLI::App* dim =
        app.add_subcommand("dim", "Least folklore k-WL that fixes the number of copies");
    addPattern(*dim, *options);
    dim->add_flag("--bounds-only", options->boundsOnly, "an interval, for up to 64 vertices");
    dim->callback([options] { runDim(*options); });

    CLI::App* basis = app.add_subcommand("basis", "The same of a combination of numbers");
    basis->add_option("--formula", options->formula, "for instance 2*hom(C4)-sub(P3)")->required();
    basis->add_option("--graphs", options->first, "graphs to evaluate it on");
    basis->callback([options] { runBasis(*options); });

    addCountCommand(app);

    CLI::App* wl = app.add_subcommand("wl", "Whether folklore k-WL tells two graphs apart");
    addPair(*wl, *options);
    wl->callback([options] { runWl(*options); });

    CLI::App* colours =
        app.add_subcommand("colours", "What the tuples of each k-WL colour contribute to a count");
    addPattern(*colours, *options);
    addPair(*colours, *options);
    colours->callback([options] { runColours(*options); });

    CLI::App* witness = app.add_subcommand(
        "witness", "Two graphs of different counts that (k-1)-WL cannot tell apart");
    addPattern(*witness, *options);
    witness->callback([options] { runWitness(*options); });
}

} // namespace equivariant::wl_motif_dimension
