// SPDX-License-Identifier: MIT
#include "Simulation.h"

#include "Covariance.h"

#include "support/Random.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>

namespace equivariant::one_connection_rule {

using support::Matrix;
using support::Random;

Matrix simulate(const MixedGraph& graph, const std::vector<double>& values, int count,
                std::uint64_t seed) {
    evaluateNumerically(graph, values); // refuses what is not a model
    const auto [lambda, omega] = makeMatrices(graph, values);
    const Eigen::MatrixXd factor = Eigen::LLT<Eigen::MatrixXd>(omega).matrixL();
    const Eigen::MatrixXd inverse = (Matrix::Identity(graph.n, graph.n) - lambda).inverse();
    return Random(seed).normalMatrix(count, graph.n) * factor.transpose() * inverse;
}

std::vector<double> randomValues(const MixedGraph& graph, std::uint64_t seed) {
    Random random(seed);
    std::vector<double> values;
    for (std::size_t k = 0; k < graph.directed.size(); k++)
        values.push_back(random.sign() * (0.3 + 0.5 * random.uniform()));
    for (int i = 0; i < graph.n; i++)
        values.push_back(1 + random.uniform());
    for (std::size_t k = 0; k < graph.bidirected.size(); k++)
        values.push_back(random.sign() * 0.5 * random.uniform() / graph.n);
    return values;
}

std::vector<mpq_class> randomRationals(const MixedGraph& graph, std::uint64_t seed) {
    Random random(seed);
    std::vector<mpq_class> values;
    for (int k = 0; k < graph.countParameters(); k++) {
        values.emplace_back(random.below(41) - 20, 1 + random.below(9));
        values.back().canonicalize();
    }
    return values;
}

MixedGraph randomMixedGraph(int n, double probability, bool simple, std::uint64_t seed) {
    Random random(seed);
    std::vector<MixedGraph::Edge> directed, bidirected;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            const auto kind = random.below(3);
            const bool isJoined = random.uniform() < probability;
            if (isJoined && (kind == 0 || (!simple && random.uniform() < 0.5)))
                directed.emplace_back(i, j);
            if (isJoined && (kind == 1 || (!simple && random.uniform() < 0.5)))
                directed.emplace_back(j, i);
            if (isJoined && (kind == 2 || (!simple && random.uniform() < 0.5)))
                bidirected.emplace_back(i, j);
        }
    return {n, directed, bidirected};
}

} // namespace equivariant::one_connection_rule
