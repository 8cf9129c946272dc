// SPDX-License-Identifier: MIT
//
// min over w of max_t |A_t w - b_t|^2: Newton's method on tau log sum_t exp(|A_t w - b_t|^2 / tau),
// which is convex and within tau log m of the maximum, for falling tau.
#include "Search.h"

#include "equivariant/Error.h"

#include <Eigen/Dense>
#include <cmath>

namespace equivariant::pac_invariant_representations {

using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

struct Equation {
    MatrixXd a;
    VectorXd b;
};

struct Smoothed {
    double value;
    VectorXd gradient;
    MatrixXd hessian;
};

Smoothed smooth(const std::vector<Equation>& equations, const VectorXd& w, double tau) {
    const auto m = static_cast<Eigen::Index>(equations.size());
    VectorXd squares(m);
    for (Eigen::Index t = 0; t < m; t++)
        squares[t] = (equations[t].a * w - equations[t].b).squaredNorm();
    const double largest = squares.maxCoeff();
    const VectorXd shares = ((squares.array() - largest) / tau).exp();
    const double sum = shares.sum();
    Smoothed result{largest + tau * std::log(sum), VectorXd::Zero(w.size()),
                    MatrixXd::Zero(w.size(), w.size())};
    for (Eigen::Index t = 0; t < m; t++) {
        const MatrixXd& a = equations[t].a;
        const VectorXd slope = 2 * a.transpose() * (a * w - equations[t].b);
        result.gradient += shares[t] / sum * slope;
        result.hessian +=
            shares[t] / sum * (2 * a.transpose() * a + slope * slope.transpose() / tau);
    }
    result.hessian -= result.gradient * result.gradient.transpose() / tau;
    return result;
}

void minimise(const std::vector<Equation>& equations, VectorXd& w, double tau) {
    Smoothed now = smooth(equations, w, tau);
    for (int iteration = 0; iteration < 100; iteration++) {
        const VectorXd step = now.hessian.completeOrthogonalDecomposition().solve(now.gradient);
        const double decrease = now.gradient.dot(step);
        if (!(decrease > 1e-14 * now.value))
            return;
        double length = 1;
        Smoothed next = smooth(equations, w - step, tau);
        while (!(next.value <= now.value - 0.25 * length * decrease) && length > 1e-10) {
            length /= 2;
            next = smooth(equations, w - length * step, tau);
        }
        if (!(next.value < now.value))
            return; // rounding
        w -= length * step;
        now = std::move(next);
    }
}

} // namespace

VectorXd minimaxHead(const std::vector<Environment>& environments, const MatrixXd& phi) {
    std::vector<Equation> equations;
    for (const Environment& e : environments)
        equations.push_back({phi * e.xx * phi.transpose(), phi * e.xy});
    VectorXd w = pooledHead(environments, phi);
    double largest = 0;
    for (const Equation& equation : equations)
        largest = std::max(largest, (equation.a * w - equation.b).squaredNorm());
    if (largest > 0)
        for (double tau = largest; tau > 1e-7 * largest; tau /= 4)
            minimise(equations, w, tau);
    return w;
}

} // namespace equivariant::pac_invariant_representations
