// SPDX-License-Identifier: MIT
#include "Classifier.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr int numNeighbors = 5;
constexpr double ridge = 1e-3; // keeps the weights finite where classes can be told apart exactly

Matrix withOnes(const MatrixView& inputs) {
    Matrix result(inputs.rows(), inputs.cols() + 1);
    result << VectorXd::Ones(inputs.rows()), inputs;
    return result;
}

/// The most frequent label among the nearest; of equally frequent ones that of the nearest.
int vote(const std::vector<std::pair<double, int>>& nearest, int numLabels) {
    std::vector<int> votes(numLabels, 0);
    for (const auto& neighbor : nearest)
        votes[neighbor.second]++;
    const int most = *std::max_element(votes.begin(), votes.end());
    for (const auto& neighbor : nearest)
        if (votes[neighbor.second] == most)
            return neighbor.second;
    return 0;
}

/// Rows of probabilities.
MatrixXd softmax(MatrixXd scores) {
    scores.colwise() -= scores.rowwise().maxCoeff().eval();
    scores = scores.array().exp();
    scores.array().colwise() /= scores.rowwise().sum().array().eval();
    return scores;
}

} // namespace

Classifier::Classifier(ClassifierKind kind, const MatrixView& parameters,
                       const std::vector<int>& labels)
    : kind(kind), labels(labels) {
    if (parameters.rows() != static_cast<Index>(labels.size()))
        throw Error("there are parameters of " + std::to_string(parameters.rows()) + " runs, but " +
                    std::to_string(labels.size()) + " runs");
    if (labels.empty() || *std::min_element(labels.begin(), labels.end()) < 0)
        throw Error("a classifier needs runs, with labels of 0 or more");
    numLabels = *std::max_element(labels.begin(), labels.end()) + 1;
    mean = parameters.colwise().mean();
    deviation = ((parameters.rowwise() - mean).colwise().squaredNorm() /
                 static_cast<double>(parameters.rows()))
                    .cwiseSqrt();
    for (double& d : deviation)
        if (!(d > 0))
            d = 1; // a parameter that is the same everywhere says nothing
    inputs = scale(parameters);
    if (kind == ClassifierKind::Logistic)
        fitLogistic();
}

Matrix Classifier::scale(const MatrixView& parameters) const {
    if (parameters.cols() != mean.size())
        throw Error("a query has " + std::to_string(parameters.cols()) +
                    " parameters, the classifier was trained with " + std::to_string(mean.size()));
    support::requireFinite(parameters, "parameters");
    return (parameters.rowwise() - mean) * deviation.cwiseInverse().asDiagonal();
}

/// Newton's method with a bound of the Hessian in its place, X^T X/2 for each label (Böhning 1992),
/// so that every step lowers the loss.
void Classifier::fitLogistic() {
    const Matrix x = withOnes(inputs);
    MatrixXd target = MatrixXd::Zero(x.rows(), numLabels);
    for (Index i = 0; i < x.rows(); i++)
        target(i, labels[i]) = 1;
    const MatrixXd bound =
        0.5 * (x.transpose() * x) + ridge * MatrixXd::Identity(x.cols(), x.cols());
    const Eigen::LLT<MatrixXd> solver(bound);
    weights = MatrixXd::Zero(x.cols(), numLabels);
    constexpr int mostSteps = 2000;
    for (int step = 0; step < mostSteps; step++) {
        const MatrixXd gradient = x.transpose() * (softmax(x * weights) - target) + ridge * weights;
        const MatrixXd change = solver.solve(gradient);
        weights -= change;
        if (change.cwiseAbs().maxCoeff() < 1e-6)
            break;
    }
}

std::vector<int> Classifier::predict(const MatrixView& parameters) const {
    const Matrix queries = scale(parameters);
    std::vector<int> result(queries.rows());
    if (kind == ClassifierKind::Logistic) {
        const MatrixXd scores = withOnes(queries) * weights;
        for (Index i = 0; i < queries.rows(); i++)
            scores.row(i).maxCoeff(&result[i]);
        return result;
    }
    for (Index i = 0; i < queries.rows(); i++) {
        std::vector<std::pair<double, int>> distances(labels.size());
        for (std::size_t j = 0; j < labels.size(); j++)
            distances[j] = {(queries.row(i) - inputs.row(static_cast<Index>(j))).squaredNorm(),
                            labels[j]};
        const std::size_t count = std::min<std::size_t>(numNeighbors, distances.size());
        std::partial_sort(distances.begin(), distances.begin() + static_cast<Index>(count),
                          distances.end());
        distances.resize(count);
        result[i] = vote(distances, numLabels);
    }
    return result;
}

double crossValidatedAccuracy(ClassifierKind kind, const MatrixView& parameters,
                              const std::vector<int>& labels, std::uint64_t seed) {
    constexpr int folds = 5;
    const auto count = static_cast<int>(labels.size());
    if (parameters.rows() != count)
        throw Error("there are parameters of " + std::to_string(parameters.rows()) + " runs, but " +
                    std::to_string(count) + " runs");
    const std::vector<int> order = support::Random(seed).permutation(count);
    int right = 0;
    for (int fold = 0; fold < folds; fold++) {
        std::vector<int> kept, left, keptLabels;
        for (int i = 0; i < count; i++)
            (i % folds == fold ? left : kept).push_back(order[i]);
        for (int i : kept)
            keptLabels.push_back(labels[i]);
        if (left.empty())
            continue;
        const Classifier classifier(kind, parameters(kept, Eigen::all), keptLabels);
        const std::vector<int> found = classifier.predict(parameters(left, Eigen::all));
        for (std::size_t i = 0; i < left.size(); i++)
            right += found[i] == labels[left[i]];
    }
    return static_cast<double>(right) / count;
}

} // namespace equivariant::local_reduced_order_bases
