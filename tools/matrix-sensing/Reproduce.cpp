// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/matrix-sensing.md.
#include "Measurements.h"
#include "Study.h"

#include "Plot.h"
#include "support/Decompositions.h"
#include "support/Random.h"
#include "support/Reproduction.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace equivariant::matrix_sensing {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using support::Random;
using support::Reproduction;

constexpr double step = 0.1;

std::string format(double alpha) {
    char text[16];
    std::snprintf(text, sizeof(text), "%.2f", alpha);
    return text;
}

Study study(Index k, int iterations, bool isSymmetric, double scale = 1) {
    StudyOptions options;
    options.k = k;
    options.scale = scale;
    options.descent.step = step;
    options.descent.iterations = iterations;
    options.descent.errorTolerance = 1e-28;
    return runStudy(options, isSymmetric);
}

double errorAt(const Study& study, int iteration) {
    for (const Point& point : study.descent.curve)
        if (point.iteration == iteration)
            return point.error;
    return std::nan("");
}

command::Series toSeries(const std::string& title, const std::vector<Point>& curve) {
    command::Series series{title, {}, {}, true};
    for (const Point& point : curve)
        if (point.iteration > 0) {
            series.x.push_back(point.iteration);
            series.y.push_back(point.error);
        }
    return series;
}

/// The null directions of X obey s <- s (1 - eta s^2), so s^2 is about 1/(2 eta t) and the squared
/// error about (k - r)/(4 eta^2 t^2).
void oneFactor(Reproduction& run) {
    constexpr int iterations = 10000;
    const auto scaled = [](const Study& found) {
        return 4 * std::pow(step * iterations, 2) * errorAt(found, iterations);
    };
    const Study five = study(5, iterations, true);
    run.within("one factor, k = 5: log-log slope of the error, t = 1000 to 10000",
               fitRate(five.descent.curve, 1000, iterations).power, -2.05, -1.95);
    run.within("one factor, k = 5: 4 eta^2 t^2 error at t = 10000, theory 2", scaled(five), 1.9,
               2.1);
    run.within("one factor, k = 8: 4 eta^2 t^2 error at t = 10000, theory 5",
               scaled(study(8, iterations, true)), 4.75, 5.25);
    run.holds("one factor, k = 5: a power law fits better than an exponential",
              !fitRate(five.descent.curve).isExponential);
    const Study exact = study(3, 500, true);
    run.atMost("one factor, k = r = 3: error after 500 iterations",
               exact.descent.curve.back().error, 1e-26);
    run.holds("one factor, k = r = 3: an exponential fits better than a power law",
              fitRate(exact.descent.curve).isExponential);
    DescentOptions options;
    options.step = step;
    const double s = descendSymmetric(*makeIdentity(1, 1), VectorXd::Zero(1),
                                      Matrix::Constant(1, 1, 0.2), options)
                         .factors.f(0, 0);
    run.within("one null direction, s = 0.2: s^2 after 1000 steps over 1/(1/s^2 + 2 eta t)",
               s * s * (25 + 2 * step * options.iterations), 0.98, 1.02);
}

void twoFactors(Reproduction& run) {
    std::vector<command::Series> curves = {
        toSeries("one factor", study(5, 2000, true).descent.curve)};
    double before = 0;
    bool isIncreasing = true;
    for (double alpha : {0.25, 0.5, 1.0}) {
        const Study found = study(5, 4000, false, alpha);
        const double rate = -fitRate(found.descent.curve).exponential;
        const std::string name = "two factors, k = 5, alpha = " + format(alpha) + ": ";
        run.report(name + "rate per iteration", rate);
        run.atLeast(name + "rate over 2 eta lambda_min(F^T F - G^T G)",
                    rate / (2 * step * found.imbalance.minCoeff()), 0.9);
        run.atMost(name + "rate over 2 eta lambda_max(F^T F - G^T G)",
                   rate / (2 * step * found.imbalance.maxCoeff()), 1.1);
        run.holds(name + "an exponential fits better than a power law",
                  fitRate(found.descent.curve).isExponential);
        isIncreasing = isIncreasing && rate > before;
        before = rate;
        curves.push_back(toSeries("two, alpha = " + format(alpha), found.descent.curve));
    }
    run.holds("two factors, k = 5: rates increase with alpha", isIncreasing);
    const Study exact = study(3, 1000, false);
    run.report("two factors, k = r = 3: rate per iteration",
               -fitRate(exact.descent.curve).exponential);
    run.atMost("two factors, k = r = 3: error after 500 iterations", errorAt(exact, 500), 1e-20);
    if (const auto path = run.figure("rates.png"))
        command::writePng(
            *path, {{"Squared error, rank 3, k = 5", "iterations", "error", curves, true, true}});
}

