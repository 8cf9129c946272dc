// SPDX-License-Identifier: MIT
#include "Covariance.h"

#include "support/Failure.h"

#include <cstdio>

namespace equivariant::one_connection_rule {

namespace {

constexpr int maxVertices = 12;
constexpr double maxTerms = 2e6;

std::string format(double count) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.3g", count);
    return text;
}

/// Position of omega_ij among the variables, -1 if it is 0.
int omegaVariable(const MixedGraph& graph, int i, int j) {
    const int first = static_cast<int>(graph.directed.size());
    if (i == j)
        return first + i;
    for (std::size_t k = 0; k < graph.bidirected.size(); k++)
        if (graph.bidirected[k] == MixedGraph::Edge(std::minmax(i, j)))
            return first + graph.n + static_cast<int>(k);
    return -1;
}

} // namespace

CovarianceFormula::CovarianceFormula(MixedGraph graph)
    : model(std::move(graph)), parameters(makeParameterRing(model)),
      connections(model, parameters) {
    if (model.n > maxVertices)
        throw support::Failure(4, "symbolic formulas are for at most 12 vertices; with " +
                                      std::to_string(model.n) +
                                      " the determinant alone has about " +
                                      format(countLinearSubgraphs(model)) + " terms");
    if (const double count = countLinearSubgraphs(model); count > maxTerms)
        throw support::Failure(4, "the determinant has " + format(count) +
                                      " terms, more than two million");
}

Mask CovarianceFormula::ancestors(int i) const {
    return ancestorsOf(model.children(), bit(i), bit(model.n) - 1);
}

Polynomial CovarianceFormula::numerator(int i, int j) {
    double count = 0;
    std::vector<double> toI(model.n), toJ(model.n);
    for (int k = 0; k < model.n; k++) {
        toI[k] = countOneConnections(model, k, i);
        toJ[k] = countOneConnections(model, k, j);
        count += toI[k] * toJ[k];
    }
    for (const auto& [k, l] : model.bidirected)
        count += toI[k] * toJ[l] + toI[l] * toJ[k];
    if (count > maxTerms)
        throw support::Failure(4, "covariance " + std::to_string(i) + ", " + std::to_string(j) +
                                      " has about " + format(count) +
                                      " terms, more than two million");
    const std::map<int, Polynomial> left = column(i), right = column(j);
    Polynomial sum(parameters);
    for (const auto& [k, s] : left)
        for (const auto& [l, t] : right)
            if (const int omega = omegaVariable(model, k, l); omega >= 0)
                sum += Polynomial::variable(parameters, omega) * s * t;
    return sum;
}

std::map<int, Polynomial> CovarianceFormula::column(int to) {
    const Mask within = ancestors(to);
    std::map<int, Polynomial> entries;
    for (int from = 0; from < model.n; from++)
        if (within >> from & 1)
            entries.emplace(from, connections.adjugate(from, to, within));
    return entries;
}

Polynomial CovarianceFormula::denominator(int i) {
    return connections.determinant(ancestors(i));
}

std::vector<Polynomial> CovarianceFormula::denominatorFactors(int i) {
    std::vector<Polynomial> factors;
    for (Mask component : strongComponents(model.children(), ancestors(i)))
        if (component & (component - 1))
            factors.push_back(connections.determinant(component));
    return factors;
}

Polynomial CovarianceFormula::determinant() {
    return connections.determinant(bit(model.n) - 1);
}

std::vector<std::vector<mpq_class>>
CovarianceFormula::evaluate(const std::vector<mpq_class>& values) {
    std::vector<mpq_class> denominators;
    for (int i = 0; i < model.n; i++) {
        denominators.push_back(denominator(i).evaluate(values));
        if (denominators[i] == 0)
            throw support::Failure(3, "det(I - Lambda) is 0 on the ancestors of vertex " +
                                          std::to_string(i));
    }
    std::vector<std::vector<mpq_class>> sigma(model.n, std::vector<mpq_class>(model.n));
    for (int i = 0; i < model.n; i++)
        for (int j = 0; j <= i; j++)
            sigma[i][j] = sigma[j][i] =
                numerator(i, j).evaluate(values) / (denominators[i] * denominators[j]);
    return sigma;
}

} // namespace equivariant::one_connection_rule
