// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/local-reduced-order-bases.md.
#include "Classifier.h"
#include "ClusterChecks.h"
#include "Dissimilarity.h"
#include "Efficiency.h"
#include "Examples.h"
#include "Input.h"

#include "Plot.h"
#include "support/Decompositions.h"
#include "support/Random.h"
#include "support/Reproduction.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace equivariant::local_reduced_order_bases {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using support::Random;
using support::Reproduction;

void identity(Reproduction& run) {
    constexpr Index pairs = 200, size = 50;
    Random random(1);
    const Matrix u = random.normalMatrix(pairs, size), v = random.normalMatrix(pairs, size);
    double deviation = 0, small = 0;
    for (Index i = 0; i < pairs; i++) {
        const auto difference = [&](const Matrix& other) {
            const double sine = dissimilarities(u.row(i), other, 1, Dissimilarity::Sine)(0, 0);
            const double error = projectionErrors(u.row(i) / u.row(i).norm(), other)[0];
            return std::abs(sine - error) / std::max(sine, 1e-300);
        };
        deviation = support::larger(deviation, difference(v.row(i)));
        // Nearly parallel: an angle of about 1e-10, where 1 - cos is below the rounding error.
        small = support::larger(small, difference(u.row(i) + 1e-10 * v.row(i)));
    }
    run.atMost("identity: projection error of v on u equals the sine, largest deviation", deviation,
               1e-13);
    run.atMost("identity: the same for angles of 1e-10, relative", small, 1e-4);
}

/// Clusters and how to assign others to them.
struct Partition {
    Clustering clustering;
    std::vector<int> testLabels;
};

Partition byMedoids(const Matrix& training, const Matrix& test, int k, Dissimilarity kind) {
    Clustering found = kMedoids(dissimilarities(training, 1, kind), k);
    const Matrix medoids = training(found.medoids, Eigen::all);
    auto labels = nearestColumns(dissimilarities(test, medoids, 1, kind));
    return {std::move(found), std::move(labels)};
}

Partition byMeans(const Matrix& training, const Matrix& test, int k) {
    Means means = kMeans(training, k, 0);
    Partition result;
    result.clustering.medoids.resize(k);
    result.clustering.labels = std::move(means.labels);
    result.testLabels =
        nearestColumns(dissimilarities(test, means.centres, 1, Dissimilarity::Euclid));
    return result;
}

Matrix basisOf(const Matrix& rows, Index modes) {
    const Pod pod = computePod(normalizeRows(rows), PodMethod::Svd);
    return pod.basis.topRows(std::min(modes, pod.basis.rows()));
}

/// Relative errors of test snapshots, each with the basis of its cluster.
ErrorSummary localErrors(const Matrix& training, const Matrix& test, const Partition& partition,
                         Index modes) {
    std::vector<Matrix> bases;
    for (const std::vector<int>& members : membersOf(partition.clustering))
        bases.push_back(members.empty() ? Matrix() : basisOf(training(members, Eigen::all), modes));
    VectorXd errors(test.rows());
    for (Index i = 0; i < test.rows(); i++)
        errors.segment(i, 1) = projectionErrors(bases[partition.testLabels[i]], test.row(i));
    return summarize(errors);
}

double globalError(const Matrix& training, const Matrix& test, Index modes) {
    return projectionErrors(basisOf(training, modes), test).mean();
}

struct Peaks {
    Example training = makePeaks(400, 0), test = makePeaks(200, 1);
    Partition partition(Dissimilarity kind, int k) const {
        return byMedoids(training.values, test.values, k, kind);
    }
    double error(const Partition& partition, Index modes) const {
        return localErrors(training.values, test.values, partition, modes).mean;
    }
};

