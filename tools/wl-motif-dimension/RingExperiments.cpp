// SPDX-License-Identifier: MIT
#include "RingExperiments.h"

#include "BondGraph.h"
#include "BruteForce.h"
#include "CountFrames.h"
#include "Dimension.h"
#include "Networks.h"

#include "ExtendedXyz.h"

#include "Plot.h"

#include <chrono>

namespace equivariant::wl_motif_dimension {

namespace {

using support::Reproduction;

/// Rings of a disordered network, by the formula and by enumeration.
void compareRings(Reproduction& run, const std::string& name,
                  const std::vector<LabelledGraph>& graphs, int longest) {
    std::vector<Motif> motifs;
    int dimension = 0;
    for (int length = 3; length <= longest; length++) {
        const std::string ring = "C" + std::to_string(length);
        motifs.emplace_back(ring, GraphWithKinds{namedGraph(ring), {}}, Mode::Subgraph);
        dimension = std::max(dimension, computeDimension(motifs.back().parameter).upper);
    }
    run.within(name + ": largest dimension of its rings", dimension, 2, 2);
    const auto start = std::chrono::steady_clock::now();
    const auto counts = countAll(motifs, graphs);
    const std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - start;
    int mismatches = 0;
    mpz_class total = 0;
    for (std::size_t g = 0; g < graphs.size(); g++)
        for (std::size_t m = 0; m < motifs.size(); m++) {
            mismatches += counts[g][m] != countRings(graphs[g], 3 + static_cast<int>(m));
            total += counts[g][m];
        }
    run.report(name + ": rings in all frames", total.get_d());
    run.report(name + ": milliseconds a frame", elapsed.count() / double(graphs.size()));
    run.within(name + ": counts that differ from a search for rings", mismatches, 0, 0);
}

void molecules(Reproduction& run) {
    const std::string name = "3BPA, rings of 3 to 7 in every frame";
    const auto path = run.data("3bpa/train_300K.xyz", name);
    if (!path)
        return;
    std::vector<LabelledGraph> graphs;
    const BondRule rule("C-C=1.8,C-N=1.75,C-O=1.75,C-H=1.4,N-H=1.35,O-H=1.3");
    int rings = 0;
    const std::vector<command::Frame> frames = command::readExtendedXyz(*path);
    for (std::size_t f = 0; f < frames.size(); f += run.choose(5, 1)) {
        graphs.push_back(makeBondGraph(frames[f].structure, rule, true));
        rings += countRings(removeLabels(graphs.back(), true, false), 6) == 2;
    }
    compareRings(run, name, graphs, 7);
    run.within("3BPA: share of frames with two six-membered rings (benzene, pyridine)",
               double(rings) / double(graphs.size()), 1, 1);
}

void network(Reproduction& run) {
    std::vector<LabelledGraph> graphs;
    for (int frame = 0; frame < run.choose(4, 20); frame++)
        graphs.push_back(makeBondGraph(disorderedSilica(run.choose(2, 3), 0.35, frame),
                                       BondRule("Si-Si=3.5"), false));
    compareRings(run, "silicon sites of disordered cristobalite, rings of 3 to 7", graphs, 7);
}

/// Mean numbers of rings per silicon atom against the disorder of the network.
void drawRings(Reproduction& run) {
    const auto path = run.figure("rings.png");
    if (!path)
        return;
    command::Plot plot;
    plot.title = "Rings of silicon sites, Si-Si < 3.5 Å";
    plot.xLabel = "displacement (Å)";
    plot.yLabel = "rings per silicon atom";
    for (int length = 3; length <= 7; length++)
        plot.series.push_back({"C" + std::to_string(length), {}, {}});
    for (double displacement = 0; displacement < 0.61; displacement += 0.05) {
        const LabelledGraph graph =
            makeBondGraph(disorderedSilica(3, displacement, 1), BondRule("Si-Si=3.5"), false);
        for (int length = 3; length <= 7; length++) {
            command::Series& series = plot.series[length - 3];
            series.x.push_back(displacement);
            series.y.push_back(double(countRings(graph, length)) / (8 * 27));
        }
    }
    command::writePng(*path, {plot});
}

} // namespace

void reproduceRings(Reproduction& run) {
    molecules(run);
    network(run);
    drawRings(run);
}

} // namespace equivariant::wl_motif_dimension
