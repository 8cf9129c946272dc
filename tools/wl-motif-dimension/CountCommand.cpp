// SPDX-License-Identifier: MIT
//
// equivariant-tools wl-motif-dimension count.
#include "CountCommand.h"

#include "BondGraph.h"
#include "CountFrames.h"

#include "ExtendedXyz.h"
#include "Output.h"

#include "equivariant/Error.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

namespace equivariant::wl_motif_dimension {

namespace {

struct Options {
    std::vector<std::string> patterns;
    std::string graphs, cutoff, mode = "sub", out;
    bool speciesLabels = false, atoms = false;
};

std::vector<LabelledGraph> readFrames(const Options& options) {
    if (options.cutoff.empty())
        throw Error(options.graphs + ": frames need --cutoff");
    const BondRule rule(options.cutoff);
    std::vector<LabelledGraph> graphs;
    for (const command::Frame& frame : command::readExtendedXyz(options.graphs))
        try {
            graphs.push_back(makeBondGraph(frame.structure, rule, options.speciesLabels));
        } catch (const Error& error) {
            throw Error(options.graphs + ": frame " + std::to_string(graphs.size()) + ": " +
                        error.what());
        }
    return graphs;
}

/// Graphs, and the labels that a pattern may have.
std::vector<LabelledGraph> readAll(const Options& options, Alphabets& alphabets) {
    if (std::filesystem::path(options.graphs).extension() == ".xyz") {
        if (options.speciesLabels)
            alphabets = elementAlphabets();
        return readFrames(options);
    }
    if (!options.cutoff.empty() || options.speciesLabels)
        throw Error("--cutoff and --species-labels are for frames (.xyz)");
    std::vector<LabelledGraph> graphs;
    for (GraphWithKinds& graph : readGraphs(options.graphs, alphabets))
        graphs.push_back(std::move(graph.graph));
    return graphs;
}

std::string quote(const std::string& field) {
    return field.find(',') == std::string::npos ? field : '"' + field + '"';
}

void run(const Options& options) {
    Alphabets alphabets;
    const std::vector<LabelledGraph> graphs = readAll(options, alphabets);
    alphabets.complete();
    std::vector<Motif> motifs;
    for (const std::string& source : options.patterns)
        motifs.emplace_back(source, readPattern(source, alphabets), parseMode(options.mode));
    const auto counts = countAll(motifs, graphs);
    std::string text = "frame,pattern,count,cutoff";
    text += options.atoms ? ",atoms\n" : "\n";
    for (std::size_t g = 0; g < graphs.size(); g++)
        for (std::size_t m = 0; m < motifs.size(); m++) {
            text += std::to_string(g) + ',' + quote(motifs[m].name) + ',' + counts[g][m].get_str() +
                    ',' + quote(options.cutoff);
            if (options.atoms) {
                text += ',';
                for (int atom : motifs[m].findVertices(graphs[g]))
                    text += (text.back() == ',' ? "" : " ") + std::to_string(atom);
            }
            text += '\n';
        }
    command::writeOutput(options.out, text);
}

} // namespace

void addCountCommand(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    CLI::App* command =
        app.add_subcommand("count", "Copies of patterns in graphs or frames, as CSV");
    command->add_option("--pattern", options->patterns, "as for dim; may be repeated")->required();
    command
        ->add_option("--graphs", options->graphs,
                     "file (.g6, .csv, .json, or frames: .xyz), graph6, or a name")
        ->required();
    command->add_option("--mode", options->mode)
        ->check(CLI::IsMember({"sub", "ind", "hom"}))
        ->capture_default_str();
    command->add_option("--cutoff", options->cutoff,
                        "of bonds, Å: one number, or Si-O=2.0,O-H=1.2 for some pairs");
    command->add_flag("--species-labels", options->speciesLabels, "elements are labels");
    command->add_flag("--atoms", options->atoms, "lists the atoms that belong to a copy");
    command->add_option("--out,-o", options->out, "CSV file");
    command->callback([options] { run(*options); });
}

} // namespace equivariant::wl_motif_dimension
