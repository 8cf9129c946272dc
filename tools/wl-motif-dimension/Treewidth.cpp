// SPDX-License-Identifier: MIT
#include "Treewidth.h"

#include <algorithm>
#include <map>

namespace equivariant::wl_motif_dimension {

namespace {

using Mask = std::uint64_t;
using Masks = std::vector<Mask>;

constexpr int maxExact = 16;

int count(Mask mask) {
    return __builtin_popcountll(mask);
}

template <class Function> void forEachBit(Mask mask, Function&& function) {
    for (; mask; mask &= mask - 1)
        function(__builtin_ctzll(mask));
}

void remove(Masks& adjacency, int v) {
    for (Mask& mask : adjacency)
        mask &= ~(Mask(1) << v);
    adjacency[v] = 0;
}

/// Edges that eliminating v would add, twice.
int fill(const Masks& adjacency, int v) {
    int missing = 0;
    forEachBit(adjacency[v],
               [&](int u) { missing += count(adjacency[v] & ~adjacency[u] & ~(Mask(1) << u)); });
    return missing;
}

Treewidth minFill(Masks adjacency) {
    Treewidth result{0, 0, {}};
    const int size = static_cast<int>(adjacency.size());
    std::vector<bool> isGone(size, false);
    for (int step = 0; step < size; step++) {
        int best = -1, least = 0;
        for (int v = 0; v < size; v++)
            if (const int cost = isGone[v] ? 0 : fill(adjacency, v);
                !isGone[v] && (best < 0 || cost < least)) {
                best = v;
                least = cost;
            }
        const Mask around = adjacency[best];
        result.upper = std::max(result.upper, count(around));
        forEachBit(around, [&](int u) { adjacency[u] |= around & ~(Mask(1) << u); });
        remove(adjacency, best);
        isGone[best] = true;
        result.order.push_back(best);
    }
    return result;
}

/// Contracts a vertex of least degree into the neighbour with which it shares least, again and
/// again; the treewidth of a minor is no larger, and none is smaller than the least degree.
int contractionBound(Masks adjacency) {
    int bound = 0;
    Mask left = adjacency.size() == 64 ? ~Mask(0) : (Mask(1) << adjacency.size()) - 1;
    while (left) {
        int v = -1;
        forEachBit(left, [&](int u) {
            if (v < 0 || count(adjacency[u]) < count(adjacency[v]))
                v = u;
        });
        const Mask around = adjacency[v];
        bound = std::max(bound, count(around));
        int into = -1;
        forEachBit(around, [&](int u) {
            if (into < 0 || count(adjacency[u] & around) < count(adjacency[into] & around))
                into = u;
        });
        remove(adjacency, v);
        left &= ~(Mask(1) << v);
        if (into >= 0) {
            const Mask joined = around & ~(Mask(1) << into);
            adjacency[into] |= joined;
            forEachBit(joined, [&](int u) { adjacency[u] |= Mask(1) << into; });
        }
    }
    return bound;
}

/// Neighbours of v once `gone` is eliminated.
Mask neighboursAfter(const Masks& adjacency, Mask gone, int v) {
    Mask reached = adjacency[v], todo = reached & gone;
    while (todo) {
        const int u = __builtin_ctzll(todo);
        const Mask fresh = adjacency[u] & ~reached;
        reached |= fresh;
        todo = (todo & (todo - 1)) | (fresh & gone);
    }
    return reached & ~gone & ~(Mask(1) << v);
}

/// width[S]: the least width of eliminating the set S first.
Treewidth exact(const Masks& adjacency) {
    const int size = static_cast<int>(adjacency.size());
    std::vector<std::int8_t> width(std::size_t(1) << size, 0), last(width.size(), 0);
    for (Mask gone = 1; gone < width.size(); gone++) {
        int best = size;
        forEachBit(gone, [&](int v) {
            const Mask before = gone & ~(Mask(1) << v);
            if (width[before] >= best)
                return;
            const int cost =
                std::max<int>(width[before], count(neighboursAfter(adjacency, before, v)));
            if (cost < best) {
                best = cost;
                last[gone] = static_cast<std::int8_t>(v);
            }
        });
        width[gone] = static_cast<std::int8_t>(best);
    }
    Treewidth result{width.back(), width.back(), {}};
    for (Mask gone = width.size() - 1; gone; gone &= ~(Mask(1) << result.order.back()))
        result.order.push_back(last[gone]);
    std::reverse(result.order.begin(), result.order.end());
    return result;
}

} // namespace

Treewidth computeTreewidth(const Pattern& pattern) {
    const Masks adjacency = pattern.neighbourMasks();
    Treewidth result = minFill(adjacency);
    result.lower = contractionBound(adjacency);
    return result.isExact() || pattern.size > maxExact ? result : exact(adjacency);
}

int treewidthBound(int vertices, int edges) {
    static thread_local std::map<std::pair<int, int>, int> known;
    edges = std::min(edges, vertices * (vertices - 1) / 2);
    if (vertices <= 1 || edges == 0)
        return 0;
    const auto place = known.find({vertices, edges});
    if (place != known.end())
        return place->second;
    int bound = 0;
    for (int degree = 0; degree <= 2 * edges / vertices; degree++)
        bound =
            std::max({bound, degree,
                      treewidthBound(vertices - 1, edges - degree + degree * (degree - 1) / 2)});
    return known[{vertices, edges}] = bound;
}

} // namespace equivariant::wl_motif_dimension
