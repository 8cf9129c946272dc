// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/lp-sensitivity-sampling.md.
#include "Distortion.h"
#include "LeastAbsolute.h"
#include "SliceMinimum.h"

#include "support/GauntFeatures.h"
#include "support/Random.h"
#include "support/Reproduction.h"
#include "support/Summary.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace equivariant::lp_sensitivity_sampling {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using support::Random;
using support::Reproduction;

Scores score(const Matrix& a, double p, ScoreKind kind = ScoreKind::Sensitivity,
             Approximation approximation = Approximation::Exact) {
    ScoreOptions options;
    options.p = p;
    options.kind = kind;
    options.approximation = approximation;
    return computeScores(a, options);
}

/// n rows and d columns of standard normal numbers, the first 20 rows 200 times as long.
Matrix heavyRows(int n, int d) {
    Matrix a = Random(5).normalMatrix(n, d);
    a.topRows(20) *= 200;
    return a;
}

void closedForms(Reproduction& run) {
    const Matrix a = Random(1).normalMatrix(60, 5);
    const Matrix q = columnSpace(a);
    double difference = 0;
    for (Index i = 0; i < a.rows(); i++) {
        const VectorXd u = q.row(i).transpose();
        difference = support::larger(
            difference, std::abs(1 / minimiseOnSlice(q, u, 2).power - u.squaredNorm()));
    }
    run.atMost("p = 2: the convex program equals leverage scores", difference, 1e-10);

    for (double p : {1.0, 1.5, 4.0}) {
        constexpr int c = 7, d = 5;
        const Scores scores = score(Matrix::Identity(d, d).replicate(c, 1), p);
        const std::string name = "identity repeated 7 times, p = " + std::to_string(p).substr(0, 3);
        run.atMost(name + ": |score - 1/7|",
                   (scores.values.array() - 1.0 / c).abs().maxCoeff<Eigen::PropagateNaN>(), 1e-8);
        run.atMost(name + ": |S - d|", std::abs(scores.total - d), 1e-8);
    }
    Matrix hadamard = Matrix::Ones(1, 1);
    while (hadamard.rows() < 8) {
        Matrix next(2 * hadamard.rows(), 2 * hadamard.cols());
        next << hadamard, hadamard, hadamard, -hadamard;
        hadamard = next;
    }
    const VectorXd equal = score(hadamard.leftCols(5), 1).values;
    run.atMost("5 columns of a Hadamard matrix, p = 1: spread of the scores",
               equal.maxCoeff() - equal.minCoeff(), 1e-8);
}

/// max over all directions of the plane, on a grid, without any program.
double scanError(const Matrix& a, double p) {
    const VectorXd found = score(a, p).values;
    VectorXd best = VectorXd::Zero(a.rows());
    constexpr double step = 1e-5;
    for (int k = 0; k * step < M_PI; k++) {
        const Eigen::Vector2d x(std::cos(k * step), std::sin(k * step));
        const Eigen::ArrayXd powers = (a * x).array().abs().pow(p);
        best = best.cwiseMax((powers / powers.sum()).matrix());
    }
    return (best - found).cwiseAbs().maxCoeff<Eigen::PropagateNaN>();
}

void planes(Reproduction& run) {
    const Matrix a = Random(2).normalMatrix(12, 2);
    for (double p : {1.0, 1.5, 3.0})
        run.atMost("two columns, p = " + std::to_string(p).substr(0, 3) +
                       ": scores against a scan of all angles",
                   scanError(a, p), 1e-4);
}

void gaussian(Reproduction& run) {
    constexpr int d = 6;
    const int n = run.choose(1000, 2000);
    const Matrix a = Random(3).normalMatrix(n, d);
    const std::string name = std::to_string(n) + " normal rows, d = 6: ";
    const Scores one = score(a, 1);
    const double s1 = one.total, s4 = score(a, 4).total;
    const double expected1 = gaussianTotalSensitivity(d, 1),
                 expected4 = gaussianTotalSensitivity(d, 4);
    run.within(name + "S_1, closed form 2.945", s1, 0.92 * expected1, 1.08 * expected1);
    run.within(name + "S_4, closed form 16", s4, 0.9 * expected4, 1.1 * expected4);
    run.atMost(name + "scores over their Lewis bound, p = 1",
               (one.values.array() / one.upperBounds.array()).maxCoeff<Eigen::PropagateNaN>(),
               1 + 1e-9);
}

struct Errors {
    double random, searched; ///< medians over draws of the distortion
};

