// SPDX-License-Identifier: MIT
//
// Graphs from short texts: graph6 and names.
#include "LabelledGraph.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <regex>

namespace equivariant::wl_motif_dimension {

namespace {

using Edges = std::vector<LabelledGraph::Edge>;

constexpr int maxSize = 100000;

Edges pathEdges(int size) {
    Edges edges;
    for (int v = 1; v < size; v++)
        edges.push_back({v - 1, v});
    return edges;
}

Edges completeEdges(int size) {
    Edges edges;
    for (int v = 0; v < size; v++)
        for (int u = 0; u < v; u++)
            edges.push_back({u, v});
    return edges;
}

/// Vertices (row, column) of a 4 x 4 torus, joined where the difference is among these or their
/// negatives.
LabelledGraph torusGraph(const std::vector<std::pair<int, int>>& differences) {
    std::map<std::pair<int, int>, bool> joined;
    for (int v = 0; v < 16; v++)
        for (const auto& [row, column] : differences) {
            const int w = (v / 4 + row) % 4 * 4 + (v + column) % 4;
            joined[{std::min(v, w), std::max(v, w)}] = true;
        }
    Edges edges;
    for (const auto& [edge, isJoined] : joined)
        edges.push_back({edge.first, edge.second});
    return {16, edges};
}

LabelledGraph petersen() {
    Edges edges;
    for (int v = 0; v < 5; v++) {
        edges.push_back({v, (v + 1) % 5});
        edges.push_back({v, v + 5});
        edges.push_back({5 + v, 5 + (v + 2) % 5});
    }
    return {10, edges};
}

LabelledGraph family(char letter, int size, int other) {
    Edges edges;
    if (letter == 'P')
        return {size, pathEdges(size)};
    if (letter == 'C' && size >= 3) {
        edges = pathEdges(size);
        edges.push_back({size - 1, 0});
        return {size, edges};
    }
    if (letter == 'K' && other == 0 && size <= 1000)
        return {size, completeEdges(size)};
    if (letter == 'S' || (letter == 'K' && size <= 1000 && other <= 1000)) {
        if (letter == 'S') {
            other = size;
            size = 1;
        }
        for (int u = 0; u < size; u++)
            for (int v = 0; v < other; v++)
                edges.push_back({u, size + v});
        return {size + other, edges};
    }
    throw Error("no such graph");
}

const std::map<std::string, LabelledGraph (*)()>& singleGraphs() {
    static const std::map<std::string, LabelledGraph (*)()> graphs = {
        {"paw",
         [] {
             return LabelledGraph(4, {{0, 1}, {1, 2}, {0, 2}, {2, 3}});
         }},
        {"diamond",
         [] {
             return LabelledGraph(4, {{0, 1}, {1, 2}, {0, 2}, {2, 3}, {1, 3}});
         }},
        {"petersen", petersen},
        {"rook",
         [] {
             return torusGraph({{0, 1}, {0, 2}, {1, 0}, {2, 0}});
         }},
        {"shrikhande", [] {
             return torusGraph({{0, 1}, {1, 0}, {1, 1}});
         }}};
    return graphs;
}

const std::regex& familyPattern() {
    static const std::regex pattern("([0-9]*)([PCKS])([0-9]+)(,[0-9]+)?");
    return pattern;
}

int parseSize(const std::string& digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || value < 1 || value > maxSize)
        throw Error("sizes of named graphs are 1 to " + std::to_string(maxSize) + ", not " +
                    digits);
    return value;
}

} // namespace

bool isGraphName(const std::string& text) {
    return singleGraphs().count(text) || std::regex_match(text, familyPattern());
}

LabelledGraph namedGraph(const std::string& name) {
    if (const auto single = singleGraphs().find(name); single != singleGraphs().end())
        return single->second();
    std::smatch match;
    if (!std::regex_match(name, match, familyPattern()) || (match[4].matched && match[2] != "K"))
        throw Error("there is no graph '" + name + "'");
    const int copies = match[1].length() ? parseSize(match[1]) : 1;
    try {
        const LabelledGraph one =
            family(*match[2].first, parseSize(match[3]),
                   match[4].matched ? parseSize(match[4].str().substr(1)) : 0);
        if (static_cast<long>(copies) * one.size() > maxSize)
            throw Error("more than " + std::to_string(maxSize) + " vertices");
        Edges edges;
        for (int k = 0; k < copies; k++)
            for (const auto& [u, v, label] : one.edges())
                edges.push_back({k * one.size() + u, k * one.size() + v});
        return {copies * one.size(), edges};
    } catch (const Error& error) {
        throw Error("graph '" + name + "': " + error.what());
    }
}

LabelledGraph parseGraph6(const std::string& given) {
    const std::string header = ">>graph6<<";
    const std::string text = given.rfind(header, 0) == 0 ? given.substr(header.size()) : given;
    const auto fail = [&](const std::string& why) -> Error {
        return Error("'" + given.substr(0, 60) + "' is not graph6: " + why);
    };
    if (text.empty())
        throw fail("it is empty");
    for (char c : text)
        if (c < 63 || c > 126)
            throw fail(std::string("it contains '") + c + "'");
    std::size_t place = 1;
    long size = text[0] - 63;
    if (text[0] == 126) { // three or six characters of six bits
        const bool isLong = text.size() > 1 && text[1] == 126;
        const std::size_t count = isLong ? 6 : 3;
        place = isLong ? 2 : 1;
        if (text.size() < place + count)
            throw fail("it is truncated");
        size = 0;
        for (std::size_t end = place + count; place < end; place++)
            size = size * 64 + text[place] - 63;
    }
    if (size > maxSize)
        throw fail("it has more than " + std::to_string(maxSize) + " vertices");
    const long bits = size * (size - 1) / 2;
    if (static_cast<long>(text.size() - place) != (bits + 5) / 6)
        throw fail("its length is not that of " + std::to_string(size) + " vertices");
    Edges edges;
    long bit = 0;
    for (int v = 1; v < size; v++)
        for (int u = 0; u < v; u++, bit++)
            if ((text[place + bit / 6] - 63) >> (5 - bit % 6) & 1)
                edges.push_back({u, v});
    return {static_cast<int>(size), edges};
}

std::string formatGraph6(const LabelledGraph& graph) {
    const long size = graph.size();
    if (size > maxSize)
        throw Error("graph6 is written for at most " + std::to_string(maxSize) + " vertices");
    std::string text;
    if (size < 63)
        text = static_cast<char>(63 + size);
    else
        text = {126, static_cast<char>(63 + size / 4096), static_cast<char>(63 + size / 64 % 64),
                static_cast<char>(63 + size % 64)};
    std::string bits((size * (size - 1) / 2 + 5) / 6, 0);
    for (const auto& [u, v, label] : graph.edges()) {
        const long bit = static_cast<long>(v) * (v - 1) / 2 + u;
        bits[bit / 6] = static_cast<char>(bits[bit / 6] | 1 << (5 - bit % 6));
    }
    for (char c : bits)
        text += static_cast<char>(63 + c);
    return text;
}

} // namespace equivariant::wl_motif_dimension
