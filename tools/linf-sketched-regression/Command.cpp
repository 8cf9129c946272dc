// SPDX-License-Identifier: MIT
//
// equivariant-tools linf-sketched-regression solve | features | rows.
#include "SketchedRegression.h"

#include "Hadamard.h"
#include "Output.h"

#include "support/GauntFeatures.h"

#include "equivariant/Error.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

namespace equivariant::linf_sketched_regression {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using nlohmann::json;

struct Options {
    std::string a, b, weights, kind = "bgp", sketchFile, refine, out, report;
    RegressionOptions regression;
};

/// Squared deviations count w times: rows times sqrt(w).
void applyWeights(const std::string& path, Matrix& a, VectorXd& b) {
    const VectorXd weights = support::readVector(path);
    if (b.size() != a.rows())
        return; // which the solver refuses
    if (weights.size() != a.rows())
        throw Error(path + ": " + std::to_string(weights.size()) + " weights for " +
                    std::to_string(a.rows()) + " rows");
    if (weights.minCoeff() < 0)
        throw Error(path + ": weights may not be negative");
    a.array().colwise() *= weights.array().sqrt();
    b.array() *= weights.array().sqrt();
}

json describe(const SketchedSolution& solution, const Options& options, Index n) {
    const bool isRefined = options.regression.refine;
    json report = {{"n", n},
                   {"d", solution.x.size()},
                   {"rows", solution.rows},
                   {"condition_number", solution.conditionNumber},
                   {isRefined ? "residual" : "sketched_residual", solution.residual},
                   {"warnings", solution.warnings}};
    if (options.sketchFile.empty()) {
        report["kind"] = options.kind;
        report["seed"] = options.regression.sketch.seed;
    }
    if (isRefined) {
        report["iterations"] = solution.iterations;
        report["converged"] = solution.converged;
    } else {
        report["standard_errors"] =
            std::vector<double>(solution.standardErrors.data(),
                                solution.standardErrors.data() + solution.standardErrors.size());
        report["typical_eps"] = solution.typicalEps;
    }
    return report;
}

void runSolve(Options options) {
    Matrix a = support::readMatrix(options.a);
    VectorXd b = support::readVector(options.b);
    if (!options.weights.empty())
        applyWeights(options.weights, a, b);
    options.regression.sketch.kind = parseSketchKind(options.kind);
    options.regression.refine = options.refine == "lsqr";
    const SketchedSolution solution =
        options.sketchFile.empty() ? solveSketched(a, b, options.regression)
                                   : solveWithSketch(support::readMatrix(options.sketchFile), a, b);
    for (const std::string& warning : solution.warnings)
        std::cerr << "warning: " << warning << "\n";
    if (!options.out.empty())
        support::writeVector(options.out, solution.x);
    json report = describe(solution, options, a.rows());
    if (options.out.empty())
        report["x"] = std::vector<double>(solution.x.data(), solution.x.data() + solution.x.size());
    command::writeOutput(options.report, command::dump(report, 2) + "\n");
}

struct FeatureOptions {
    std::string frames, a, b;
    support::GauntFeatures::Sizes sizes;
    double energyWeight = 1, ridge = 1e-8;
};

void runFeatures(const FeatureOptions& options) {
    const std::vector<command::Frame> frames = command::readExtendedXyz(options.frames);
    if (!(options.energyWeight >= 0) || !(options.ridge >= 0))
        throw Error("--energy-weight and --ridge may not be negative");
    const support::GauntFeatures features(support::findElements(frames), options.sizes);
    support::LinearProblem problem = makeLinearProblem(features, frames, options.energyWeight);
    if (options.ridge > 0)
        addRidge(problem, options.ridge);
    support::writeMatrix(options.a, problem.a);
    support::writeVector(options.b, problem.b);
    const json report = {
        {"frames", frames.size()}, {"rows", problem.a.rows()}, {"coefficients", problem.a.cols()}};
    command::writeOutput("", command::dump(report, 2) + "\n");
}

struct RowOptions {
    Index n = 0, d = 0;
    double eps = 0.5, delta = 0.01;
};

void runRows(const RowOptions& options) {
    if (options.d < 1 || options.n <= options.d)
        throw Error("more rows than columns are needed");
    const Index m = rowsFor(options.d, options.eps, options.delta);
    const Index pooled = nextPowerOfTwo(m);
    const json report = {
        {"rows", m},
        {"bgp_rows", pooled},
        {"bgp_pool", nextPowerOfTwo((options.n - 1) / pooled + 1)},
        {"theorem_pool", theoremPool(options.n, pooled, options.d, options.delta)}};
    command::writeOutput("", command::dump(report, 2) + "\n");
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    SketchOptions& sketch = options->regression.sketch;
    CLI::App* solve = app.add_subcommand("solve", "argmin ||A x - b|| through a sketch");
    solve->add_option("--A", options->a, "matrix, more rows than columns")->required();
    solve->add_option("--b", options->b, "right-hand side")->required();
    solve->add_option("--weights", options->weights, "weights of the squared deviations");
    solve->add_option("--kind", options->kind, "sketch; the last three are for comparison only")
        ->check(CLI::IsMember(sketchKindNames))
        ->capture_default_str();
    solve->add_option("--rows", sketch.rows, "rows of the sketch (default: from eps and delta)")
        ->check(CLI::PositiveNumber);
    solve->add_option("--eps", options->regression.eps)->capture_default_str();
    solve->add_option("--delta", options->regression.delta)->capture_default_str();
    solve->add_option("--pool", sketch.pool, "bgp: rows of a pool (default: as few as fit)")
        ->check(CLI::PositiveNumber);
    solve->add_option("--nonzeros", sketch.nonzeros, "countsketch: in a column")
        ->capture_default_str();
    solve->add_option("--block", sketch.blockSize, "block-srht: rows of a block")
        ->capture_default_str();
    solve->add_option("--seed", sketch.seed)->capture_default_str();
    solve->add_option("--refine", options->refine, "lsqr: full accuracy, sketch as preconditioner")
        ->check(CLI::IsMember({"lsqr"}));
    solve->add_option("--sketch-file", options->sketchFile, "a sketch of one's own, [rows][n]")
        ->excludes("--kind")
        ->excludes("--rows")
        ->excludes("--seed")
        ->excludes("--refine");
    solve->add_option("--out", options->out, "file for x (default: in the report)");
    solve->add_option("--report", options->report, "JSON file (default: standard output)");
    solve->callback([options] { runSolve(*options); });

    const auto made = std::make_shared<FeatureOptions>();
    CLI::App* features =
        app.add_subcommand("features", "The least-squares problem of a linear potential");
    features->add_option("--frames", made->frames, "extended XYZ with energies and forces")
        ->required();
    features->add_option("--A", made->a, "file for the matrix")->required();
    features->add_option("--b", made->b, "file for the right-hand side")->required();
    features->add_option("--cutoff", made->sizes.cutoff, "Å")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    features->add_option("--radial", made->sizes.radial, "radial functions")
        ->check(CLI::Range(1, 20))
        ->capture_default_str();
    features->add_option("--lmax", made->sizes.lMax, "degree of the harmonics")
        ->check(CLI::Range(0, 8))
        ->capture_default_str();
    features->add_option("--energy-weight", made->energyWeight, "of a row of an energy")
        ->capture_default_str();
    features->add_option("--ridge", made->ridge, "rows that pull to zero; 0: none")
        ->capture_default_str();
    features->callback([made] { runFeatures(*made); });

    const auto rows = std::make_shared<RowOptions>();
    CLI::App* size = app.add_subcommand("rows", "How many rows a sketch should have");
    size->add_option("--n", rows->n, "rows of A")->required();
    size->add_option("--d", rows->d, "columns of A")->required();
    size->add_option("--eps", rows->eps)->capture_default_str();
    size->add_option("--delta", rows->delta)->capture_default_str();
    size->callback([rows] { runRows(*rows); });
}

} // namespace equivariant::linf_sketched_regression
