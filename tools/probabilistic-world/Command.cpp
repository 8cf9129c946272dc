// SPDX-License-Identifier: MIT
//
// equivariant-tools probabilistic-world chain | automaton | qubit | bell | msm | selftest.
#include "ChainFile.h"
#include "Enumeration.h"
#include "Msm.h"
#include "Output.h"
#include "TwoQubits.h"

#include "support/Failure.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <functional>
#include <memory>
#include <set>

namespace equivariant::probabilistic_world {

namespace {

using nlohmann::json;

struct Options {
    std::string input, out, densities;
    bool eigenvalues = false, spectrum = false, enumerate = false;
    int sites = 0, states = 0, lag = 1, length = 0, chains = 200;
    std::int64_t evolve = 0;
    std::string initial;
    std::vector<std::string> gates;
    std::vector<double> means;
    std::vector<int> from, to;
    double singlet = 1, angle = 0;
    std::uint64_t seed = 0;
};

template <class Values> json toList(const Values& values) {
    return std::vector<double>(values.begin(), values.end());
}

void finish(const json& report, const Options& options) {
    command::writeOutput(options.out, command::dump(report, 2) + "\n");
}

/// p(t) for all t, [times][states], in pieces so that f and q of one piece only are in memory.
void forEachSlice(const Sweep& sweep, const std::function<void(int, const Slice&)>& use) {
    constexpr int piece = 64;
    for (int first = 0; first <= sweep.length(); first += piece) {
        const int last = std::min(first + piece - 1, sweep.length());
        const std::vector<Slice> slices = sweep.slices(first, last);
        for (int t = first; t <= last; t++)
            use(t, slices[t - first]);
    }
}

void writeDensities(const Sweep& sweep, const std::string& path) {
    support::Matrix densities(sweep.length() + 1, sweep.slice(0).f.rows());
    forEachSlice(sweep, [&](int t, const Slice& slice) {
        densities.row(t) = slice.probabilities().transpose();
    });
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
    forEachSlice(sweep, [&](int, const Slice& slice) {
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
    if (options.input == "shift" && options.sites < 1)
        throw Error("shift needs --sites");
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

json toJson(const Eigen::MatrixXcd& matrix) {
    json rows = json::array();
    for (Index i = 0; i < matrix.rows(); i++) {
        rows.push_back(json::array());
        for (Index j = 0; j < matrix.cols(); j++)
            rows.back().push_back({matrix(i, j).real(), matrix(i, j).imag()});
    }
    return rows;
}

void runQubit(const Options& options) {
    if (options.means.size() != 3)
        throw Error("--init needs the means of three spins");
    VectorXd p = independentSpins({options.means[0], options.means[1], options.means[2]});
    Matrix2cd rho = densityMatrix(meanSpins(p));
    const double entropy = shannonEntropy(p);
    for (const std::string& name : options.gates) {
        const Gate& gate = findGate(name);
        p = moveStates(p, stateMap(gate.map));
        rho = gate.unitary * rho * gate.unitary.adjoint();
    }
    const Vector3d spins = meanSpins(p);
    finish({{"spins", toList(spins)},
            {"probabilities", toList(p)},
            {"rho", toJson(densityMatrix(spins))},
            {"largest_deviation_from_u_rho_u+",
             (densityMatrix(spins) - rho).cwiseAbs().maxCoeff()},
            {"quantum_condition", spins.squaredNorm() <= 1 + 1e-12},
            {"smallest_eigenvalue", (1 - spins.norm()) / 2},
            {"entropy", shannonEntropy(p)},
            {"entropy_before", entropy}},
           options);
}

Matrix4d readMeans(const Options& options) {
    if (options.input.empty()) {
        if (!(options.singlet >= 0 && options.singlet <= 1))
            throw Error("--singlet has to be 0 to 1");
        return pauliMeans(wernerState(options.singlet, options.angle * M_PI / 180));
    }
    const support::Matrix means = support::readMatrix(options.input);
    if (means.rows() != 4 || means.cols() != 4)
        throw Error(options.input + ": a table of 4 x 4 means is needed");
    return means;
}

void runBell(const Options& options) {
    const Matrix4d means = readMeans(options);
    const Joint joint = correlationMap(means);
    json report = {{"joint_exists", joint.exists},
                   {"largest_visibility", joint.visibility},
                   {"largest_chsh", largestChsh(means)},
                   {"smallest_eigenvalue", smallestEigenvalue(means)},
                   {"average_spins", toList(averageSpins(means))}};
    if (joint.exists)
        report["probabilities"] = toList(joint.probabilities);
    else
        report["inequality"] = {{"coefficients", toList(joint.coefficients)},
                                {"bound", joint.bound},
                                {"value", joint.value}};
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

CLI::App* addCommand(CLI::App& app, const std::shared_ptr<Options>& options,
                     const std::string& name, const std::string& summary,
                     void (*run)(const Options&)) {
    CLI::App* command = app.add_subcommand(name, summary);
    command->add_option("--out,-o", options->out, "JSON file (default: the standard output)");
    command->callback([options, run] { run(*options); });
    return command;
}

void addMsm(CLI::App& app, const std::shared_ptr<Options>& options) {
    CLI::App* msm = addCommand(app, options, "msm",
                               "A Markov-state model with conditions at both ends", runMsm);
    msm->add_option("trajectory", options->input, "column of states 0 … k-1")->required();
    msm->add_option("--states", options->states, "number of states")->required();
    msm->add_option("--lag", options->lag, "lag in steps of the trajectory")->capture_default_str();
    msm->add_option("--from", options->from, "states A")->required()->delimiter(',');
    msm->add_option("--to", options->to, "states B")->required()->delimiter(',');
    msm->add_option("--length", options->length, "also paths that take this many lag times");
    msm->add_option("--densities", options->densities, "file for their densities, [times][states]");
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    CLI::App* chain = addCommand(app, options, "chain", "Probabilities over all times", runChain);
    chain->add_option("model", options->input, "chain in JSON")->required();
    chain->add_option("--densities", options->densities, "file for all p(t), [times][states]");
    chain->add_flag("--eigenvalues", options->eigenvalues, "of the steps");

    CLI::App* automaton = addCommand(app, options, "automaton",
                                     "Cycles, spectrum and evolution of an automaton", runAutomaton);
    automaton->add_option("rule", options->input, "rule in JSON, or 'shift'")->required();
    automaton->add_option("--sites", options->sites, "of shift");
    automaton->add_flag("--spectrum", options->spectrum, "all eigenphases");
    automaton->add_option("--evolve", options->evolve, "number of steps");
    automaton->add_option("--initial", options->initial,
                          "column of probabilities (default: all on state 1)");

    CLI::App* qubit = addCommand(app, options, "qubit", "Gates on three spins", runQubit);
    qubit->add_option("--gates", options->gates, "I, X, Y, Z, H, S, SDG")->delimiter(',');
    qubit->add_option("--init", options->means, "means of the spins")->required()->delimiter(',');

    CLI::App* bell = addCommand(app, options, "bell",
                                "Whether two qubits have a joint distribution of 6 bits", runBell);
    bell->add_option("--means", options->input, "4 x 4 means of pairs of Pauli matrices");
    bell->add_option("--singlet", options->singlet, "instead: a singlet of this visibility");
    bell->add_option("--angle", options->angle, "degrees by which its second party is turned");

    addMsm(app, options);

    CLI::App* selftest = addCommand(app, options, "selftest",
                                    "Random chains against sums over all histories", runSelftest);
    selftest->add_flag("--enumerate", options->enumerate, "what it does anyway");
    selftest->add_option("--chains", options->chains)->check(CLI::Range(1, 100000));
    selftest->add_option("--seed", options->seed)->capture_default_str();
}

} // namespace equivariant::probabilistic_world
