// SPDX-License-Identifier: MIT
#include "Connections.h"

#include <cmath>

namespace equivariant::one_connection_rule {

RingPointer makeParameterRing(const MixedGraph& graph) {
    const std::string between = graph.n > 10 ? "x" : "";
    const auto name = [&](const char* letter, int i, int j) {
        return letter + std::to_string(i) + between + std::to_string(j);
    };
    std::vector<std::string> names;
    for (const auto& [i, j] : graph.directed)
        names.push_back(name("l", i, j));
    for (int i = 0; i < graph.n; i++)
        names.push_back(name("w", i, i));
    for (const auto& [i, j] : graph.bidirected)
        names.push_back(name("w", i, j));
    return std::make_shared<Ring>(names);
}

Connections::Connections(const MixedGraph& graph, RingPointer given)
    : children(graph.children()), ring(std::move(given)) {
    for (std::size_t k = 0; k < graph.directed.size(); k++)
        variableOf[graph.directed[k]] = static_cast<int>(k);
}

/// All simple paths that go on from the last vertex of `path` through `free` to `to`; the second
/// argument of `use` is what stays free. Dead ends are seen before they are entered.
void Connections::forEachPath(Path& path, int to, Mask free,
                              const std::function<void(const Path&, Mask)>& use) {
    if (path.back() == to) {
        use(path, free);
        return;
    }
    const Mask useful = free & ancestorsOf(children, bit(to), free);
    for (Mask next = children[path.back()] & useful; next; next &= next - 1) {
        const int v = __builtin_ctzll(next);
        path.push_back(v);
        forEachPath(path, to, free & ~bit(v), use);
        path.pop_back();
    }
}

Polynomial Connections::weight(const Path& path, bool isClosed) const {
    Exponents exponents(ring->size(), 0);
    for (std::size_t k = 1; k < path.size(); k++)
        exponents[variableOf.at({path[k - 1], path[k]})] = 1;
    if (isClosed)
        exponents[variableOf.at({path.back(), path.front()})] = 1;
    Polynomial result(ring);
    result.push(1, exponents);
    return result;
}

Polynomial Connections::determinant(Mask within) {
    Polynomial product(ring, 1);
    for (Mask component : strongComponents(children, within))
        product = product * componentDeterminant(component);
    return product;
}

/// The lowest vertex is in no cycle, or in one whose other vertices are above it.
const Polynomial& Connections::componentDeterminant(Mask component) {
    if (const auto place = known.find(component); place != known.end())
        return place->second;
    const int root = __builtin_ctzll(component);
    Polynomial sum = determinant(component & ~bit(root));
    for (Mask last = component & ~bit(root); last; last &= last - 1) {
        const int v = __builtin_ctzll(last);
        if (!(children[v] & bit(root)))
            continue;
        Path path = {root};
        forEachPath(path, v, component & ~bit(root), [&](const Path& cycle, Mask rest) {
            sum -= weight(cycle, true) * determinant(rest);
        });
    }
    return known.emplace(component, std::move(sum)).first->second;
}

Polynomial Connections::adjugate(int from, int to, Mask within) {
    Polynomial sum(ring);
    Path path = {from};
    forEachPath(path, to, within & ~bit(from), [&](const Path& connection, Mask rest) {
        sum += weight(connection, false) * determinant(rest);
    });
    return sum;
}

namespace {

/// Permanent of a matrix of zeros and ones, given by its rows (Ryser's formula); a bound if it is
/// large.
double permanent(const std::vector<Mask>& rows, Mask columns) {
    const int size = static_cast<int>(rows.size());
    if (size > 20) {
        double logarithm = 0;
        for (Mask row : rows) {
            const int count = __builtin_popcountll(row & columns);
            if (count == 0)
                return 0;
            logarithm += std::lgamma(count + 1) / count;
        }
        return std::exp(logarithm);
    }
    double sum = 0;
    for (Mask chosen = columns; chosen; chosen = (chosen - 1) & columns) {
        double product = (size - __builtin_popcountll(chosen)) % 2 ? -1 : 1;
        for (Mask row : rows)
            product *= __builtin_popcountll(row & chosen);
        sum += product;
    }
    return size == 0 ? 1 : sum;
}

double countWithout(const MixedGraph& graph, int row, int column) {
    std::vector<Mask> rows = graph.children();
    for (int v = 0; v < graph.n; v++)
        rows[v] |= bit(v);
    Mask columns = graph.n == 64 ? ~Mask(0) : bit(graph.n) - 1;
    if (row >= 0)
        rows.erase(rows.begin() + row);
    if (column >= 0)
        columns &= ~bit(column);
    return permanent(rows, columns);
}

} // namespace

double countLinearSubgraphs(const MixedGraph& graph) {
    return countWithout(graph, -1, -1);
}

double countOneConnections(const MixedGraph& graph, int from, int to) {
    return countWithout(graph, to, from);
}

} // namespace equivariant::one_connection_rule
