// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Output.h"
#include "Study.h"

#include "equivariant/Error.h"

#include <cmath>
#include <memory>

namespace equivariant::matrix_sensing {

namespace {

using Eigen::Index;
using nlohmann::json;

json numberOrNull(double value) { // JSON knows no NaN
    return std::isfinite(value) ? json(value) : json();
}

struct StudyCommandOptions {
    StudyOptions study;
    Index n = 50, n2 = 0;
    std::string experiment = "asym", log;
    std::vector<double> scales = {1};
};

void runStudyCommand(StudyCommandOptions options) {
    if (options.scales.size() > 1 && !options.log.empty())
        throw Error("--log is for one --alpha");
    StudyOptions& study = options.study;
    study.rows = options.n;
    study.columns = options.n2 > 0 ? options.n2 : options.n;
    study.balanced = options.experiment == "balanced";
    study.descent.accelerate = options.experiment == "onestep";
    study.descent.errorTolerance = 1e-26;
    const bool isSymmetric = options.experiment == "sym";
    json runs = json::array();
    for (double scale : options.scales) {
        study.scale = scale;
        const Study found = runStudy(study, isSymmetric);
        writeCurve(options.log, found.descent.curve);
        json report = describe(found.descent);
        report["alpha"] = scale;
        if (isSymmetric) {
            const Point& last = found.descent.curve.back();
            report["4_eta2_t2_error"] =
                numberOrNull(4 * std::pow(study.descent.step * last.iteration, 2) * last.error);
        } else {
            report["rate_bounds"] = {2 * study.descent.step * found.imbalance.minCoeff(),
                                     2 * study.descent.step * found.imbalance.maxCoeff()};
        }
        runs.push_back(std::move(report));
    }
    command::writeOutput("", command::dump({{"case", options.experiment},
                                            {"shape", {study.rows, study.columns}},
                                            {"rank", study.rank},
                                            {"k", study.k},
                                            {"step", study.descent.step},
                                            {"measurements", study.measurements},
                                            {"seed", study.seed},
                                            {"runs", runs}},
                                           2) +
                                 "\n");
}

} // namespace

void addStudy(CLI::App& app) {
    const auto options = std::make_shared<StudyCommandOptions>();
    StudyOptions& study = options->study;
    CLI::App* command = app.add_subcommand("study", "How fast descent is for a known matrix");
    command->add_option("--case", options->experiment, "one factor, two, two rescaled, or F = G")
        ->check(CLI::IsMember({"sym", "asym", "onestep", "balanced"}))
        ->capture_default_str();
    command->add_option("--n", options->n, "rows of the matrix")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--n2", options->n2, "its columns (default: as many)")
        ->check(CLI::PositiveNumber);
    command->add_option("--r", study.rank, "its rank")->capture_default_str();
    command->add_option("--condition", study.condition, "largest over smallest singular value")
        ->capture_default_str();
    command->add_option("--k", study.k, "columns of the factors")->capture_default_str();
    command->add_option("--m", study.measurements, "Gaussian measurements (default: all entries)")
        ->check(CLI::PositiveNumber);
    command->add_option("--alphas,--alpha", options->scales, "sizes of the start, a run for each")
        ->delimiter(',')
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--ratio", study.ratio, "size of F over that of G at the start")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--eta", study.descent.step, "step")->capture_default_str();
    command->add_option("--seed", study.seed)->capture_default_str();
    addDescentOptions(*command, study.descent, options->log);
    command->callback([options] { runStudyCommand(*options); });
}

} // namespace equivariant::matrix_sensing
