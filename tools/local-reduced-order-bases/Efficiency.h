// SPDX-License-Identifier: MIT
//
// Whether a dictionary of local bases pays, told from snapshots alone.
#pragma once

#include "KMedoids.h"
#include "Pod.h"

namespace equivariant::local_reduced_order_bases {

/// A model of N modes costs N^exponent a query, in units of that of one mode; choosing a cluster
/// costs classifierTime.
struct CostModel {
    double exponent = 3; ///< 3: dense solve, 2: hyper-reduced
    double classifierTime = 0;
    double accuracy = 1; ///< share of queries that the classifier sends to the right cluster

    double of(Eigen::Index modes) const;
};

/// G = c(N_g) / (t_F + sum_c p_c [a c(N_c) + (1 - a)(c(N_c) + c(N_g))]): how many times faster
/// queries get with local bases than with a global one, where a query in a wrong cluster is done
/// again with the global basis.
double gain(Eigen::Index globalModes, const std::vector<Eigen::Index>& localModes,
            const std::vector<double>& populations, const CostModel& cost);

/// The accuracy a* at which G = 1. Above 1 local bases do not pay at all.
double breakEvenAccuracy(Eigen::Index globalModes, const std::vector<Eigen::Index>& localModes,
                         const std::vector<double>& populations, const CostModel& cost);

/// How many modes a basis needs. Max: each snapshot has a relative error of at most tau; Rms: the
/// root of the mean of their squares has, which the singular values tell.
enum class Measure { Max, Rms };

struct EfficiencyOptions {
    double tau = 1e-2;
    Measure measure = Measure::Max;
    bool normalize = true; ///< modes of snapshots divided by their norm
    PodMethod method = PodMethod::Svd;
    CostModel cost;
    int smallest = 5;                            ///< runs of a cluster
    std::vector<Eigen::Index> modes = {2, 4, 8}; ///< fixed N at which errors are compared
};

/// Errors (rms over the training snapshots) at a fixed number N of modes. Local bases lie between
/// the global one of N modes and, as all K bases together span at most K N dimensions, that of K N.
struct FixedSize {
    Eigen::Index modes;
    double local, global, globalOfAll;
    double
        quality; ///< (global - local) / (global - globalOfAll), at most 1; NaN if these are equal
};

struct EfficiencyRow {
    Clustering clustering;
    std::vector<Eigen::Index> localModes;
    std::vector<double> populations;
    Eigen::Index globalModes;
    CostModel cost; ///< that gain and breakEvenAccuracy are for
    double gain, breakEvenAccuracy;
    double heldOutRms; ///< errors of snapshots left out of their cluster's basis, five folds
    bool isAdmissible; ///< no cluster is too small
    std::vector<FixedSize> fixedSizes;
};

/// One row for every clustering of the runs; populations are shares of the runs. Throws Error if a
/// clustering is one of other runs, or sizes make no sense.
std::vector<EfficiencyRow> assessEfficiency(const Snapshots& snapshots,
                                            const std::vector<Clustering>& clusterings,
                                            const EfficiencyOptions& options);

/// The admissible row with the largest gain, the first of equal ones; -1 if none is admissible.
int bestRow(const std::vector<EfficiencyRow>& rows);

/// Runs of each cluster.
std::vector<std::vector<int>> membersOf(const Clustering& clustering);

/// Modes and number of modes for the tolerance of `options`. `snapshots` are rows of one cluster.
Pod podForTolerance(const MatrixView& snapshots, const EfficiencyOptions& options);

} // namespace equivariant::local_reduced_order_bases
