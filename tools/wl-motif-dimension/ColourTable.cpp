// SPDX-License-Identifier: MIT
#include "ColourTable.h"

#include "Homomorphisms.h"

namespace equivariant::wl_motif_dimension {

Contributions computeContributions(const Parameter& parameter, const LabelledGraph& graph, int k) {
    const int n = graph.size();
    std::size_t numTuples = 1;
    for (int i = 0; i < k; i++)
        numTuples *= n;
    Contributions result{std::vector<mpq_class>(numTuples), 0};
    for (const auto& [pattern, coefficient] : parameter.terms()) {
        const RootedCounts counts = countRooted(pattern, graph, k);
        std::size_t copies = 1; // tuples that agree in the roots
        for (int i = static_cast<int>(counts.roots.size()); i < k; i++)
            copies *= n;
        for (std::size_t row = 0; row < counts.counts.size(); row++) {
            std::size_t first = 0;
            for (int image : counts.images[row])
                first = first * n + image;
            const mpq_class share =
                coefficient * counts.counts[row] / static_cast<unsigned long>(copies);
            for (std::size_t rest = 0; rest < copies; rest++)
                result.ofTuples[first * copies + rest] += share;
        }
    }
    for (const mpq_class& share : result.ofTuples)
        result.total += share;
    return result;
}

ColourTable makeColourTable(const Parameter& parameter, const std::vector<LabelledGraph>& graphs,
                            int k) {
    const Colouring colouring = refine(graphs, k);
    ColourTable table{{}, true, {}, {}};
    std::vector<int> rowOf(colouring.numColours, -1);
    for (std::size_t g = 0; g < graphs.size(); g++) {
        const Contributions contributions = computeContributions(parameter, graphs[g], k);
        std::optional<mpq_class> predicted = mpq_class(0);
        for (std::size_t tuple = 0; tuple < contributions.ofTuples.size(); tuple++) {
            const int colour = colouring.colours[g][tuple];
            if (rowOf[colour] < 0) {
                rowOf[colour] = static_cast<int>(table.rows.size());
                table.rows.push_back({colour, contributions.ofTuples[tuple],
                                      std::vector<std::size_t>(graphs.size(), 0)});
            }
            ColourTable::Row& row = table.rows[rowOf[colour]];
            row.tuples[g]++;
            table.isFunction &= row.contribution == contributions.ofTuples[tuple];
            if (row.tuples[0] == 0)
                predicted.reset();
            else if (predicted)
                *predicted += row.contribution;
        }
        table.totals.push_back(contributions.total);
        table.predicted.push_back(predicted);
    }
    return table;
}

} // namespace equivariant::wl_motif_dimension