StudyOptions rescaled(double alpha) {
    StudyOptions options;
    options.scale = alpha;
    options.descent.step = step;
    options.descent.iterations = 1200;
    options.descent.errorTolerance = 1e-26;
    options.descent.accelerate = true;
    options.descent.beta = 1;
    return options;
}

void oneStep(Reproduction& run) {
    double lowest = std::numeric_limits<double>::infinity(), highest = 0;
    for (double alpha : {0.25, 0.5, 1.0}) {
        StudyOptions options = rescaled(alpha);
        options.descent.switchAt = 200;
        const Study found = runStudy(options, false);
        const int last = found.descent.curve.back().iteration;
        const double rate = -fitRate(found.descent.curve, 200 + (last - 200) / 2, last).exponential;
        run.within("rescaled at t = 200, alpha = " + format(alpha) + ": rate, theory 0.2107", rate,
                   0.20, 0.22);
        lowest = std::min(lowest, rate);
        highest = support::larger(highest, rate);
    }
    run.atMost("rescaled at t = 200: largest over smallest rate", highest / lowest, 1.02);
    const Study found = runStudy(rescaled(0.5), false);
    run.within("rescaled when the residual says so, alpha = 0.5: rate",
               -fitRate(found.descent.curve).exponential, 0.20, 0.22);
    run.report("rescaled when the residual says so, alpha = 0.5: iteration",
               found.descent.switchedAt);
    StudyOptions options = rescaled(0.5);
    options.descent.beta = 0;
    options.descent.step = step;
    run.within("rescaled when the residual says so, beta estimated",
               runStudy(options, false).descent.beta, 0.85, 1.05);
    options.condition = 4; // the smallest singular value is 0.25, so the rate 2 eta 0.25
    run.within("rescaled, condition number 4, beta estimated: rate over 2 eta sigma_r",
               -fitRate(runStudy(options, false).descent.curve).exponential / (2 * step * 0.25),
               0.8, 1.2);
}

void balanced(Reproduction& run) {
    StudyOptions options;
    options.balanced = true;
    options.descent.step = step;
    options.descent.iterations = 10000;
    run.within("two equal factors, k = 5: log-log slope of the error",
               fitRate(runStudy(options, false).descent.curve, 1000, 10000).power, -2.1, -1.8);
}

void rectangular(Reproduction& run) {
    StudyOptions options = rescaled(0.5);
    options.columns = 30;
    options.descent.beta = 0;
    run.atMost("50 x 30, k = 5, rescaled: error",
               runStudy(options, false).descent.curve.back().error, 1e-26);
}

/// 1500 Gaussian measurements of a 50 x 50 matrix.
void gaussian(Reproduction& run) {
    StudyOptions options = rescaled(0.5);
    options.measurements = 1500;
    options.descent.beta = 0;
    options.descent.iterations = 800;
    options.descent.errorTolerance = 0;
    const auto start = std::chrono::steady_clock::now();
    const Study found = runStudy(options, false);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    run.atMost("1500 Gaussian measurements, k = 5, rescaled: error after 800 iterations",
               found.descent.curve.back().error, 1e-12);
    run.report("1500 Gaussian measurements: milliseconds an iteration", seconds / 800 * 1e3);
    if (run.isQuick())
        return;
    options.descent.accelerate = false;
    options.scale = 1;
    run.atMost("1500 Gaussian measurements, k = 5, two factors: error after 800 iterations",
               runStudy(options, false).descent.curve.back().error, 1e-12);
    options.k = 3;
    options.descent.iterations = 400;
    run.atMost("1500 Gaussian measurements, k = r = 3, one factor: error after 400 iterations",
               runStudy(options, true).descent.curve.back().error, 1e-12);
    options.k = 5;
    options.descent.iterations = 1600;
    run.within("1500 Gaussian measurements, k = 5, one factor: log-log slope, t = 400 to 1600",
               fitRate(runStudy(options, true).descent.curve, 400, 1600).power, -2.2, -1.7);
}

