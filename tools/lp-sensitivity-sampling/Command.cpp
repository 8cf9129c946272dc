// SPDX-License-Identifier: MIT
//
// equivariant-tools lp-sensitivity-sampling scores | draw | verify.
#include "Distortion.h"
#include "Groups.h"
#include "Output.h"

#include "equivariant/Error.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <memory>

namespace equivariant::lp_sensitivity_sampling {

namespace {

using command::dump;
using command::writeOutput;
using Eigen::VectorXd;
using nlohmann::json;

const std::map<std::string, ScoreKind> kinds = {{"sensitivity", ScoreKind::Sensitivity},
                                                {"leverage", ScoreKind::Leverage},
                                                {"lewis", ScoreKind::Lewis},
                                                {"root-leverage", ScoreKind::RootLeverage}};
const std::map<std::string, Approximation> approximations = {{"exact", Approximation::Exact},
                                                             {"lewis", Approximation::Lewis},
                                                             {"batch", Approximation::Batch}};

struct Options {
    std::string matrix, frames, weights, out, sample;
    ScoreOptions score;
    bool largest = false;
    double rows = 0, share = 1;
    int rounds = 1, directions = 2000;
};

/// What was read and what its rows, or groups of rows, are worth.
struct Input {
    Matrix matrix; ///< times weight^(1/p)
    Groups groups;
    Scores scores; ///< of rows
    VectorXd values, upperBounds;
};

Input readInput(Options& options) {
    Input input;
    input.matrix = support::readMatrix(options.matrix);
    if (!options.weights.empty())
        options.score.rowWeights = support::readVector(options.weights);
    input.groups = options.frames.empty() ? singleRows(input.matrix.rows())
                                          : readFrames(options.frames, input.matrix.rows());
    input.scores = computeScores(input.matrix, options.score);
    if (options.share != 1) {
        if (!(options.score.p > 2) || options.score.kind != ScoreKind::Sensitivity)
            throw Error("--mix is for sensitivities with p > 2");
        ScoreOptions leverage = options.score;
        leverage.kind = ScoreKind::Leverage;
        input.scores.values = mixScores(
            input.scores.values, computeScores(input.matrix, leverage).values, options.share);
    }
    if (options.score.rowWeights.size())
        input.matrix.array().colwise() *= options.score.rowWeights.array().pow(1 / options.score.p);
    input.values = input.groups.collect(input.scores.values, options.largest);
    input.upperBounds = input.groups.collect(input.scores.upperBounds, options.largest);
    return input;
}

json summarize(const Input& input, const ScoreOptions& options) {
    json report = {{"p", options.p},
                   {"n", input.matrix.rows()},
                   {"groups", input.groups.count},
                   {"rank", input.scores.rank}};
    if (options.kind != ScoreKind::Sensitivity) {
        report["total"] = input.scores.total;
        return report;
    }
    const auto rank = static_cast<double>(input.scores.rank);
    const double s = input.scores.total, power = std::pow(rank, options.p / 2);
    const SampleSizes sizes = sampleSizes(options.p, rank, s);
    report["S_p"] = s;
    report["S_p_bounds"] = {std::min(rank, power), std::max(rank, power)};
    if (options.approximation == Approximation::Exact)
        report["largest_gap"] = input.scores.largestGap;
    json& orders = report["orders_of_rows"];
    orders = {{"sensitivity", sizes.sensitivity}, {"generic", sizes.generic}};
    if (options.p < 2)
        orders["root_leverage"] = sizes.rootLeverage;
    if (options.p > 2)
        orders["mixed"] = sizes.mixed;
    return report;
}

void writeRows(const std::string& path, const Input& input, const Sample* sample) {
    support::Table table{{"index", "group", "score", "upper_bound"}, {}};
    if (sample)
        table.names.insert(table.names.end(), {"q", "kept", "weight"});
    const auto n = static_cast<Eigen::Index>(input.groups.ofRow.size());
    table.values = Matrix::Zero(n, static_cast<Eigen::Index>(table.names.size()));
    VectorXd weights = VectorXd::Zero(input.groups.count);
    for (std::size_t k = 0; sample && k < sample->rows.size(); k++)
        weights[sample->rows[k]] = sample->weights[static_cast<Eigen::Index>(k)];
    for (Eigen::Index i = 0; i < n; i++) {
        const int group = input.groups.ofRow[i];
        auto row = table.values.row(i);
        row.head(4) << double(i), group, input.scores.values[i], input.scores.upperBounds[i];
        if (sample)
            row.tail(3) << sample->probabilities[group], weights[group] > 0, weights[group];
    }
    support::writeTable(path, table);
}

void runScores(Options options) {
    const Input input = readInput(options);
    if (!options.out.empty())
        writeRows(options.out, input, nullptr);
    writeOutput("", dump(summarize(input, options.score), 2) + "\n");
}

json toJson(const Distortion& distortion) {
    return {{"max_ratio", distortion.maxRatio},
            {"min_ratio", distortion.minRatio},
            {"directions_tested", distortion.directions}};
}

Distortion verify(const Options& options, const Matrix& matrix, const std::vector<int>& rows,
                  const VectorXd& weights) {
    DistortionOptions distortion;
    distortion.directions = options.directions;
    distortion.seed = options.score.seed;
    return measureDistortion(matrix, rows, weights, options.score.p, distortion);
}

void runDraw(Options options) {
    const double p = options.score.p;
    const bool isRecursive = options.rounds > 1;
    if (isRecursive && (options.score.kind != ScoreKind::RootLeverage || !options.frames.empty()))
        throw Error("--rounds is for root leverage scores of rows");
    const Input input = readInput(options);
    const Sample sample =
        isRecursive
            ? drawRootLeverage(input.matrix, p, options.rows, options.rounds, options.score.seed)
            : draw(inclusionProbabilities(input.values, options.rows,
                                          options.frames.empty() ? input.scores.rank : 1),
                   p, options.score.seed);
    if (!options.out.empty())
        writeRows(options.out, input, &sample);
    json report = summarize(input, options.score);
    report["sum_q"] = sample.probabilities.sum();
    report["expected_rows"] = options.rows;
    report["drawn_rows"] = sample.rows.size();
    report["seed"] = options.score.seed;
    if (options.directions > 0) {
        std::vector<double> ofGroup(input.groups.count, 0.0);
        for (std::size_t k = 0; k < sample.rows.size(); k++)
            ofGroup[sample.rows[k]] = sample.weights[static_cast<Eigen::Index>(k)];
        std::vector<int> rows;
        std::vector<double> weights;
        for (std::size_t i = 0; i < input.groups.ofRow.size(); i++)
            if (const double weight = ofGroup[input.groups.ofRow[i]]; weight > 0) {
                rows.push_back(static_cast<int>(i));
                weights.push_back(weight);
            }
        report.update(toJson(
            verify(options, input.matrix, rows,
                   Eigen::Map<const VectorXd>(weights.data(), Eigen::Index(weights.size())))));
    }
    writeOutput("", dump(report, 2) + "\n");
}

void runVerify(const Options& options) {
    Matrix matrix = support::readMatrix(options.matrix);
    const support::Table table = support::readTable(options.sample);
    support::requireFinite(table.values, options.sample);
    const auto index = table.find("index"), weight = table.find("weight");
    std::vector<int> rows;
    std::vector<double> weights;
    for (Eigen::Index i = 0; i < table.values.rows(); i++) {
        if (table.values(i, weight) == 0)
            continue; // not kept
        const double row = table.values(i, index);
        if (!(row >= 0 && row < static_cast<double>(matrix.rows())) || row != std::floor(row))
            throw Error(options.sample + ": the matrix has no row " + json(row).dump());
        rows.push_back(static_cast<int>(row));
        weights.push_back(table.values(i, weight));
    }
    if (!options.weights.empty()) {
        const VectorXd rowWeights = support::readVector(options.weights);
        if (rowWeights.size() != matrix.rows())
            throw Error(options.weights + ": " + std::to_string(rowWeights.size()) +
                        " weights, but the matrix has " + std::to_string(matrix.rows()) + " rows");
        matrix.array().colwise() *= rowWeights.array().pow(1 / options.score.p);
    }
    json report =
        toJson(verify(options, matrix, rows,
                      Eigen::Map<const VectorXd>(weights.data(), Eigen::Index(weights.size()))));
    report["p"] = options.score.p;
    report["rows"] = rows.size();
    writeOutput("", dump(report, 2) + "\n");
}

void addMatrixOptions(CLI::App& command, Options& options) {
    command.add_option("--matrix,--descriptor", options.matrix, "matrix, one row an item")
        ->required();
    command.add_option("--p", options.score.p, "exponent, 1 <= p < infinity")
        ->capture_default_str();
    command.add_option("--weights", options.weights, "how many times each row counts");
    command.add_option("--seed", options.score.seed)->capture_default_str();
}

void addScoreOptions(CLI::App& command, Options& options) {
    addMatrixOptions(command, options);
    command.add_option("--kind", options.score.kind, "what rows are scored by")
        ->transform(CLI::CheckedTransformer(kinds))
        ->default_str("sensitivity");
    command.add_option("--approx", options.score.approximation, "how sensitivities are computed")
        ->transform(CLI::CheckedTransformer(approximations))
        ->default_str("exact");
    command.add_option("--bucket-size", options.score.bucketSize, "rows of a bucket (batch)")
        ->capture_default_str();
    command.add_option(
        "--frames", options.frames,
        "extended XYZ file, whose frames are chosen: rows are its atoms, or its energies "
        "and forces");
    command.add_flag("--largest", options.largest,
                     "a frame scores as its best atom does, not as the sum");
    command.add_option("--out,-o", options.out, "CSV file, one line a row");
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    CLI::App* scores = app.add_subcommand("scores", "Scores of rows or frames");
    addScoreOptions(*scores, *options);
    scores->callback([options] { runScores(*options); });

    CLI::App* draw = app.add_subcommand("draw", "A random weighted subset of rows or frames");
    addScoreOptions(*draw, *options);
    draw->add_option("--rows", options->rows, "expected number of rows (frames)")->required();
    draw->add_option("--mix", options->share, "share of sensitivities beside leverage, p > 2")
        ->capture_default_str();
    draw->add_option("--rounds", options->rounds, "rounds of root leverage sampling")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    draw->add_option("--directions", options->directions, "directions to test; 0: none")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    draw->callback([options] { runDraw(*options); });

    CLI::App* verify = app.add_subcommand("verify", "How well a subset keeps all norms");
    addMatrixOptions(*verify, *options);
    verify->add_option("--sample", options->sample, "CSV file of draw")->required();
    verify->add_option("--directions", options->directions, "random directions")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    verify->callback([options] { runVerify(*options); });
}

} // namespace equivariant::lp_sensitivity_sampling
