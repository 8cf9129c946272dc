// SPDX-License-Identifier: MIT
#include "SliceMinimum.h"

#include "equivariant/Error.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <cstdio>
#include <utility>

namespace equivariant::lp_sensitivity_sampling {

namespace {

using Eigen::ArrayXd;
using Eigen::VectorXd;

constexpr double wantedGap = 1e-12, acceptedGap = 1e-8;
constexpr int mostIterations = 300;

/// sum of (r^2 + eps^2)^(p/2), and per term its derivatives divided by p.
struct Smoothed {
    Smoothed(double p, double eps) : p(p), eps2(eps * eps) {}

    ArrayXd power(const ArrayXd& r, double exponent) const {
        return eps2 == 0 ? ArrayXd(r.abs().pow(2 * exponent)) : (r.square() + eps2).pow(exponent);
    }
    double value(const ArrayXd& r) const { return power(r, p / 2).sum(); }
    ArrayXd first(const ArrayXd& r) const { return power(r, p / 2 - 1) * r; }
    ArrayXd second(const ArrayXd& r) const {
        if (eps2 == 0)
            return (p - 1) * power(r, p / 2 - 1);
        return power(r, p / 2 - 2) * ((p - 1) * r.square() + eps2);
    }

    double p, eps2;
};

double norm(const ArrayXd& values, double p) {
    const double largest = values.abs().maxCoeff();
    return largest == 0 ? 0 : largest * std::pow((values.abs() / largest).pow(p).sum(), 1 / p);
}

/// The bound that the gradient of the present iterate proves, after a projection that makes it
/// feasible.
double dualBound(const MatrixView& q, const VectorView& u, double p, const ArrayXd& gradient) {
    const VectorXd image = q.transpose() * gradient.matrix();
    const double lambda = u.dot(image) / u.squaredNorm();
    const VectorXd excess = image - lambda * u;
    return lambda / norm(gradient - (q * excess).array(), p / (p - 1));
}

/// -H^-1 g, projected such that u dx = 0.
VectorXd newtonStep(const MatrixView& q, const VectorView& u, const ArrayXd& first,
                    const ArrayXd& second) {
    const VectorXd gradient = q.transpose() * first.matrix();
    Eigen::MatrixXd hessian = q.transpose() * second.matrix().asDiagonal() * q;
    constexpr double ridge = 1e-14; // residuals of zero leave H singular for p > 2
    hessian.diagonal().array() += ridge * hessian.diagonal().maxCoeff();
    const Eigen::LLT<Eigen::MatrixXd> factor(hessian);
    const VectorXd a = factor.solve(gradient), b = factor.solve(u);
    return b * (u.dot(a) / u.dot(b)) - a;
}

} // namespace

SliceMinimum minimiseOnSlice(const MatrixView& q, const VectorView& u, double p) {
    VectorXd x = u / u.squaredNorm();
    ArrayXd r = (q * x).array();
    double eps = p < 2 ? 0.1 : 0; // relative to the largest residual
    double gap = 1;
    SliceMinimum best{x, 0, 0};
    for (int i = 0; i < mostIterations; i++) {
        const double scale = r.abs().maxCoeff();
        const ArrayXd scaled = r / scale;
        const Smoothed f(p, eps);
        const ArrayXd first = f.first(scaled);
        const double length = norm(r, p);
        const double bound = std::max(best.lowerBound, dualBound(q, u, p, first));
        best = {x, length, bound};
        const double previousGap = std::exchange(gap, 1 - bound / length);
        const bool isStuck = eps <= 1e-9 && gap <= acceptedGap && gap > 0.5 * previousGap;
        if (gap <= wantedGap || isStuck)
            break;

        const VectorXd dx = newtonStep(q, u, first, f.second(scaled));
        const ArrayXd dr = (q * dx).array();
        const double value = f.value(scaled), slope = p * (first * dr).sum();
        constexpr double rounding = 1e-15;
        bool isSolved = -slope <= rounding * value; // for this eps
        if (!isSolved) {
            double t = 1;
            while (t > 1e-12 &&
                   !(f.value(scaled + t * dr) <= value + 1e-4 * t * slope + rounding * value))
                t /= 2;
            x += scale * t * dx;
            r = (q * x).array();
            isSolved = t == 1 && -slope < 1e-3 * value;
        }
        if (isSolved)
            eps /= 10;
    }
    if (!(gap <= acceptedGap)) {
        char text[100];
        std::snprintf(text, sizeof(text),
                      "p = %g: the sensitivity of a row is known to a relative gap of %.1e only", p,
                      gap);
        throw Error(text);
    }
    return {best.x, std::pow(best.power, p), std::pow(best.lowerBound, p)};
}

} // namespace equivariant::lp_sensitivity_sampling
