// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.matrix_sensing.
#include "Descent.h"

#include "support/PythonModule.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/unique_ptr.h>

using namespace equivariant::matrix_sensing;
using namespace equivariant::support;
using Eigen::Index;

namespace {

DescentOptions makeOptions(double step, int iterations, double tolerance, bool accelerate,
                           double beta) {
    DescentOptions options;
    options.step = step;
    options.iterations = iterations;
    options.tolerance = tolerance;
    options.accelerate = accelerate;
    options.beta = beta;
    return options;
}

Descent solve(const SensingOperator& op, const VectorView& y, const Matrix& f, const Matrix& g,
              double step, int iterations, double tolerance, bool accelerate, double beta) {
    if (beta != 0 && !accelerate)
        throw equivariant::Error("beta is of the rescaling: it needs accelerate=True");
    return descendAsymmetric(op, y, {f, g},
                             makeOptions(step, iterations, tolerance, accelerate, beta));
}

Descent solveSymmetric(const SensingOperator& op, const VectorView& y, const Matrix& x, double step,
                       int iterations, double tolerance) {
    return descendSymmetric(op, y, x, makeOptions(step, iterations, tolerance, false, 0));
}

std::unique_ptr<SensingOperator> mask(std::vector<int> rows, std::vector<int> columns, Index n1,
                                      Index n2) {
    return makeMask({std::move(rows), std::move(columns)}, n1, n2);
}

Eigen::VectorXd measure(const SensingOperator& op, const MatrixView& matrix) {
    if (matrix.rows() != op.rows() || matrix.cols() != op.columns())
        throw equivariant::Error("a matrix of " + std::to_string(matrix.rows()) + " x " +
                                 std::to_string(matrix.cols()) + "; the measured one is " +
                                 std::to_string(op.rows()) + " x " + std::to_string(op.columns()));
    return op.measure(matrix);
}

Matrix adjoint(const SensingOperator& op, const VectorView& residual) {
    if (residual.size() != op.count())
        throw equivariant::Error(std::to_string(residual.size()) + " values for " +
                                 std::to_string(op.count()) + " measurements");
    return op.adjoint(residual);
}

std::optional<std::pair<Matrix, Matrix>> accelerate(const Matrix& f, const Matrix& g, double beta) {
    Factors factors{f, g};
    if (!accelerateOnce(factors, beta))
        return std::nullopt;
    return std::pair(factors.f, factors.g);
}

Matrix curveOf(const Descent& descent) {
    Matrix curve(descent.curve.size(), 2);
    for (std::size_t i = 0; i < descent.curve.size(); i++)
        curve.row(static_cast<Index>(i)) << descent.curve[i].iteration, descent.curve[i].residual;
    return curve;
}

Rate fit(const std::vector<int>& iterations, const std::vector<double>& errors) {
    if (iterations.size() != errors.size())
        throw equivariant::Error(std::to_string(iterations.size()) + " iterations for " +
                                 std::to_string(errors.size()) + " errors");
    std::vector<Point> curve;
    for (std::size_t i = 0; i < errors.size(); i++)
        curve.push_back({iterations[i], errors[i], errors[i]});
    return fitRate(curve);
}

} // namespace

NB_MODULE(matrix_sensing, m) {
    translateErrors();
    m.doc() = "Low-rank matrices from linear measurements: docs/tools/matrix-sensing.md.";
    nb::class_<SensingOperator>(m, "SensingOperator", "y_i = <A_i, M>.")
        .def("measure", measure, "matrix"_a, "y of a matrix [n1][n2].")
        .def("adjoint", adjoint, "residual"_a, "sum r_i A_i, [n1][n2].");
    m.def("identity", makeIdentity, "rows"_a, "columns"_a, "All entries, row by row.");
    m.def("dense", makeDense, "a"_a.noconvert(), "rows"_a, "columns"_a, nb::keep_alive<0, 1>(),
          "A_i are the rows of a, [m][n1 n2] of float64, each row-major.\n\n"
          "a must have contiguous rows. It is not copied and may be memory-mapped.");
    m.def("rankOne", makeRankOne, "a"_a, "b"_a, "A_i = a_i b_i^T of rows of a and b.");
    m.def("mask", mask, "rows"_a, "columns"_a, "n1"_a, "n2"_a, "Entries (rows[i], columns[i]).");
    m.def("gaussianEnsemble", gaussianEnsemble, ReleaseLock(), "count"_a, "size"_a, "seed"_a = 0,
          "[m][n1 n2] normal entries of variance 1/m.");
    nb::class_<Factors>(m, "Factors")
        .def_ro("f", &Factors::f, "[n1][k].")
        .def_ro("g", &Factors::g, "[n2][k].");
    nb::class_<Rate>(m, "Rate")
        .def_ro("isExponential", &Rate::isExponential, "Else a power law fits better.")
        .def_ro("exponential", &Rate::exponential, "Slope of ln(error) over t.")
        .def_ro("power", &Rate::power, "Slope of ln(error) over ln(t).")
        .def_ro("points", &Rate::points, "Of the fits.");
    nb::class_<Descent>(m, "Descent")
        .def_ro("factors", &Descent::factors)
        .def_prop_ro("curve", curveOf, "Iterations and mean squared residuals, [points][2].")
        .def_ro("switchedAt", &Descent::switchedAt, "Iteration of the rescaling, or -1.")
        .def_ro("beta", &Descent::beta, "Of the rescaling.")
        .def_ro("switchRefused", &Descent::switchRefused, "F had dependent columns.");
    m.def("randomStart", randomStart, "rows"_a, "columns"_a, "k"_a, "scale"_a = 0.5,
          "ratio"_a = 3.0, "seed"_a = 0,
          "F = scale Gaussian/sqrt(n1), G = scale/ratio Gaussian/sqrt(n2).");
    m.def("descend", solve, ReleaseLock(), "op"_a, "y"_a, "f"_a, "g"_a, "step"_a = 0.1,
          "iterations"_a = 1000, "tolerance"_a = 0.0, "accelerate"_a = false, "beta"_a = 0.0,
          "Two factors; step times the largest singular value should be about 0.1.");
    m.def("descendSymmetric", solveSymmetric, ReleaseLock(), "op"_a, "y"_a, "x"_a, "step"_a = 0.1,
          "iterations"_a = 1000, "tolerance"_a = 0.0, "One factor: M = X X^T.");
    m.def("accelerateOnce", accelerate, "f"_a, "g"_a, "beta"_a,
          "(F, G) with F = beta U and the same product; None if F has dependent columns.");
    m.def("fitRate", fit, "iterations"_a, "errors"_a, "Power law or exponential, and its rate.");
}
