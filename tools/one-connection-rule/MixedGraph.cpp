// SPDX-License-Identifier: MIT
#include "MixedGraph.h"

#include "support/Json.h"

#include <algorithm>

namespace equivariant::one_connection_rule {

namespace {

using nlohmann::json;
using Edge = MixedGraph::Edge;

void check(int n, std::vector<Edge>& edges, const std::string& kind) {
    const auto describe = [&](const Edge& edge) {
        return kind + " edge [" + std::to_string(edge.first) + ", " + std::to_string(edge.second) +
               "]";
    };
    for (const Edge& edge : edges) {
        if (edge.first == edge.second)
            throw Error(describe(edge) + " is a self-loop");
        for (int v : {edge.first, edge.second})
            if (v < 0 || v >= n)
                throw Error(describe(edge) + " has a vertex out of range: there are " +
                            std::to_string(n));
    }
    std::sort(edges.begin(), edges.end());
    if (const auto twice = std::adjacent_find(edges.begin(), edges.end()); twice != edges.end())
        throw Error(describe(*twice) + " is given twice");
}

int toVertex(const json& value) { // what is out of range stays so
    return static_cast<int>(std::clamp(value.get<double>(), -1.0, 1e9));
}

std::vector<Edge> parseEdges(const json& document, const std::string& key) {
    std::vector<Edge> edges;
    const json list = document.value(key, json::array());
    if (!list.is_array())
        throw Error(key + " is not a list of edges");
    for (const json& item : list) {
        if (!item.is_array() || item.size() != 2 || !item[0].is_number_integer() ||
            !item[1].is_number_integer())
            throw Error(key + " edge " + item.dump() + " is not [vertex, vertex]");
        edges.emplace_back(toVertex(item[0]), toVertex(item[1]));
    }
    return edges;
}

MixedGraph parseGraph(const json& document) {
    if (!document.is_object())
        throw Error("is not an object with n, directed and bidirected");
    for (const auto& [key, value] : document.items())
        if (key != "n" && key != "directed" && key != "bidirected")
            throw Error("has the unknown key '" + key + "'");
    const json n = document.value("n", json());
    if (!n.is_number_integer() || n.get<double>() < 1 || n.get<double>() > 64)
        throw Error("n has to be a number of vertices from 1 to 64");
    return {n.get<int>(), parseEdges(document, "directed"), parseEdges(document, "bidirected")};
}

/// All that is reached from some vertices within a set, them included.
Mask reach(const std::vector<Mask>& next, Mask from, Mask within) {
    Mask reached = from & within, todo = reached;
    while (todo) {
        const int v = __builtin_ctzll(todo);
        const Mask fresh = next[v] & within & ~reached;
        reached |= fresh;
        todo = (todo & (todo - 1)) | fresh;
    }
    return reached;
}

std::vector<Mask> transpose(const std::vector<Mask>& children) {
    std::vector<Mask> parents(children.size(), 0);
    for (std::size_t u = 0; u < children.size(); u++)
        for (std::size_t v = 0; v < children.size(); v++)
            if (children[u] >> v & 1)
                parents[v] |= bit(static_cast<int>(u));
    return parents;
}

} // namespace

MixedGraph::MixedGraph(int n, std::vector<Edge> directedEdges, std::vector<Edge> bidirectedEdges)
    : n(n), directed(std::move(directedEdges)), bidirected(std::move(bidirectedEdges)) {
    if (n < 1 || n > 64)
        throw Error("a graph has 1 to 64 vertices, not " + std::to_string(n));
    for (Edge& edge : bidirected)
        if (edge.first > edge.second)
            std::swap(edge.first, edge.second);
    check(n, directed, "directed");
    check(n, bidirected, "bidirected");
}

std::vector<Mask> MixedGraph::children() const {
    std::vector<Mask> masks(n, 0);
    for (const auto& [from, to] : directed)
        masks[from] |= bit(to);
    return masks;
}

bool MixedGraph::isSimple() const {
    std::vector<Edge> all = bidirected;
    for (const auto& [from, to] : directed)
        all.emplace_back(std::min(from, to), std::max(from, to));
    std::sort(all.begin(), all.end());
    return std::adjacent_find(all.begin(), all.end()) == all.end();
}

int MixedGraph::countParameters() const {
    return n + static_cast<int>(directed.size() + bidirected.size());
}

Mask ancestorsOf(const std::vector<Mask>& children, Mask vertices, Mask within) {
    return reach(transpose(children), vertices, within);
}

std::vector<Mask> strongComponents(const std::vector<Mask>& children, Mask within) {
    const std::vector<Mask> parents = transpose(children);
    std::vector<Mask> components;
    for (Mask left = within; left; left &= ~components.back()) {
        const Mask root = left & (~left + 1);
        components.push_back(reach(children, root, within) & reach(parents, root, within));
    }
    return components;
}

MixedGraph readMixedGraph(const std::string& path) {
    return support::parseJson(path, "a graph", parseGraph);
}

} // namespace equivariant::one_connection_rule