Errors medianDistortion(const Matrix& a, const VectorXd& probabilities, double p, int draws) {
    std::vector<double> random, searched;
    for (int k = 0; k < draws; k++) {
        const Sample sample = draw(probabilities, p, 11, k);
        DistortionOptions options;
        options.directions = 1000;
        options.search = false;
        options.seed = k;
        random.push_back(measureDistortion(a, sample.rows, sample.weights, p, options).value());
        options.search = true;
        options.directions = 200;
        searched.push_back(measureDistortion(a, sample.rows, sample.weights, p, options).value());
    }
    return {support::quantile(random, 0.5), support::quantile(searched, 0.5)};
}

void heavy(Reproduction& run) {
    constexpr int n = 4000, d = 10;
    const Matrix a = heavyRows(n, d);
    const int draws = run.choose(5, 15);
    const VectorXd uniform = VectorXd::Ones(n);
    const VectorXd exact = score(a, 1, ScoreKind::Sensitivity,
                                 run.isQuick() ? Approximation::Lewis : Approximation::Exact)
                               .values;
    const std::string name = "20 heavy rows of 4000, p = 1: distortion with ";
    const auto measure = [&](const VectorXd& scores, int rows) {
        return medianDistortion(a, inclusionProbabilities(scores, rows, d), 1, draws);
    };
    std::vector<double> sizes, errors;
    for (int rows : {200, 400, 800, 1600}) {
        const Errors found = measure(exact, rows);
        sizes.push_back(rows);
        errors.push_back(found.random);
        run.report(name + std::to_string(rows) + " rows by sensitivity, random directions",
                   found.random);
        run.report(name + std::to_string(rows) + " rows by sensitivity, worst found",
                   found.searched);
    }
    run.atMost(name + "800 rows by sensitivity, random directions", errors[2], 0.10);
    run.atLeast(name + "800 rows at random", measure(uniform, 800).random, 0.25);
    const double perHalving = std::pow(2, -support::logLogSlope(sizes, errors));
    run.within("20 heavy rows of 4000: factor of the error for half the rows", perHalving, 1.2,
               1.7);
    for (const auto& [kind, text] : {std::pair(ScoreKind::Leverage, "leverage"),
                                     std::pair(ScoreKind::RootLeverage, "root leverage"),
                                     std::pair(ScoreKind::Lewis, "Lewis weights")})
        run.atMost(name + "800 rows by " + text, measure(score(a, 1, kind).values, 800).random,
                   0.10);

    std::vector<double> recursive;
    for (int k = 0; k < draws; k++) {
        const Sample sample = drawRootLeverage(a, 1, 800, 3, 12, k);
        DistortionOptions options;
        options.directions = 1000;
        options.search = false;
        recursive.push_back(measureDistortion(a, sample.rows, sample.weights, 1, options).value());
    }
    run.atMost(name + "800 rows by root leverage in 3 rounds", support::quantile(recursive, 0.5),
               0.15);
}

void unbiased(Reproduction& run) {
    const Matrix a = heavyRows(400, 4);
    bool allowed = true, within = true;
    for (double p : {1.0, 3.0}) {
        const VectorXd q = inclusionProbabilities(score(a, p).values, 80, 4);
        allowed = allowed && q.minCoeff() > 0 && q.maxCoeff() <= 1;
        const VectorXd x = Random(6).normalVector(4);
        const double norm = (a * x).array().abs().pow(p).sum();
        constexpr int draws = 400;
        double sum = 0, squares = 0;
        for (int k = 0; k < draws; k++) {
            const Sample sample = draw(q, p, 13, k);
            allowed = allowed && sample.weights.minCoeff() >= 1;
            const VectorXd kept = sample.weights.asDiagonal() * (a(sample.rows, Eigen::all) * x);
            const double ratio = kept.array().abs().pow(p).sum() / norm;
            sum += ratio;
            squares += ratio * ratio;
        }
        const double mean = sum / draws;
        const double deviation = std::sqrt((squares / draws - mean * mean) / (draws - 1));
        within = within && std::abs(mean - 1) <= 4 * deviation;
    }
    run.holds("all q in (0, 1] and all weights >= 1", allowed);
    run.holds("mean of ||SAx||_p^p over 400 draws within 4 standard errors, p = 1, 3", within);
}

