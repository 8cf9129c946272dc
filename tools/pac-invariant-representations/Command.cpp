// SPDX-License-Identifier: MIT
//
// equivariant-tools pac-invariant-representations fit | certify | bound | simulate.
#include "Output.h"
#include "Report.h"

#include "support/Failure.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

namespace equivariant::pac_invariant_representations {

namespace {

using nlohmann::json;

const std::map<std::string, Head> heads = {{"pooled", Head::Pooled}, {"minimax", Head::Minimax}};
const std::map<std::string, InterventionKind> kinds = {{"soft", InterventionKind::Soft},
                                                       {"do", InterventionKind::Do},
                                                       {"noise", InterventionKind::Noise}};

struct Options {
    std::vector<std::string> paths;
    ReadOptions read;
    GeneralOptions general;
    std::string mode = "subset", out, fitted;
};

struct BoundOptions {
    int sites = 2, indegree = 3, rank = 3, features = 10;
    double eps = 0.1, delta = 0.05, eta = 0.05;
};

struct SimulateOptions {
    std::string sem, out;
    int random = 0, indegree = 3, count = 16;
    Eigen::Index samples = 0;
    InterventionFamily family;
    std::vector<std::string> at;
    std::uint64_t seed = 0;
};

std::vector<int> chooseUsable(const Dataset& data) {
    const std::vector<int> usable = independentFeatures(data.environments);
    if (usable.empty())
        throw support::Failure(3, "no feature varies within an environment");
    std::string dropped;
    for (std::size_t i = 0; i < data.features.size(); i++)
        if (!std::count(usable.begin(), usable.end(), static_cast<int>(i)))
            dropped += " '" + data.features[i] + "'";
    if (!dropped.empty())
        std::cerr << "warning: constant or redundant features are left out:" << dropped << "\n";
    return usable;
}

/// General mode works in the features that are left, and gives phi in all.
SearchResult searchGeneral(const Dataset& data, const GeneralOptions& options,
                           const std::vector<int>& usable) {
    std::vector<Environment> environments = data.environments;
    for (Environment& e : environments)
        e = {e.name, Eigen::MatrixXd(e.xx(usable, usable)), Eigen::VectorXd(e.xy(usable)), e.yy,
             e.samples};
    SearchResult result = optimiseGeneral(environments, options);
    const Eigen::MatrixXd phi = result.best.representation.phi;
    result.best.representation.phi.setZero(phi.rows(), Eigen::Index(data.features.size()));
    result.best.representation.phi(Eigen::all, usable) = phi;
    return result;
}

void runFit(const Options& options) {
    const Dataset data = readEnvironments(options.paths, options.read);
    if (data.environments.size() < 2)
        throw Error("one environment shows no invariance; at least two are needed");
    const SearchOptions& search = options.general.search;
    if (options.mode == "general" && search.head == Head::Minimax)
        throw Error("--head minimax is for sets of features, not for --mode general");
    const std::vector<int> usable = chooseUsable(data);
    const SearchResult result = options.mode == "general"
                                    ? searchGeneral(data, options.general, usable)
                                    : searchSubsets(data.environments, search, usable);
    json report = toJson(result, data, options.read.target, search, usable);
    report["mode"] = options.mode;
    command::writeOutput(options.out, command::dump(report, 2) + "\n");
}

void runCertify(Options options) {
    const FittedFile fitted = readFitted(options.fitted);
    options.read.target = fitted.target;
    options.read.features = fitted.features;
    const Dataset data = readEnvironments(options.paths, options.read);
    SearchOptions& search = options.general.search;
    search.eps = fitted.eps;
    search.relative = fitted.relative;
    const Certificate certificate = certify(fitted.representation, data.environments, search);
    command::writeOutput(options.out, command::dump(toJson(certificate, search), 2) + "\n");
}

void runBound(const BoundOptions& options) {
    const json report = {
        {"eps", options.eps},
        {"delta", options.delta},
        {"eta", options.eta},
        {"ambient",
         toJson(ambientBound(options.rank, options.features, options.delta, options.eta))},
        {"dimension_free",
         toJson(dimensionFreeBound(options.sites, options.indegree, options.delta, options.eta))}};
    command::writeOutput("", command::dump(report, 2) + "\n");
}

void runSimulate(SimulateOptions options) {
    if (options.sem.empty() == (options.random == 0))
        throw Error("either a model or --random is needed");
    support::Random random(options.seed, 0);
    const LinearSem sem = options.random > 0 ? randomSem(options.random, options.indegree, random)
                                             : readSem(options.sem);
    for (const std::string& name : options.at) {
        const auto place = std::find(sem.names.begin(), sem.names.end(), name);
        if (place == sem.names.end())
            throw Error("there is no variable '" + name + "'");
        options.family.at.push_back(place - sem.names.begin());
    }
    options.family.check(sem);
    std::error_code error;
    std::filesystem::create_directories(options.out, error);
    if (error)
        throw Error(options.out + ": the folder cannot be made: " + error.message());
    writeSem(options.out + "/sem.json", sem);
    for (int t = 0; t < options.count; t++) {
        support::Random stream(options.seed, 1, t);
        const LinearSem changed = options.family.draw(sem, stream);
        char number[16];
        std::snprintf(number, sizeof(number), "/env_%04d", t);
        if (options.samples == 0)
            writeMoments(options.out + number + ".json", changed);
        else
            support::writeTable(options.out + number + ".csv",
                                {sem.names, changed.sample(options.samples, stream)});
    }
}

void addReading(CLI::App& command, Options& options) {
    command.add_option("--env", options.paths, "file of an environment; once for each")
        ->required()
        ->take_all();
    command.add_option("--names", options.read.names, "file of the names of columns of NPY files");
    command
        .add_option("--info", options.read.info, "keys of frames that are features, with commas")
        ->delimiter(',');
    command.add_option("--eta", options.general.search.eta, "probability of being wrong")
        ->capture_default_str();
}

void addFit(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    SearchOptions& search = options->general.search;
    CLI::App* fit = app.add_subcommand("fit", "Finds a readout that holds in all environments");
    addReading(*fit, *options);
    fit->add_option("--target", options->read.target, "column to predict")->required();
    fit->add_option("--features", options->read.features, "columns to use, with commas")
        ->delimiter(',');
    fit->add_option("--mode", options->mode, "subset of the features, or general directions")
        ->check(CLI::IsMember({"subset", "general"}))
        ->capture_default_str();
    fit->add_option("--eps", search.eps, "largest residual that counts as invariant")
        ->capture_default_str();
    fit->add_flag("--relative", search.relative, "eps is for the residual without units");
    fit->add_option("--rmax", search.mostFeatures, "most features, or rows of Phi")
        ->capture_default_str();
    fit->add_option("--head", search.head, "pooled: least squares; minimax: smallest largest |g|")
        ->transform(CLI::CheckedTransformer(heads))
        ->default_str("pooled");
    fit->add_option("--restarts", options->general.restarts, "general mode")->capture_default_str();
    fit->add_option("--seed", options->general.seed, "general mode")->capture_default_str();
    fit->add_option("--out,-o", options->out, "JSON file (default: standard output)");
    fit->callback([options] { runFit(*options); });
}

void addSimulate(CLI::App& app) {
    const auto options = std::make_shared<SimulateOptions>();
    CLI::App* simulate =
        app.add_subcommand("simulate", "Environments of a structural equation model");
    simulate->add_option("sem", options->sem, "JSON file {names, target, B, s}");
    simulate->add_option("--random", options->random, "a random model of this many features")
        ->check(CLI::PositiveNumber);
    simulate->add_option("--indegree", options->indegree, "parents of a variable (--random)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    simulate->add_option("--m", options->count, "environments")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    simulate->add_option("--N", options->samples, "rows of each; 0: exact moments")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    auto* sites =
        simulate->add_option("--sites", options->family.sites, "variables of an intervention")
            ->capture_default_str();
    simulate->add_option("--at", options->at, "always these variables, with commas")
        ->delimiter(',')
        ->excludes(sites);
    simulate->add_option("--kind", options->family.kind, "what an intervention changes")
        ->transform(CLI::CheckedTransformer(kinds))
        ->default_str("soft");
    simulate->add_option("--seed", options->seed)->capture_default_str();
    simulate->add_option("--out,-o", options->out, "folder")->required();
    simulate->callback([options] { runSimulate(*options); });
}

} // namespace

void addCommands(CLI::App& app) {
    addFit(app);

    const auto options = std::make_shared<Options>();
    CLI::App* certify = app.add_subcommand("certify", "Counts violations in other environments");
    certify->add_option("fitted", options->fitted, "result of fit")->required();
    addReading(*certify, *options);
    certify->add_option("--out,-o", options->out, "JSON file (default: standard output)");
    certify->callback([options] { runCertify(*options); });

    const auto sizes = std::make_shared<BoundOptions>();
    CLI::App* bound = app.add_subcommand("bound", "Environments that the theory asks for");
    bound->add_option("--sites", sizes->sites, "variables of an intervention")
        ->capture_default_str();
    bound->add_option("--indegree", sizes->indegree, "most parents of a variable")
        ->capture_default_str();
    bound->add_option("--rank", sizes->rank, "rows of Phi")->capture_default_str();
    bound->add_option("--n", sizes->features, "features")->capture_default_str();
    bound->add_option("--eps", sizes->eps, "does not enter; repeated in the report")
        ->capture_default_str();
    bound->add_option("--delta", sizes->delta, "share of environments that may violate")
        ->capture_default_str();
    bound->add_option("--eta", sizes->eta, "probability of being wrong")->capture_default_str();
    bound->callback([sizes] { runBound(*sizes); });

    addSimulate(app);
}

} // namespace equivariant::pac_invariant_representations
