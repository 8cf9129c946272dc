// SPDX-License-Identifier: MIT
#include "BruteForce.h"

#include <algorithm>

namespace equivariant::wl_motif_dimension {

namespace {

bool fits(const BruteForce& search, const LabelledGraph& pattern, const LabelledGraph& graph,
          const std::vector<int>& images, int x) {
    const int v = static_cast<int>(images.size());
    if (pattern.label(v) != graph.label(x))
        return false;
    for (int u = 0; u < v; u++) {
        if (search.isInjective && images[u] == x)
            return false;
        const int wanted = pattern.edgeCode(u, v), found = graph.edgeCode(images[u], x);
        if (wanted != found && (wanted || search.isInduced))
            return false;
    }
    return true;
}

long extend(const BruteForce& search, const LabelledGraph& pattern, const LabelledGraph& graph,
            std::vector<int>& images) {
    if (static_cast<int>(images.size()) == pattern.size())
        return 1;
    long count = 0;
    for (int x = 0; x < graph.size(); x++)
        if (fits(search, pattern, graph, images, x)) {
            images.push_back(x);
            count += extend(search, pattern, graph, images);
            images.pop_back();
        }
    return count;
}

/// Paths that go on from the last vertex of `path` and close; each ring is found in both
/// directions.
long closePaths(const LabelledGraph& graph, int length, std::vector<int>& path) {
    const int last = path.back();
    if (static_cast<int>(path.size()) == length)
        return graph.edgeCode(last, path[0]) ? 1 : 0;
    long count = 0;
    for (const auto& [next, label] : graph.neighbours(last))
        if (next > path[0] && std::find(path.begin(), path.end(), next) == path.end()) {
            path.push_back(next);
            count += closePaths(graph, length, path);
            path.pop_back();
        }
    return count;
}

} // namespace

long BruteForce::countMaps(const LabelledGraph& pattern, const LabelledGraph& graph) const {
    std::vector<int> images;
    return extend(*this, pattern, graph, images);
}

long BruteForce::countCopies(const LabelledGraph& pattern, const LabelledGraph& graph) const {
    return countMaps(pattern, graph) / countMaps(pattern, pattern);
}

long countRings(const LabelledGraph& graph, int length) {
    long twice = 0;
    for (int v = 0; v < graph.size(); v++) {
        std::vector<int> path = {v};
        twice += closePaths(graph, length, path);
    }
    return twice / 2;
}

} // namespace equivariant::wl_motif_dimension
