// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.linf_sketched_regression.
#include "SketchedRegression.h"

#include "support/PythonModule.h"

using namespace equivariant::linf_sketched_regression;
using namespace equivariant::support;

namespace {

SketchOptions makeOptions(const std::string& kind, Eigen::Index rows, std::uint64_t seed,
                          int nonzeros) {
    SketchOptions options;
    options.kind = parseSketchKind(kind);
    options.rows = rows;
    options.seed = seed;
    options.nonzeros = nonzeros;
    return options;
}

SketchedSolution solve(const MatrixView& a, const VectorView& b, const std::string& kind,
                       Eigen::Index rows, double eps, double delta, bool refine, std::uint64_t seed,
                       int nonzeros) {
    return solveSketched(a, b, {makeOptions(kind, rows, seed, nonzeros), eps, delta, refine});
}

Matrix sketch(const MatrixView& a, Eigen::Index rows, const std::string& kind, std::uint64_t seed,
              int nonzeros) {
    return applySketch(a, makeOptions(kind, rows, seed, nonzeros));
}

} // namespace

NB_MODULE(linf_sketched_regression, m) {
    translateErrors();
    m.doc() = "Tall least-squares problems by dense sketches: docs/tools/"
              "linf-sketched-regression.md.";
    nb::class_<SketchedSolution>(m, "SketchedSolution")
        .def_ro("x", &SketchedSolution::x, "Solution, [columns].")
        .def_ro("rows", &SketchedSolution::rows, "Rows of the sketch.")
        .def_ro("conditionNumber", &SketchedSolution::conditionNumber, "Of the sketched matrix.")
        .def_ro("residual", &SketchedSolution::residual, "||S(Ax - b)||; ||Ax - b|| if refined.")
        .def_ro("standardErrors", &SketchedSolution::standardErrors,
                "Standard deviations of x over sketches, [columns].")
        .def_ro("typicalEps", &SketchedSolution::typicalEps, "The eps that they stand for.")
        .def_ro("iterations", &SketchedSolution::iterations, "Of the refinement.")
        .def_ro("converged", &SketchedSolution::converged, "Whether the refinement did.")
        .def_ro("warnings", &SketchedSolution::warnings);
    m.def("solve", solve, ReleaseLock(), "a"_a, "b"_a, "kind"_a = "bgp", "rows"_a = 0,
          "eps"_a = 0.5, "delta"_a = 0.01, "refine"_a = false, "seed"_a = 0, "nonzeros"_a = 1,
          "argmin ||Ax - b|| through a sketch of `rows` rows (0: from eps and delta).\n\n"
          "kind: bgp, srht, block-srht, gauss, or for comparison countsketch, leverage, uniform.\n"
          "a is [rows][columns] of float64 and not copied if its rows are contiguous.");
    m.def("sketch", sketch, ReleaseLock(), "a"_a, "rows"_a, "kind"_a = "bgp", "seed"_a = 0,
          "nonzeros"_a = 1, "S A, [rows][columns].");
    m.def("tensorSketch", applyTensorSketch, ReleaseLock(), "x"_a, "y"_a, "rows"_a, "seed"_a = 0,
          "S of the columns x_k (x) y_k (Kronecker) from the factors, [rows][columns].");
    m.def("rowsFor", rowsFor, "d"_a, "eps"_a = 0.5, "delta"_a = 0.01,
          "eps^-2 d log(d/delta), at least 2(d+1).");
}
