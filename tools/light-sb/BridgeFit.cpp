// SPDX-License-Identifier: MIT
#include "BridgeFit.h"

#include "Objective.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include <cmath>

namespace equivariant::light_sb {

using Eigen::Index;
using Eigen::RowVectorXd;
using Eigen::VectorXd;
using support::Random;

namespace {

RowVectorXd deviations(const MatrixView& points) {
    const Matrix centred = points.rowwise() - points.colwise().mean();
    return (centred.cwiseAbs2().colwise().sum() / double(points.rows())).cwiseSqrt();
}

void requireVariation(const MatrixView& points, const std::string& name) {
    const RowVectorXd spread = deviations(points);
    for (Index j = 0; j < points.cols(); j++)
        if (!(spread[j] > 1e-12 * points.col(j).cwiseAbs().maxCoeff()))
            throw Error(name + ": column " + std::to_string(j) + " does not vary");
}

void check(const MatrixView& x, const MatrixView& y, const FitOptions& options) {
    if (x.cols() != y.cols())
        throw Error("the source has " + std::to_string(x.cols()) + " columns and the target " +
                    std::to_string(y.cols()));
    if (x.rows() < 1 || x.cols() < 1)
        throw Error("source: there are no points");
    support::requireFinite(x, "source");
    support::requireFinite(y, "target");
    if (!(options.eps > 0 && std::isfinite(options.eps)))
        throw Error("eps has to be positive");
    if (options.components < 1 || options.steps < 1 || options.batch < 1)
        throw Error("components, steps and batch have to be positive");
    if (!(options.initialScale > 0 && std::isfinite(options.initialScale)))
        throw Error("the scale at the start has to be positive");
    if (!(options.learningRate >= 0 && std::isfinite(options.learningRate)))
        throw Error("the learning rate has to be positive");
    if (y.rows() < options.components)
        throw Error("the target has " + std::to_string(y.rows()) + " rows, fewer than the " +
                    std::to_string(options.components) + " components");
    requireVariation(x, "source");
    requireVariation(y, "target");
}

/// Adam (Kingma & Ba, arXiv:1412.6980).
class Adam {
public:
    explicit Adam(Index size) : first(VectorXd::Zero(size)), second(VectorXd::Zero(size)) {}

