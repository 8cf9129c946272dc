// SPDX-License-Identifier: MIT
//
// equivariant-tools probabilistic-world chain | automaton | qubit | bell | msm | selftest.
#include "ChainFile.h"
#include "Commands.h"
#include "Enumeration.h"
#include "Msm.h"
#include "Output.h"
#include "Qubit.h"

#include "support/Failure.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <set>

namespace equivariant::probabilistic_world {

using nlohmann::json;

void finish(const json& report, const Options& options) {
    command::writeOutput(options.out, command::dump(report, 2) + "\n");
}

CLI::App* addCommand(CLI::App& app, const std::shared_ptr<Options>& options,
                     const std::string& name, const std::string& summary,
                     void (*run)(const Options&)) {
    CLI::App* command = app.add_subcommand(name, summary);
    command->add_option("--out,-o", options->out, "JSON file (default: the standard output)");
    command->callback([options, run] { run(*options); });
    return command;
}

namespace {

void writeDensities(const Sweep& sweep, const std::string& path) {
    support::Matrix densities(sweep.length() + 1, sweep.slice(0).f.rows());
    sweep.forEach(
        [&](int t, const Slice& slice) { densities.row(t) = slice.probabilities().transpose(); });
    support::writeMatrix(path, densities);
}

json describeEigenvalues(const Chain& chain) {
    json list = json::array();
    std::set<const Step*> seen;
    for (const StepPointer& step : chain.steps) {
        if (!seen.insert(step.get()).second)
            continue;
        json entry = {{"log_largest", std::log(largestEigenvalue(*step)) + step->logFactor()}};
        if (step->size() <= 1024) {
            const Eigen::VectorXcd values = spectrum(*step);
            entry["relative_moduli"] = toList(Eigen::VectorXd(values.cwiseAbs()));
        }
        list.push_back(entry);
    }
    return list;
}

void runChain(const Options& options) {
    const ChainModel model = readChain(options.input);
    const Sweep sweep(model.chain);
    json report = {{"states", sweep.slice(0).f.rows()},
                   {"length", sweep.length()},
                   {"log_z", sweep.logZ()},
                   {"shares", toList(sweep.getShares())}};
    std::map<std::string, std::vector<double>> expectations;
    sweep.forEach([&](int, const Slice& slice) {
        const VectorXd p = slice.probabilities();
        for (const auto& [name, values] : model.observables)
            expectations[name].push_back(p.dot(values));
    });
    report["expectations"] = expectations;
    report["correlators"] = json::array();
    for (const auto& item : model.correlators)
        report["correlators"].push_back(
            {{"a", item.a},
             {"b", item.b},
             {"time", item.time},
             {"values", correlate(sweep, model.observables.at(item.a), model.observables.at(item.b),
                                  item.time, item.lags)}});
    if (options.eigenvalues)
        report["steps"] = describeEigenvalues(model.chain);
    if (!options.densities.empty())
        writeDensities(sweep, options.densities);
    finish(report, options);
}

VectorXd readInitial(const std::string& path, std::size_t size) {
    if (path.empty())
        return VectorXd::Unit(static_cast<Index>(size), 1);
    const VectorXd p = support::readVector(path);
    if (p.size() != static_cast<Index>(size))
        throw Error(path + ": " + std::to_string(p.size()) + " entries, but there are " +
                    std::to_string(size) + " states");
    for (Index i = 0; i < p.size(); i++)
        if (p[i] < 0)
            throw Error(path + ": row " + std::to_string(i) + " is negative");
    if (p.sum() == 0)
        throw Error(path + ": the probabilities are all zero");
    return p / p.sum();
}

void runAutomaton(const Options& options) {
    if ((options.input == "shift") != (options.sites > 0))
        throw Error("'shift' needs --sites, and nothing else takes it");
    const Rule rule = options.input == "shift" ? Rule{options.sites, shift(options.sites)}
                                               : readRule(options.input);
    std::map<int, int> lengths;
    for (const auto& cycle : rule.automaton.cycles())
        lengths[cycle.length]++;
    json report = {{"spins", rule.spins}, {"cycles", rule.automaton.cycles().size()}};
    for (const auto& [length, count] : lengths)
        report["cycle_lengths"].push_back({{"length", length}, {"count", count}});
    if (options.spectrum)
        for (const auto& level : rule.automaton.levels())
            report["spectrum"].push_back({{"numerator", level.numerator},
                                          {"denominator", level.denominator},
                                          {"phase", level.phase()},
                                          {"multiplicity", level.multiplicity}});
    if (options.evolve != 0 || !options.initial.empty()) {
        const std::vector<int> next = rule.automaton.after(options.evolve);
        const VectorXd f = readInitial(options.initial, next.size()).cwiseSqrt();
        report["evolved_by"] = options.evolve;
        report["probabilities"] = toList(Eigen::VectorXd(moveStates(f, next).cwiseAbs2()));
    }
    finish(report, options);
}

void runMsm(const Options& options) {
    const VectorXd trajectory = support::readVector(options.input);
    Msm msm;
    try {
        msm = estimateMsm(trajectory, options.states, options.lag);
    } catch (const Error& error) {
        throw Error(options.input + ": " + error.what());
    }
    const TransitionPaths paths = transitionPaths(msm, options.from, options.to);
    json report = {{"lag", options.lag},
                   {"stationary", toList(msm.stationary)},
                   {"timescales", toList(timescales(msm))},
                   {"forward_committor", toList(paths.forward)},
                   {"backward_committor", toList(paths.backward)},
                   {"path_density", toList(paths.density)},
                   {"path_probability", paths.probability},
                   {"flux", paths.flux},
                   {"rate", paths.rate}};
    if (options.length > 0) {
        const Sweep sweep(conditionedChain(msm, options.from, options.to, options.length));
        report["log_probability_of_ends"] = sweep.logZ();
        if (!options.densities.empty())
            writeDensities(sweep, options.densities);
    }
    finish(report, options);
}

void runSelftest(const Options& options) {
    support::Random random(options.seed);
    double error = 0;
    for (int k = 0; k < options.chains; k++) {
        const Chain chain = randomChain(random);
        error = std::max(error, largestError(chain, random));
    }
    finish({{"chains", options.chains}, {"largest_error", error}, {"bound", 1e-12}}, options);
    if (!(error <= 1e-12))
        throw support::Failure(1, "selftest: the largest error is more than 1e-12");
}

void addMsm(CLI::App& app, const std::shared_ptr<Options>& options) {
    CLI::App* msm = addCommand(app, options, "msm",
                               "A Markov-state model with conditions at both ends", runMsm);
    msm->add_option("trajectory", options->input, "column of states 0 … k-1")->required();
    msm->add_option("--states", options->states, "number of states")->required();
    msm->add_option("--lag", options->lag, "lag in steps of the trajectory")->capture_default_str();
    msm->add_option("--from", options->from, "states A")->required()->delimiter(',');
    msm->add_option("--to", options->to, "states B")->required()->delimiter(',');
    CLI::Option* length =
        msm->add_option("--length", options->length, "also paths that take this many lag times")
            ->check(CLI::PositiveNumber);
    msm->add_option("--densities", options->densities, "file for their densities, [times][states]")
        ->needs(length);
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    CLI::App* chain = addCommand(app, options, "chain", "Probabilities over all times", runChain);
    chain->add_option("model", options->input, "chain in JSON")->required();
    chain->add_option("--densities", options->densities, "file for all p(t), [times][states]");
    chain->add_flag("--eigenvalues", options->eigenvalues, "of the steps");

    CLI::App* automaton = addCommand(
        app, options, "automaton", "Cycles, spectrum and evolution of an automaton", runAutomaton);
    automaton->add_option("rule", options->input, "rule in JSON, or 'shift'")->required();
    automaton->add_option("--sites", options->sites, "of shift");
    automaton->add_flag("--spectrum", options->spectrum, "all eigenphases");
    automaton->add_option("--evolve", options->evolve, "number of steps");
    automaton->add_option("--initial", options->initial,
                          "column of probabilities (default: all on state 1)");

    addQubitCommands(app, options);
    addMsm(app, options);

    CLI::App* selftest = addCommand(app, options, "selftest",
                                    "Random chains against sums over all histories", runSelftest);
    selftest->add_flag("--enumerate", options->enumerate, "what it does anyway");
    selftest->add_option("--chains", options->chains)->check(CLI::Range(1, 100000));
    selftest->add_option("--seed", options->seed)->capture_default_str();
}

} // namespace equivariant::probabilistic_world
