// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.probabilistic_world.
#include "Automaton.h"
#include "Msm.h"
#include "TwoQubits.h"

#include "support/PythonModule.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/tuple.h>

using namespace equivariant::probabilistic_world;
using namespace equivariant::support;

namespace {

using BoundaryTuple = std::tuple<double, Eigen::VectorXd, Eigen::VectorXd>;

StepPointer ising(const Eigen::VectorXd& time, std::optional<Eigen::VectorXd> fields,
                  const std::vector<std::tuple<int, int, double>>& pairs) {
    IsingCouplings couplings;
    couplings.time = time;
    if (fields)
        couplings.fields = *fields;
    for (const auto& [a, b, coupling] : pairs)
        couplings.pairs.push_back({a, b, coupling});
    return isingStep(couplings);
}

Sweep sweepChain(std::vector<StepPointer> steps, const std::vector<BoundaryTuple>& boundaries) {
    Chain chain{std::move(steps), {}};
    for (const auto& [weight, initial, final] : boundaries)
        chain.boundaries.push_back({weight, initial, final});
    return Sweep(std::move(chain));
}

Matrix probabilities(const Sweep& sweep, int first, int last) {
    const std::vector<Slice> slices = sweep.slices(first, last);
    Matrix p(last - first + 1, slices[0].f.rows());
    for (int t = first; t <= last; t++)
        p.row(t - first) = slices[t - first].probabilities().transpose();
    return p;
}

std::vector<std::pair<double, std::int64_t>> levels(const Automaton& automaton) {
    std::vector<std::pair<double, std::int64_t>> list;
    for (const auto& level : automaton.levels())
        list.emplace_back(level.phase(), level.multiplicity);
    return list;
}

void addChains(nb::module_& m) {
    nb::class_<Step>(m, "Step", "Weights of one step in time.")
        .def("toDense", &Step::toDense, "[after][before] times exp(-logFactor).")
        .def_prop_ro("logFactor", &Step::logFactor);
    m.def("denseStep", denseStep, "weights"_a, "Weights >= 0, [after][before].");
    m.def("permutationStep", permutationStep, "next"_a, "State tau goes to next[tau].");
    m.def("isingStep", ising, "time"_a, "fields"_a = nb::none(),
          "pairs"_a = std::vector<std::tuple<int, int, double>>(),
          "exp(sum time s' s + sum J s_a s_b + sum field s); pairs are (a, b, J).");
    m.def("largestEigenvalue", largestEigenvalue, ReleaseLock(), "step"_a, "Of T exp(-logFactor).");
    m.def("spectrum", spectrum, ReleaseLock(), "step"_a,
          "Eigenvalues of T over the largest, by falling modulus.");
    nb::class_<Sweep>(m, "Sweep", "Both wave functions of a chain at all times.")
        .def_prop_ro("logZ", &Sweep::logZ, "Logarithm of the sum of all weights.")
        .def_prop_ro("length", &Sweep::length, "Number of steps.")
        .def(
            "f", [](const Sweep& s, int time) { return s.slice(time).f; }, "time"_a,
            "Classical wave functions, [states][boundary pairs].")
        .def(
            "q", [](const Sweep& s, int time) { return s.slice(time).q; }, "time"_a,
            "Their conjugates, such that rho' = f q^T has trace 1.")
        .def("probabilities", probabilities, ReleaseLock(), "first"_a, "last"_a,
             "p(t), [times][states].")
        .def("correlate", correlate, ReleaseLock(), "a"_a, "b"_a, "time"_a, "lags"_a,
             "<A(time + k) B(time)> for k = 0 … lags; a and b are [states].");
    m.def("sweep", sweepChain, ReleaseLock(), "steps"_a, "boundaries"_a,
          "A chain of steps with boundary pairs (weight, initial, final).");
    m.def("spinProduct", spinProduct, "spins"_a, "which"_a,
          "The product of some of `spins` spins, [2^spins]; spin 0 is the most significant bit.");
}

void addMsms(nb::module_& m) {
    nb::class_<Msm>(m, "Msm", "A Markov-state model.")
        .def_ro("transitions", &Msm::transitions, "[from][to]")
        .def_ro("stationary", &Msm::stationary, "Stationary distribution, [states].")
        .def_prop_ro("timescales", timescales, "In steps of the trajectory.");
    nb::class_<TransitionPaths>(m, "TransitionPaths")
        .def_ro("forward", &TransitionPaths::forward, "Committor q+.")
        .def_ro("backward", &TransitionPaths::backward, "Committor q-.")
        .def_ro("density", &TransitionPaths::density, "mu q+ q- / Z_AB.")
        .def_ro("probability", &TransitionPaths::probability, "Z_AB.")
        .def_ro("flux", &TransitionPaths::flux, "Paths a lag time.")
        .def_ro("rate", &TransitionPaths::rate, "A lag time.");
    m.def("estimateMsm", estimateMsm, ReleaseLock(), "trajectory"_a, "states"_a, "lag"_a = 1,
          "Counts transitions; trajectory: float64 states 0 … states-1.");
    m.def("makeMsm", makeMsm, "transitions"_a, "lag"_a = 1,
          "Of known transition probabilities, [from][to].");
    m.def("transitionPaths", transitionPaths, ReleaseLock(), "msm"_a, "a"_a, "b"_a,
          "Transition path theory from the states a to the states b.");
}

void addQubits(nb::module_& m) {
    nb::class_<Joint>(m, "Joint")
        .def_ro("exists", &Joint::exists)
        .def_ro("visibility", &Joint::visibility, "Largest factor of the means with a joint.")
        .def_ro("probabilities", &Joint::probabilities, "[2^spins], if it exists.")
        .def_ro("coefficients", &Joint::coefficients, "Of a violated inequality, if not.")
        .def_ro("bound", &Joint::bound)
        .def_ro("value", &Joint::value);
    m.def(
        "findJoint",
        [](int spins, const std::vector<std::pair<std::vector<int>, double>>& moments) {
            std::vector<Moment> list;
            for (const auto& [which, value] : moments)
                list.push_back({which, value});
            return findJoint(spins, list);
        },
        "spins"_a, "moments"_a, "Moments are (spins of a product, mean).");
    m.def("correlationMap", correlationMap, "means"_a, "A joint of 6 bits for 4 x 4 means.");
    m.def(
        "wernerMeans",
        [](double visibility, double angle) { return pauliMeans(wernerState(visibility, angle)); },
        "visibility"_a, "angle"_a = 0.0, "4 x 4 means of a singlet with noise.");
    m.def("largestChsh", largestChsh, "means"_a, "2 sqrt(m1 + m2).");
}

} // namespace

NB_MODULE(probabilistic_world, m) {
    translateErrors();
    m.doc() = "Chains of classical probability in quantum language: docs/tools/"
              "probabilistic-world.md.";
    addChains(m);
    addMsms(m);
    addQubits(m);
    nb::class_<Automaton>(m, "Automaton", "A deterministic reversible rule.")
        .def(nb::init<std::vector<int>>(), "next"_a)
        .def_prop_ro(
            "numCycles", [](const Automaton& a) { return a.cycles().size(); }, "Number of cycles.")
        .def_prop_ro("levels", levels, "Eigenphases with their multiplicities, ascending.")
        .def("after", &Automaton::after, "steps"_a, "Where each state is after some steps.")
        .def("applyHamiltonian", &Automaton::applyHamiltonian, "psi"_a, "eps"_a = 1.0,
             "H psi with H = (i/eps) log U.");
    m.def("shift", shift, "sites"_a, "Transport to the right on periodic sites.");
}
