// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.pac_invariant_representations.
#include "Bounds.h"
#include "Icp.h"
#include "Sem.h"

#include "support/PythonModule.h"

using namespace equivariant::pac_invariant_representations;
using namespace equivariant::support;

namespace {

SearchOptions makeOptions(double eps, bool relative, double eta, int mostFeatures, Head head) {
    SearchOptions options;
    options.eps = eps;
    options.relative = relative;
    options.eta = eta;
    options.mostFeatures = mostFeatures;
    options.head = head;
    return options;
}

SearchResult fitSubsets(const std::vector<Environment>& environments, double eps, bool relative,
                        double eta, int mostFeatures, Head head) {
    return searchSubsets(environments, makeOptions(eps, relative, eta, mostFeatures, head),
                         independentFeatures(environments));
}

SearchResult fitGeneral(const std::vector<Environment>& environments, double eps, bool relative,
                        double eta, int rank, int restarts, std::uint64_t seed) {
    return optimiseGeneral(environments,
                           {makeOptions(eps, relative, eta, rank, Head::Pooled), restarts, seed});
}

Certificate certifyRepresentation(const Eigen::MatrixXd& phi, const Eigen::VectorXd& w,
                                  const std::vector<Environment>& heldOut, double eps,
                                  bool relative, double eta) {
    return certify({phi, w}, heldOut, makeOptions(eps, relative, eta, 1, Head::Pooled));
}

void bindResults(nb::module_& m) {
    nb::class_<Candidate>(m, "Candidate")
        .def_prop_ro(
            "phi", [](const Candidate& c) { return c.representation.phi; },
            "Rows of the representation, [r][n].")
        .def_prop_ro(
            "w", [](const Candidate& c) { return c.representation.w; }, "Head, [r].")
        .def_ro("features", &Candidate::features, "Of a subset, else empty.")
        .def_ro("error", &Candidate::error, "Mean over environments of the mean squared error.")
        .def_ro("largestNorm", &Candidate::largestNorm, "Largest |g|.")
        .def_ro("largestRelative", &Candidate::largestRelative, "The same without units.")
        .def_ro("largestSlack", &Candidate::largestSlack)
        .def_ro("isInvariant", &Candidate::isInvariant);
    nb::class_<SearchResult>(m, "SearchResult")
        .def_ro("found", &SearchResult::found)
        .def_ro("best", &SearchResult::best, "If none is invariant, the closest.")
        .def_ro("candidates", &SearchResult::candidates)
        .def_ro("invariant", &SearchResult::invariant);
    nb::class_<Certificate>(m, "Certificate")
        .def_ro("environments", &Certificate::environments)
        .def_ro("violations", &Certificate::violations)
        .def_ro("withinSlack", &Certificate::withinSlack)
        .def_ro("upperBound", &Certificate::upperBound, "Of the share of violated environments.")
        .def_ro("largestNorm", &Certificate::largestNorm)
        .def_ro("largestRelative", &Certificate::largestRelative)
        .def_ro("smallestError", &Certificate::smallestError)
        .def_ro("largestError", &Certificate::largestError);
}

} // namespace

NB_MODULE(pac_invariant_representations, m) {
    translateErrors();
    m.doc() = "Linear readouts that hold across environments: docs/tools/"
              "pac-invariant-representations.md.";
    nb::enum_<Head>(m, "Head").value("POOLED", Head::Pooled).value("MINIMAX", Head::Minimax);
    nb::class_<Environment>(m, "Environment", "Second moments of one environment.")
        .def_ro("name", &Environment::name)
        .def_ro("xx", &Environment::xx, "[n][n]")
        .def_ro("xy", &Environment::xy, "[n]")
        .def_ro("yy", &Environment::yy)
        .def_ro("samples", &Environment::samples, "0: exact moments.");
    m.def(
        "environment",
        nb::overload_cast<const std::string&, const MatrixView&, const VectorView&>(&environmentOf),
        "name"_a, "features"_a, "target"_a, "From rows, which are centred.");
    m.def(
        "environmentOfCovariance",
        nb::overload_cast<const std::string&, const Eigen::MatrixXd&, Eigen::Index>(&environmentOf),
        "name"_a, "covariance"_a, "target"_a, "From the covariance of all variables.");
    m.def(
        "residual",
        [](const Environment& environment, const Eigen::MatrixXd& phi, const Eigen::VectorXd& w) {
            return residual(environment, {phi, w}).g;
        },
        "environment"_a, "phi"_a, "w"_a, "Phi E[XX^T] Phi^T w - Phi E[XY].");
    bindResults(m);
    m.def("searchSubsets", fitSubsets, ReleaseLock(), "environments"_a, "eps"_a = 0.1,
          "relative"_a = false, "eta"_a = 0.05, "mostFeatures"_a = 3, "head"_a = Head::Pooled,
          "The invariant set of features with the smallest error.");
    m.def("optimiseGeneral", fitGeneral, ReleaseLock(), "environments"_a, "eps"_a = 0.1,
          "relative"_a = false, "eta"_a = 0.05, "rank"_a = 3, "restarts"_a = 8, "seed"_a = 0,
          "The same for directions in feature space.");
    m.def("certify", certifyRepresentation, ReleaseLock(), "phi"_a, "w"_a, "heldOut"_a,
          "eps"_a = 0.1, "relative"_a = false, "eta"_a = 0.05,
          "Counts violations in environments that took no part in the search.");
    m.def("clopperPearson", clopperPearson, "violations"_a, "environments"_a, "eta"_a,
          "Exact upper confidence bound of a probability.");
    m.def(
        "invarianceTest",
        [](const std::vector<Matrix>& features, const std::vector<Eigen::VectorXd>& targets,
           const std::vector<int>& subset) {
            if (features.size() != targets.size())
                throw equivariant::Error("as many targets as sets of features are needed");
            std::vector<Samples> samples;
            for (std::size_t t = 0; t < features.size(); t++)
                samples.push_back({features[t], targets[t]});
            return invarianceTest(samples, subset);
        },
        "features"_a, "targets"_a, "subset"_a, "p of the test of invariant causal prediction.");
    m.def("onObserved", onObserved, "phi"_a, "o"_a, "Phi O^+.");
}
