// SPDX-License-Identifier: MIT
//
// equivariant-tools light-sb fit | map | path | drift | eval | variables.
#include "BridgeFile.h"
#include "BridgeFit.h"
#include "BridgePaths.h"
#include "Output.h"
#include "ProgressBar.h"
#include "Sinkhorn.h"
#include "TwoSample.h"
#include "Variables.h"

#include "support/Failure.h"
#include "support/Random.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

namespace equivariant::light_sb {

namespace {

using Eigen::Index;
using nlohmann::json;

struct Options {
    std::string x0, x1, learningRate = "auto", out, loss;
    std::vector<std::string> columns;
    FitOptions fit;
    bool strict = false;

    std::string model, truth, in;
    std::optional<double> eps;
    bool mean = false;
    std::vector<double> times;
    int sdeSteps = 0;
    double time = 0;
    std::uint64_t seed = 0;
    int points = 1000, permutations = 999;
    bool sinkhorn = false;

    std::string frames;
    std::vector<std::string> variables;
};

/// A matrix, or the columns of these names of a table.
Matrix readPoints(const std::string& path, const std::vector<std::string>& columns) {
    if (columns.empty())
        return support::readMatrix(path);
    const support::Table table = support::readTable(path);
    Matrix points(table.values.rows(), columns.size());
    try {
        for (std::size_t j = 0; j < columns.size(); j++)
            points.col(Index(j)) = table.values.col(table.find(columns[j]));
    } catch (const Error& error) {
        throw Error(path + ": " + error.what());
    }
    if (points.rows() == 0)
        throw Error(path + ": there are no points");
    support::requireFinite(points, path);
    return points;
}

double readLearningRate(const std::string& text) {
    if (text == "auto")
        return 0;
    double rate = 0;
    if (!CLI::detail::lexical_cast(text, rate) || !(rate > 0))
        throw Error("--lr is 'auto' or a positive number, not '" + text + "'");
    return rate;
}

void warn(const std::string& text) {
    std::cerr << "warning: " << text << "\n";
}

/// Means over up to 100 equal parts of the steps.
void writeLosses(const std::string& path, const Eigen::VectorXd& losses) {
    const Index part = std::max<Index>(1, losses.size() / 100);
    support::Table table{{"step", "loss"}, Matrix(losses.size() / part, 2)};
    for (Index i = 0; i < table.values.rows(); i++)
        table.values.row(i) << double((i + 1) * part), losses.segment(i * part, part).mean();
    support::writeTable(path, table);
}

Fit fitWithProgress(const Matrix& x, const Matrix& y, FitOptions options) {
    command::ProgressBar bar(options.steps, "step", "steps/s", 1);
    options.progress = [&](long done) { bar.update(done); };
    return fit(x, y, options);
}

void runFit(Options options) {
    const Matrix x = readPoints(options.x0, options.columns);
    const Matrix y = readPoints(options.x1, options.columns);
    options.fit.learningRate = readLearningRate(options.learningRate);
    const Fit result = fitWithProgress(x, y, options.fit);
    if (!options.loss.empty())
        writeLosses(options.loss, result.losses);
    if (result.isRising()) {
        const std::string text = "the loss rose over the last fifth of the steps; try a smaller "
                                 "--lr";
        if (options.strict)
            throw support::Failure(3, text);
        warn(text);
    }
    if (!result.dead.empty())
        warn(std::to_string(result.dead.size()) + " of " + std::to_string(options.fit.components) +
             " components are dead");
    json origin = {{"scale", result.scale},      {"seed", options.fit.seed},
                   {"steps", options.fit.steps}, {"loss_tail", result.lossTail},
                   {"data_hash0", hashOf(x)},    {"data_hash1", hashOf(y)}};
    writeModel(options.out, result.model, origin);
    origin.update({{"learning_rate", result.learningRate},
                   {"rise", result.rise},
                   {"dead", result.dead},
                   {"eps", options.fit.eps},
                   {"K", options.fit.components},
                   {"dim", x.cols()}});
    command::writeOutput("", command::dump(origin, 2) + "\n");
}

Model openModel(const Options& options) {
    return readModel(options.model, options.eps);
}

void runMap(const Options& options) {
    const Model model = openModel(options);
    const Matrix x = readPoints(options.in, options.columns);
    support::writeMatrix(options.out, options.mean ? model.conditionalMeans(x)
                                                   : sampleEnds(model, x, options.seed));
}

void runPath(const Options& options) {
    if (options.times.empty() == (options.sdeSteps == 0))
        throw Error("either --times or --sde is needed");
    const Model model = openModel(options);
    const Matrix x = readPoints(options.in, options.columns);
    const std::vector<Matrix> paths = options.sdeSteps > 0
                                          ? integratePaths(model, x, options.sdeSteps, options.seed)
                                          : samplePaths(model, x, options.times, options.seed);
    support::Array array{{Index(paths.size()), x.rows(), x.cols()}, {}};
    for (const Matrix& points : paths)
        array.values.insert(array.values.end(), points.data(), points.data() + points.size());
    support::writeArray(options.out, array);
}

void runDrift(const Options& options) {
    const Model model = openModel(options);
    support::writeMatrix(options.out,
                         model.drift(readPoints(options.in, options.columns), options.time));
}

Matrix drawSubset(const Matrix& points, int count, std::uint64_t seed, std::uint64_t set) {
    if (points.rows() <= count)
        return points;
    std::vector<int> order =
        support::Random(seed, set, 1).permutation(static_cast<int>(points.rows()));
    order.resize(count);
    return points(order, Eigen::all);
}

void runEval(const Options& options) {
    const Model model = openModel(options);
    const Matrix x =
        drawSubset(readPoints(options.x0, options.columns), options.points, options.seed, 0);
    const Matrix y =
        drawSubset(readPoints(options.x1, options.columns), options.points, options.seed, 1);
    const Matrix mapped = sampleEnds(model, x, options.seed);
    const EnergyTest test = testEnergyDistance(mapped, y, options.permutations, options.seed);
    json report = {{"points", {x.rows(), y.rows()}},
                   {"energy_distance", test.distance},
                   {"energy_distance_quantile95", test.quantile95},
                   {"energy_distance_p", test.p},
                   {"mmd", maximumMeanDiscrepancy(mapped, y)},
                   {"bw2_uvp", unexplainedVariance(mapped, y)}};
    const Moments moments = momentsOf(y);
    if (!options.truth.empty()) {
        const Model truth = readModel(options.truth);
        report["cbw2_uvp"] =
            conditionalUnexplainedVariance(model, truth, x, moments.covariance.trace());
        report["cbw2_uvp_independent"] = conditionalUnexplainedVariance(moments, truth, x);
    }
    if (options.sinkhorn) {
        const Matrix difference = model.conditionalMeans(x) - sinkhornMeans(x, y, model.eps());
        report["sinkhorn_deviation"] =
            std::sqrt(difference.squaredNorm() / double(x.rows()) / moments.covariance.trace());
    }
    command::writeOutput("", command::dump(report, 2) + "\n");
}

void runVariables(const Options& options) {
    support::Table table;
    const auto frames = command::readExtendedXyz(options.frames);
    try {
        table = computeVariables(frames, options.variables);
    } catch (const Error& error) {
        throw Error(options.frames + ": " + error.what());
    }
    support::writeTable(options.out, table);
}

void addColumns(CLI::App& command, Options& options) {
    command.add_option("--columns", options.columns, "names of columns of CSV files, with commas")
        ->delimiter(',');
}

void addFit(CLI::App& app, const std::shared_ptr<Options>& options) {
    CLI::App* command = app.add_subcommand("fit", "Fits a bridge between two sets of points");
    command->add_option("--x0", options->x0, "source, one row a point")->required();
    command->add_option("--x1", options->x1, "target")->required();
    addColumns(*command, *options);
    FitOptions& fit = options->fit;
    command->add_option("--eps", fit.eps, "variance of the noise, in squared units of the points")
        ->capture_default_str();
    command->add_option("--components", fit.components, "of the mixture")->capture_default_str();
    command->add_flag("--full", fit.full, "covariances with correlations");
    command->add_option("--steps", fit.steps)->capture_default_str();
    command->add_option("--batch", fit.batch)->capture_default_str();
    command->add_option("--lr", options->learningRate, "learning rate, or auto")
        ->capture_default_str();
    command->add_option("--initial-scale", fit.initialScale, "S at the start")
        ->capture_default_str();
    command->add_option("--seed", fit.seed)->capture_default_str();
    command->add_flag("--strict", options->strict, "exit status 3 if the loss rises at the end");
    command->add_option("--loss", options->loss, "CSV file of the loss");
    command->add_option("--out,-o", options->out, "model file (JSON)")->required();
    command->callback([options] { runFit(*options); });
}

/// What commands with a model have in common.
CLI::App* addModelCommand(CLI::App& app, const std::string& name, const std::string& text,
                          const std::shared_ptr<Options>& options, void (*run)(const Options&)) {
    CLI::App* command = app.add_subcommand(name, text);
    command->add_option("--model", options->model, "model file")->required();
    command->add_option("--eps", options->eps, "refuse a model of another eps");
    addColumns(*command, *options);
    command->callback([options, run] { run(*options); });
    return command;
}

void addFiles(CLI::App& command, Options& options) {
    command.add_option("--in", options.in, "points, one a row")->required();
    command.add_option("--out,-o", options.out, "array file")->required();
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    addFit(app, options);

    CLI::App* map = addModelCommand(app, "map", "Random end points", options, runMap);
    addFiles(*map, *options);
    map->add_flag("--mean", options->mean, "the mean end point instead of a random one");
    map->add_option("--seed", options->seed)->capture_default_str();

    CLI::App* path = addModelCommand(app, "path", "Random paths, [times][points][coordinates]",
                                     options, runPath);
    addFiles(*path, *options);
    path->add_option("--times", options->times, "within [0, 1], with commas")->delimiter(',');
    path->add_option("--sde", options->sdeSteps, "steps of the stochastic differential equation")
        ->check(CLI::PositiveNumber);
    path->add_option("--seed", options->seed)->capture_default_str();

    CLI::App* drift =
        addModelCommand(app, "drift", "Drift of the differential equation", options, runDrift);
    addFiles(*drift, *options);
    drift->add_option("--time", options->time, "0 <= time < 1")->required();

    CLI::App* eval =
        addModelCommand(app, "eval", "How well a bridge ends in the target", options, runEval);
    eval->add_option("--x0", options->x0, "source")->required();
    eval->add_option("--x1", options->x1, "target")->required();
    eval->add_option("--truth", options->truth, "model file of the true plan");
    eval->add_flag("--sinkhorn", options->sinkhorn, "compares means with a discrete plan");
    eval->add_option("--points", options->points, "random subset of either set")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    eval->add_option("--permutations", options->permutations)->capture_default_str();
    eval->add_option("--seed", options->seed)->capture_default_str();

    CLI::App* variables = app.add_subcommand("variables", "Collective variables of molecules");
    variables->add_option("--frames", options->frames, "extended XYZ file")->required();
    variables
        ->add_option("variables", options->variables,
                     "distance:I-J, angle:I-J-K, torsion:I-J-K-L, cos:…, sin:… or energy")
        ->required();
    variables->add_option("--out,-o", options->out, "CSV file")->required();
    variables->callback([options] { runVariables(*options); });
}

} // namespace equivariant::light_sb
