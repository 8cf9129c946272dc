// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Measurements.h"
#include "Output.h"

#include "support/Decompositions.h"

#include "equivariant/Error.h"

#include <cmath>
#include <iostream>
#include <memory>

namespace equivariant::matrix_sensing {

namespace {

using Eigen::Index;
using nlohmann::json;

struct SolveOptions {
    MeasurementFiles files;
    std::string param = "asym", truth, log;
    std::vector<std::string> out;
    Index k = 5;
    double init = 0.5, ratio = 3, step = 0;
    std::uint64_t seed = 0;
    DescentOptions descent;
};

/// A start and a step that suit the size of the matrix, which the adjoint of the measurements
/// tells.
struct Scales {
    double largest; ///< estimate of the largest singular value
    double step;
};

Scales estimateScales(const Measurements& measurements) {
    const SensingOperator& op = *measurements.op;
    constexpr Index maxEntries = 100000000; // of the adjoint, which is a whole matrix
    if (op.rows() > maxEntries / op.columns())
        throw Error("a matrix of " + std::to_string(op.rows()) + " x " +
                    std::to_string(op.columns()) + " is too large, at most " +
                    std::to_string(maxEntries) + " entries");
    const Matrix back = op.adjoint(measurements.y);
    const double ofBack = Eigen::BDCSVD<Eigen::MatrixXd>(back).singularValues()[0];
    if (!(ofBack > 0) || !std::isfinite(ofBack))
        throw Error("the measurements tell nothing: sum y_i A_i is zero or not finite");
    // With c = ||A(B)||^2/||B||^2 of B = sum y_i A_i, which is 1 if A keeps norms, M is about B/c.
    const double c = op.measure(back).squaredNorm() / back.squaredNorm();
    return {ofBack / c, 0.1 / ofBack};
}

void warn(json& report, const std::string& text) {
    report["warnings"].push_back(text);
    std::cerr << "warning: " << text << "\n";
}

void addWarnings(const SolveOptions& options, const Measurements& measurements,
                 const Factors& start, const Descent& descent, json& report) {
    report["warnings"] = json::array();
    const SensingOperator& op = *measurements.op;
    const double relativeError =
        std::sqrt(descent.curve.back().residual * static_cast<double>(measurements.y.size())) /
        measurements.y.norm();
    const Index rank = estimateRank(descent.factors, relativeError).rank;
    report["rank"] = rank;
    if (op.count() < (op.rows() + op.columns()) * rank)
        warn(report, std::to_string(op.count()) +
                         " measurements are below the degrees of freedom, (" +
                         std::to_string(op.rows()) + " + " + std::to_string(op.columns()) + ") * " +
                         std::to_string(rank));
    if (options.descent.step * (start.f.squaredNorm() + start.g.squaredNorm()) >= 1)
        warn(report, "the start is large for the step: eta (||F||^2 + ||G||^2) >= 1");
    if (descent.switchRefused)
        warn(report, "the rescaling was refused, as F has dependent columns");
    else if (options.descent.accelerate && descent.switchedAt < 0)
        warn(report, "the residual never told that it was time for the rescaling");
}

void runSolve(SolveOptions options) {
    const Measurements measurements = readMeasurements(options.files);
    const SensingOperator& op = *measurements.op;
    const bool isSymmetric = options.param == "sym";
    if (isSymmetric)
        requireSymmetric(measurements, options.files);
    std::optional<Matrix> truth;
    if (!options.truth.empty())
        truth = support::readMatrix(options.truth);
    const Scales scales = estimateScales(measurements);
    if (options.step == 0)
        options.step = scales.step;
    options.descent.step = options.step;
    if (options.k < 1 || options.k > std::min(op.rows(), op.columns()))
        throw Error("--rank-guess " + std::to_string(options.k) + ": the matrix is " +
                    std::to_string(op.rows()) + " x " + std::to_string(op.columns()));
    const Factors start =
        randomStart(op.rows(), op.columns(), options.k, options.init * std::sqrt(scales.largest),
                    options.ratio, options.seed);
    const Descent descent =
        isSymmetric ? descendSymmetric(op, measurements.y, start.f, options.descent, truth)
                    : descendAsymmetric(op, measurements.y, start, options.descent, truth);
    json report = describe(descent);
    report["measurements"] = op.count();
    report["shape"] = {op.rows(), op.columns()};
    report["k"] = options.k;
    report["step"] = options.step;
    report["seed"] = options.seed;
    addWarnings(options, measurements, start, descent, report);
    writeCurve(options.log, descent.curve);
    if (!options.out.empty()) {
        support::writeMatrix(options.out[0], descent.factors.f);
        support::writeMatrix(options.out[1], descent.factors.g);
    }
    command::writeOutput("", command::dump(report, 2) + "\n");
}

} // namespace

void addSolve(CLI::App& app) {
    const auto options = std::make_shared<SolveOptions>();
    CLI::App* command = app.add_subcommand("solve", "Recovers a matrix from measurements");
    command->add_option("--ops", options->files.operators, "matrices A_i, [m][n1][n2]");
    command->add_option("--left", options->files.left, "A_i = a_i b_i^T: a, [m][n1]");
    command->add_option("--right", options->files.right, "b, [m][n2]");
    command->add_option("--mask", options->files.mask, "measured entries: lines i,j,value");
    command->add_option("--shape", options->files.shape, "n1,n2 of --mask")
        ->delimiter(',')
        ->expected(2);
    command->add_option("--target", options->files.target, "the matrix itself, to be factored");
    command->add_option("--y", options->files.values,
                        "measured values of --ops or --left, --right");
    command->add_option("--rank-guess,--k", options->k, "columns of the factors, at least the rank")
        ->capture_default_str();
    command->add_option("--param", options->param, "one factor or two")
        ->check(CLI::IsMember({"sym", "asym"}))
        ->capture_default_str();
    command->add_option("--init", options->init, "size of the start, 1: as large as the matrix")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--ratio", options->ratio, "size of F over that of G at the start")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        ->add_option("--eta", options->step, "step (default: 0.1 over the largest singular value)")
        ->check(CLI::PositiveNumber);
    command
        ->add_option("--tolerance", options->descent.tolerance,
                     "stops at this mean squared residual over mean(y^2)")
        ->check(CLI::NonNegativeNumber);
    CLI::Option* accelerate =
        command->add_flag("--accelerate", options->descent.accelerate, "rescales the factors once");
    command->add_option("--seed", options->seed)->capture_default_str();
    command->add_option("--truth", options->truth, "the matrix, for the error");
    command->add_option("--out", options->out, "files for F and G")->expected(2);
    addDescentOptions(*command, options->descent, options->log);
    for (const char* name : {"--beta", "--switch", "--trigger"})
        command->get_option(name)->needs(accelerate);
    command->callback([options] { runSolve(*options); });
}

} // namespace equivariant::matrix_sensing
