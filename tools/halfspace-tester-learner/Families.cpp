// SPDX-License-Identifier: MIT
#include "Families.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace equivariant::halfspace_tester_learner {

namespace {

using support::Random;

double laplace(Random& random) {
    return -random.sign() * std::log1p(-random.uniform()) * M_SQRT1_2;
}

/// Student's t with 5 degrees of freedom, of variance 1.
double student(Random& random) {
    double squares = 0;
    for (int k = 0; k < 5; k++) {
        const double g = random.normal();
        squares += g * g;
    }
    return random.normal() / std::sqrt(squares / 5) * std::sqrt(3.0 / 5);
}

double drawCoordinate(const std::string& family, Random& random) {
    if (family == "hypercube")
        return random.sign();
    if (family == "Laplace")
        return laplace(random);
    if (family == "uniform")
        return std::sqrt(3.0) * (2 * random.uniform() - 1);
    if (family == "Student t5")
        return student(random);
    throw Error("there is no family '" + family + "'");
}

/// In the band |<w, x>| <= 0.1 one direction across it is shrunk.
void squeezeBand(Eigen::Ref<Eigen::RowVectorXd> x, const VectorXd& w, const VectorXd& across) {
    if (std::abs(x.dot(w)) <= 0.1)
        x -= 0.9 * x.dot(across) * across.transpose();
}

/// A unit vector orthogonal to w, always the same for one w.
VectorXd acrossOf(const VectorXd& w) {
    Index smallest;
    w.cwiseAbs().minCoeff(&smallest);
    const VectorXd axis = VectorXd::Unit(w.size(), smallest);
    return (axis - axis.dot(w) * w).normalized();
}

} // namespace

const std::vector<std::string>& families() {
    static const std::vector<std::string> names = {"hypercube", "Laplace",  "uniform", "Student t5",
                                                   "shrunk",    "squeezed", "on plane"};
    return names;
}

VectorXd randomDirection(Index d, Random& random) {
    return random.normalVector(d).normalized();
}

VectorXd orthogonal(const VectorXd& w, Random& random) {
    const VectorXd v = random.normalVector(w.size());
    return (v - v.dot(w) * w).normalized();
}

Matrix drawPoints(const std::string& family, Index n, const VectorXd& w, double share,
                  Random& random) {
    Matrix x = random.normalMatrix(n, w.size());
    const VectorXd across = acrossOf(w);
    for (Index i = 0; i < n; i++) {
        if (random.uniform() >= share)
            continue;
        if (family == "shrunk")
            x.row(i) *= 0.05;
        else if (family == "squeezed")
            squeezeBand(x.row(i), w, across);
        else if (family == "on plane") {
            if (std::abs(x.row(i).dot(w)) <= 0.03)
                x.row(i) -= x.row(i).dot(w) * w.transpose();
        } else
            for (double& value : x.row(i))
                value = drawCoordinate(family, random);
    }
    return x;
}

VectorXd massartLabels(const MatrixView& x, const VectorXd& w, double eta, Random& random) {
    VectorXd y = predict(x, w);
    for (Index i = 0; i < y.size(); i++)
        if (random.uniform() < (std::abs(x.row(i).dot(w)) < 1 ? eta : eta / 2))
            y[i] = -y[i];
    return y;
}

VectorXd flipLargest(const MatrixView& x, const VectorXd& w, double share, const VectorXd& key) {
    VectorXd y = predict(x, w);
    std::vector<Index> order(x.rows());
    std::iota(order.begin(), order.end(), Index(0));
    const auto count = static_cast<std::ptrdiff_t>(share * static_cast<double>(x.rows()));
    std::nth_element(order.begin(), order.begin() + count, order.end(),
                     [&](Index a, Index b) { return key[a] > key[b]; });
    for (std::ptrdiff_t k = 0; k < count; k++)
        y[order[k]] = -y[order[k]];
    return y;
}

} // namespace equivariant::halfspace_tester_learner
