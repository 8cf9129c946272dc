// SPDX-License-Identifier: MIT
//
// equivariant-tools local-reduced-order-bases build | assess | efficiency.
#include "Dictionary.h"
#include "Output.h"
#include "Problem.h"

#include "equivariant/Error.h"

#include <memory>

namespace equivariant::local_reduced_order_bases {

namespace {

using command::dump;
using command::writeOutput;
using Eigen::Index;
using Eigen::VectorXd;
using nlohmann::json;

struct BuildOptions : ProblemOptions {
    Index modes = 0;
    double eps = 0;
    std::string out, labels;
};

/// One basis, in its own coordinates.
Matrix makeBasis(const Problem& problem, const MatrixView& snapshots, const BuildOptions& options) {
    EfficiencyOptions wanted = options.efficiency;
    if (options.eps > 0 || options.modes > 0) {
        wanted.tau = options.eps; // 0: all modes that there are
        wanted.measure = Measure::Rms;
    }
    const Pod pod = podForTolerance(snapshots, wanted);
    const Index modes =
        options.modes > 0 ? std::min(options.modes, pod.basis.rows()) : pod.basis.rows();
    return problem.product.fromEuclidean(pod.basis.topRows(modes));
}

Dictionary makeDictionary(const Problem& problem, const Clustering& clustering,
                          const BuildOptions& options) {
    Dictionary dictionary;
    dictionary.kind = problem.kind;
    dictionary.steps = problem.own.steps;
    dictionary.labels = clustering.labels;
    dictionary.runs = problem.runs;
    dictionary.medoids = clustering.medoids;
    dictionary.medoidSnapshots = problem.own.select(clustering.medoids).values;
    for (const std::vector<int>& members : membersOf(clustering))
        dictionary.bases.push_back(
            makeBasis(problem, problem.euclidean.select(members).values, options));
    dictionary.globalBasis = makeBasis(problem, problem.euclidean.values, options);
    dictionary.mean = problem.mean;
    dictionary.mass = problem.mass;
    dictionary.reference = problem.reference;
    dictionary.parameters = problem.parameters;
    dictionary.isOfForces = options.array == "forces";
    return dictionary;
}

void writeLabels(const std::string& path, const Problem& problem, const Clustering& clustering) {
    support::Table table{{"run", "cluster", "dissimilarity"}, Matrix(problem.runs.size(), 3)};
    for (std::size_t i = 0; i < problem.runs.size(); i++) {
        const int label = clustering.labels[i];
        table.values.row(static_cast<Index>(i)) << problem.runs[i], label,
            problem.d(static_cast<Index>(i), clustering.medoids[label]);
    }
    support::writeTable(path, table);
}

/// [snapshots] relative errors, each with the basis of its run's cluster.
VectorXd localErrors(const InnerProduct& product, const Snapshots& euclidean,
                     const std::vector<Matrix>& bases, const std::vector<int>& labels) {
    VectorXd errors(euclidean.values.rows());
    std::vector<Matrix> flat;
    for (const Matrix& basis : bases)
        flat.push_back(product.toEuclidean(basis));
    for (std::size_t run = 0; run < labels.size(); run++) {
        const Index first = static_cast<Index>(run) * euclidean.steps;
        errors.segment(first, euclidean.steps) = projectionErrors(
            flat[labels[run]], euclidean.values.middleRows(first, euclidean.steps));
    }
    return errors;
}

void runBuild(BuildOptions options) {
    const Problem problem = readProblem(options);
    const auto rows = assessAll(problem, options);
    json report = describe(problem, rows, options);
    const int best = bestRow(rows);
    if (best < 0)
        throw Error("every K gives a cluster of fewer than " +
                    std::to_string(options.efficiency.smallest) +
                    " runs; choose a smaller --K or --smallest");
    const Clustering& clustering = rows[best].clustering;
    const Dictionary dictionary = makeDictionary(problem, clustering, options);
    writeDictionary(options.out, dictionary);
    if (!options.labels.empty())
        writeLabels(options.labels, problem, clustering);
    const VectorXd local =
        localErrors(problem.product, problem.euclidean, dictionary.bases, clustering.labels);
    const VectorXd global = projectionErrors(problem.product.toEuclidean(dictionary.globalBasis),
                                             problem.euclidean.values);
    json modes = json::array();
    for (const Matrix& basis : dictionary.bases)
        modes.push_back(basis.rows());
    report["dictionary"] = {{"K", clustering.medoids.size()},
                            {"modes", modes},
                            {"global_modes", dictionary.globalBasis.rows()},
                            {"local_errors", toJson(summarize(local))},
                            {"global_errors", toJson(summarize(global))}};
    writeOutput("", dump(report, 2) + "\n");
}

void runEfficiency(ProblemOptions options) {
    const Problem problem = readProblem(options);
    writeOutput("", dump(describe(problem, assessAll(problem, options), options), 2) + "\n");
}

struct AssessOptions {
    std::string dictionary, snapshots, parameters, classifier, labels;
};

/// Clusters that the classifier of the dictionary's parameters chooses, and what follows.
json assessClassifier(const Dictionary& dictionary, const AssessOptions& options,
                      const InnerProduct& product, const Snapshots& euclidean,
                      const std::vector<int>& nearest) {
    if (dictionary.parameters.size() == 0)
        throw Error(options.dictionary + ": the dictionary was built without --parameters");
    const Classifier classifier(classifierKinds.at(options.classifier), dictionary.parameters,
                                dictionary.labels);
    const Matrix parameters = support::readMatrix(options.parameters);
    if (parameters.rows() != euclidean.runs())
        throw Error(options.parameters + ": " + std::to_string(parameters.rows()) +
                    " rows of parameters for " + std::to_string(euclidean.runs()) + " runs");
    const std::vector<int> chosen = classifier.predict(parameters);
    int right = 0;
    for (std::size_t i = 0; i < chosen.size(); i++)
        right += chosen[i] == nearest[i];
    return {
        {"accuracy", right / static_cast<double>(chosen.size())},
        {"errors", toJson(summarize(localErrors(product, euclidean, dictionary.bases, chosen)))}};
}

void runAssess(const AssessOptions& options) {
    const Dictionary dictionary = readDictionary(options.dictionary);
    const Input input = readSnapshots(
        options.snapshots, dictionary.isOfForces ? "forces" : "positions", dictionary.reference);
    if (input.reference.size() != 0 && dictionary.reference.size() == 0)
        throw Error(options.snapshots + ": an array is needed, as the dictionary is of such");
    if (input.snapshots.steps != dictionary.steps)
        throw Error(options.snapshots + ": runs have " + std::to_string(input.snapshots.steps) +
                    " steps, those of the dictionary " + std::to_string(dictionary.steps));
    if (input.snapshots.values.cols() != dictionary.medoidSnapshots.cols())
        throw Error(options.snapshots + ": snapshots have " +
                    std::to_string(input.snapshots.values.cols()) +
                    " numbers, those of the dictionary " +
                    std::to_string(dictionary.medoidSnapshots.cols()));
    const Snapshots own = removeZeros(input.snapshots, dictionary.mean, options.snapshots, nullptr);
    const InnerProduct product =
        dictionary.mass.size() ? InnerProduct(dictionary.mass, options.dictionary) : InnerProduct();
    const Snapshots euclidean{product.toEuclidean(own.values), own.steps};
    const Matrix d =
        dissimilarities(euclidean.values, product.toEuclidean(dictionary.medoidSnapshots),
                        dictionary.steps, dictionary.kind);
    const std::vector<int> nearest = nearestColumns(d);
    const VectorXd errors = localErrors(product, euclidean, dictionary.bases, nearest);
    const VectorXd global =
        projectionErrors(product.toEuclidean(dictionary.globalBasis), euclidean.values);
    json report = {{"runs", own.runs()},
                   {"local_errors", toJson(summarize(errors))},
                   {"global_errors", toJson(summarize(global))}};
    if (!options.classifier.empty())
        report["classifier"] = assessClassifier(dictionary, options, product, euclidean, nearest);
    if (!options.labels.empty()) {
        support::Table table{{"run", "cluster", "dissimilarity", "error"}, Matrix(d.rows(), 4)};
        for (Index i = 0; i < d.rows(); i++)
            table.values.row(i) << double(i), nearest[i], d(i, nearest[i]),
                errors.segment(i * own.steps, own.steps).maxCoeff();
        support::writeTable(options.labels, table);
    }
    writeOutput("", dump(report, 2) + "\n");
}

} // namespace

void addCommands(CLI::App& app) {
    const auto build = std::make_shared<BuildOptions>();
    CLI::App* command = app.add_subcommand("build", "Clusters snapshots and writes local bases");
    addProblemOptions(*command, *build);
    auto* modes = command->add_option("--modes", build->modes, "of each basis, instead of --tau")
                      ->check(CLI::PositiveNumber);
    command->add_option("--eps", build->eps, "bases miss eps^2 of the energy, instead of --tau")
        ->check(CLI::Range(1e-15, 1.0))
        ->excludes(modes);
    command->add_option("--out,-o", build->out, "HDF5 file of the dictionary")->required();
    command->add_option("--labels", build->labels, "CSV file, a line for each run");
    command->callback([build] { runBuild(*build); });

    const auto assess = std::make_shared<AssessOptions>();
    command = app.add_subcommand("assess", "Errors of a dictionary on other snapshots");
    command->add_option("dictionary", assess->dictionary, "HDF5 file of build")->required();
    command->add_option("snapshots", assess->snapshots, "as for build")->required();
    auto* parameters =
        command->add_option("--parameters", assess->parameters, "a row of parameters for each run");
    command->add_option("--classifier", assess->classifier, "assigns runs by their parameters, too")
        ->check(CLI::IsMember({"knn", "logistic"}))
        ->needs(parameters);
    command->add_option("--labels", assess->labels, "CSV file, a line for each run");
    command->callback([assess] { runAssess(*assess); });

    const auto efficiency = std::make_shared<ProblemOptions>();
    command = app.add_subcommand("efficiency", "Whether local bases pay, for each K");
    addProblemOptions(*command, *efficiency);
    command->callback([efficiency] { runEfficiency(*efficiency); });
}

} // namespace equivariant::local_reduced_order_bases