void peaks(Reproduction& run) {
    const Peaks p;
    const Partition sine = p.partition(Dissimilarity::Sine, 4),
                    euclid = p.partition(Dissimilarity::Euclid, 4),
                    means = byMeans(p.training.values, p.test.values, 4);
    const std::string name = "peaks, K = 4, N = 8: ";
    const ErrorSummary ofSine = localErrors(p.training.values, p.test.values, sine, 8);
    run.atMost(name + "held-out mean error, sine", ofSine.mean, 0.02);
    run.report(name + "held-out largest error, sine", ofSine.max);
    run.atLeast(name + "held-out mean error, Euclidean k-medoids", p.error(euclid, 8), 0.3);
    run.atLeast(name + "held-out mean error, k-means", p.error(means, 8), 0.3);
    run.report(name + "held-out mean error, global N = 8",
               globalError(p.training.values, p.test.values, 8));
    run.report(name + "held-out mean error, global K N = 32",
               globalError(p.training.values, p.test.values, 32));
    const auto rand = [&](const Partition& found) {
        return adjustedRandIndex(found.clustering.labels, p.training.classes);
    };
    run.atLeast(name + "adjusted Rand index to the windows, sine", rand(sine), 0.99);
    run.atMost(name + "adjusted Rand index, Euclidean k-medoids", rand(euclid), 0.05);
    run.atMost(name + "adjusted Rand index, k-means", rand(means), 0.05);
    run.atMost("peaks, K = 4, N = 4: held-out mean error, sine over Euclidean k-medoids",
               p.error(sine, 4) / p.error(euclid, 4), 0.5);
    run.atMost("peaks, K = 8, N = 8: held-out mean error, sine",
               p.error(p.partition(Dissimilarity::Sine, 8), 8), 0.002);
    if (const auto path = run.figure("peaks.png")) {
        command::Plot plot{
            "Peaks: held-out error", "modes N", "mean relative error", {}, false, true};
        const auto add = [&](const char* title, const auto& errorOf) {
            command::Series series{title, {}, {}, true};
            for (int modes = 1; modes <= 16; modes++) {
                series.x.push_back(modes);
                series.y.push_back(errorOf(modes));
            }
            plot.series.push_back(std::move(series));
        };
        add("sine, K = 4", [&](int modes) { return p.error(sine, modes); });
        add("Euclidean, K = 4", [&](int modes) { return p.error(euclid, modes); });
        add("k-means, K = 4", [&](int modes) { return p.error(means, modes); });
        add("global",
            [&](int modes) { return globalError(p.training.values, p.test.values, modes); });
        command::writePng(*path, {plot});
    }
}

