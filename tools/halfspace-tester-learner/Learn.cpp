// SPDX-License-Identifier: MIT
#include "Learn.h"

#include "support/Random.h"

#include <cmath>

namespace equivariant::halfspace_tester_learner {

namespace {

/// Adds the gradient of one point, before projection.
void addGradient(const Ramp& ramp, const MatrixView& x, const VectorView& y, const VectorView& w,
                 Index i, VectorXd& gradient) {
    const double slope = ramp.slope(-y[i] * x.row(i).dot(w));
    if (slope != 0)
        gradient -= slope * y[i] * x.row(i).transpose();
}

VectorXd project(const VectorXd& gradient, const VectorView& w) {
    return gradient - gradient.dot(w) * w;
}

} // namespace

double Ramp::value(double t) const {
    const double u = (std::abs(t) - sigma / 6) / (sigma / 3);
    if (u <= 0)
        return 0.5 + t / sigma;
    const double upper = u >= 1 ? 1 : (2 + u + u * u - u * u * u) / 3;
    return t > 0 ? upper : 1 - upper;
}

double Ramp::slope(double t) const {
    const double u = (std::abs(t) - sigma / 6) / (sigma / 3);
    if (u >= 1)
        return 0;
    return (u <= 0 ? 1 : (1 - u) * (1 + 3 * u)) / sigma;
}

double surrogate(const MatrixView& x, const VectorView& y, const VectorView& w, double sigma) {
    const Ramp ramp{sigma};
    double sum = 0;
    for (Index i = 0; i < x.rows(); i++)
        sum += ramp.value(-y[i] * x.row(i).dot(w));
    return sum / static_cast<double>(x.rows());
}

VectorXd surrogateGradient(const MatrixView& x, const VectorView& y, const VectorView& w,
                           double sigma) {
    VectorXd gradient = VectorXd::Zero(x.cols());
    for (Index i = 0; i < x.rows(); i++)
        addGradient({sigma}, x, y, w, i, gradient);
    return project(gradient, w) / static_cast<double>(x.rows());
}

std::vector<VectorXd> learn(const MatrixView& x, const VectorView& y, double sigma,
                            const LearnOptions& options) {
    support::Random random(options.seed);
    VectorXd w = random.normalVector(x.cols()).normalized(), mean = VectorXd::Zero(x.cols());
    for (int t = 0; t < options.steps; t++) {
        VectorXd gradient = VectorXd::Zero(x.cols());
        for (int k = 0; k < options.batch; k++)
            addGradient({sigma}, x, y, w, random.below(x.rows()), gradient);
        const double rate = 0.05 / std::sqrt(1 + t / 50.0);
        w = (w - rate / options.batch * project(gradient, w)).normalized();
        if (2 * (t + 1) > options.steps)
            mean += w;
    }
    mean.normalize();
    if ((mean - w).norm() <= 0.01)
        return {mean};
    return {mean, w};
}

VectorXd predict(const MatrixView& x, const VectorView& w) {
    return (x * w).unaryExpr([](double t) { return t >= 0 ? 1.0 : -1.0; });
}

double errorRate(const MatrixView& x, const VectorView& y, const VectorView& w) {
    return static_cast<double>((predict(x, w).array() != y.array()).count()) /
           static_cast<double>(x.rows());
}

} // namespace equivariant::halfspace_tester_learner
