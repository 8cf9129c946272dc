// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.light_sb.
#include "BridgeFile.h"
#include "BridgeFit.h"
#include "BridgePaths.h"
#include "GaussianBridge.h"
#include "Sinkhorn.h"

#include "support/PythonModule.h"

#include <nanobind/ndarray.h>

using namespace equivariant::light_sb;
using namespace equivariant::support;

namespace {

Fit fitModel(const MatrixView& x, const MatrixView& y, double eps, int components, bool full,
             int steps, int batch, double learningRate, double initialScale, std::uint64_t seed) {
    FitOptions options;
    options.eps = eps;
    options.components = components;
    options.full = full;
    options.steps = steps;
    options.batch = batch;
    options.learningRate = learningRate;
    options.initialScale = initialScale;
    options.seed = seed;
    return fit(x, y, options);
}

/// [times][points][coordinates] in memory of its own.
nb::ndarray<nb::numpy, double> toNumpy(const std::vector<Matrix>& paths, Eigen::Index rows,
                                       Eigen::Index columns) {
    auto* values = new std::vector<double>;
    nb::capsule owner(values,
                      [](void* data) noexcept { delete static_cast<std::vector<double>*>(data); });
    for (const Matrix& points : paths)
        values->insert(values->end(), points.data(), points.data() + points.size());
    return nb::ndarray<nb::numpy, double>(
        values->data(), {paths.size(), std::size_t(rows), std::size_t(columns)}, owner);
}

template <class Function> auto withoutLock(const Function& function) {
    nb::gil_scoped_release release;
    return function();
}

void bindModel(nb::module_& m) {
    nb::class_<Model>(m, "Model", "A bridge; points are rows, [N][D] of float64.")
        .def(
            "__init__",
            [](Model* self, double eps, Eigen::VectorXd logWeights, Matrix means, Matrix logScales,
               std::vector<Matrix> rotations) {
                new (self) Model({eps, std::move(logWeights), std::move(means),
                                  std::move(logScales), std::move(rotations)});
            },
            "eps"_a, "logWeights"_a, "means"_a, "logScales"_a,
            "rotations"_a = std::vector<Matrix>(),
            "v(y) = sum_k exp(logWeights_k) N(y | means_k, eps Q_k diag(exp(logScales_k)) Q_k^T).")
        .def_prop_ro("eps", &Model::eps)
        .def_prop_ro("logWeights", [](const Model& m) { return m.getParameters().logWeights; })
        .def_prop_ro("means", [](const Model& m) { return m.getParameters().means; })
        .def_prop_ro("logScales", [](const Model& m) { return m.getParameters().logScales; })
        .def_prop_ro("rotations", [](const Model& m) { return m.getParameters().rotations; })
        .def("logV", &Model::logV, ReleaseLock(), "y"_a, "log v of each row.")
        .def("logC", &Model::logC, ReleaseLock(), "x"_a, "log c of each row.")
        .def("logPlan", &Model::logPlan, ReleaseLock(), "x"_a, "y"_a,
             "log of the density of the end points y of the rows of x.")
        .def("conditionalMeans", &Model::conditionalMeans, ReleaseLock(), "x"_a,
             "Mean end point of each row.")
        .def("drift", &Model::drift, ReleaseLock(), "x"_a, "t"_a,
             "Drift of dX = g dt + sqrt(eps) dW at each row, 0 <= t < 1.")
        .def("sample", sampleEnds, ReleaseLock(), "x"_a, "seed"_a = 0,
             "A random end point of each row.")
        .def(
            "paths",
            [](const Model& self, const MatrixView& x, const std::vector<double>& times,
               std::uint64_t seed) {
                return toNumpy(withoutLock([&] { return samplePaths(self, x, times, seed); }),
                               x.rows(), x.cols());
            },
            "x"_a, "times"_a, "seed"_a = 0, "Random paths at ascending times, [times][N][D].")
        .def(
            "integrate",
            [](const Model& self, const MatrixView& x, int steps, std::uint64_t seed) {
                return toNumpy(withoutLock([&] { return integratePaths(self, x, steps, seed); }),
                               x.rows(), x.cols());
            },
            "x"_a, "steps"_a, "seed"_a = 0, "Random paths by Euler-Maruyama, [steps + 1][N][D].")
        .def(
            "write", [](const Model& self, const std::string& path) { writeModel(path, self, {}); },
            "path"_a, "Writes a model file.");
}

} // namespace

NB_MODULE(light_sb, m) {
    translateErrors();
    m.doc() = "Schroedinger bridges between two sets of points: docs/tools/light-sb.md.";
    bindModel(m);
    nb::class_<Fit>(m, "Fit")
        .def_ro("model", &Fit::model)
        .def_ro("scale", &Fit::scale, "By which points were divided while fitting.")
        .def_ro("learningRate", &Fit::learningRate)
        .def_ro("losses", &Fit::losses, "Of each step.")
        .def_ro("lossTail", &Fit::lossTail, "Mean over the last fifth.")
        .def_ro("dead", &Fit::dead, "Components with a weight below 1e-8 everywhere.")
        .def_prop_ro("isRising", &Fit::isRising, "Whether the loss rose over the last fifth.");
    m.def("fit", fitModel, ReleaseLock(), "x"_a, "y"_a, "eps"_a = 0.1, "components"_a = 20,
          "full"_a = false, "steps"_a = 10000, "batch"_a = 128, "learningRate"_a = 0.0,
          "initialScale"_a = 0.1, "seed"_a = 0,
          "Fits a bridge from the rows of x to those of y; learning rate 0: chosen by eps.");
    m.def("readModel", readModel, "path"_a, "eps"_a = nb::none(), "Reads a model file.");
    m.def(
        "gaussianBridge",
        [](Eigen::VectorXd mean0, Eigen::MatrixXd covariance0, Eigen::VectorXd mean1,
           Eigen::MatrixXd covariance1, double eps) {
            return gaussianBridge({mean0, covariance0}, {mean1, covariance1}, eps);
        },
        "mean0"_a, "covariance0"_a, "mean1"_a, "covariance1"_a, "eps"_a,
        "The exact bridge between two Gaussians.");
    m.def("sinkhornMeans", sinkhornMeans, ReleaseLock(), "x"_a, "y"_a, "eps"_a,
          "tolerance"_a = 1e-9, "Mean end points under the discrete entropic plan.");
    m.def(
        "energyDistance",
        [](const MatrixView& a, const MatrixView& b, int permutations, std::uint64_t seed) {
            const EnergyTest test =
                withoutLock([&] { return testEnergyDistance(a, b, permutations, seed); });
            return std::vector<double>{test.distance, test.quantile95, test.p};
        },
        "a"_a, "b"_a, "permutations"_a = 999, "seed"_a = 0,
        "Energy distance of two sets, its 95 % quantile over permutations, and p.");
    m.def("conditionalUnexplainedVariance",
          nb::overload_cast<const Model&, const Model&, const MatrixView&, double>(
              &conditionalUnexplainedVariance),
          ReleaseLock(), "model"_a, "truth"_a, "x"_a, "variance"_a,
          "cBW2-UVP of a model in per cent.");
}
