// SPDX-License-Identifier: MIT
#include "Objective.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace equivariant::light_sb {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

const double smallestLogScale = std::log(1e-6), largestLogScale = std::log(1e4);

/// Turns rows of logits into probabilities; returns the mean of their log-sum-exp.
double normalise(Matrix& logits) {
    const VectorXd largest = logits.rowwise().maxCoeff();
    logits = (logits.colwise() - largest).array().exp();
    const VectorXd sums = logits.rowwise().sum();
    logits.array().colwise() /= sums.array();
    return (largest.array() + sums.array().log()).mean();
}

} // namespace

/// The variables, or their derivatives, as arrays.
struct Objective::Views {
    Views(double* data, Index K, Index D)
        : logWeights(data, K), means(data + K, K, D), logScales(data + K + K * D, K, D),
          factorData(data + K + 2 * K * D), D(D) {}

    Eigen::Map<Matrix> factor(Index k) const { return {factorData + k * D * D, D, D}; }
    auto unitLower(Index k) const {
        return Eigen::Map<const Matrix>(factorData + k * D * D, D, D)
            .triangularView<Eigen::UnitLower>();
    }

    Eigen::Map<VectorXd> logWeights; ///< eps log a
    Eigen::Map<Matrix> means, logScales;
    double* factorData;
    Index D;
};

Objective::Objective(double eps, Index components, Index dimension, bool full)
    : eps(eps), K(components), D(dimension), full(full) {}

Index Objective::size() const {
    return K + 2 * K * D + (full ? K * D * D : 0);
}

VectorXd Objective::start(const MatrixView& means, double s) const {
    VectorXd variables = VectorXd::Zero(size());
    Views views(variables.data(), K, D);
    views.logWeights.setConstant(-eps * std::log(double(K)));
    views.means = means;
    views.logScales.setConstant(std::log(s));
    return variables;
}

void Objective::clamp(VectorXd& variables) const {
    Views views(variables.data(), K, D);
    views.logScales = views.logScales.cwiseMax(smallestLogScale).cwiseMin(largestLogScale);
}

double Objective::evaluate(const VectorXd& variables, const Matrix& x, const Matrix& y,
                           VectorXd& gradient) const {
    gradient.setZero(size());
    // Views of what is only read: never written through.
    const Views now(const_cast<double*>(variables.data()), K, D);
    Views slopes(gradient.data(), K, D);
    return full ? addFullSource(now, x, slopes) - addFullTarget(now, y, slopes)
                : addSource(now, x, slopes) - addTarget(now, y, slopes);
}

// log c(x) = log sum_k exp((eps log a_k + (x S_k x)/2 + r_k x) / eps)
double Objective::addSource(const Views& now, const Matrix& x, Views& gradient) const {
    const Matrix scales = now.logScales.array().exp(), squares = x.cwiseAbs2();
    Matrix p = (squares * scales.transpose() / 2 + x * now.means.transpose()) / eps;
    p.rowwise() += now.logWeights.transpose() / eps;
    const double value = normalise(p);
    p /= eps * double(x.rows());
    gradient.logWeights += p.colwise().sum().transpose();
    gradient.means += p.transpose() * x;
    gradient.logScales += (p.transpose() * squares).cwiseProduct(scales) / 2;
    return value;
}

// log v(y) = log sum_k exp(log a_k - log|2 pi eps S_k|/2 - (y-r_k) S_k^-1 (y-r_k) / (2 eps))
double Objective::addTarget(const Views& now, const Matrix& y, Views& gradient) const {
    const Matrix inverse = (-now.logScales.array()).exp(), squares = y.cwiseAbs2();
    const Matrix scaledMeans = now.means.cwiseProduct(inverse);
    Matrix q = (y * scaledMeans.transpose() - squares * inverse.transpose() / 2) / eps;
    q.rowwise() += (now.logWeights / eps - now.logScales.rowwise().sum() / 2 -
                    now.means.cwiseProduct(scaledMeans).rowwise().sum() / (2 * eps))
                       .transpose();
    const double value = normalise(q) - double(D) / 2 * std::log(2 * M_PI * eps);
    q /= double(y.rows());
    const VectorXd mass = q.colwise().sum().transpose();
    const Matrix first = q.transpose() * y, second = q.transpose() * squares;
    const Matrix meansOfMass = now.means.array().colwise() * mass.array();
    gradient.logWeights -= mass / eps;
    gradient.means -= (first - meansOfMass).cwiseProduct(inverse) / eps;
    const Matrix spread = second - now.means.cwiseProduct(2 * first - meansOfMass);
    gradient.logScales -= spread.cwiseProduct(inverse) / (2 * eps);
    gradient.logScales.array().colwise() += mass.array() / 2;
    return value;
}

