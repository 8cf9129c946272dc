// SPDX-License-Identifier: MIT
//
// What the subcommands share: reading snapshots, clustering them for several K, reporting.
#pragma once

#include "Classifier.h"
#include "Dissimilarity.h"
#include "Efficiency.h"
#include "Input.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

namespace equivariant::local_reduced_order_bases {

struct ProblemOptions {
    std::string snapshots, mass, array = "positions", parameters, classifier, table;
    std::string clusters = "2:10", dissimilarity = "sine", measure = "max", method = "svd";
    bool centre = false, dropZero = false, isRaw = false;
    KMedoidsOptions medoids;
    EfficiencyOptions efficiency;
};

void addProblemOptions(CLI::App& command, ProblemOptions& options);

/// Names of classifiers on the command line.
extern const std::map<std::string, ClassifierKind> classifierKinds;

struct Problem {
    Snapshots own;       ///< in their own coordinates, the mean taken off if wanted
    Snapshots euclidean; ///< the same as InnerProduct::toEuclidean makes them
    InnerProduct product;
    Matrix mass, mean, reference, parameters; ///< or empty
    std::vector<int> runs, dropped;           ///< numbers in the file
    Dissimilarity kind;
    Matrix d; ///< [runs][runs]
};

/// Reads and checks all. Fills in `options.efficiency`.
Problem readProblem(ProblemOptions& options);

/// Takes off the mean, if there is one, and refuses or lists runs with a snapshot that is zero.
/// @param dropped  where their numbers go; null: they are refused
Snapshots removeZeros(Snapshots snapshots, const Matrix& mean, const std::string& path,
                      std::vector<int>* dropped);

/// One clustering for each K of "2:8" or "2,4,6", with gain and errors. With a classifier the
/// accuracy of the gain is measured.
std::vector<EfficiencyRow> assessAll(const Problem& problem, const ProblemOptions& options);

/// Rows as JSON and, if a path is given, as CSV.
nlohmann::json describe(const Problem& problem, const std::vector<EfficiencyRow>& rows,
                        const ProblemOptions& options);

nlohmann::json toJson(const ErrorSummary& errors);

} // namespace equivariant::local_reduced_order_bases
