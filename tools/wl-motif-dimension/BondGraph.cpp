// SPDX-License-Identifier: MIT
#include "BondGraph.h"

#include "Elements.h"

#include "equivariant/Error.h"
#include "equivariant/Graph.h"

#include <charconv>
#include <sstream>

namespace equivariant::wl_motif_dimension {

namespace {

double parseCutoff(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value < 1e3))
        throw Error("the cutoff '" + text + "' is not a distance in Å");
    return value;
}

int parseElement(const std::string& symbol) {
    const int number = command::findElement(symbol);
    if (number == 0)
        throw Error("the cutoff names '" + symbol + "', which is not an element");
    return number;
}

std::string nameOf(const Structure& structure, int atom) {
    return "atom " + std::to_string(atom) + " (" +
           command::getSymbol(structure.atomicNumbers[atom]) + ")";
}

} // namespace

BondRule::BondRule(const std::string& text) {
    if (text.find('=') == std::string::npos) {
        forAll = largest = parseCutoff(text);
        return;
    }
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) {
        const auto dash = part.find('-'), equals = part.find('=');
        if (dash == std::string::npos || equals == std::string::npos || dash > equals)
            throw Error("the cutoff '" + part + "' is not like C-H=1.3");
        const int a = parseElement(part.substr(0, dash)),
                  b = parseElement(part.substr(dash + 1, equals - dash - 1));
        const double value = parseCutoff(part.substr(equals + 1));
        if (!ofPairs.emplace(std::minmax({a, b}), value).second)
            throw Error("the cutoff of '" + part + "' is given twice");
        largest = std::max(largest, value);
    }
}

double BondRule::cutoff(int atomicNumber, int other) const {
    if (ofPairs.empty())
        return forAll;
    const auto place = ofPairs.find(std::minmax({atomicNumber, other}));
    return place == ofPairs.end() ? 0 : place->second;
}

LabelledGraph makeBondGraph(const Structure& structure, const BondRule& rule, bool isLabelled) {
    std::vector<LabelledGraph::Edge> bonds;
    const auto& numbers = structure.atomicNumbers;
    int last = -1; // sender of the last bond of the same receiver: edges are sorted
    int lastReceiver = -1;
    for (const Graph::Edge& edge : buildGraph(structure, rule.largestCutoff()).edges) {
        if (edge.sender > edge.receiver ||
            edge.displacement.norm() >= rule.cutoff(numbers[edge.sender], numbers[edge.receiver]))
            continue;
        if (edge.sender == edge.receiver)
            throw Error(nameOf(structure, edge.sender) +
                        " is bonded to its own image; the cell is too small");
        if (edge.sender == last && edge.receiver == lastReceiver)
            throw Error(nameOf(structure, last) + " is bonded to two images of " +
                        nameOf(structure, lastReceiver) + "; the cell is too small");
        last = edge.sender;
        lastReceiver = edge.receiver;
        bonds.push_back({edge.sender, edge.receiver, 0});
    }
    return {static_cast<int>(numbers.size()), bonds, isLabelled ? numbers : std::vector<int>()};
}

Alphabets elementAlphabets() {
    Alphabets alphabets;
    for (int number = 1; number <= command::numElements; number++)
        alphabets.vertices.find(command::getSymbol(number));
    alphabets.complete();
    return alphabets;
}

} // namespace equivariant::wl_motif_dimension
