// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.lp_sensitivity_sampling.
#include "Distortion.h"
#include "LeastAbsolute.h"

#include "support/PythonModule.h"

using namespace equivariant::lp_sensitivity_sampling;
using namespace equivariant::support;

namespace {

Scores scores(const MatrixView& a, const ScoreKind kind, double p, Approximation approximation,
              std::optional<Eigen::VectorXd> rowWeights, std::uint64_t seed) {
    ScoreOptions options;
    options.p = p;
    options.kind = kind;
    options.approximation = approximation;
    options.seed = seed;
    if (rowWeights)
        options.rowWeights = *rowWeights;
    return computeScores(a, options);
}

Sample sample(const VectorView& values, double rows, double p, Eigen::Index rank,
              std::uint64_t seed) {
    return draw(inclusionProbabilities(values, rows, rank), p, seed);
}

Distortion distortion(const MatrixView& a, const std::vector<int>& rows, const VectorView& weights,
                      double p, int directions, bool search, std::uint64_t seed) {
    return measureDistortion(a, rows, weights, p, {directions, search, seed});
}

} // namespace

NB_MODULE(lp_sensitivity_sampling, m) {
    translateErrors();
    m.doc() = "Choosing rows of a matrix that keep all lp norms: docs/tools/"
              "lp-sensitivity-sampling.md.";
    nb::enum_<ScoreKind>(m, "ScoreKind", "What rows are scored by.")
        .value("SENSITIVITY", ScoreKind::Sensitivity)
        .value("LEVERAGE", ScoreKind::Leverage)
        .value("LEWIS", ScoreKind::Lewis)
        .value("ROOT_LEVERAGE", ScoreKind::RootLeverage);
    nb::enum_<Approximation>(m, "Approximation", "How sensitivities are computed.")
        .value("EXACT", Approximation::Exact)
        .value("LEWIS", Approximation::Lewis)
        .value("BATCH", Approximation::Batch);
    nb::class_<Scores>(m, "Scores")
        .def_ro("values", &Scores::values, "Scores of the rows, [rows].")
        .def_ro("upperBounds", &Scores::upperBounds,
                "Bounds of the sensitivities by Lewis weights, [rows].")
        .def_ro("rank", &Scores::rank, "Rank of the matrix.")
        .def_ro("total", &Scores::total, "Sum of the scores.")
        .def_ro("largestGap", &Scores::largestGap,
                "Relative width of the certified interval around a sensitivity.");
    nb::class_<Sample>(m, "Sample")
        .def_ro("probabilities", &Sample::probabilities, "Of all rows, [rows].")
        .def_ro("rows", &Sample::rows, "Indices of the rows that were kept.")
        .def_ro("weights", &Sample::weights, "Factors of the rows that were kept.");
    nb::class_<Distortion>(m, "Distortion")
        .def_ro("maxRatio", &Distortion::maxRatio, "Largest ||SAx||^p / ||Ax||^p found.")
        .def_ro("minRatio", &Distortion::minRatio, "Smallest ratio found.")
        .def_ro("directions", &Distortion::directions, "Directions where searches started.")
        .def_prop_ro("value", &Distortion::value, "max |ratio - 1|.");
    m.def(
        "scores", scores, ReleaseLock(), "a"_a, "kind"_a = ScoreKind::Sensitivity, "p"_a = 1.0,
        "approximation"_a = Approximation::Exact, "rowWeights"_a = nb::none(), "seed"_a = 0,
        "Scores of the rows of a, [rows][columns] of float64 (not copied if rows are contiguous).");
    m.def("sample", sample, ReleaseLock(), "scores"_a, "rows"_a, "p"_a = 1.0, "rank"_a = 1,
          "seed"_a = 0, "Keeps each row with a probability; `rows` are expected to be kept.");
    m.def("sampleRootLeverage", drawRootLeverage, ReleaseLock(), "a"_a, "p"_a, "rows"_a,
          "rounds"_a = 3, "seed"_a = 0, "stream"_a = 0,
          "Keeps rows by root leverage scores in rounds, 1 <= p < 2.");
    m.def("distortion", distortion, ReleaseLock(), "a"_a, "rows"_a, "weights"_a, "p"_a = 1.0,
          "directions"_a = 2000, "search"_a = true, "seed"_a = 0,
          "How far ||SAx||_p^p / ||Ax||_p^p is from 1, the worst that a search finds.");
    m.def("fitLeastAbsolute", fitLeastAbsolute, ReleaseLock(), "a"_a, "b"_a,
          "weights"_a = Eigen::VectorXd(), "argmin_x sum_i weights_i |a_i x - b_i|.");
}
