// SPDX-License-Identifier: MIT
#include "BridgeModel.h"

#include "support/Parallel.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>

namespace equivariant::light_sb {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

double logSumExp(const VectorXd& logits) {
    const double largest = logits.maxCoeff();
    return largest + std::log((logits.array() - largest).exp().sum());
}

void requireTime(double t) {
    if (!(t >= 0 && t <= 1))
        throw Error("the time has to be within [0, 1]");
    if (t == 1)
        throw Error("at time 1 there is no drift");
}

void check(const Model::Parameters& p) {
    const Index k = p.means.rows(), d = p.means.cols();
    if (!(p.eps > 0 && std::isfinite(p.eps)))
        throw Error("eps has to be positive");
    if (k < 1 || d < 1)
        throw Error("a model needs a component and a coordinate");
    if (p.logWeights.size() != k || p.logScales.rows() != k || p.logScales.cols() != d ||
        (!p.rotations.empty() && static_cast<Index>(p.rotations.size()) != k))
        throw Error("weights, means, scales and rotations of the components do not fit together");
    support::requireFinite(p.logWeights, "log_alpha");
    support::requireFinite(p.means, "r");
    support::requireFinite(p.logScales, "log_s");
    if (p.logScales.cwiseAbs().maxCoeff() > 500)
        throw Error("log_s: a number beyond 500, whose exponential is of no use");
    for (const Matrix& q : p.rotations)
        if (q.rows() != d || q.cols() != d ||
            !((q.transpose() * q - Matrix::Identity(d, d)).cwiseAbs().maxCoeff() < 1e-8))
            throw Error("Q: not an orthogonal matrix of the right size");
}

} // namespace

void forEachRow(Index rows, const std::function<void(Index)>& body) {
    constexpr Index block = 64;
    support::parallelFor(static_cast<int>((rows + block - 1) / block), [&](int item) {
        for (Index i = item * block; i < std::min(rows, (item + 1) * block); i++)
            body(i);
    });
}

Model::Model(Parameters given) : parameters(std::move(given)) {
    check(parameters);
    scales = parameters.logScales.array().exp();
    rotatedMeans = parameters.means;
    for (Index k = 0; k < components(); k++)
        rotatedMeans.row(k) = rotate(k, parameters.means.row(k).transpose()).transpose();
}

VectorXd Model::rotate(Index k, const VectorView& x) const {
    return parameters.rotations.empty() ? VectorXd(x) : parameters.rotations[k].transpose() * x;
}

VectorXd Model::rotateBack(Index k, const VectorView& z) const {
    return parameters.rotations.empty() ? VectorXd(z) : parameters.rotations[k] * z;
}

void Model::requirePoints(const MatrixView& x) const {
    if (x.cols() != dimension())
        throw Error("points of " + std::to_string(x.cols()) + " coordinates, but the model has " +
                    std::to_string(dimension()));
    support::requireFinite(x, "points");
}

VectorXd Model::logV(const MatrixView& y) const {
    requirePoints(y);
    VectorXd result(y.rows());
    forEachRow(y.rows(), [&](Index i) {
        VectorXd logits = parameters.logWeights;
        for (Index k = 0; k < components(); k++) {
            const VectorXd z = rotate(k, y.row(i).transpose()) - rotatedMeans.row(k).transpose();
            logits[k] -= (parameters.logScales.row(k).sum() +
                          (z.transpose().array().square() / scales.row(k).array()).sum() / eps()) /
                         2;
        }
        result[i] = logSumExp(logits) - double(dimension()) / 2 * std::log(2 * M_PI * eps());
    });
    return result;
}

VectorXd Model::logC(const MatrixView& x) const {
    requirePoints(x);
    VectorXd result(x.rows());
    forEachRow(x.rows(),
               [&](Index i) { result[i] = conditional(x.row(i).transpose()).logNormalisation; });
    return result;
}

VectorXd Model::logPlan(const MatrixView& x, const MatrixView& y) const {
    if (x.rows() != y.rows())
        throw Error("as many end points as points are needed");
    const VectorXd c = logC(x);
    return x.cwiseProduct(y).rowwise().sum() / eps() + logV(y) - c;
}

// Bridge at x at time t: y has the density exp(-|y-x|^2/(2 eps (1-t)) + |y|^2/(2 eps)) v(y). With
// A = t/(eps (1-t)) + 1/(eps s) and h = x/(eps (1-t)) + r/(eps s) in the axes of a component, that
// is a Gaussian of mean h/A and variance 1/A.
Conditional Model::conditional(const VectorView& x, double t) const {
    requireTime(t);
    const double rest = 1 - t;
    Conditional result{VectorXd(components()), Matrix(components(), dimension()),
                       Matrix(components(), dimension()), 0};
    for (Index k = 0; k < components(); k++) {
        const Eigen::ArrayXd s = scales.row(k).transpose();
        const Eigen::ArrayXd r = rotatedMeans.row(k).transpose();
        const Eigen::ArrayXd inverse = 1 / (t / rest + 1 / s);           // 1/(eps A)
        const Eigen::ArrayXd pull = rotate(k, x).array() / rest + r / s; // eps h
        result.weights[k] = parameters.logWeights[k] + (inverse.log() - s.log()).sum() / 2 +
                            (pull.square() * inverse - r.square() / s).sum() / (2 * eps());
        result.means.row(k) = rotateBack(k, (pull * inverse).matrix()).transpose();
        result.variances.row(k) = eps() * inverse.transpose();
    }
    result.logNormalisation = logSumExp(result.weights);
    result.weights = (result.weights.array() - result.logNormalisation).exp();
    return result;
}

Eigen::MatrixXd Model::covariance(const Conditional& conditional) const {
    const VectorXd mean = conditional.mean();
    Eigen::MatrixXd total = Eigen::MatrixXd::Zero(dimension(), dimension());
    for (Index k = 0; k < components(); k++) {
        const VectorXd shift = conditional.means.row(k).transpose() - mean;
        Eigen::MatrixXd within = conditional.variances.row(k).asDiagonal();
        if (!parameters.rotations.empty())
            within = parameters.rotations[k] * within * parameters.rotations[k].transpose();
        total += conditional.weights[k] * (within + shift * shift.transpose());
    }
    return total;
}

Matrix Model::conditionalMeans(const MatrixView& x) const {
    requirePoints(x);
    Matrix result(x.rows(), x.cols());
    forEachRow(x.rows(), [&](Index i) {
        result.row(i) = conditional(x.row(i).transpose()).mean().transpose();
    });
    return result;
}

double Model::logPotential(const VectorView& x, double t) const {
    return conditional(x, t).logNormalisation - x.squaredNorm() / (2 * eps() * (1 - t));
}

Matrix Model::drift(const MatrixView& x, double t) const {
    requireTime(t);
    requirePoints(x);
    Matrix result(x.rows(), x.cols());
    forEachRow(x.rows(), [&](Index i) {
        const VectorXd mean = conditional(x.row(i).transpose(), t).mean();
        result.row(i) = (mean.transpose() - x.row(i)) / (1 - t);
    });
    return result;
}

} // namespace equivariant::light_sb
