// SPDX-License-Identifier: MIT
#include "Problem.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <numeric>
#include <sstream>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;

const std::map<std::string, ClassifierKind> classifierKinds = {
    {"knn", ClassifierKind::NearestNeighbors}, {"logistic", ClassifierKind::Logistic}};

void addProblemOptions(CLI::App& command, ProblemOptions& options) {
    EfficiencyOptions& efficiency = options.efficiency;
    command.add_option("snapshots", options.snapshots, "array, or frames of atoms (.xyz, .dcd)")
        ->required();
    command.add_option("--mass", options.mass, "matrix of the inner product, or its diagonal");
    command.add_option("--array", options.array, "what of frames in .xyz")
        ->check(CLI::IsMember({"positions", "forces"}))
        ->capture_default_str();
    command.add_flag("--centre", options.centre, "takes off the mean, which changes all angles");
    command.add_flag("--drop-zero", options.dropZero,
                     "leaves out runs with a snapshot that is zero");
    command.add_flag("--raw", options.isRaw, "modes of snapshots as they are, not of unit length");
    command.add_option("--K", options.clusters, "numbers of clusters, 2:8 or 2,4,6")
        ->capture_default_str();
    command.add_option("--dissim", options.dissimilarity, "dissimilarity of runs")
        ->check(CLI::IsMember(dissimilarityNames))
        ->capture_default_str();
    command.add_flag("--squared", options.medoids.squared, "clusters by the sum of d^2, not d");
    command.add_option("--restarts", options.medoids.restarts, "starts of the clustering")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command.add_option("--seed", options.medoids.seed)->capture_default_str();
    command.add_option("--tau", efficiency.tau, "relative error that bases are made for")
        ->check(CLI::Range(1e-15, 1.0))
        ->capture_default_str();
    command.add_option("--measure", options.measure, "the error that tau bounds")
        ->check(CLI::IsMember({"max", "rms"}))
        ->capture_default_str();
    command.add_option("--pod", options.method, "svd, or the faster method of snapshots")
        ->check(CLI::IsMember({"svd", "snapshots"}))
        ->capture_default_str();
    command.add_option("--N", efficiency.modes, "numbers of modes at which errors are compared")
        ->check(CLI::PositiveNumber)
        ->delimiter(',')
        ->capture_default_str();
    command.add_option("--smallest", efficiency.smallest, "runs that a cluster has to have")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command.add_option("--cost", efficiency.cost.exponent, "q of the cost N^q of a model")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command
        .add_option("--classifier-time", efficiency.cost.classifierTime, "in units of that cost")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    auto* accuracy = command.add_option("--acc", efficiency.cost.accuracy, "of the classifier")
                         ->check(CLI::Range(0.0, 1.0))
                         ->capture_default_str();
    auto* parameters =
        command.add_option("--parameters", options.parameters, "a row of parameters for each run");
    command.add_option("--classifier", options.classifier, "measures the accuracy with this one")
        ->check(CLI::IsMember({"knn", "logistic"}))
        ->needs(parameters)
        ->excludes(accuracy);
    command.add_option("--table", options.table, "CSV file, one line for each K and N");
}

namespace {

/// Numbers of clusters of at most `most`.
std::vector<int> parseClusters(const std::string& text, Index most) {
    const auto refuse = [&] {
        throw Error("--K: '" + text + "' is neither a range like 2:8 nor a list like 2,4,6");
    };
    std::istringstream stream(text);
    std::vector<int> numbers;
    char between = 0;
    bool isRange = false;
    for (int number; stream >> number;) {
        numbers.push_back(number);
        if (!(stream >> between))
            break;
        isRange = isRange || between == ':';
        if (between != ':' && between != ',')
            refuse();
    }
    if (numbers.empty() || !stream.eof() || (isRange && numbers.size() != 2))
        refuse();
    for (int k : numbers) // before a range gets long, or others have taken their time
        if (k < 1 || k > most)
            throw Error("K = " + std::to_string(k) + " clusters of " + std::to_string(most + 1) +
                        " runs are not possible");
    if (!isRange)
        return numbers;
    if (numbers[0] > numbers[1])
        refuse();
    std::vector<int> range(numbers[1] - numbers[0] + 1);
    std::iota(range.begin(), range.end(), numbers[0]);
    return range;
}

std::string nameSnapshot(Index row, Index steps) {
    return steps == 1
               ? "snapshot " + std::to_string(row)
               : "run " + std::to_string(row / steps) + ", step " + std::to_string(row % steps);
}

} // namespace