void regression(Reproduction& run) {
    constexpr int n = 2000, d = 8, trials = 20;
    Random random(7);
    Matrix ab(n, d + 1);
    ab.leftCols(d) = random.normalMatrix(n, d);
    ab.col(d) = ab.leftCols(d) * random.normalVector(d) + 0.5 * random.normalVector(n);
    for (int i = 0; i < n; i += 20)
        ab(i, d) += 30 * random.normal(); // outliers
    const Matrix a = ab.leftCols(d);
    const VectorXd b = ab.col(d);
    const auto cost = [&](const VectorXd& x) { return (a * x - b).lpNorm<1>(); };
    const double best = cost(fitLeastAbsolute(a, b));
    const VectorXd q = inclusionProbabilities(score(ab, 1).values, n / 10.0, d + 1);
    int good = 0;
    double worst = 0;
    for (int k = 0; k < trials; k++) {
        const Sample sample = draw(q, 1, 14, k);
        const Matrix kept = a(sample.rows, Eigen::all);
        const VectorXd right = b(sample.rows);
        const double ratio = cost(fitLeastAbsolute(kept, right, sample.weights)) / best;
        good += ratio <= 1.1;
        worst = support::larger(worst, ratio);
    }
    run.atLeast("l1 regression on 10 % of the rows: seeds of 20 with cost <= 1.1 of the optimum",
                good, 19);
    run.report("l1 regression on 10 % of the rows: worst cost over the optimum", worst);
}

/// Rows that are needed for the worst distortion that is found to be `wanted`.
double neededRows(const Matrix& a, const VectorXd& scores, double p, double wanted, int draws) {
    double low = static_cast<double>(a.cols()), high = static_cast<double>(a.rows());
    for (int i = 0; i < 6; i++) {
        const double middle = std::sqrt(low * high);
        const VectorXd q = inclusionProbabilities(scores, middle, a.cols());
        (medianDistortion(a, q, p, draws).searched > wanted ? low : high) = middle;
    }
    return std::sqrt(low * high);
}

void smallTotals(Reproduction& run) {
    constexpr double p = 4;
    const int n = run.choose(1500, 2500);
    std::vector<double> dimensions, sensitivity, generic, needed, mixed;
    for (int d : run.isQuick() ? std::vector{4, 8} : std::vector{4, 6, 9, 13}) {
        const Matrix a = Random(8).normalMatrix(n, d);
        const Scores scores = score(a, p);
        const SampleSizes sizes = sampleSizes(p, d, scores.total);
        dimensions.push_back(d);
        sensitivity.push_back(sizes.sensitivity);
        generic.push_back(sizes.generic);
        mixed.push_back(sizes.mixed);
        needed.push_back(neededRows(a, scores.values, p, 0.5, run.choose(3, 7)));
    }
    run.report("normal rows, p = 4: exponent in d of the rows for distortion 0.5",
               support::logLogSlope(dimensions, needed));
    run.report("normal rows, p = 4: exponent in d of S^(2-2/p)",
               support::logLogSlope(dimensions, sensitivity));
    run.report("normal rows, p = 4: exponent in d of S d",
               support::logLogSlope(dimensions, generic));
    run.report("normal rows, p = 4: exponent in d of d^(2/p) S^(2-4/p)",
               support::logLogSlope(dimensions, mixed));
}

/// For normal rows S_1^2 is of the order of d, and fewer than d rows lose a direction altogether.
void lowerBound(Reproduction& run) {
    std::vector<double> ratios;
    for (int d : {4, 8, 16})
        ratios.push_back(std::pow(gaussianTotalSensitivity(d, 1), 2) / d);
    run.within("lower-bound instance, p = 1: S^2 over the rank, normal rows, d = 4 to 16",
               *std::max_element(ratios.begin(), ratios.end()) /
                   *std::min_element(ratios.begin(), ratios.end()),
               1, 1.1);
    const Matrix a = Random(9).normalMatrix(500, 8);
    std::vector<int> rows = {0, 1, 2, 3, 4, 5, 6};
    DistortionOptions options;
    options.directions = 200;
    run.atLeast("lower-bound instance: distortion with one row less than the rank",
                measureDistortion(a, rows, VectorXd::Constant(7, 70), 1, options).value(), 0.9);
}

void batches(Reproduction& run) {
    const Matrix a = heavyRows(run.choose(600, 1500), 6);
    ScoreOptions options;
    options.approximation = Approximation::Batch;
    const Scores bound = computeScores(a, options), exact = score(a, 1);
    const auto covered = ((bound.values - exact.values).array() >= -1e-9).count();
    run.atLeast("batches of 16 rows, p = 1: share of rows whose bound holds",
                static_cast<double>(covered) / static_cast<double>(a.rows()), 0.99);
    run.report("batches of 16 rows, p = 1: sum of the bounds over S", bound.total / exact.total);
}

/// Ridge regression with weights of rows.
VectorXd fitRidge(const Matrix& a, const VectorXd& b, const VectorXd& weights) {
    const Matrix scaled = weights.asDiagonal() * a;
    Eigen::MatrixXd gram = scaled.transpose() * scaled;
    constexpr double ridge = 1e-7; // of the length of a column
    gram.diagonal() *= 1 + ridge;
    gram.diagonal().array() += 1e-12 * gram.diagonal().maxCoeff();
    return gram.ldlt().solve(scaled.transpose() * weights.cwiseProduct(b));
}

