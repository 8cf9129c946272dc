// SPDX-License-Identifier: MIT
#include "Descent.h"

#include "support/Decompositions.h"
#include "support/Failure.h"
#include "support/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::matrix_sensing {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Factors randomStart(Index rows, Index columns, Index k, double scale, double ratio,
                    std::uint64_t seed) {
    const auto gaussian = [&](Index n, std::uint64_t stream) -> Matrix {
        return support::Random(seed, stream).normalMatrix(n, k) / std::sqrt(static_cast<double>(n));
    };
    return {scale * gaussian(rows, 0), scale / ratio * gaussian(columns, 1)};
}

namespace {

void require(bool condition, const std::string& message) {
    if (!condition)
        throw Error(message);
}

void checkInput(const SensingOperator& op, const VectorView& y, const Factors& start,
                const DescentOptions& options, const std::optional<Matrix>& truth) {
    const Index k = start.f.cols(), smaller = std::min(op.rows(), op.columns());
    require(k >= 1 && k <= smaller, "k = " + std::to_string(k) +
                                        " columns; the matrix allows 1 to " +
                                        std::to_string(smaller));
    require(start.f.rows() == op.rows() && start.g.rows() == op.columns() && start.g.cols() == k,
            "the factors do not fit to a matrix of " + std::to_string(op.rows()) + " x " +
                std::to_string(op.columns()));
    require(y.size() == op.count(), std::to_string(y.size()) + " values for " +
                                        std::to_string(op.count()) + " measurements");
    support::requireFinite(y, "measured values");
    require(options.step > 0 && std::isfinite(options.step), "the step eta has to be positive");
    require(options.iterations >= 1 && options.logEvery >= 1,
            "at least one iteration is needed, and one between points of the curve");
    require(!truth || (truth->rows() == op.rows() && truth->cols() == op.columns()),
            "the true matrix has another size than the one that is measured");
}

/// Steps until one of the conditions of `options` holds; records the curve and does the rescaling.
class Run {
public:
    Run(const SensingOperator& op, const VectorView& y, Factors start,
        const DescentOptions& options, const std::optional<Matrix>& truth)
        : op(op), y(y), options(options), truth(truth), level(y.squaredNorm() / double(y.size())) {
        checkInput(op, y, start, options, truth);
        result.factors = std::move(start);
    }

    /// @param step  changes the factors by an evaluation
    template <class Step> Descent descend(const Step& step) {
        double first = 0;
        for (int t = 0;; t++) {
            Factors& factors = result.factors;
            const Evaluation evaluation = op.evaluate(factors.f, factors.g, y);
            const double residual = evaluation.residual.squaredNorm() / double(y.size());
            first = t == 0 ? residual : first;
            if (!(residual <= 1e3 * std::max(first, level)))
                throw support::Failure(3, "descent diverges at iteration " + std::to_string(t) +
                                              "; take a smaller step than " +
                                              std::to_string(options.step));
            const bool isLast = record(t, residual);
            if (isLast)
                return std::move(result);
            if (isTimeToSwitch(t, residual)) {
                rescale(t, evaluation.residual);
                t--; // the same iteration with the new factors, whose product is the same
                continue;
            }
            step(evaluation, factors);
        }
    }

private:
    /// Whether this was the last iteration.
    bool record(int t, double residual) {
        double error = std::numeric_limits<double>::quiet_NaN();
        if (truth)
            error = (result.factors.product() - *truth).squaredNorm();
        const bool isLast = t == options.iterations || residual <= options.tolerance * level ||
                            (truth && error <= options.errorTolerance);
        const bool isNew = result.curve.empty() || result.curve.back().iteration != t;
        if (isNew && (t % options.logEvery == 0 || isLast))
            result.curve.push_back({t, residual, error});
        return isLast;
    }

    /// The residual is small, or no longer falls by 1 % in ten steps; the latter only once it is
    /// below a tenth, as descent also hardly moves at its start.
    bool isTimeToSwitch(int t, double residual) {
        if (!options.accelerate || triedToSwitch)
            return false;
        if (options.switchAt >= 0)
            return t >= options.switchAt;
        constexpr int span = 10;
        recent.push_back(residual);
        const bool isSlow = t >= span && residual < 0.1 * level &&
                            residual > 0.99 * recent[recent.size() - 1 - span];
        return residual <= options.trigger * level || isSlow;
    }

    void rescale(int t, const VectorXd& residual) {
        triedToSwitch = true;
        result.beta = options.beta > 0 ? options.beta : chooseBeta(residual);
        result.switchRefused = !accelerateOnce(result.factors, result.beta);
        if (!result.switchRefused)
            result.switchedAt = t;
    }

    /// G has singular values up to sigma_1/beta after the rescaling, and steps of F are stable only
    /// for eta c sigma_1^2/beta^2 < 2, c = ||A(F G^T)||^2/||F G^T||^2 being 1 if A keeps norms. So
    /// beta is not taken so small that this is more than 1.
    double chooseBeta(const VectorXd& residual) const {
        const RankEstimate estimate =
            estimateRank(result.factors, residual.norm() / std::sqrt(level * double(y.size())));
        const double gain = (residual + y).squaredNorm() / result.factors.product().squaredNorm();
        return std::max(estimate.beta, std::sqrt(options.step * gain) * estimate.largest);
    }

