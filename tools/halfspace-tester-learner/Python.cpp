// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.halfspace_tester_learner.
#include "AngularSweep.h"
#include "TesterLearner.h"

#include "support/PythonModule.h"

#include <nanobind/stl/tuple.h>

using namespace equivariant::halfspace_tester_learner;
using namespace equivariant::support;

namespace {

Outcome fit(const MatrixView& x, const VectorView& y, Noise noise, double eta, double eps,
            double delta, std::uint64_t seed, std::optional<Calibration> calibration) {
    Options options;
    options.noise = noise;
    options.eta = eta;
    options.eps = eps;
    options.delta = delta;
    options.seed = seed;
    return testAndLearn(x, y, options, calibration ? &*calibration : nullptr);
}

Calibration calibrateFor(Index d, Index n, Noise noise, double eta, double eps, int replicas,
                         std::uint64_t seed) {
    Options options;
    options.noise = noise;
    options.eta = eta;
    options.eps = eps;
    return calibrate(d, splitPoints(n).testing, chooseSigmas(n, d, options), replicas, seed);
}

} // namespace

NB_MODULE(halfspace_tester_learner, m) {
    translateErrors();
    m.doc() = "Linear classifiers with a verdict on whether to trust them: docs/tools/"
              "halfspace-tester-learner.md.";
    nb::enum_<Noise>(m, "Noise")
        .value("MASSART", Noise::Massart)
        .value("ADVERSARIAL", Noise::Adversarial);
    nb::enum_<Status>(m, "Status")
        .value("ACCEPTED", Status::Accepted)
        .value("REJECTED", Status::Rejected)
        .value("INSUFFICIENT", Status::Insufficient);
    nb::class_<TestResult>(m, "TestResult")
        .def_ro("name", &TestResult::name)
        .def_ro("sigma", &TestResult::sigma, "Of the candidate, 0 for a test of all points.")
        .def_ro("value", &TestResult::value)
        .def_ro("threshold", &TestResult::threshold)
        .def_prop_ro("passed", &TestResult::passed);
    nb::class_<Calibration>(m, "Calibration", "What statistics are for normal points.")
        .def_ro("dimension", &Calibration::dimension)
        .def_ro("points", &Calibration::points, "Of the test part.");
    nb::class_<Outcome>(m, "Outcome")
        .def_ro("status", &Outcome::status)
        .def_ro("reason", &Outcome::reason)
        .def_ro("w", &Outcome::w, "Normal of the plane; trust it only if the status is ACCEPTED.")
        .def_ro("sigma", &Outcome::sigma)
        .def_ro("error", &Outcome::error, "On points that neither learned nor tested.")
        .def_ro("radius", &Outcome::radius, "Of its interval, with probability 1 - delta.")
        .def_ro("disagreement", &Outcome::disagreement,
                "Halfspaces at small angles disagree on at most this times angle/pi.")
        .def_ro("gradient", &Outcome::gradient)
        .def_ro("candidates", &Outcome::candidates)
        .def_ro("isOneClass", &Outcome::isOneClass)
        .def_ro("tests", &Outcome::tests);
    m.def("testAndLearn", fit, ReleaseLock(), "x"_a, "y"_a, "noise"_a = Noise::Massart,
          "eta"_a = 0.0, "eps"_a = 0.05, "delta"_a = 0.01, "seed"_a = 0,
          "calibration"_a = nb::none(),
          "Learns sign(<w, x>) and tests the points, [n][d] of float64; y is -1 or 1.");
    m.def("calibrate", calibrateFor, ReleaseLock(), "d"_a, "n"_a, "noise"_a = Noise::Massart,
          "eta"_a = 0.0, "eps"_a = 0.05, "replicas"_a = 200, "seed"_a = 0,
          "For fits of n points in d dimensions.");
    m.def("predict", predict, ReleaseLock(), "x"_a, "w"_a, "-1 or 1 for each row; a tie is 1.");
    m.def(
        "whiten",
        [](const MatrixView& x) {
            const Whitening whitening = whiten(x);
            return std::tuple(whitening.mean, whitening.map);
        },
        "x"_a, "(mean, map): (x - mean) @ map has mean 0 and second moments 1.");
    m.def(
        "sweepAngles",
        [](const MatrixView& x, const VectorView& y) {
            const BestHalfspace best = sweepAngles(x, y);
            return std::tuple(best.error, best.angle);
        },
        ReleaseLock(), "x"_a, "y"_a, "(smallest error, its angle) of all halfspaces in the plane.");
}
