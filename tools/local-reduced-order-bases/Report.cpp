// SPDX-License-Identifier: MIT
#include "ClusterChecks.h"
#include "Problem.h"

#include <cmath>
#include <numeric>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using nlohmann::json;

json toJson(const ErrorSummary& errors) {
    return {{"mean", errors.mean},
            {"rms", errors.rms},
            {"percentile_95", errors.percentile95},
            {"max", errors.max}};
}

namespace {

/// JSON knows no NaN.
json numberOrNull(double value) {
    return std::isfinite(value) ? json(value) : json();
}

json describeRow(const EfficiencyRow& row, double silhouetteOfRow, double stabilityOfRow) {
    const auto k = static_cast<int>(row.clustering.medoids.size());
    json sizes = json::array();
    for (const FixedSize& size : row.fixedSizes)
        sizes.push_back({{"N", size.modes},
                         {"local_rms", size.local},
                         {"global_rms", size.global},
                         {"global_KN_rms", size.globalOfAll},
                         {"quality", numberOrNull(size.quality)}});
    return {
        {"K", k},
        {"cost", row.clustering.cost},
        {"sizes", clusterSizes(row.clustering.labels, k)},
        {"silhouette", silhouetteOfRow},
        {"stability", stabilityOfRow},
        {"global_modes", row.globalModes},
        {"local_modes", row.localModes},
        {"stored_modes", std::accumulate(row.localModes.begin(), row.localModes.end(), Index(0))},
        {"held_out_rms", row.heldOutRms},
        {"accuracy", row.cost.accuracy},
        {"gain", row.gain},
        {"break_even_accuracy", row.breakEvenAccuracy},
        {"admissible", row.isAdmissible},
        {"fixed_modes", sizes}};
}

void addTableLines(const json& row, std::vector<std::vector<double>>& lines) {
    const auto number = [](const json& value) {
        return value.is_null() ? std::nan("") : value.get<double>();
    };
    for (const json& size : row["fixed_modes"]) {
        std::vector<double> line;
        for (const char* key :
             {"K", "cost", "silhouette", "stability", "global_modes", "stored_modes",
              "held_out_rms", "accuracy", "gain", "break_even_accuracy"})
            line.push_back(number(row[key]));
        line.push_back(row["admissible"].get<bool>());
        for (const char* key : {"N", "local_rms", "global_rms", "global_KN_rms", "quality"})
            line.push_back(number(size[key]));
        lines.push_back(std::move(line));
    }
}

void writeReport(const std::string& path, const json& rows) {
    std::vector<std::vector<double>> lines;
    for (const json& row : rows)
        addTableLines(row, lines);
    support::Table table{{"K", "cost", "silhouette", "stability", "global_modes", "stored_modes",
                          "held_out_rms", "accuracy", "gain", "break_even_accuracy", "admissible",
                          "N", "local_rms", "global_rms", "global_KN_rms", "quality"},
                         {}};
    table.values.resize(static_cast<Index>(lines.size()), static_cast<Index>(table.names.size()));
    for (std::size_t i = 0; i < lines.size(); i++)
        table.values.row(static_cast<Index>(i)) = Eigen::Map<const Eigen::RowVectorXd>(
            lines[i].data(), static_cast<Index>(lines[i].size()));
    support::writeTable(path, table);
}

} // namespace

json describe(const Problem& problem, const std::vector<EfficiencyRow>& rows,
              const ProblemOptions& options) {
    json table = json::array();
    for (const EfficiencyRow& row : rows)
        table.push_back(describeRow(row, silhouette(problem.d, row.clustering.labels),
                                    stability(problem.d, row.clustering, options.medoids)));
    if (!options.table.empty())
        writeReport(options.table, table);
    const int best = bestRow(rows);
    return {{"runs", problem.own.runs()},
            {"steps", problem.own.steps},
            {"size", problem.own.values.cols()},
            {"dropped_runs", problem.dropped},
            {"dissimilarity", options.dissimilarity},
            {"centred", options.centre},
            {"tau", options.efficiency.tau},
            {"measure", options.measure},
            {"seed", options.medoids.seed},
            {"rows", table},
            {"best_K", best < 0 ? json() : table[best]["K"]},
            {"local_bases_pay", best >= 0 && rows[best].gain > 1}};
}

} // namespace equivariant::local_reduced_order_bases
