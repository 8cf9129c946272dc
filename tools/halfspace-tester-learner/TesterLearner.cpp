// SPDX-License-Identifier: MIT
#include "TesterLearner.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace equivariant::halfspace_tester_learner {

namespace {

constexpr int bandPoints = 50;     ///< a dimension: fewer are not enough for moments of degree 4
constexpr int expectedPoints = 60; ///< a dimension, for normal points

struct Candidate {
    VectorXd w;
    double sigma;
};

struct Part {
    Matrix x;
    VectorXd y;
};

std::string format(double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.4g", value);
    return text;
}

void requireValid(const MatrixView& x, const VectorView& y, const Options& options) {
    if (x.rows() == 0 || x.cols() == 0)
        throw Error("there are no points");
    if (y.size() != x.rows())
        throw Error(std::to_string(y.size()) + " labels for " + std::to_string(x.rows()) +
                    " points");
    support::requireFinite(x, "the points");
    for (Index i = 0; i < y.size(); i++)
        if (y[i] != 1 && y[i] != -1)
            throw Error("the label of row " + std::to_string(i) + " is neither -1 nor 1");
    if (!(options.eta >= 0 && options.eta < 0.5))
        throw Error("eta has to be at least 0 and less than 1/2");
    if (!(options.eps > 0 && options.eps < 1) || !(options.delta > 0 && options.delta < 1))
        throw Error("eps and delta have to be between 0 and 1");
    if (options.learning.steps < 1 || options.learning.batch < 1)
        throw Error("learning needs at least one step and one point a step");
}

Part take(const MatrixView& x, const VectorView& y, const std::vector<int>& order, Index first,
          Index count) {
    const std::vector<int> rows(order.begin() + first, order.begin() + first + count);
    return {x(rows, Eigen::all), y(rows)};
}

/// Directions of different sigmas that all but coincide are tested with the smaller one only.
std::vector<Candidate> learnCandidates(const Part& part, const std::vector<double>& sigmas,
                                       const Options& options) {
    std::vector<Candidate> candidates;
    for (std::size_t s = 0; s < sigmas.size(); s++) {
        LearnOptions learning = options.learning;
        learning.seed = options.seed + s;
        for (const VectorXd& w : learn(part.x, part.y, sigmas[s], learning)) {
            const auto isKnown = [&](const Candidate& other) {
                return std::abs(other.w.dot(w)) >= 1 - 1e-8;
            };
            if (std::none_of(candidates.begin(), candidates.end(), isKnown))
                candidates.push_back({w, sigmas[s]});
        }
    }
    return candidates;
}

void addTests(std::vector<TestResult>& tests, const std::vector<std::string>& names,
              const std::vector<double>& values, const std::vector<Calibration::Spread>& spreads,
              double sigma, double delta, int count) {
    for (std::size_t k = 0; k < names.size(); k++)
        tests.push_back(
            {names[k], sigma, values[k], Calibration::threshold(spreads[k], delta, count)});
}

void requireFitting(const Calibration& calibration, Index dimension, Index points,
                    const std::vector<double>& sigmas) {
    if (calibration.dimension != dimension || calibration.points != points)
        throw Error("the calibration is for " + std::to_string(calibration.points) +
                    " points to test in " + std::to_string(calibration.dimension) +
                    " dimensions, these are " + std::to_string(points) + " in " +
                    std::to_string(dimension));
    for (double sigma : sigmas)
        if (!calibration.ofCandidate.count(sigma))
            throw Error("the calibration lacks sigma = " + format(sigma));
}

/// Tests of all candidates. A band of the right mass with too few points is no verdict.
Status test(Outcome& outcome, const std::vector<Candidate>& candidates, const Part& part,
            const Calibration& calibration, double delta) {
    const auto perCandidate = candidateStatisticNames().size();
    const auto count =
        static_cast<int>(candidates.size() * perCandidate + globalStatisticNames().size());
    addTests(outcome.tests, globalStatisticNames(), globalStatistics(part.x), calibration.ofAll, 0,
             delta, count);
    bool isEnough = true;
    for (const Candidate& candidate : candidates) {
        addTests(outcome.tests, candidateStatisticNames(),
                 candidateStatistics(part.x, candidate.w, {candidate.sigma})[0],
                 calibration.ofCandidate.at(candidate.sigma), candidate.sigma, delta, count);
        isEnough = isEnough && countBand(part.x, candidate.w, candidate.sigma / 2) >=
                                   bandPoints * part.x.cols();
    }
    for (const TestResult& result : outcome.tests)
        if (!result.passed()) {
            outcome.reason = result.name +
                             (result.sigma > 0 ? ", sigma = " + format(result.sigma) : "") + ": " +
                             format(result.value) + " is more than " + format(result.threshold);
            return Status::Rejected;
        }
    if (isEnough)
        return Status::Accepted;
    outcome.reason = "a band around the plane holds less than 50 points a dimension";
    return Status::Insufficient;
}

/// Takes the candidate, or its negative, with the smallest error.
void choose(Outcome& outcome, const std::vector<Candidate>& candidates, const Part& part,
            double delta) {
    outcome.error = 2;
    for (const Candidate& candidate : candidates)
        for (double sign : {1.0, -1.0}) {
            const double error = errorRate(part.x, part.y, sign * candidate.w);
            if (error < outcome.error) {
                outcome.error = error;
                outcome.w = sign * candidate.w;
                outcome.sigma = candidate.sigma;
            }
        }
    outcome.radius = std::sqrt(std::log(4 * static_cast<double>(candidates.size()) / delta) /
                               (2 * static_cast<double>(part.x.rows())));
}

} // namespace

