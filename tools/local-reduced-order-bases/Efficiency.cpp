// SPDX-License-Identifier: MIT
#include "Efficiency.h"

#include "ClusterChecks.h"

#include "support/Parallel.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using Eigen::VectorXd;

double CostModel::of(Index modes) const {
    return std::pow(static_cast<double>(modes), exponent);
}

namespace {

double meanLocalCost(const std::vector<Index>& localModes, const std::vector<double>& populations,
                     const CostModel& cost) {
    double sum = 0;
    for (std::size_t c = 0; c < localModes.size(); c++)
        sum += populations[c] * cost.of(localModes[c]);
    return sum;
}

} // namespace

double gain(Index globalModes, const std::vector<Index>& localModes,
            const std::vector<double>& populations, const CostModel& cost) {
    const double global = cost.of(globalModes);
    double local = cost.classifierTime;
    for (std::size_t c = 0; c < localModes.size(); c++) {
        const double right = cost.of(localModes[c]), wrong = right + global;
        local += populations[c] * (cost.accuracy * right + (1 - cost.accuracy) * wrong);
    }
    return global / local;
}

double breakEvenAccuracy(Index globalModes, const std::vector<Index>& localModes,
                         const std::vector<double>& populations, const CostModel& cost) {
    return (cost.classifierTime + meanLocalCost(localModes, populations, cost)) /
           cost.of(globalModes);
}

namespace {

Pod podOf(const MatrixView& snapshots, const EfficiencyOptions& options) {
    return computePod(options.normalize ? normalizeRows(snapshots) : Matrix(snapshots),
                      options.method);
}

Pod truncated(const Pod& pod, Index modes) {
    modes = std::min(modes, pod.basis.rows());
    return {pod.basis.topRows(modes), pod.singularValues.head(modes)};
}

Index modesFor(const Pod& pod, const MatrixView& snapshots, const EfficiencyOptions& options) {
    return options.measure == Measure::Rms ? modesForEnergy(pod.singularValues, options.tau)
                                           : modesForTolerance(pod.basis, snapshots, options.tau);
}

double squaredError(const Pod& pod, Index modes, const MatrixView& snapshots) {
    return projectionErrors(pod.basis.topRows(std::min(modes, pod.basis.rows())), snapshots)
        .squaredNorm();
}

/// Sum of squared errors of the runs of a cluster, each with a basis made without it: of the other
/// four of five parts of the cluster.
double heldOutError(const Snapshots& cluster, Index modes, const EfficiencyOptions& options) {
    constexpr int folds = 5;
    const auto runs = static_cast<int>(cluster.runs());
    if (runs < 2)
        return static_cast<double>(cluster.values.rows()); // nothing to make a basis of
    double sum = 0;
    for (int fold = 0; fold < std::min(folds, runs); fold++) {
        std::vector<int> kept, left;
        for (int i = 0; i < runs; i++)
            (i % folds == fold ? left : kept).push_back(i);
        const Pod pod = podOf(cluster.select(kept).values, options);
        sum += squaredError(pod, modes, cluster.select(left).values);
    }
    return sum;
}

/// What all rows share: the whole set.
struct Whole {
    const Snapshots& snapshots;
    Pod pod;
    Index modes;

