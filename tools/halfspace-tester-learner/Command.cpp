// SPDX-License-Identifier: MIT
//
// equivariant-tools halfspace-tester-learner fit | calibrate | predict.
#include "Output.h"
#include "TesterLearner.h"

#include "support/Failure.h"
#include "support/Json.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace equivariant::halfspace_tester_learner {

namespace {

using nlohmann::json;

constexpr int rejected = 10, insufficient = 11; // exit statuses

const std::map<std::string, Noise> noises = {{"massart", Noise::Massart},
                                             {"adversarial", Noise::Adversarial}};

struct CommandOptions {
    std::string x, y, out, calibration, model;
    bool whiten = false, zeroOne = false;
    Index d = 0, n = 0;
    Options fit;
};

template <class Values> json toList(const Values& values) {
    return std::vector<double>(values.begin(), values.end());
}

json toJson(const std::vector<Calibration::Spread>& spreads,
            const std::vector<std::string>& names) {
    json list = json::array();
    for (std::size_t k = 0; k < names.size(); k++)
        list.push_back({{"name", names[k]},
                        {"mean", spreads[k].mean},
                        {"deviation", spreads[k].deviation},
                        {"largest", spreads[k].largest}});
    return list;
}

json toJson(const Calibration& calibration) {
    json report = {{"d", calibration.dimension},
                   {"test_points", calibration.points},
                   {"all_points", toJson(calibration.ofAll, globalStatisticNames())},
                   {"candidates", json::array()}};
    for (const auto& [sigma, spreads] : calibration.ofCandidate)
        report["candidates"].push_back(
            {{"sigma", sigma}, {"statistics", toJson(spreads, candidateStatisticNames())}});
    return report;
}

std::vector<Calibration::Spread> readSpreads(const json& list,
                                             const std::vector<std::string>& names) {
    std::vector<Calibration::Spread> spreads;
    if (list.size() != names.size())
        throw Error("it is of another version");
    for (std::size_t k = 0; k < names.size(); k++) {
        if (list[k].at("name") != names[k])
            throw Error("it is of another version");
        spreads.push_back({list[k].at("mean"), list[k].at("deviation"), list[k].at("largest")});
    }
    return spreads;
}

Calibration readCalibration(const std::string& path) {
    return support::parseJson(path, "a calibration", [](const json& report) {
        Calibration calibration{report.at("d"),
                                report.at("test_points"),
                                {},
                                readSpreads(report.at("all_points"), globalStatisticNames())};
        for (const json& candidate : report.at("candidates"))
            calibration.ofCandidate[candidate.at("sigma")] =
                readSpreads(candidate.at("statistics"), candidateStatisticNames());
        return calibration;
    });
}

VectorXd readLabels(const CommandOptions& options) {
    VectorXd y = support::readVector(options.y);
    for (Index i = 0; i < y.size(); i++) {
        if (options.zeroOne && (y[i] == 0 || y[i] == 1))
            y[i] = 2 * y[i] - 1;
        else if (options.zeroOne || (y[i] != -1 && y[i] != 1))
            throw Error(options.y + ": the label of row " + std::to_string(i) + " is neither " +
                        (options.zeroOne ? "0 nor 1" : "-1 nor 1"));
    }
    return y;
}

json describe(const Outcome& outcome, const CommandOptions& options, const Whitening* whitening) {
    static const char* const names[] = {"accepted", "rejected", "insufficient"};
    json report = {{"status", names[static_cast<int>(outcome.status)]},
                   {"reason", outcome.reason},
                   {"noise", options.fit.noise == Noise::Massart ? "massart" : "adversarial"},
                   {"eta", options.fit.eta},
                   {"eps", options.fit.eps},
                   {"delta", options.fit.delta},
                   {"seed", options.fit.seed},
                   {"all_labels_equal", outcome.isOneClass},
                   {"whitened", options.whiten},
                   {"candidates", outcome.candidates},
                   {"tests", json::array()}};
    for (const TestResult& test : outcome.tests)
        report["tests"].push_back({{"name", test.name},
                                   {"sigma", test.sigma},
                                   {"value", test.value},
                                   {"threshold", test.threshold},
                                   {"passed", test.passed()}});
    if (outcome.status != Status::Accepted)
        return report; // no classifier without a certificate
    report["w"] = toList(outcome.w);
    report["certificate"] = {{"error", outcome.error},
                             {"error_radius", outcome.radius},
                             {"sigma", outcome.sigma},
                             {"disagreement_constant", outcome.disagreement},
                             {"gradient", outcome.gradient}};
    if (whitening) {
        report["mean"] = toList(whitening->mean);
        report["map"] = std::vector<double>(whitening->map.data(),
                                            whitening->map.data() + whitening->map.size());
    }
    return report;
}

void runFit(const CommandOptions& options) {
    Matrix x = support::readMatrix(options.x);
    const VectorXd y = readLabels(options);
    if (y.size() != x.rows())
        throw Error(options.y + ": " + std::to_string(y.size()) + " labels, but " + options.x +
                    " has " + std::to_string(x.rows()) + " rows");
    std::optional<Whitening> whitening;
    if (options.whiten) {
        whitening = whiten(x);
        x = whitening->apply(x);
    }
    std::optional<Calibration> calibration;
    if (!options.calibration.empty())
        calibration = readCalibration(options.calibration);
    const Outcome outcome = testAndLearn(x, y, options.fit, calibration ? &*calibration : nullptr);
    command::writeOutput(
        options.out,
        command::dump(describe(outcome, options, whitening ? &*whitening : nullptr), 2) + "\n");
    if (outcome.status == Status::Rejected)
        throw support::Failure(rejected, "rejected: " + outcome.reason);
    if (outcome.status == Status::Insufficient)
        throw support::Failure(insufficient, "insufficient data: " + outcome.reason);
}

void runCalibrate(const CommandOptions& options) {
    const std::vector<double> sigmas = chooseSigmas(options.n, options.d, options.fit);
    if (sigmas.empty())
        throw support::Failure(insufficient, "insufficient data: " + std::to_string(options.n) +
                                                 " points in " + std::to_string(options.d) +
                                                 " dimensions");
    const Calibration calibration = calibrate(options.d, splitPoints(options.n).testing, sigmas,
                                              options.fit.replicas, options.fit.seed);
    command::writeOutput(options.out, command::dump(toJson(calibration), 2) + "\n");
}

void runPredict(const CommandOptions& options) {
    Matrix x = support::readMatrix(options.x);
    const VectorXd w =
        support::parseJson(options.model, "a result of fit", [&](const json& report) {
            if (report.at("status") != "accepted")
                throw Error("it was not accepted, so there is no classifier");
            const std::vector<double> values = report.at("w");
            const auto d = static_cast<Index>(values.size());
            if (d != x.cols())
                throw Error("the classifier has " + std::to_string(d) + " dimensions, " +
                            options.x + " has " + std::to_string(x.cols()));
            if (report.contains("mean")) {
                const std::vector<double> mean = report.at("mean"), map = report.at("map");
                if (static_cast<Index>(mean.size()) != d || static_cast<Index>(map.size()) != d * d)
                    throw Error("the whitening has another size than the classifier");
                x = Whitening{Eigen::Map<const VectorXd>(mean.data(), d),
                              Eigen::Map<const Matrix>(map.data(), d, d)}
                        .apply(x);
            }
            return VectorXd(Eigen::Map<const VectorXd>(values.data(), d));
        });
    const VectorXd labels = predict(x, w);
    if (!options.out.empty())
        return support::writeVector(options.out, labels);
    std::string text;
    for (double label : labels)
        text += label > 0 ? "1\n" : "-1\n";
    command::writeOutput("", text);
}

void addFitOptions(CLI::App& command, CommandOptions& options) {
    command.add_option("--noise", options.fit.noise, "massart or adversarial")
        ->transform(CLI::CheckedTransformer(noises))
        ->default_str("massart");
    command.add_option("--eta", options.fit.eta, "largest probability of a wrong label (massart)")
        ->check(CLI::Validator(
            [](std::string& text) {
                double value;
                const bool isGood =
                    CLI::detail::lexical_cast(text, value) && value >= 0 && value < 0.5;
                return isGood ? "" : "eta has to be at least 0 and less than 1/2, not " + text;
            },
            "0 <= eta < 1/2"))
        ->capture_default_str();
    command.add_option("--eps", options.fit.eps, "excess error that is tolerated")
        ->capture_default_str();
    command.add_option("--seed", options.fit.seed)->capture_default_str();
    command.add_option("--replicas", options.fit.replicas, "of the calibration")
        ->capture_default_str();
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<CommandOptions>();
    CLI::App* fit = app.add_subcommand("fit", "Learns and tests; exit status 10 if rejected, 11 if "
                                              "there are not enough points");
    fit->add_option("--x", options->x, "points, a row each")->required();
    fit->add_option("--y", options->y, "labels -1 and 1")->required();
    addFitOptions(*fit, *options);
    fit->add_option("--delta", options->fit.delta, "probability that normal points are rejected")
        ->capture_default_str();
    fit->add_option("--calibration", options->calibration, "file of calibrate");
    fit->add_flag("--whiten", options->whiten, "first; the certificate is about whitened points");
    fit->add_flag("--zero-one", options->zeroOne, "labels are 0 and 1");
    fit->add_option("--out,-o", options->out, "JSON file (default: the standard output)");
    fit->callback([options] { runFit(*options); });

    CLI::App* calibrate = app.add_subcommand("calibrate", "Statistics of normal points");
    calibrate->add_option("--d", options->d, "dimensions")->required()->check(CLI::Range(1, 10000));
    calibrate->add_option("--n", options->n, "points of a fit")
        ->required()
        ->check(CLI::Range(1, 1000000000));
    addFitOptions(*calibrate, *options);
    calibrate->add_option("--out,-o", options->out, "JSON file (default: the standard output)");
    calibrate->callback([options] { runCalibrate(*options); });

    CLI::App* predict = app.add_subcommand("predict", "Labels of points");
    predict->add_option("--model", options->model, "JSON file of fit")->required();
    predict->add_option("--x", options->x, "points, a row each")->required();
    predict->add_option("--out,-o", options->out, "labels (default: the standard output)");
    predict->callback([options] { runPredict(*options); });
}

} // namespace equivariant::halfspace_tester_learner