Snapshots removeZeros(Snapshots snapshots, const Matrix& mean, const std::string& path,
                      std::vector<int>* dropped) {
    if (mean.size() != 0 && mean.cols() != snapshots.values.cols())
        throw Error(path + ": snapshots have " + std::to_string(snapshots.values.cols()) +
                    " numbers, those of the dictionary " + std::to_string(mean.cols()));
    if (mean.size() != 0)
        snapshots.values.rowwise() -= mean.row(0);
    const std::vector<Index> zeros = findZeroRows(snapshots.values);
    if (zeros.empty())
        return snapshots;
    if (!dropped)
        throw Error(path + ": " + nameSnapshot(zeros[0], snapshots.steps) +
                    " is zero and has no direction (" + std::to_string(zeros.size()) +
                    " such; --drop-zero leaves them out)");
    for (Index row : zeros)
        if (const auto run = static_cast<int>(row / snapshots.steps);
            dropped->empty() || dropped->back() != run)
            dropped->push_back(run);
    std::vector<int> kept;
    for (int run = 0; run < snapshots.runs(); run++)
        if (!std::binary_search(dropped->begin(), dropped->end(), run))
            kept.push_back(run);
    return snapshots.select(kept);
}

Problem readProblem(ProblemOptions& options) {
    options.efficiency.measure = options.measure == "max" ? Measure::Max : Measure::Rms;
    options.efficiency.method = options.method == "svd" ? PodMethod::Svd : PodMethod::Snapshots;
    options.efficiency.normalize = !options.isRaw;
    Problem problem;
    Input input = readSnapshots(options.snapshots, options.array, {});
    problem.reference = std::move(input.reference);
    if (!options.mass.empty()) {
        problem.mass = support::readMatrix(options.mass);
        problem.product = InnerProduct(problem.mass, options.mass);
    }
    if (options.centre)
        problem.mean = input.snapshots.values.colwise().mean();
    const auto numRuns = static_cast<int>(input.snapshots.runs());
    problem.own = removeZeros(std::move(input.snapshots), problem.mean, options.snapshots,
                              options.dropZero ? &problem.dropped : nullptr);
    for (int run = 0; run < numRuns; run++)
        if (!std::binary_search(problem.dropped.begin(), problem.dropped.end(), run))
            problem.runs.push_back(run);
    if (!options.parameters.empty()) {
        const Matrix all = support::readMatrix(options.parameters);
        if (all.rows() != numRuns)
            throw Error(options.parameters + ": " + std::to_string(all.rows()) +
                        " rows of parameters for " + std::to_string(numRuns) + " runs");
        problem.parameters = all(problem.runs, Eigen::all);
    }
    problem.euclidean = {problem.product.toEuclidean(problem.own.values), problem.own.steps};
    problem.kind = parseDissimilarity(options.dissimilarity);
    problem.d = dissimilarities(problem.euclidean.values, problem.own.steps, problem.kind);
    return problem;
}

std::vector<EfficiencyRow> assessAll(const Problem& problem, const ProblemOptions& options) {
    std::vector<Clustering> clusterings;
    for (int k : parseClusters(options.clusters, problem.own.runs() - 1))
        clusterings.push_back(kMedoids(problem.d, k, options.medoids));
    auto rows = assessEfficiency(problem.euclidean, clusterings, options.efficiency);
    if (!options.classifier.empty())
        for (EfficiencyRow& row : rows) {
            row.cost.accuracy =
                crossValidatedAccuracy(classifierKinds.at(options.classifier), problem.parameters,
                                       row.clustering.labels, options.medoids.seed);
            row.gain = gain(row.globalModes, row.localModes, row.populations, row.cost);
        }
    return rows;
}

} // namespace equivariant::local_reduced_order_bases