double Objective::addFullSource(const Views& now, const Matrix& x, Views& gradient) const {
    Matrix p = x * now.means.transpose() / eps;
    std::vector<Matrix> rotated(K);
    for (Index k = 0; k < K; k++) {
        rotated[k] = x * now.unitLower(k);
        const VectorXd s = now.logScales.row(k).transpose().array().exp();
        p.col(k).array() += now.logWeights[k] / eps;
        p.col(k) += rotated[k].cwiseAbs2() * s / (2 * eps);
    }
    const double value = normalise(p);
    p /= eps * double(x.rows());
    gradient.logWeights += p.colwise().sum().transpose();
    gradient.means += p.transpose() * x;
    for (Index k = 0; k < K; k++) {
        const Eigen::RowVectorXd s = now.logScales.row(k).array().exp();
        gradient.logScales.row(k) +=
            (p.col(k).transpose() * rotated[k].cwiseAbs2()).cwiseProduct(s) / 2;
        const Matrix slope = x.transpose() * p.col(k).asDiagonal() * rotated[k] * s.asDiagonal();
        gradient.factor(k) += Matrix(slope.triangularView<Eigen::StrictlyLower>());
    }
    return value;
}

double Objective::addFullTarget(const Views& now, const Matrix& y, Views& gradient) const {
    Matrix q(y.rows(), K);
    std::vector<Matrix> whitened(K); // N^-1 (y - r), [D][rows]
    for (Index k = 0; k < K; k++) {
        whitened[k] = (y.rowwise() - now.means.row(k)).transpose();
        now.unitLower(k).solveInPlace(whitened[k]);
        const VectorXd inverse = (-now.logScales.row(k).transpose().array()).exp();
        q.col(k) = -whitened[k].cwiseAbs2().transpose() * inverse / (2 * eps);
        q.col(k).array() += now.logWeights[k] / eps - now.logScales.row(k).sum() / 2;
    }
    const double value = normalise(q) - double(D) / 2 * std::log(2 * M_PI * eps);
    q /= double(y.rows());
    for (Index k = 0; k < K; k++) {
        const VectorXd inverse = (-now.logScales.row(k).transpose().array()).exp();
        const double mass = q.col(k).sum();
        const Matrix& z = whitened[k];
        Matrix pull = inverse.asDiagonal() * z; // S^-1 (y - r)
        const auto n = now.unitLower(k);
        n.transpose().solveInPlace(pull);
        gradient.logWeights[k] -= mass / eps;
        gradient.means.row(k) -= (pull * q.col(k)).transpose() / eps;
        const VectorXd spread = z.cwiseAbs2() * q.col(k);
        gradient.logScales.row(k) -= (spread.cwiseProduct(inverse) / (2 * eps)).transpose();
        gradient.logScales.row(k).array() += mass / 2;
        const Matrix slope = pull * q.col(k).asDiagonal() * z.transpose() / eps;
        gradient.factor(k) -= Matrix(slope.triangularView<Eigen::StrictlyLower>());
    }
    return value;
}

Model::Parameters Objective::makeParameters(const VectorXd& variables) const {
    const Views now(const_cast<double*>(variables.data()), K, D);
    Model::Parameters p{eps, now.logWeights / eps, now.means, now.logScales, {}};
    for (Index k = 0; full && k < K; k++) {
        const Eigen::MatrixXd n = now.unitLower(k) * Eigen::MatrixXd::Identity(D, D);
        const VectorXd s = now.logScales.row(k).transpose().array().exp();
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(n * s.asDiagonal() *
                                                                    n.transpose());
        const VectorXd values = solver.eigenvalues().cwiseMax(1e-6).cwiseMin(1e4);
        p.logScales.row(k) = values.array().log().transpose();
        p.rotations.push_back(solver.eigenvectors());
    }
    return p;
}

} // namespace equivariant::light_sb
