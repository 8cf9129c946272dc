// SPDX-License-Identifier: MIT
#include "Covariance.h"

#include "support/Json.h"

#include <algorithm>
#include <optional>

namespace equivariant::one_connection_rule {

namespace {

using nlohmann::json;

/// "3", "-1/2" or "0.25".
mpq_class parseText(const std::string& text) {
    std::string fraction = text;
    if (const auto point = text.find('.'); point != std::string::npos)
        fraction = text.substr(0, point) + text.substr(point + 1) + "/1" +
                   std::string(text.size() - point - 1, '0');
    mpq_class result;
    if (text.find_first_not_of("-0123456789/.") != std::string::npos ||
        result.set_str(fraction, 10) != 0 || result.get_den() == 0)
        throw Error("'" + text + "' is not a number");
    result.canonicalize();
    return result;
}

mpq_class parseNumber(const json& value, bool exact) {
    if (value.is_number_float() && exact)
        throw Error(value.dump() + " is a floating-point number; as a text it would be exact");
    if (value.is_number_float())
        return mpq_class(value.get<double>());
    return parseText(value.is_string() ? value.get<std::string>() : value.dump());
}

int toVertex(const json& value) {
    return static_cast<int>(std::clamp(value.get<double>(), -1.0, 1e9));
}

/// Position among the variables of makeParameterRing(), -1 if there is no such edge.
int findVariable(const MixedGraph& graph, bool isLambda, int i, int j) {
    int position = 0;
    for (const auto& edge : graph.directed) {
        if (isLambda && edge == MixedGraph::Edge(i, j))
            return position;
        position++;
    }
    if (!isLambda && i == j && i >= 0 && i < graph.n)
        return position + i;
    position += graph.n;
    for (const auto& edge : graph.bidirected) {
        if (!isLambda && edge == MixedGraph::Edge(std::minmax(i, j)))
            return position;
        position++;
    }
    return -1;
}

void readEntries(const json& document, const std::string& key, const MixedGraph& graph, bool exact,
                 std::vector<std::optional<mpq_class>>& values) {
    for (const json& item : document.value(key, json::array())) {
        if (!item.is_array() || item.size() != 3 || !item[0].is_number_integer() ||
            !item[1].is_number_integer())
            throw Error(key + " entry " + item.dump() + " is not [vertex, vertex, value]");
        const int variable =
            findVariable(graph, key == "lambda", toVertex(item[0]), toVertex(item[1]));
        const std::string place = key + " [" + item[0].dump() + ", " + item[1].dump() + "]";
        if (variable < 0)
            throw Error(place + " is of no edge of the graph");
        if (values[variable])
            throw Error(place + " is given twice");
        values[variable] = parseNumber(item[2], exact);
    }
}

} // namespace

std::vector<mpq_class> readParameters(const std::string& path, const MixedGraph& graph,
                                      bool exact) {
    return support::parseJson(path, "parameters", [&](const json& document) {
        if (!document.is_object())
            throw Error("is not a JSON object with lambda and omega");
        std::vector<std::optional<mpq_class>> given(graph.countParameters());
        for (const auto& [key, value] : document.items())
            if ((key != "lambda" && key != "omega") || !value.is_array())
                throw Error("'" + key + "' is not a list lambda or omega");
        readEntries(document, "lambda", graph, exact, given);
        readEntries(document, "omega", graph, exact, given);
        const RingPointer ring = makeParameterRing(graph);
        std::vector<mpq_class> values;
        for (int k = 0; k < ring->size(); k++) {
            if (!given[k])
                throw Error("there is no value for " + ring->variable(k));
            values.push_back(*given[k]);
        }
        return values;
    });
}

} // namespace equivariant::one_connection_rule
