// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.one_connection_rule.
#include "Covariance.h"
#include "Identification.h"
#include "Residual.h"
#include "Simulation.h"
#include "Vanishing.h"

#include "support/PythonModule.h"

#include <nanobind/stl/pair.h>

using namespace equivariant::one_connection_rule;
using namespace equivariant::support;

namespace {

std::pair<std::string, std::vector<std::string>> formulaOf(const MixedGraph& graph, int i, int j) {
    for (int vertex : {i, j})
        if (vertex < 0 || vertex >= graph.n)
            throw equivariant::Error("vertex " + std::to_string(vertex) + " is out of range");
    CovarianceFormula formula(graph);
    std::vector<std::string> factors;
    for (int vertex : {i, j})
        for (const Polynomial& factor : formula.denominatorFactors(vertex))
            factors.push_back(factor.toString());
    return {formula.numerator(i, j).toString(), factors};
}

std::vector<double> checkValues(const MixedGraph& graph, const VectorView& values) {
    if (values.size() != graph.countParameters())
        throw equivariant::Error(std::to_string(values.size()) + " values for " +
                                 std::to_string(graph.countParameters()) + " parameters");
    return {values.begin(), values.end()};
}

Matrix covarianceOf(const MixedGraph& graph, const VectorView& values) {
    return evaluateNumerically(graph, checkValues(graph, values)).sigma;
}

Matrix samplesOf(const MixedGraph& graph, const VectorView& values, int count, std::uint64_t seed) {
    if (count < 0)
        throw equivariant::Error("a negative number of samples");
    return simulate(graph, checkValues(graph, values), count, seed);
}

std::vector<std::string> parametersOf(const MixedGraph& graph) {
    const RingPointer ring = makeParameterRing(graph);
    std::vector<std::string> names;
    for (int k = 0; k < ring->size(); k++)
        names.push_back(ring->variable(k));
    return names;
}

std::pair<std::vector<long>, std::vector<std::string>>
vanishingOf(const MixedGraph& graph, int maxDegree, std::uint64_t seed) {
    const VanishingIdeal ideal = findVanishing(graph, maxDegree, seed);
    std::vector<std::string> generators;
    for (const auto& [polynomial, degree] : ideal.generators)
        generators.push_back(polynomial.toString());
    return {ideal.dimensions, generators};
}

std::vector<Residual> residualsOf(const std::vector<std::string>& polynomials,
                                  const MatrixView& data) {
    const Matrix covariance = sampleCovariance(data);
    const RingPointer ring = makeCovarianceRing(static_cast<int>(data.cols()));
    std::vector<Residual> residuals;
    for (const std::string& text : polynomials)
        residuals.push_back(computeResidual(Polynomial::parse(ring, text), covariance,
                                            static_cast<long>(data.rows())));
    return residuals;
}

} // namespace

NB_MODULE(one_connection_rule, m) {
    translateErrors();
    m.doc() = "Linear structural equation models with feedback: docs/tools/one-connection-rule.md.";
    nb::class_<MixedGraph>(m, "MixedGraph")
        .def(nb::init<int, std::vector<MixedGraph::Edge>, std::vector<MixedGraph::Edge>>(), "n"_a,
             "directed"_a, "bidirected"_a = std::vector<MixedGraph::Edge>(),
             "Lists of pairs of vertices from 0.")
        .def_ro("n", &MixedGraph::n)
        .def("isSimple", &MixedGraph::isSimple, "At most one edge between any two vertices.")
        .def("parameters", parametersOf, "Names of the parameters, in the order of all values.");
    nb::class_<Identification>(m, "Identification")
        .def_ro("parameters", &Identification::parameters)
        .def_ro("rank", &Identification::rank, "Of the Jacobian of the covariances.")
        .def_ro("isFinite", &Identification::isFinite, "Whether rank = parameters.");
    nb::class_<Residual>(m, "Residual")
        .def_ro("value", &Residual::value)
        .def_ro("standardError", &Residual::standardError)
        .def_ro("z", &Residual::z);
    m.def("formula", formulaOf, ReleaseLock(), "graph"_a, "i"_a, "j"_a,
          "sigma_ij as (numerator, factors of the denominator).");
    m.def("covariance", covarianceOf, ReleaseLock(), "graph"_a, "values"_a,
          "Covariance matrix [n][n] for values of graph.parameters().");
    m.def("simulate", samplesOf, ReleaseLock(), "graph"_a, "values"_a, "count"_a, "seed"_a = 0,
          "Samples with normal noise, [count][n].");
    m.def("identify", identify, ReleaseLock(), "graph"_a, "seed"_a = 0,
          "Whether the covariances determine the parameters up to finitely many choices.");
    m.def("vanishing", vanishingOf, ReleaseLock(), "graph"_a, "maxDegree"_a, "seed"_a = 0,
          "(dimensions by degree, generators) of the polynomials in the covariances that are 0 on "
          "the\n"
          "model.");
    m.def("residuals", residualsOf, ReleaseLock(), "polynomials"_a, "data"_a,
          "Such polynomials on data [rows][n], with standard errors for normal data.");
}