void invariance(Reproduction& run) {
    const Peaks p;
    Matrix scaled = p.training.values;
    Random random(2);
    for (Index i = 0; i < scaled.rows(); i++)
        scaled.row(i) *= random.sign() * std::pow(10, 4 * random.uniform() - 2);
    const auto labels = [](const Matrix& rows, Dissimilarity kind) {
        return kMedoids(dissimilarities(rows, 1, kind), 4).labels;
    };
    const auto differences = [&](Dissimilarity kind) {
        const auto before = labels(p.training.values, kind), after = labels(scaled, kind);
        int count = 0;
        for (std::size_t i = 0; i < before.size(); i++)
            count += before[i] != after[i];
        return count;
    };
    run.atMost("snapshots times random factors: labels that change, sine",
               differences(Dissimilarity::Sine), 0);
    run.atLeast("snapshots times random factors: labels that change, Euclidean",
                differences(Dissimilarity::Euclid), 1);
    double deviation = 0;
    const auto members = membersOf(kMedoids(sineMatrix(p.training.values), 4));
    for (const std::vector<int>& cluster : members) {
        const Matrix a = basisOf(p.training.values(cluster, Eigen::all), 8),
                     b = basisOf(scaled(cluster, Eigen::all), 8);
        const MatrixXd overlap = (a * b.transpose()).cwiseAbs();
        deviation = support::larger(
            deviation,
            (overlap - MatrixXd::Identity(8, 8)).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
    }
    run.atMost("snapshots times random factors: bases up to sign, largest deviation", deviation,
               1e-8);
}

double costOf(const Matrix& d, const std::vector<int>& medoids) {
    return d(Eigen::all, medoids).rowwise().minCoeff().sum();
}

void exhaustive(Reproduction& run) {
    constexpr int cases = 100, items = 10;
    int single = 0, best = 0;
    for (int k = 0; k < cases; k++) {
        const Matrix d = sineMatrix(Random(3, k).normalMatrix(items, 4));
        double lowest = std::numeric_limits<double>::infinity();
        for (int a = 0; a < items; a++)
            for (int b = a + 1; b < items; b++)
                for (int c = b + 1; c < items; c++)
                    lowest = std::min(lowest, costOf(d, {a, b, c}));
        KMedoidsOptions options;
        best += kMedoids(d, 3, options).cost <= lowest * (1 + 1e-12);
        options.restarts = 1;
        single += kMedoids(d, 3, options).cost <= lowest * (1 + 1e-12);
    }
    run.atLeast("10 items, K = 3: optimal among all 120 choices, cases of 100, ten starts", best,
                99);
    run.report("10 items, K = 3: optimal among all 120 choices, cases of 100, one start", single);
}

/// Snapshots that any language makes with the same bits: fractional parts of k sqrt(prime).
Matrix makeWeylPoints(int count) {
    const Eigen::RowVectorXd steps = Eigen::RowVectorXd{{2, 3, 5, 7, 11, 13}}.cwiseSqrt();
    Matrix points(count, steps.size());
    for (int k = 0; k < count; k++)
        points.row(k) =
            ((k + 1) * steps).unaryExpr([](double x) { return x - std::floor(x) - 0.5; });
    return points;
}

/// The test test_cost_is_that_of_faster_pam compares more matrices with the package, if it is
/// installed.
void peer(Reproduction& run) {
    // The lowest loss of kmedoids.fasterpam(d, 5, random_state=0 ... 9), package kmedoids 0.5.5,
    // on the sines of these points by NumPy.
    constexpr double fasterPam = 206.48031400418006;
    run.atMost("300 items, K = 5: cost over that of FasterPAM, best of ten, less 1",
               kMedoids(sineMatrix(makeWeylPoints(300)), 5).cost / fasterPam - 1, 1e-9);
}

/// Held-out mean errors of clusters by angle, of k-means and of the global basis; the accuracy of
/// a classifier.
Eigen::Array4d compareOnBurgers(std::uint64_t seed) {
    const Example training = makeBurgers(200, seed), test = makeBurgers(50, seed + 1);
    const Partition sine = byMedoids(training.values, test.values, 6, Dissimilarity::Sine),
                    means = byMeans(training.values, test.values, 6);
    return {localErrors(training.values, test.values, sine, 3).mean,
            localErrors(training.values, test.values, means, 3).mean,
            globalError(training.values, test.values, 3),
            crossValidatedAccuracy(ClassifierKind::NearestNeighbors, training.parameters,
                                   sine.clustering.labels, 0)};
}

/// How much angles gain hangs on the snapshots drawn, hence the mean over several draws.
void burgers(Reproduction& run) {
    const int draws = run.choose(3, 12);
    Eigen::Array4d mean = Eigen::Array4d::Zero();
    for (int draw = 0; draw < draws; draw++)
        mean += compareOnBurgers(100 + 2 * draw) / draws;
    const std::string name = "Burgers, K = 6, N = 3, mean of " + std::to_string(draws) + " draws: ";
    run.report(name + "held-out mean error, sine", mean[0]);
    run.report(name + "held-out mean error, k-means", mean[1]);
    run.report(name + "k-means over sine (hoped for: 1.2)", mean[1] / mean[0]);
    run.atMost(name + "held-out mean error, sine over k-means", mean[0] / mean[1], 1);
    run.atMost(name + "held-out mean error, sine over global", mean[0] / mean[2], 1);
    run.report(name + "accuracy of 5 nearest neighbours from the parameters", mean[3]);
}

/// Counted with another decomposition than the tool's.
Index modesByHand(const Matrix& rows, double tau) {
    const MatrixXd unit = rows.rowwise().normalized();
    const VectorXd values = Eigen::JacobiSVD<MatrixXd>(unit).singularValues();
    for (Index modes = 1; modes < values.size(); modes++)
        if (values.tail(values.size() - modes).squaredNorm() <= tau * tau * values.squaredNorm())
            return modes;
    return values.size();
}

void efficiency(Reproduction& run) {
    const Peaks p;
    const Clustering clustering = kMedoids(sineMatrix(p.training.values), 4);
    EfficiencyOptions options;
    options.tau = 0.05;
    options.measure = Measure::Rms;
    const auto assess = [&] {
        return assessEfficiency({p.training.values, 1}, {clustering}, options)[0];
    };
    const EfficiencyRow row = assess();
    const double global = std::pow(modesByHand(p.training.values, 0.05), 3);
    double local = 0;
    for (const std::vector<int>& members : membersOf(clustering))
        local += static_cast<double>(members.size()) / 400 *
                 std::pow(modesByHand(p.training.values(members, Eigen::all), 0.05), 3);
    run.atMost("peaks, tau = 0.05, q = 3: gain against counting by hand, relative",
               std::abs(row.gain / (global / local) - 1), 1e-12);
    run.report("peaks, tau = 0.05, q = 3: gain of K = 4", row.gain);
    run.report("peaks, tau = 0.05, q = 3: accuracy where the gain is 1", row.breakEvenAccuracy);
    const auto gainAt = [&](double accuracy) {
        options.cost.accuracy = accuracy;
        return assess().gain;
    };
    run.atMost("gain with an accuracy 1 % below the one printed",
               gainAt(row.breakEvenAccuracy * 0.99), 1 - 1e-12);
    run.atLeast("gain with an accuracy 1 % above it", gainAt(row.breakEvenAccuracy * 1.01),
                1 + 1e-12);
    double worst = -std::numeric_limits<double>::infinity();
    for (int k : {2, 4, 6, 8})
        for (const FixedSize& size :
             assessEfficiency({p.training.values, 1}, {kMedoids(sineMatrix(p.training.values), k)},
                              options)[0]
                 .fixedSizes)
            worst = support::larger(worst, size.quality);
    run.atMost("peaks, K = 2 to 8, N = 2 to 8: quality, largest", worst, 1 + 1e-9);
}

void chain(Reproduction& run) {
    const Chain simulated = simulateChain(run.choose(4, 12), 7);
    const Matrix values = superpose(simulated.frames, {}, meanStructure(simulated.frames));
    const Matrix d = sineMatrix(values);
    const Clustering found = kMedoids(d, 2);
    run.atLeast("chain with two torsional basins: adjusted Rand index to the basins",
                adjustedRandIndex(found.labels, simulated.classes), 0.9);
    EfficiencyOptions options;
    options.tau = 0.05;
    options.measure = Measure::Rms;
    const EfficiencyRow row = assessEfficiency({values, 1}, {found}, options)[0];
    run.report("chain, tau = 0.05 rms, q = 3: gain of K = 2", row.gain);
    run.report("chain: mean silhouette", silhouette(d, found.labels));
}

void molecule(Reproduction& run) {
    const auto path =
        run.data("3bpa/train_300K.xyz", "3BPA at 300 K: local bases of the trajectory");
    if (!path)
        return;
    for (const bool isForces : {false, true}) {
        Matrix values =
            readSnapshots(*path, isForces ? "forces" : "positions", {}).snapshots.values;
        std::vector<int> training, test;
        for (int i = 0; i < values.rows(); i++)
            (i % 5 == 4 ? test : training).push_back(i);
        if (!isForces) // displacements: without the mean all frames are nearly parallel
            values.rowwise() -= values(training, Eigen::all).colwise().mean().eval();
        const Matrix a = values(training, Eigen::all), b = values(test, Eigen::all);
        const std::string name = isForces ? "3BPA, forces: " : "3BPA, displacements: ";
        std::vector<Clustering> clusterings;
        const Matrix d = sineMatrix(a);
        for (int k = 2; k <= 8; k++)
            clusterings.push_back(kMedoids(d, k));
        EfficiencyOptions options;
        options.tau = 0.2;
        options.measure = Measure::Rms;
        const auto rows = assessEfficiency({a, 1}, clusterings, options);
        const EfficiencyRow& best = rows[std::max(bestRow(rows), 0)];
        run.report(name + "modes of the global basis for 20 % rms", best.globalModes);
        run.report(name + "K with the largest gain", best.clustering.medoids.size());
        run.report(name + "gain, q = 3", best.gain);
        run.report(name + "rms error of the bases on frames left out of them", best.heldOutRms);
        const Partition partition =
            byMedoids(a, b, static_cast<int>(best.clustering.medoids.size()), Dissimilarity::Sine);
        run.report(name + "held-out mean error, local bases of 8 modes",
                   localErrors(a, b, partition, 8).mean);
        run.report(name + "held-out mean error, global basis of 8 modes", globalError(a, b, 8));
        double worst = -std::numeric_limits<double>::infinity();
        for (const EfficiencyRow& row : rows)
            for (const FixedSize& size : row.fixedSizes)
                worst = support::larger(worst, size.quality);
        run.atMost(name + "quality, largest of K = 2 to 8", worst, 1 + 1e-9);
    }
}

void speed(Reproduction& run) {
    const Index m = run.choose(300, 1000), size = run.choose(2000, 10000);
    const Matrix values = Random(8).normalMatrix(m, 20) * Random(9).normalMatrix(20, size);
    const auto start = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    const std::string name =
        std::to_string(m) + " snapshots of " + std::to_string(size) + ": seconds ";
    const Matrix d = sineMatrix(values);
    run.report(name + "to the sines", seconds());
    const Clustering found = kMedoids(d, 6);
    run.report(name + "to the clusters, K = 6, ten starts", seconds());
    for (const std::vector<int>& members : membersOf(found))
        computePod(values(members, Eigen::all), PodMethod::Svd);
    run.report(name + "to the bases", seconds());
}

} // namespace

void reproduce(Reproduction& run) {
    identity(run);
    peaks(run);
    invariance(run);
    exhaustive(run);
    peer(run);
    burgers(run);
    efficiency(run);
    chain(run);
    molecule(run);
    speed(run);
}

} // namespace equivariant::local_reduced_order_bases