    double rms(Index modes) const {
        return std::sqrt(squaredError(pod, modes, snapshots.values) /
                         static_cast<double>(snapshots.values.rows()));
    }
};

struct Cluster {
    Index modes;
    double heldOut;
    std::vector<double> squares; ///< squared errors at the fixed sizes
};

Cluster assessCluster(const Snapshots& snapshots, const EfficiencyOptions& options) {
    const Pod pod = podOf(snapshots.values, options);
    Cluster cluster{modesFor(pod, snapshots.values, options), 0, {}};
    cluster.heldOut = heldOutError(snapshots, cluster.modes, options);
    for (Index modes : options.modes)
        cluster.squares.push_back(squaredError(pod, modes, snapshots.values));
    return cluster;
}

EfficiencyRow assessClustering(const Whole& whole, const Clustering& clustering,
                               const EfficiencyOptions& options) {
    const auto members = membersOf(clustering);
    const auto k = static_cast<int>(members.size());
    const auto count = static_cast<double>(whole.snapshots.values.rows());
    std::vector<Cluster> clusters(k);
    support::parallelFor(k, [&](int c) {
        clusters[c] = assessCluster(whole.snapshots.select(members[c]), options);
    });
    EfficiencyRow row{clustering, {}, {}, whole.modes, options.cost, 0, 0, 0, true, {}};
    for (int c = 0; c < k; c++) {
        row.localModes.push_back(clusters[c].modes);
        row.populations.push_back(static_cast<double>(members[c].size()) /
                                  static_cast<double>(whole.snapshots.runs()));
        row.heldOutRms += clusters[c].heldOut;
        row.isAdmissible =
            row.isAdmissible && static_cast<int>(members[c].size()) >= options.smallest;
    }
    row.heldOutRms = std::sqrt(row.heldOutRms / count);
    row.gain = gain(row.globalModes, row.localModes, row.populations, options.cost);
    row.breakEvenAccuracy =
        breakEvenAccuracy(row.globalModes, row.localModes, row.populations, options.cost);
    for (std::size_t i = 0; i < options.modes.size(); i++) {
        double local = 0;
        for (const Cluster& cluster : clusters)
            local += cluster.squares[i];
        const Index modes = options.modes[i], ofAll = k * std::min(modes, whole.pod.basis.rows());
        FixedSize size{modes, std::sqrt(local / count), whole.rms(modes), whole.rms(ofAll), 0};
        const double range = size.global - size.globalOfAll;
        size.quality = range > 1e-14 ? (size.global - size.local) / range
                                     : std::numeric_limits<double>::quiet_NaN();
        row.fixedSizes.push_back(size);
    }
    return row;
}

} // namespace

std::vector<EfficiencyRow> assessEfficiency(const Snapshots& snapshots,
                                            const std::vector<Clustering>& clusterings,
                                            const EfficiencyOptions& options) {
    if (snapshots.steps < 1 || snapshots.values.rows() % snapshots.steps != 0)
        throw Error("the number of snapshots is not a multiple of the steps of a run");
    for (const Clustering& clustering : clusterings)
        if (static_cast<Index>(clustering.labels.size()) != snapshots.runs())
            throw Error("a clustering of " + std::to_string(clustering.labels.size()) +
                        " runs for " + std::to_string(snapshots.runs()));
    for (Index modes : options.modes)
        if (modes < 1)
            throw Error("a basis needs a mode");
    Whole whole{snapshots, podOf(snapshots.values, options), 0};
    whole.modes = modesFor(whole.pod, snapshots.values, options);
    std::vector<EfficiencyRow> rows;
    for (const Clustering& clustering : clusterings)
        rows.push_back(assessClustering(whole, clustering, options));
    return rows;
}

int bestRow(const std::vector<EfficiencyRow>& rows) {
    int best = -1;
    for (std::size_t i = 0; i < rows.size(); i++)
        if (rows[i].isAdmissible && (best < 0 || rows[i].gain > rows[best].gain))
            best = static_cast<int>(i);
    return best;
}

std::vector<std::vector<int>> membersOf(const Clustering& clustering) {
    std::vector<std::vector<int>> members(clustering.medoids.size());
    for (std::size_t i = 0; i < clustering.labels.size(); i++)
        members[clustering.labels[i]].push_back(static_cast<int>(i));
    return members;
}

Pod podForTolerance(const MatrixView& snapshots, const EfficiencyOptions& options) {
    const Pod pod = podOf(snapshots, options);
    return truncated(pod, modesFor(pod, snapshots, options));
}

} // namespace equivariant::local_reduced_order_bases