    const SensingOperator& op;
    const VectorView& y;
    const DescentOptions& options;
    const std::optional<Matrix>& truth;
    const double level; ///< mean of y^2
    Descent result;
    std::vector<double> recent;
    bool triedToSwitch = false;
};

} // namespace

Descent descendSymmetric(const SensingOperator& op, const VectorView& y, const Matrix& start,
                         const DescentOptions& options, const std::optional<Matrix>& truth) {
    require(op.rows() == op.columns(), "a matrix of " + std::to_string(op.rows()) + " x " +
                                           std::to_string(op.columns()) +
                                           " has no symmetric factors");
    require(!options.accelerate, "the rescaling is for two factors");
    require(!truth || (*truth - truth->transpose()).norm() <= 1e-10 * truth->norm(),
            "the true matrix is not symmetric");
    return Run(op, y, {start, start}, options, truth)
        .descend([&](const Evaluation& evaluation, Factors& factors) {
            factors.f -= options.step / 2 * (evaluation.left + evaluation.right);
            factors.g = factors.f;
        });
}

Descent descendAsymmetric(const SensingOperator& op, const VectorView& y, const Factors& start,
                          const DescentOptions& options, const std::optional<Matrix>& truth) {
    return Run(op, y, start, options, truth)
        .descend([&](const Evaluation& evaluation, Factors& factors) {
            factors.f -= options.step * evaluation.left;
            factors.g -= options.step * evaluation.right;
        });
}

bool accelerateOnce(Factors& factors, double beta) {
    const Index k = factors.f.cols();
    require(k >= 1 && k == factors.g.cols() && k <= factors.f.rows(),
            "the rescaling needs factors of as many columns, and no more of them than F has rows");
    const Eigen::BDCSVD<MatrixXd> svd(factors.f, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const VectorXd& values = svd.singularValues();
    constexpr double smallest = 1e-12;
    if (!(beta > 0) || !(values[values.size() - 1] > smallest * values[0]))
        return false;
    const Factors scaled = {beta * svd.matrixU(),
                            factors.g * svd.matrixV() * values.asDiagonal() / beta};
    const Matrix before = factors.product();
    if (!((scaled.product() - before).norm() <= 1e-12 * before.norm()))
        return false;
    factors = scaled;
    return true;
}

RankEstimate estimateRank(const Factors& factors, double relativeError) {
    // F = Q R and G = Q' R': the singular values of F G^T are those of R R'^T.
    const auto triangle = [](const Matrix& a) -> MatrixXd {
        return Eigen::HouseholderQR<MatrixXd>(a)
            .matrixQR()
            .topRows(a.cols())
            .triangularView<Eigen::Upper>();
    };
    const MatrixXd core = triangle(factors.f) * triangle(factors.g).transpose();
    const VectorXd values = Eigen::JacobiSVD<MatrixXd>(core).singularValues();
    constexpr double rounding = 1e-8;
    const double explained = std::max(relativeError, rounding) * values.norm();
    const Index rank = std::max<Index>(1, (values.array() > explained).count());
    return {rank, std::sqrt(values[rank - 1]), values[0]};
}

namespace {

/// Slope and sum of squared deviations of the straight line.
std::pair<double, double> fitLine(const VectorXd& x, const VectorXd& y) {
    const VectorXd dx = x.array() - x.mean(), dy = y.array() - y.mean();
    const double slope = dx.dot(dy) / dx.squaredNorm();
    return {slope, (dy - slope * dx).squaredNorm()};
}

double valueOf(const Point& point) {
    return std::isnan(point.error) ? point.residual : point.error;
}

/// Below it only rounding errors are left, which are as large as the matrix is.
double leastValue(const std::vector<Point>& curve, double floor) {
    return curve.empty() ? 0 : floor * valueOf(curve.front());
}

} // namespace

Rate fitRate(const std::vector<Point>& curve, int first, int last, double floor) {
    const double least = leastValue(curve, floor);
    std::vector<double> t, logarithms;
    for (const Point& point : curve)
        if (point.iteration >= std::max(first, 1) && point.iteration <= last &&
            valueOf(point) > least) {
            t.push_back(point.iteration);
            logarithms.push_back(std::log(valueOf(point)));
        }
    const auto count = static_cast<int>(t.size());
    const double none = std::numeric_limits<double>::quiet_NaN();
    if (count < 3)
        return {false, none, none, count};
    const Eigen::Map<const VectorXd> x(t.data(), count), y(logarithms.data(), count);
    const auto [exponential, missesExponential] = fitLine(x, y);
    const auto [power, missesPower] = fitLine(x.array().log(), y);
    return {missesExponential < missesPower, exponential, power, count};
}

Rate fitRate(const std::vector<Point>& curve, double floor) {
    int last = 0;
    for (const Point& point : curve)
        if (valueOf(point) > leastValue(curve, floor))
            last = point.iteration;
    return fitRate(curve, last / 2, last, floor);
}

} // namespace equivariant::matrix_sensing