/// A training set of one molecule with a few frames of another: a tenth of the frames is chosen
/// before anything but positions is known, and a linear potential is fitted to their forces.
void trainingFrames(Reproduction& run) {
    const std::string name = "frames of 3BPA with 5 % of acetylacetone, 10 % chosen: ";
    const auto common = run.data("3bpa/train_300K.xyz", name + "force RMSE");
    if (!common)
        return;
    const auto rare = run.data("acac/train_300K.xyz", name + "force RMSE");
    if (!rare)
        return;
    using Frames = std::vector<command::Frame>;
    const Frames a = command::readExtendedXyz(*common), b = command::readExtendedXyz(*rare);
    const int n = run.choose(120, 380), numRare = n / 19, numTest = run.choose(30, 100);
    Frames pool(a.begin(), a.begin() + n);
    pool.insert(pool.end(), b.begin(), b.begin() + numRare);
    const support::GauntFeatures features({1, 6, 7, 8}, {4.5, 1, 2});
    constexpr double forcesOnly = 0;
    const auto train = makeLinearProblem(features, pool, forcesOnly);
    const auto testCommon =
        makeLinearProblem(features, Frames(a.end() - numTest, a.end()), forcesOnly);
    const auto testRare =
        makeLinearProblem(features, Frames(b.end() - numTest, b.end()), forcesOnly);
    const VectorXd full = fitRidge(train.a, train.b, VectorXd::Ones(train.b.size()));

    const Scores scores = score(train.a, 2);
    VectorXd ofFrames = VectorXd::Zero(static_cast<Index>(pool.size()));
    for (Index i = 0; i < scores.values.size(); i++)
        ofFrames[train.frames[i]] += scores.values[i];
    struct Rmse {
        double common, rare;
    };
    const auto measure = [&](const VectorXd& frameScores) {
        const VectorXd q =
            inclusionProbabilities(frameScores, 0.1 * static_cast<double>(pool.size()), 1);
        std::vector<double> ofCommon, ofRare;
        for (int k = 0; k < 11; k++) {
            const Sample sample = draw(q, 2, 15, k);
            VectorXd ofFrame = VectorXd::Zero(q.size());
            ofFrame(sample.rows) = sample.weights;
            std::vector<int> rows;
            for (Index i = 0; i < train.b.size(); i++)
                if (ofFrame[train.frames[i]] > 0)
                    rows.push_back(static_cast<int>(i));
            VectorXd weights(static_cast<Index>(rows.size()));
            for (std::size_t i = 0; i < rows.size(); i++)
                weights[static_cast<Index>(i)] = ofFrame[train.frames[rows[i]]];
            const VectorXd c = fitRidge(train.a(rows, Eigen::all), train.b(rows), weights);
            ofCommon.push_back(support::forceRmse(testCommon, c));
            ofRare.push_back(support::forceRmse(testRare, c));
        }
        return Rmse{support::quantile(ofCommon, 0.5), support::quantile(ofRare, 0.5)};
    };
    const Rmse chosen = measure(ofFrames), random = measure(VectorXd::Ones(ofFrames.size()));
    const Rmse whole{support::forceRmse(testCommon, full), support::forceRmse(testRare, full)};
    run.report(name + "rank of the design matrix", static_cast<double>(scores.rank));
    run.report(name + "force RMSE of 3BPA, all frames, meV/A", 1000 * whole.common);
    run.report(name + "force RMSE of acetylacetone, all frames, meV/A", 1000 * whole.rare);
    const double commonRatio = chosen.common / whole.common, rareRatio = chosen.rare / whole.rare;
    run.report(name + "3BPA at random, over all frames", random.common / whole.common);
    run.report(name + "acetylacetone by sensitivity, over all frames", rareRatio);
    run.report(name + "acetylacetone at random, over all frames", random.rare / whole.rare);
    const std::string ofCommon = name + "3BPA by sensitivity, over all frames";
    if (run.isQuick()) // too few frames for their choice to matter
        return run.report(ofCommon, commonRatio);
    run.atMost(ofCommon, commonRatio, 1.05);
    run.atLeast(name + "acetylacetone at random, over that by sensitivity",
                random.rare / chosen.rare, 1.2);
}

} // namespace

void reproduce(Reproduction& run) {
    closedForms(run);
    planes(run);
    gaussian(run);
    heavy(run);
    unbiased(run);
    regression(run);
    smallTotals(run);
    lowerBound(run);
    batches(run);
    trainingFrames(run);
}

} // namespace equivariant::lp_sensitivity_sampling
