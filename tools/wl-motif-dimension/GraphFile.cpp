// SPDX-License-Identifier: MIT
#include "GraphFile.h"

#include "support/Json.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace equivariant::wl_motif_dimension {

using nlohmann::json;

int Alphabet::find(const std::string& name) {
    if (const auto place = numbers.find(name); place != numbers.end())
        return place->second;
    if (isComplete)
        throw Error("no graph has the label '" + name + "'");
    names.push_back(name);
    return numbers[name] = static_cast<int>(names.size());
}

std::optional<std::set<int>> Alphabet::known() const {
    if (!isComplete)
        return std::nullopt;
    std::set<int> all;
    for (const auto& [name, number] : numbers)
        all.insert(number);
    return all;
}

void Alphabets::complete() {
    vertices.complete();
    edges.complete();
}

namespace {

std::string labelName(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

int toVertex(const json& value) { // what is out of range stays so
    return static_cast<int>(std::clamp(value.get<double>(), -1.0, 1e9));
}

std::vector<LabelledGraph::Edge> parseEdges(const json& list, Alphabet& alphabet) {
    std::vector<LabelledGraph::Edge> edges;
    std::size_t labelled = 0;
    for (const json& item : list) {
        if (!item.is_array() || item.size() < 2 || item.size() > 3 ||
            !item[0].is_number_integer() || !item[1].is_number_integer())
            throw Error("edge " + item.dump() +
                        " is not [vertex, vertex] or [vertex, vertex, label]");
        edges.push_back({toVertex(item[0]), toVertex(item[1]), 0});
        if (item.size() == 3) {
            edges.back().label = alphabet.find(labelName(item[2]));
            labelled++;
        }
    }
    if (labelled > 0 && labelled < edges.size())
        throw Error("some edges have labels and some have none");
    return edges;
}

EdgeKinds parseKinds(const json& object, Alphabets& alphabets) {
    if (!object.contains("edge_kinds"))
        return std::nullopt;
    EdgeKinds kinds(std::in_place);
    for (const json& item : object.at("edge_kinds")) {
        if (!item.is_array() || item.size() < 2 || item.size() > 3)
            throw Error("edge_kinds has " + item.dump() +
                        " instead of labels of two vertices and "
                        "perhaps of the edge");
        kinds->push_back({alphabets.vertices.find(labelName(item[0])),
                          alphabets.vertices.find(labelName(item[1])),
                          item.size() == 3 ? alphabets.edges.find(labelName(item[2])) : 0});
    }
    return kinds;
}

GraphWithKinds parseJsonGraph(const json& object, Alphabets& alphabets) {
    if (!object.is_object())
        throw Error("is not an object with n and edges");
    for (const auto& [key, value] : object.items())
        if (key != "n" && key != "edges" && key != "labels" && key != "edge_kinds")
            throw Error("has the unknown key '" + key + "'");
    const json &size = object.value("n", json()), &edges = object.value("edges", json());
    if (!size.is_number_integer() || size.get<double>() < 0 || size.get<double>() > 1e6)
        throw Error("n is no number of vertices");
    if (!edges.is_array())
        throw Error("edges is not a list");
    std::vector<int> labels;
    const json given = object.value("labels", json::array());
    if (!given.is_array())
        throw Error("labels is not a list");
    for (const json& label : given)
        labels.push_back(alphabets.vertices.find(labelName(label)));
    if (labels.empty() && object.contains("edge_kinds"))
        throw Error("edge_kinds needs labels of the vertices");
    return {LabelledGraph(size.get<int>(), parseEdges(edges, alphabets.edges), labels),
            parseKinds(object, alphabets)};
}

std::vector<GraphWithKinds> parseGraphs(json document, Alphabets& alphabets) {
    if (!document.is_array())
        document = json::array({document});
    std::vector<GraphWithKinds> graphs;
    for (const json& object : document)
        try {
            graphs.push_back(parseJsonGraph(object, alphabets));
        } catch (const Error& error) {
            throw Error("graph " + std::to_string(graphs.size()) + ": " + error.what());
        }
    return graphs;
}

std::vector<GraphWithKinds> readGraph6(const std::string& path) {
    std::ifstream stream(path);
    if (!stream)
        throw Error("cannot be opened");
    std::vector<GraphWithKinds> graphs;
    for (std::string line; std::getline(stream, line);)
        if (!line.empty())
            graphs.push_back({parseGraph6(line), std::nullopt});
    return graphs;
}

int toIndex(double value) {
    if (!(value >= 0 && value <= 1e6) || value != std::floor(value))
        throw Error(std::to_string(value) + " is not a vertex");
    return static_cast<int>(value);
}

std::vector<GraphWithKinds> readCsv(const std::string& path, Alphabet& alphabet) {
    const support::Matrix table = support::readMatrix(path);
    if (table.cols() < 2 || table.cols() > 3)
        throw Error("has " + std::to_string(table.cols()) +
                    " columns instead of from, to and perhaps "
                    "label");
    std::vector<LabelledGraph::Edge> edges;
    int size = 0;
    for (Eigen::Index row = 0; row < table.rows(); row++) {
        edges.push_back({toIndex(table(row, 0)), toIndex(table(row, 1)), 0});
        if (table.cols() == 3)
            edges.back().label = alphabet.find(json(table(row, 2)).dump());
        size = std::max({size, edges.back().from + 1, edges.back().to + 1});
    }
    return {{LabelledGraph(size, edges), std::nullopt}};
}

} // namespace

std::vector<GraphWithKinds> readGraphs(const std::string& source, Alphabets& alphabets) {
    const std::string ending = std::filesystem::path(source).extension();
    std::vector<GraphWithKinds> graphs;
    try {
        if (ending == ".json")
            graphs = parseGraphs(support::readJson(source), alphabets);
        else if (ending == ".g6")
            graphs = readGraph6(source);
        else if (ending == ".csv")
            graphs = readCsv(source, alphabets.edges);
        else
            return {{isGraphName(source) ? namedGraph(source) : parseGraph6(source), std::nullopt}};
        if (graphs.empty())
            throw Error("has no graph");
    } catch (const Error& error) {
        throw Error(ending.empty() ? error.what() : support::nameFile(source, error.what()));
    }
    return graphs;
}

GraphWithKinds readPattern(const std::string& source, Alphabets& alphabets) {
    std::vector<GraphWithKinds> graphs = readGraphs(source, alphabets);
    if (graphs.size() != 1)
        throw Error(source + ": has " + std::to_string(graphs.size()) +
                    " graphs, expected one pattern");
    if (graphs[0].graph.size() == 0)
        throw Error(source + ": the pattern is empty");
    auto& [graph, kinds] = graphs[0];
    if (const auto labels = alphabets.edges.known(); labels && !kinds && graph.hasEdgeLabels())
        kinds = anyKinds(graph, *labels);
    return graphs[0];
}

} // namespace equivariant::wl_motif_dimension