/// Another algorithm, and the exact answer where there is one.
void otherAlgorithms(Reproduction& run) {
    constexpr Index n = 20, rank = 2;
    Random random(5);
    const Matrix target = random.normalMatrix(n, rank) * random.normalMatrix(rank, n) / double(n);
    const Matrix a = gaussianEnsemble(300, n * n, 6);
    const VectorXd y = a * Eigen::Map<const VectorXd>(target.data(), target.size());
    const auto op = makeDense(a, n, n);
    const double largest = Eigen::JacobiSVD<MatrixXd>(target).singularValues()[0];
    DescentOptions options;
    options.step = 0.1 / largest;
    options.iterations = 3000;
    options.accelerate = true;
    const Matrix found =
        descendAsymmetric(*op, y, randomStart(n, n, 4, 0.5 * std::sqrt(largest), 3, 7), options)
            .factors.product();
    const Matrix alternating = solveAlternating(a, y, n, n, rank, 100, 8);
    run.atMost("20 x 20, rank 2, 300 measurements: distance to alternating least squares, relative",
               (found - alternating).norm() / alternating.norm(), 1e-6);
    run.atMost("the same: distance to the true matrix, relative",
               (found - target).norm() / target.norm(), 1e-6);

    Matrix full = 0.05 * random.normalMatrix(20, 15);
    for (Index i = 0; i < 3; i++)
        full(i, i) += 3 - 0.5 * static_cast<double>(i);
    const Eigen::JacobiSVD<MatrixXd> svd(full, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Matrix best = svd.matrixU().leftCols(3) * svd.singularValues().head(3).asDiagonal() *
                        svd.matrixV().leftCols(3).transpose();
    const auto identity = makeIdentity(20, 15);
    options.step = 0.1 / svd.singularValues()[0];
    options.accelerate = false;
    run.atMost("20 x 15, all entries, k = 3: distance to the truncated SVD, relative",
               (descendAsymmetric(*identity, identity->measure(full),
                                  randomStart(20, 15, 3, 1, 3, 9), options)
                    .factors.product() -
                best)
                       .norm() /
                   best.norm(),
               1e-10);
}

/// Squared distances have rank 5: all of them from a part.
void molecule(Reproduction& run) {
    const auto path = run.data("3bpa/train_300K.xyz", "3BPA: distances from a part of them");
    if (!path)
        return;
    const Matrix distances = squaredDistances(*path);
    const Index n = distances.rows();
    Random random(10);
    Entries entries;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (random.uniform() < 0.8) {
                entries.rows.push_back(i);
                entries.columns.push_back(j);
            }
    const auto op = makeMask(entries, n, n);
    const VectorXd y = op->measure(distances);
    const double largest = Eigen::JacobiSVD<MatrixXd>(distances).singularValues()[0];
    DescentOptions options;
    options.step = 0.1 / largest;
    options.iterations = 60000;
    options.logEvery = 100;
    options.accelerate = true;
    options.tolerance = 1e-24;
    const Descent found =
        descendAsymmetric(*op, y, randomStart(n, n, 5, 0.5 * std::sqrt(largest), 3, 11), options);
    const Matrix difference = found.factors.product() - distances;
    run.report("3BPA, 80 % of 27 x 27 squared distances: measured share",
               double(op->count()) / double(n * n));
    run.report("3BPA, 80 % of 27 x 27 squared distances: largest error, Å^2",
               difference.cwiseAbs().maxCoeff());
    run.atMost("3BPA, 80 % of 27 x 27 squared distances: error, relative",
               difference.norm() / distances.norm(), 1e-3);

    const Matrix covariance = positionCovariance(*path);
    const VectorXd values = Eigen::JacobiSVD<MatrixXd>(covariance).singularValues();
    const Index size = covariance.rows(), k = 8;
    const Matrix directions = random.normalMatrix(2000, size),
                 others = random.normalMatrix(2000, size);
    const auto projections = makeRankOne(directions, others);
    options.step = 0.1 / values[0] / 2000;
    options.iterations = run.choose(1000, 8000);
    const Descent modes =
        descendAsymmetric(*projections, projections->measure(covariance),
                          randomStart(size, size, k, 0.5 * std::sqrt(values[0]), 3, 12), options);
    run.report("3BPA, covariance of 81 x 81 from 2000 projections, k = 8: error, relative",
               (modes.factors.product() - covariance).norm() / covariance.norm());
    run.report("3BPA, covariance: error of the best matrix of rank 8, relative",
               values.tail(size - k).norm() / values.norm());
}

} // namespace

void reproduce(Reproduction& run) {
    oneFactor(run);
    twoFactors(run);
    oneStep(run);
    balanced(run);
    rectangular(run);
    gaussian(run);
    otherAlgorithms(run);
    molecule(run);
}

} // namespace equivariant::matrix_sensing
