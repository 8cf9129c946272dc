// SPDX-License-Identifier: MIT
//
// The only file that sees nauty, whose macros have common names.
#include "Pattern.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <nauty.h>
#include <numeric>

namespace equivariant::wl_motif_dimension {

namespace {

/// Layer l has a copy of every vertex and the edges whose code has bit l; copies are joined.
struct LayeredGraph {
    LayeredGraph(const Pattern& pattern, std::uint64_t marked) : size(pattern.size) {
        int largest = 1;
        for (int code : pattern.codes)
            largest = std::max(largest, code);
        while (largest >> layers)
            layers++;
        if (size * layers > WORDSIZE)
            throw Error("a pattern of " + std::to_string(size) +
                        " vertices is too large for the labels of its edges, at most " +
                        std::to_string(WORDSIZE / layers) + " vertices");
        EMPTYGRAPH(rows, 1, size * layers);
        for (int u = 0; u < size; u++)
            for (int v = 0; v < size; v++)
                for (int l = 0; l < layers; l++)
                    if (pattern.edge(u, v) >> l & 1)
                        ADDELEMENT(rows + l * size + u, l * size + v);
        for (int l = 1; l < layers; l++)
            for (int v = 0; v < size; v++)
                ADDONEEDGE(rows, v, l * size + v, 1);
        partition(pattern, marked);
    }

    /// Cells are the copies of equal label and mark in one layer.
    void partition(const Pattern& pattern, std::uint64_t marked) {
        std::vector<int> colours(size);
        for (int v = 0; v < size; v++)
            colours[v] = 2 * pattern.labels[v] + static_cast<int>(marked >> v & 1);
        std::iota(lab, lab + size, 0);
        std::stable_sort(lab, lab + size, [&](int u, int v) { return colours[u] < colours[v]; });
        for (int l = 0; l < layers; l++)
            for (int i = 0; i < size; i++) {
                lab[l * size + i] = l * size + lab[i];
                ptn[l * size + i] = i + 1 < size && colours[lab[i + 1]] == colours[lab[i]];
            }
    }

    int size, layers = 0;
    graph rows[WORDSIZE];
    int lab[WORDSIZE], ptn[WORDSIZE];
};

std::string makeKey(const Pattern& pattern, std::uint64_t marked, int layers) {
    std::string key;
    key += static_cast<char>(pattern.size);
    key += static_cast<char>(layers);
    for (int v = 0; v < pattern.size; v++)
        key += static_cast<char>(2 * pattern.labels[v] + static_cast<int>(marked >> v & 1));
    int bits = 0, count = 0;
    for (int v = 1; v < pattern.size; v++)
        for (int u = 0; u < v; u++) {
            bits = bits << layers | pattern.edge(u, v);
            count += layers;
            if (count > 8) {
                key += static_cast<char>(bits >> (count -= 8) & 255);
                bits &= (1 << count) - 1;
            }
        }
    return key + static_cast<char>(bits);
}

} // namespace

CanonicalForm canonicalForm(const Pattern& pattern, std::uint64_t marked) {
    static std::mutex oneAtATime; // nauty has static workspace
    static DEFAULTOPTIONS_GRAPH(options);
    const std::lock_guard<std::mutex> lock(oneAtATime);
    options.getcanon = TRUE;
    options.defaultptn = FALSE;
    LayeredGraph layered(pattern, marked);
    graph canonical[WORDSIZE];
    int orbits[WORDSIZE];
    statsblk stats;
    densenauty(layered.rows, layered.lab, layered.ptn, orbits, &options, &stats, 1,
               layered.size * layered.layers, canonical);
    if (stats.errstatus != 0)
        throw std::runtime_error("nauty failed");
    CanonicalForm form{reorder(pattern, {layered.lab, layered.lab + pattern.size}), 0, {}, 0};
    for (int i = 0; i < pattern.size; i++)
        form.marked |= (marked >> layered.lab[i] & 1) << i;
    form.automorphisms = std::llround(stats.grpsize1 * std::pow(10.0, stats.grpsize2));
    form.key = makeKey(form.pattern, form.marked, layered.layers);
    return form;
}

} // namespace equivariant::wl_motif_dimension