    void step(VectorXd& variables, const VectorXd& gradient, double rate) {
        constexpr double beta1 = 0.9, beta2 = 0.999;
        power1 *= beta1, power2 *= beta2;
        first = beta1 * first + (1 - beta1) * gradient;
        second = beta2 * second + (1 - beta2) * gradient.cwiseAbs2();
        variables.array() -=
            rate / (1 - power1) * first.array() / ((second.array() / (1 - power2)).sqrt() + 1e-8);
    }

private:
    VectorXd first, second;
    double power1 = 1, power2 = 1;
};

Matrix drawRows(const Matrix& points, int count, Random& random) {
    Matrix batch(count, points.cols());
    for (int i = 0; i < count; i++)
        batch.row(i) = points.row(random.below(points.rows()));
    return batch;
}

VectorXd minimise(const Objective& objective, VectorXd& variables, const Matrix& x, const Matrix& y,
                  const FitOptions& options, double learningRate, Random& random) {
    VectorXd losses(options.steps), gradient;
    Adam adam(objective.size());
    for (int step = 0; step < options.steps; step++) {
        const Matrix source = drawRows(x, options.batch, random);
        const Matrix target = drawRows(y, options.batch, random);
        losses[step] = objective.evaluate(variables, source, target, gradient);
        if (!std::isfinite(losses[step]) || !gradient.allFinite())
            throw Error("the loss is not finite at step " + std::to_string(step) +
                        "; a smaller learning rate may help");
        const double left = double(options.steps - step) / options.steps;
        adam.step(variables, gradient, learningRate * std::min(1.0, 2 * left));
        objective.clamp(variables);
        if (options.progress)
            options.progress(step + 1);
    }
    return losses;
}

/// From centred and scaled points, (x - x0)/scale and (y - y0)/scale, to the points themselves: the
/// exponents of c(x) are rewritten in x; a factor that all components share means nothing.
/// @param eps  of the points
Model::Parameters undoScaling(Model::Parameters p, double eps, const VectorXd& x0,
                              const VectorXd& y0, double scale) {
    p.eps = eps; // not the scaled one scaled back, whose last digits differ
    for (Index k = 0; k < p.means.rows(); k++) {
        const VectorXd s = p.logScales.row(k).transpose().array().exp();
        const VectorXd r = scale * p.means.row(k).transpose();
        const VectorXd sx =
            p.rotations.empty()
                ? VectorXd(s.cwiseProduct(x0))
                : VectorXd(p.rotations[k] * s.cwiseProduct(p.rotations[k].transpose() * x0));
        p.logWeights[k] += (x0.dot(sx) - 2 * r.dot(x0)) / (2 * p.eps);
        p.means.row(k) = (y0 + r - sx).transpose();
    }
    const double largest = p.logWeights.maxCoeff();
    p.logWeights.array() -= largest + std::log((p.logWeights.array() - largest).exp().sum());
    return p;
}

std::vector<Index> findDead(const Model& model, const MatrixView& x) {
    Matrix weights(x.rows(), model.components());
    forEachRow(x.rows(), [&](Index i) {
        weights.row(i) = model.conditional(x.row(i).transpose()).weights.transpose();
    });
    std::vector<Index> dead;
    for (Index k = 0; k < model.components(); k++)
        if (weights.col(k).maxCoeff() < 1e-8)
            dead.push_back(k);
    return dead;
}

} // namespace

double riseOf(const VectorXd& losses) {
    const Index half = losses.size() / 2;
    if (half < 2)
        return 0;
    const auto early = losses.head(half).array(), late = losses.tail(half).array();
    const double a = early.mean(), b = late.mean();
    const double variance =
        ((early - a).square().sum() + (late - b).square().sum()) / double(half * (half - 1));
    return (b - a) / std::sqrt(variance + 1e-300);
}

double chooseLearningRate(double eps) {
    const auto between = [&](double low, double rateLow, double high, double rateHigh) {
        const double share = std::log(eps / low) / std::log(high / low);
        return std::exp((1 - share) * std::log(rateLow) + share * std::log(rateHigh));
    };
    if (eps <= 0.1)
        return 1e-3;
    if (eps <= 1)
        return between(0.1, 1e-3, 1, 3e-3);
    return eps <= 10 ? between(1, 3e-3, 10, 6e-2) : 6e-2;
}

Fit fit(const MatrixView& x, const MatrixView& y, const FitOptions& options) {
    check(x, y, options);
    const RowVectorXd x0 = x.colwise().mean(), y0 = y.colwise().mean();
    const double scale = (deviations(x).mean() + deviations(y).mean()) / 2;
    const Matrix source = (x.rowwise() - x0) / scale, target = (y.rowwise() - y0) / scale;
    const double eps = options.eps / (scale * scale);
    const double rate = options.learningRate > 0 ? options.learningRate : chooseLearningRate(eps);

    Random random(options.seed);
    std::vector<int> order = random.permutation(static_cast<int>(y.rows()));
    order.resize(options.components);
    const Objective objective(eps, options.components, x.cols(), options.full);
    VectorXd variables = objective.start(target(order, Eigen::all), options.initialScale);
    const VectorXd losses = minimise(objective, variables, source, target, options, rate, random);

    Model model(undoScaling(objective.makeParameters(variables), options.eps, x0.transpose(),
                            y0.transpose(), scale));
    const VectorXd tail = losses.tail((losses.size() + 4) / 5);
    std::vector<Index> dead = findDead(model, x);
    return {std::move(model), scale, rate, losses, tail.mean(), riseOf(tail), std::move(dead)};
}

} // namespace equivariant::light_sb
