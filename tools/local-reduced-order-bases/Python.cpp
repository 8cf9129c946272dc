// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.local_reduced_order_bases.
#include "Classifier.h"
#include "ClusterChecks.h"
#include "Dissimilarity.h"
#include "Efficiency.h"

#include "support/PythonModule.h"

using namespace equivariant::local_reduced_order_bases;
using namespace equivariant::support;
using Eigen::Index;

namespace {

Matrix dissimilarity(const MatrixView& a, std::optional<Matrix> b, const std::string& kind,
                     Index steps) {
    return b ? dissimilarities(a, *b, steps, parseDissimilarity(kind))
             : dissimilarities(a, steps, parseDissimilarity(kind));
}

Clustering cluster(const MatrixView& d, int k, int restarts, bool squared, std::uint64_t seed) {
    return kMedoids(d, k, {restarts, squared, seed});
}

Pod localPod(const MatrixView& snapshots, double tau, const std::string& measure, bool normalize) {
    EfficiencyOptions options;
    options.tau = tau;
    if (measure != "max" && measure != "rms")
        throw equivariant::Error("there is no measure '" + measure + "'");
    options.measure = measure == "rms" ? Measure::Rms : Measure::Max;
    options.normalize = normalize;
    return podForTolerance(snapshots, options);
}

std::vector<EfficiencyRow> efficiency(const MatrixView& snapshots,
                                      const std::vector<Clustering>& clusterings, double tau,
                                      Index steps, double exponent, double accuracy,
                                      double classifierTime, std::vector<Index> modes) {
    EfficiencyOptions options;
    options.tau = tau;
    options.cost = {exponent, classifierTime, accuracy};
    options.modes = std::move(modes);
    return assessEfficiency({snapshots, steps}, clusterings, options);
}

Matrix toEuclidean(const MatrixView& rows, const MatrixView& mass) {
    return InnerProduct(mass, "mass").toEuclidean(rows);
}

Matrix fromEuclidean(const MatrixView& rows, const MatrixView& mass) {
    return InnerProduct(mass, "mass").fromEuclidean(rows);
}

} // namespace

NB_MODULE(local_reduced_order_bases, m) {
    translateErrors();
    m.doc() = "Local reduced-order bases: docs/tools/local-reduced-order-bases.md.\n\n"
              "Snapshots are rows, [runs * steps][size] of float64.";
    nb::class_<Clustering>(m, "Clustering")
        .def_ro("medoids", &Clustering::medoids, "Items, [K], ascending.")
        .def_ro("labels", &Clustering::labels, "Cluster of each item.")
        .def_ro("cost", &Clustering::cost, "Sum of the dissimilarities to the medoids.");
    nb::class_<Pod>(m, "Pod")
        .def_ro("basis", &Pod::basis, "Orthonormal modes, [modes][size].")
        .def_ro("singularValues", &Pod::singularValues, "[modes].");
    nb::class_<FixedSize>(m, "FixedSize", "Rms errors with a fixed number of modes.")
        .def_ro("modes", &FixedSize::modes)
        .def_ro("local", &FixedSize::local, "Of local bases.")
        .def_ro("globalBasis", &FixedSize::global, "Of a global basis of as many modes.")
        .def_ro("globalOfAll", &FixedSize::globalOfAll, "Of a global basis of K times as many.")
        .def_ro("quality", &FixedSize::quality, "At most 1; NaN if the global ones are equal.");
    nb::class_<EfficiencyRow>(m, "EfficiencyRow")
        .def_ro("localModes", &EfficiencyRow::localModes, "[K].")
        .def_ro("globalModes", &EfficiencyRow::globalModes)
        .def_ro("populations", &EfficiencyRow::populations, "Shares of the runs, [K].")
        .def_ro("gain", &EfficiencyRow::gain,
                "Cost of the global model over that of the local ones.")
        .def_ro("breakEvenAccuracy", &EfficiencyRow::breakEvenAccuracy, "Where the gain is 1.")
        .def_ro("heldOutRms", &EfficiencyRow::heldOutRms, "Of snapshots left out, five folds.")
        .def_ro("isAdmissible", &EfficiencyRow::isAdmissible, "No cluster has under five runs.")
        .def_ro("fixedSizes", &EfficiencyRow::fixedSizes);
    nb::enum_<ClassifierKind>(m, "ClassifierKind")
        .value("NEAREST_NEIGHBORS", ClassifierKind::NearestNeighbors)
        .value("LOGISTIC", ClassifierKind::Logistic);
    nb::class_<Classifier>(m, "Classifier", "Tells clusters from parameters.")
        .def(nb::init<ClassifierKind, const MatrixView&, const std::vector<int>&>(), "kind"_a,
             "parameters"_a, "labels"_a, "parameters: [runs][parameters]; labels: [runs].")
        .def("predict", &Classifier::predict, "parameters"_a, "Clusters of the rows.");
    m.def(
        "dissimilarities", dissimilarity, ReleaseLock(), "a"_a, "b"_a = nb::none(),
        "kind"_a = "sine", "steps"_a = 1,
        "[runs of a][runs of b (default: a)]; kind: sine, euclid, chordal, grassmann, max-sine.\n\n"
        "a is not copied if its rows are contiguous and may be memory-mapped.");
    m.def("kMedoids", cluster, ReleaseLock(), "d"_a, "k"_a, "restarts"_a = 10, "squared"_a = false,
          "seed"_a = 0, "PAM on a symmetric matrix of dissimilarities.");
    m.def("nearestColumns", nearestColumns, "d"_a, "The nearest column of each row.");
    m.def("silhouette", silhouette, "d"_a, "labels"_a, "Mean over the items.");
    m.def("adjustedRandIndex", adjustedRandIndex, "a"_a, "b"_a, "Agreement of two clusterings.");
    m.def("localPod", localPod, ReleaseLock(), "snapshots"_a, "tau"_a, "measure"_a = "max",
          "normalize"_a = true, "Fewest modes with relative errors (max or rms) of at most tau.");
    m.def("projectionErrors", projectionErrors, ReleaseLock(), "basis"_a, "snapshots"_a,
          "||u - V^T V u|| / ||u|| of every row.");
    m.def("efficiency", efficiency, ReleaseLock(), "snapshots"_a, "clusterings"_a, "tau"_a = 1e-2,
          "steps"_a = 1, "exponent"_a = 3.0, "accuracy"_a = 1.0, "classifierTime"_a = 0.0,
          "modes"_a = std::vector<Index>{2, 4, 8}, "Whether local bases pay: a row a clustering.");
    m.def(
        "toEuclidean", toEuclidean, ReleaseLock(), "rows"_a, "mass"_a,
        "Rows in coordinates where u^T M v is the usual product; mass: [size][size] or [size][1].");
    m.def("fromEuclidean", fromEuclidean, ReleaseLock(), "rows"_a, "mass"_a, "The inverse.");
}
