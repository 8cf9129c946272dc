// SPDX-License-Identifier: MIT
#include "WeisfeilerLeman.h"

#include "support/Parallel.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <xxhash.h>

namespace equivariant::wl_motif_dimension {

namespace {

constexpr int maxK = 4;
constexpr double maxBytes = 4e9;

using Hash = std::pair<std::uint64_t, std::uint64_t>;

Hash hash(const std::vector<int>& words) {
    const XXH128_hash_t value = XXH3_128bits(words.data(), words.size() * sizeof(int));
    return {value.high64, value.low64};
}

/// The tuples of one graph with their colours.
class Tuples {
public:
    Tuples(const LabelledGraph& graph, int k) : graph(graph), n(graph.size()), k(k) {
        std::size_t count = 1;
        for (int i = k; i-- > 0; count *= n)
            strides[i] = count;
        colours.assign(count, 0);
        hashes.resize(count);
    }

    /// Labels, equalities and edges within every tuple.
    void hashTypes() {
        forEachTuple([this](std::size_t tuple, const std::array<int, maxK>& x) {
            std::vector<int> words = {k};
            for (int i = 0; i < k; i++) {
                words.push_back(graph.label(x[i]));
                for (int j = 0; j < i; j++)
                    words.push_back(x[i] == x[j] ? -1 : graph.edgeCode(x[i], x[j]));
            }
            hashes[tuple] = hash(words);
        });
    }

    /// The colour of every tuple and the multiset of what surrounds it.
    void hashNeighbourhoods() {
        forEachTuple([this](std::size_t tuple, const std::array<int, maxK>& x) {
            std::vector<int> words = {colours[tuple]};
            if (k == 1)
                addNeighbours(x[0], words);
            else
                addReplacements(tuple, x, words);
            hashes[tuple] = hash(words);
        });
    }

    std::vector<int> colours;
    std::vector<Hash> hashes;

private:
    template <class Body> void forEachTuple(const Body& body) {
        support::parallelFor(n, [&](int first) {
            std::array<int, maxK> x{first};
            const std::size_t begin = first * strides[0];
            for (std::size_t tuple = begin; tuple < begin + strides[0]; tuple++) {
                for (int i = 1; i < k; i++)
                    x[i] = static_cast<int>(tuple / strides[i] % n);
                body(tuple, x);
            }
        });
    }

    void addNeighbours(int vertex, std::vector<int>& words) const {
        std::vector<std::pair<int, int>> around;
        for (const auto& [other, label] : graph.neighbours(vertex))
            around.emplace_back(label, colours[other]);
        std::sort(around.begin(), around.end());
        for (const auto& [label, colour] : around)
            words.insert(words.end(), {label, colour});
    }

    /// For every vertex w: the colours of the tuples in which w replaces the first, second, …
    /// vertex.
    void addReplacements(std::size_t tuple, const std::array<int, maxK>& x,
                         std::vector<int>& words) const {
        std::vector<std::array<int, maxK>> around(n, std::array<int, maxK>{});
        for (int w = 0; w < n; w++)
            for (int i = 0; i < k; i++)
                around[w][i] = colours[tuple - x[i] * strides[i] + w * strides[i]];
        std::sort(around.begin(), around.end());
        for (const auto& colours : around)
            words.insert(words.end(), colours.begin(), colours.begin() + k);
    }

    const LabelledGraph& graph;
    int n, k;
    std::array<std::size_t, maxK> strides{};
};

/// Numbers the hashes of all graphs; returns how many there are.
int numberColours(std::vector<Tuples>& graphs) {
    std::vector<Hash> all;
    for (const Tuples& tuples : graphs)
        all.insert(all.end(), tuples.hashes.begin(), tuples.hashes.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (Tuples& tuples : graphs)
        for (std::size_t i = 0; i < tuples.colours.size(); i++)
            tuples.colours[i] = static_cast<int>(
                std::lower_bound(all.begin(), all.end(), tuples.hashes[i]) - all.begin());
    return static_cast<int>(all.size());
}

void checkInput(const std::vector<LabelledGraph>& graphs, int k) {
    if (k < 1 || k > maxK)
        throw Error("k is 1 to " + std::to_string(maxK) + ", not " + std::to_string(k));
    if (graphs.empty())
        throw Error("no graph");
    double tuples = 0;
    for (const LabelledGraph& graph : graphs) {
        if (graph.size() == 0)
            throw Error("a graph without vertices");
        tuples += std::pow(graph.size(), k);
    }
    const double bytes = tuples * (2 * sizeof(Hash) + sizeof(int));
    if (bytes > maxBytes)
        throw Error("folklore " + std::to_string(k) + "-WL would take about " +
                    std::to_string(static_cast<long>(std::ceil(bytes / 1e9))) +
                    " GB for these graphs, more than " +
                    std::to_string(static_cast<long>(maxBytes / 1e9)));
}

} // namespace

Colouring refine(const std::vector<LabelledGraph>& graphs, int k) {
    checkInput(graphs, k);
    std::vector<Tuples> all;
    for (const LabelledGraph& graph : graphs) {
        all.emplace_back(graph, k);
        all.back().hashTypes();
    }
    Colouring result{k, {}, numberColours(all), 0};
    for (int before = 0; before < result.numColours; result.rounds++) {
        before = result.numColours;
        for (Tuples& tuples : all)
            tuples.hashNeighbourhoods();
        result.numColours = numberColours(all);
    }
    for (Tuples& tuples : all)
        result.colours.push_back(std::move(tuples.colours));
    return result;
}

std::vector<int> findClasses(const std::vector<LabelledGraph>& graphs, int k) {
    Colouring colouring = refine(graphs, k);
    std::map<std::vector<int>, int> firstWith;
    std::vector<int> classes;
    for (auto& colours : colouring.colours) {
        std::sort(colours.begin(), colours.end());
        const int index = static_cast<int>(classes.size());
        classes.push_back(firstWith.try_emplace(std::move(colours), index).first->second);
    }
    return classes;
}

bool isEquivalent(const LabelledGraph& a, const LabelledGraph& b, int k) {
    return findClasses({a, b}, k)[1] == 0;
}

} // namespace equivariant::wl_motif_dimension