Parts splitPoints(Index points) {
    const Index testing = points * 7 / 20, validation = points * 3 / 20;
    return {points - testing - validation, testing, validation};
}

std::vector<double> chooseSigmas(Index points, Index dimension, const Options& options) {
    const double least =
        options.noise == Noise::Massart ? options.eps * (1 - 2 * options.eta) : 0.05;
    std::vector<double> sigmas;
    for (int k = 0; k < 4; k++) {
        const double sigma = std::ldexp(least, k);
        if (gaussianBand(sigma / 2) * static_cast<double>(splitPoints(points).testing) >=
            static_cast<double>(expectedPoints * dimension))
            sigmas.push_back(sigma);
    }
    return sigmas;
}

Outcome testAndLearn(const MatrixView& x, const VectorView& y, const Options& options,
                     const Calibration* calibration) {
    requireValid(x, y, options);
    const std::vector<double> sigmas = chooseSigmas(x.rows(), x.cols(), options);
    Outcome outcome{};
    outcome.isOneClass = y.minCoeff() == y.maxCoeff();
    if (sigmas.empty()) {
        outcome.status = Status::Insufficient;
        outcome.reason = std::to_string(x.rows()) + " points in " + std::to_string(x.cols()) +
                         " dimensions are not enough to test what lies near a plane";
        return outcome;
    }
    const Parts parts = splitPoints(x.rows());
    const std::vector<int> order =
        support::Random(options.seed, 2).permutation(static_cast<int>(x.rows()));
    const Part learning = take(x, y, order, 0, parts.learning);
    const Part testing = take(x, y, order, parts.learning, parts.testing);
    const Part validation = take(x, y, order, parts.learning + parts.testing, parts.validation);
    std::optional<Calibration> own;
    if (!calibration)
        calibration = &own.emplace(
            calibrate(x.cols(), parts.testing, sigmas, options.replicas, options.seed));
    requireFitting(*calibration, x.cols(), parts.testing, sigmas);

    const std::vector<Candidate> candidates = learnCandidates(learning, sigmas, options);
    outcome.candidates = static_cast<int>(candidates.size());
    outcome.status = test(outcome, candidates, testing, *calibration, options.delta);
    choose(outcome, candidates, validation, options.delta);
    outcome.gradient = surrogateGradient(testing.x, testing.y, outcome.w, outcome.sigma).norm();
    for (double angle : testedAngles)
        outcome.disagreement = std::max(
            outcome.disagreement, disagreementBound(testing.x, outcome.w, angle) / (angle / M_PI));
    if (outcome.status == Status::Accepted)
        outcome.reason = "all tests passed";
    return outcome;
}

Whitening whiten(const MatrixView& x) {
    Whitening whitening;
    whitening.mean = x.colwise().mean().transpose();
    const Eigen::MatrixXd centered = x.rowwise() - whitening.mean.transpose();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(centered.transpose() * centered /
                                                                static_cast<double>(x.rows()));
    const VectorXd& values = solver.eigenvalues();
    if (!(values[0] > 1e-12 * values[values.size() - 1]))
        throw Error("the points lie in a plane, so that they cannot be whitened");
    whitening.map = solver.operatorInverseSqrt();
    return whitening;
}

} // namespace equivariant::halfspace_tester_learner
