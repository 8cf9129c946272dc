// SPDX-License-Identifier: MIT
//
// equivariant-tools matrix-sensing solve | study | target.
#include "Commands.h"
#include "Measurements.h"

#include <cmath>
#include <memory>

namespace equivariant::matrix_sensing {

using Eigen::Index;
using nlohmann::json;

namespace {

json toJson(const Rate& rate) {
    if (rate.points < 3)
        return nullptr;
    return {{"law", rate.isExponential ? "exponential" : "power"},
            {"per_iteration", rate.exponential},
            {"log_log_slope", rate.power},
            {"points", rate.points}};
}

void addTarget(CLI::App& app) {
    struct TargetOptions {
        std::string frames, kind = "distances", out;
    };
    const auto options = std::make_shared<TargetOptions>();
    CLI::App* command = app.add_subcommand("target", "A matrix of atoms of low rank");
    command->add_option("frames", options->frames, "extended XYZ file")->required();
    command
        ->add_option("--kind", options->kind,
                     "squared distances of the first frame, or covariance of the positions")
        ->check(CLI::IsMember({"distances", "covariance"}))
        ->capture_default_str();
    command->add_option("--out,-o", options->out, "file of the matrix")->required();
    command->callback([options] {
        support::writeMatrix(options->out, options->kind == "distances"
                                               ? squaredDistances(options->frames)
                                               : positionCovariance(options->frames));
    });
}

} // namespace

json describe(const Descent& descent) {
    const Point& last = descent.curve.back();
    json report = {{"iterations", last.iteration},
                   {"mean_squared_residual", last.residual},
                   {"rate", toJson(fitRate(descent.curve))}};
    if (!std::isnan(last.error))
        report["squared_error"] = last.error;
    if (descent.beta > 0) {
        report["beta"] = descent.beta;
        report["rescaled_at"] = descent.switchRefused ? json() : json(descent.switchedAt);
    }
    return report;
}

void writeCurve(const std::string& path, const std::vector<Point>& curve) {
    if (path.empty())
        return;
    support::Table table{{"iteration", "mean_squared_residual", "squared_error"},
                         Matrix(curve.size(), 3)};
    for (std::size_t i = 0; i < curve.size(); i++)
        table.values.row(static_cast<Index>(i)) << curve[i].iteration, curve[i].residual,
            curve[i].error;
    support::writeTable(path, table);
}

void addDescentOptions(CLI::App& command, DescentOptions& options, std::string& log) {
    command.add_option("--iterations,--T", options.iterations, "at most")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command.add_option("--beta", options.beta, "of the rescaling (default: from the factors)")
        ->check(CLI::PositiveNumber);
    command.add_option("--switch", options.switchAt, "its iteration (default: from the residual)")
        ->check(CLI::NonNegativeNumber);
    command
        .add_option("--trigger", options.trigger,
                    "share of mean(y^2) that the residual triggers at")
        ->capture_default_str();
    command.add_option("--log", log, "CSV file of the curve");
    command.add_option("--log-every", options.logEvery, "iterations between its lines")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

void addCommands(CLI::App& app) {
    addSolve(app);
    addStudy(app);
    addTarget(app);
}

} // namespace equivariant::matrix_sensing
