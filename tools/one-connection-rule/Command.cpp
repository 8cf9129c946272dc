// SPDX-License-Identifier: MIT
//
// equivariant-tools one-connection-rule formula | eval | identify | ideal | test. Exit status 3:
// the model has no covariances; 4: the formulas would be too large.
#include "Covariance.h"
#include "Identification.h"
#include "Output.h"
#include "Residual.h"
#include "Vanishing.h"

#include "support/Failure.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

namespace equivariant::one_connection_rule {

namespace {

using command::dump;
using command::writeOutput;
using nlohmann::json;

struct Options {
    std::string graph, parameters, data, polynomials, out;
    std::vector<int> entry;
    int maxDegree = 3;
    std::uint64_t seed = 0;
    bool exact = false;
};

void print(const json& report) {
    writeOutput("", dump(report, 2) + "\n");
}

json describeEntry(CovarianceFormula& formula, int i, int j) {
    const MixedGraph& graph = formula.graph();
    json factors = json::array();
    for (int vertex : {i, j})
        for (const Polynomial& factor : formula.denominatorFactors(vertex))
            factors.push_back(factor.toString());
    return {{"entry", {i, j}},
            {"numerator", formula.numerator(i, j).toString()},
            {"denominator_factors", factors},
            {"one_connections", countOneConnections(graph, i, j)}};
}

void runFormula(const Options& options) {
    CovarianceFormula formula(readMixedGraph(options.graph));
    const int n = formula.graph().n;
    json report = {{"determinant", formula.determinant().toString()},
                   {"linear_subgraphs", countLinearSubgraphs(formula.graph())},
                   {"entries", json::array()}};
    if (options.entry.empty())
        for (int i = 0; i < n; i++)
            for (int j = i; j < n; j++)
                report["entries"].push_back(describeEntry(formula, i, j));
    else
        for (int vertex : options.entry)
            if (vertex < 0 || vertex >= n)
                throw Error("--entry: vertex " + std::to_string(vertex) +
                            " is out of range: there are " + std::to_string(n));
    if (!options.entry.empty())
        report["entries"].push_back(describeEntry(formula, options.entry[0], options.entry[1]));
    print(report);
}

void printExact(const MixedGraph& graph, const std::vector<mpq_class>& values,
                const std::string& path) {
    if (!isOmegaPositive(graph, values))
        throw support::Failure(3, "Omega is not positive definite");
    std::string text;
    for (const auto& row : CovarianceFormula(graph).evaluate(values))
        for (std::size_t j = 0; j < row.size(); j++)
            text += row[j].get_str() + (j + 1 < row.size() ? "," : "\n");
    writeOutput(path, text);
}

void runEval(const Options& options) {
    const MixedGraph graph = readMixedGraph(options.graph);
    const std::vector<mpq_class> exact = readParameters(options.parameters, graph, options.exact);
    if (options.exact) {
        printExact(graph, exact, options.out);
        return;
    }
    std::vector<double> values;
    for (const mpq_class& value : exact)
        values.push_back(value.get_d());
    const NumericCovariance found = evaluateNumerically(graph, values);
    if (!options.out.empty())
        support::writeMatrix(options.out, found.sigma);
    json report = {{"determinant", found.determinant},
                   {"spectral_radius", found.spectralRadius},
                   {"warnings", found.warnings}};
    for (Eigen::Index i = 0; i < found.sigma.rows(); i++)
        report["sigma"].push_back(
            std::vector<double>(found.sigma.row(i).begin(), found.sigma.row(i).end()));
    print(report);
}

void runIdentify(const Options& options) {
    const MixedGraph graph = readMixedGraph(options.graph);
    const Identification found = identify(graph, options.seed);
    print({{"parameters", found.parameters},
           {"rank", found.rank},
           {"finite_to_one", found.isFinite},
           {"simple", graph.isSimple()},
           {"points", found.points},
           {"prime", found.prime}});
}

void runIdeal(const Options& options) {
    const VanishingIdeal ideal =
        findVanishing(readMixedGraph(options.graph), options.maxDegree, options.seed);
    std::string text;
    json generators = json::array();
    for (const auto& [polynomial, degree] : ideal.generators) {
        text += polynomial.toString() + "\n";
        generators.push_back({{"degree", degree}, {"polynomial", polynomial.toString()}});
    }
    if (!options.out.empty())
        writeOutput(options.out, text);
    print({{"dimensions", ideal.dimensions}, {"generators", generators}});
}

void runTest(const Options& options) {
    const support::Matrix data = support::readMatrix(options.data);
    const support::Matrix covariance = sampleCovariance(data);
    json report = json::array();
    for (const Polynomial& polynomial :
         readPolynomials(options.polynomials, static_cast<int>(data.cols()))) {
        const Residual residual = computeResidual(polynomial, covariance, data.rows());
        report.push_back({{"polynomial", polynomial.toString()},
                          {"value", residual.value},
                          {"standard_error", residual.standardError},
                          {"z", std::isnan(residual.z) ? json() : json(residual.z)}});
    }
    print(report);
}

} // namespace

void addCommands(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    const auto add = [&](const char* name, const char* text, void (*run)(const Options&)) {
        CLI::App* command = app.add_subcommand(name, text);
        command->callback([options, run] { run(*options); });
        return command;
    };
    const auto addGraph = [&](CLI::App* command) {
        command->add_option("graph", options->graph, "JSON file of the mixed graph")->required();
        return command;
    };
    CLI::App* formula = addGraph(add("formula", "Covariances as rational functions", runFormula));
    formula->add_option("--entry", options->entry, "two vertices; default: all")->expected(2);

    CLI::App* eval = addGraph(add("eval", "Covariances for values of the parameters", runEval));
    eval->add_option("parameters", options->parameters, "JSON file")->required();
    eval->add_flag("--exact", options->exact, "fractions, by the one-connection rule");
    eval->add_option("--out,-o", options->out, "CSV file (without --exact also .npy)");

    CLI::App* identification =
        addGraph(add("identify", "Whether covariances determine the parameters", runIdentify));
    identification->add_option("--seed", options->seed)->capture_default_str();

    CLI::App* ideal = addGraph(add("ideal", "Polynomials that vanish on the model", runIdeal));
    ideal->add_option("--max-degree", options->maxDegree)
        ->check(CLI::Range(1, 20))
        ->capture_default_str();
    ideal->add_option("--seed", options->seed)->capture_default_str();
    ideal->add_option("--out,-o", options->out, "file of the generators, one a line");

    CLI::App* test = add("test", "Such polynomials on data, with error bars", runTest);
    test->add_option("data", options->data, "table, a column for every vertex")->required();
    test->add_option("polynomials", options->polynomials, "file, one polynomial a line")
        ->required();
}

} // namespace equivariant::one_connection_rule
