// SPDX-License-Identifier: MIT
#include "BridgePaths.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include <cmath>

namespace equivariant::light_sb {

using Eigen::Index;
using Eigen::VectorXd;
using support::Random;

namespace {

VectorXd sampleEnd(const Model& model, const VectorView& x, Random& random) {
    const Conditional law = model.conditional(x);
    double left = random.uniform();
    Index k = 0;
    while (k + 1 < law.weights.size() && (left -= law.weights[k]) >= 0)
        k++;
    const VectorXd noise = random.normalVector(x.size());
    return law.means.row(k).transpose() +
           model.rotateBack(k, law.variances.row(k).transpose().cwiseSqrt().cwiseProduct(noise));
}

void requireTimes(const std::vector<double>& times) {
    double last = 0;
    for (double t : times) {
        if (!(t >= 0 && t <= 1))
            throw Error("times have to be within [0, 1]");
        if (t < last)
            throw Error("times have to ascend");
        last = t;
    }
}

} // namespace

Matrix sampleEnds(const Model& model, const MatrixView& x, std::uint64_t seed) {
    model.requirePoints(x);
    Matrix y(x.rows(), x.cols());
    forEachRow(x.rows(), [&](Index i) {
        Random random(seed, i);
        y.row(i) = sampleEnd(model, x.row(i).transpose(), random).transpose();
    });
    return y;
}

std::vector<Matrix> samplePaths(const Model& model, const MatrixView& x,
                                const std::vector<double>& times, std::uint64_t seed) {
    model.requirePoints(x);
    requireTimes(times);
    std::vector<Matrix> paths(times.size(), Matrix(x.rows(), x.cols()));
    forEachRow(x.rows(), [&](Index i) {
        Random random(seed, i);
        VectorXd point = x.row(i).transpose();
        const VectorXd end = sampleEnd(model, point, random);
        double now = 0;
        for (std::size_t k = 0; k < times.size(); k++) {
            if (times[k] > now) { // the rest of a Brownian bridge is one
                const double step = times[k] - now, rest = 1 - now;
                const double deviation = std::sqrt(model.eps() * step * (1 - times[k]) / rest);
                point += step / rest * (end - point) + deviation * random.normalVector(x.cols());
                now = times[k];
            }
            paths[k].row(i) = (now == 1 ? end : point).transpose();
        }
    });
    return paths;
}

std::vector<Matrix> integratePaths(const Model& model, const MatrixView& x, int steps,
                                   std::uint64_t seed) {
    model.requirePoints(x);
    if (steps < 1)
        throw Error("a path needs a step");
    std::vector<Matrix> paths(steps + 1, x);
    const double step = 1.0 / steps, deviation = std::sqrt(model.eps() * step);
    forEachRow(x.rows(), [&](Index i) {
        Random random(seed, i);
        VectorXd point = x.row(i).transpose();
        for (int k = 0; k < steps; k++) {
            const double t = k * step;
            const VectorXd drift = (model.conditional(point, t).mean() - point) / (1 - t);
            point += step * drift + deviation * random.normalVector(x.cols());
            paths[k + 1].row(i) = point.transpose();
        }
    });
    return paths;
}

} // namespace equivariant::light_sb
