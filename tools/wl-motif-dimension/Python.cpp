// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.wl_motif_dimension.
#include "BondGraph.h"
#include "ColourTable.h"
#include "Dimension.h"
#include "Homomorphisms.h"
#include "Treewidth.h"
#include "Witness.h"

#include "support/PythonModule.h"

#include <nanobind/stl/array.h>
#include <nanobind/stl/pair.h>

using namespace equivariant::wl_motif_dimension;
using namespace equivariant::support;

namespace {

using Integers = Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using IntegerVector = Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>;

int toInt(std::int64_t value) {
    if (value < -1 || value > std::numeric_limits<int>::max())
        throw equivariant::Error(std::to_string(value) + " is out of range");
    return static_cast<int>(value);
}

LabelledGraph makeGraph(int size, const Integers& edges,
                        const std::optional<IntegerVector>& labels) {
    if (edges.rows() > 0 && edges.cols() != 2 && edges.cols() != 3)
        throw equivariant::Error("edges has " + std::to_string(edges.cols()) +
                                 " columns instead of 2, or 3 with labels");
    std::vector<LabelledGraph::Edge> list;
    for (Eigen::Index row = 0; row < edges.rows(); row++)
        list.push_back({toInt(edges(row, 0)), toInt(edges(row, 1)),
                        edges.cols() == 3 ? toInt(edges(row, 2)) : 0});
    std::vector<int> names;
    for (Eigen::Index v = 0; labels && v < labels->size(); v++)
        names.push_back(toInt((*labels)[v]));
    return {size, list, names};
}

Integers edgeArray(const LabelledGraph& graph) {
    const auto edges = graph.edges();
    Integers array(edges.size(), 3);
    for (std::size_t k = 0; k < edges.size(); k++)
        array.row(static_cast<Eigen::Index>(k)) << edges[k].from, edges[k].to, edges[k].label;
    return array;
}

/// Python's int has no limit.
nb::object toPython(const mpz_class& value) {
    return nb::steal(PyLong_FromString(value.get_str().c_str(), nullptr, 10));
}

nb::object toPython(const mpq_class& value) {
    return nb::module_::import_("fractions")
        .attr("Fraction")(toPython(value.get_num()), toPython(value.get_den()));
}

Parameter parameterOf(const LabelledGraph& pattern, const std::string& mode) {
    return makeParameter(Pattern(pattern), parseMode(mode));
}

nb::object countCopies(const LabelledGraph& pattern, const LabelledGraph& graph,
                       const std::string& mode) {
    mpz_class count;
    {
        const nb::gil_scoped_release release;
        std::set<int> edgeLabels;
        for (const LabelledGraph* one : {&pattern, &graph})
            for (const LabelledGraph::Edge& edge : one->edges())
                edgeLabels.insert(edge.label);
        const EdgeKinds kinds = anyKinds(pattern, edgeLabels);
        count = evaluateCount(makeParameter(Pattern(pattern), parseMode(mode), kinds), graph);
    }
    return toPython(count);
}

std::pair<int, int> dimensionOf(const LabelledGraph& pattern, const std::string& mode,
                                bool boundsOnly) {
    const Dimension found = boundsOnly ? boundDimension(Pattern(pattern), parseMode(mode))
                                       : computeDimension(parameterOf(pattern, mode));
    return {found.lower, found.upper};
}

nb::list expand(const LabelledGraph& pattern, const std::string& mode) {
    nb::list terms;
    for (const auto& [member, coefficient] : parameterOf(pattern, mode).terms())
        terms.append(nb::make_tuple(member.toGraph(), toPython(coefficient)));
    return terms;
}

nb::object witnessOf(const LabelledGraph& pattern, const std::string& mode) {
    const std::optional<Witness> found = findWitness(parameterOf(pattern, mode));
    if (!found)
        return nb::none();
    return nb::make_tuple(found->first, found->second, toPython(found->firstValue),
                          toPython(found->secondValue));
}

std::vector<IntegerVector> coloursOf(const std::vector<LabelledGraph>& graphs, int k) {
    std::vector<IntegerVector> arrays;
    for (const std::vector<int>& colours : refine(graphs, k).colours)
        arrays.push_back(
            Eigen::Map<const Eigen::VectorXi>(colours.data(), Eigen::Index(colours.size()))
                .cast<std::int64_t>());
    return arrays;
}

LabelledGraph bondGraph(const MatrixView& positions, const IntegerVector& numbers,
                        const std::string& cutoff, const std::optional<Eigen::Matrix3d>& cell,
                        bool labels) {
    if (positions.cols() != 3 || positions.rows() != numbers.size())
        throw equivariant::Error("positions have to be [atoms][3]");
    equivariant::Structure structure;
    for (Eigen::Index i = 0; i < numbers.size(); i++) {
        if (numbers[i] < 1 || numbers[i] > 118)
            throw equivariant::Error(std::to_string(numbers[i]) + " is not an atomic number");
        structure.atomicNumbers.push_back(static_cast<int>(numbers[i]));
        structure.positions.push_back(positions.row(i));
    }
    if (cell) {
        structure.cell = *cell;
        structure.periodic = {true, true, true};
    }
    return makeBondGraph(structure, BondRule(cutoff), labels);
}

} // namespace

NB_MODULE(wl_motif_dimension, m) {
    translateErrors();
    m.doc() = "Which k-WL fixes the number of copies of a pattern, and the numbers: docs/tools/"
              "wl-motif-dimension.md. k-WL is the folklore version throughout.";
    nb::class_<LabelledGraph>(m, "Graph")
        .def(
            "__init__",
            [](LabelledGraph* self, int size, const Integers& edges,
               const std::optional<IntegerVector>& labels) {
                new (self) LabelledGraph(makeGraph(size, edges, labels));
            },
            "size"_a, "edges"_a, "labels"_a = nb::none(),
            "Undirected graph. edges: [edges][2], or [edges][3] with labels from 1; labels of\n"
            "vertices: [size], from 1; 0 is no label.")
        .def_static("named", namedGraph, "name"_a,
                    "P4, C6, K4, K3,3, S3, 2K2, paw, petersen, rook, ...")
        .def_static("fromGraph6", parseGraph6, "text"_a)
        .def("toGraph6", formatGraph6, "Without labels.")
        .def_prop_ro("size", &LabelledGraph::size)
        .def_prop_ro("edges", edgeArray, "[edges][3]: from, to, label.");
    m.def("dimension", dimensionOf, ReleaseLock(), "pattern"_a, "mode"_a = "sub",
          "boundsOnly"_a = false,
          "(lower, upper) of the least k such that k-WL fixes the number of copies (mode sub), "
          "induced\n"
          "copies (ind) or homomorphisms (hom) of a pattern; equal unless boundsOnly.");
    m.def("count", countCopies, "pattern"_a, "graph"_a, "mode"_a = "sub",
          "Number of copies of a pattern in a graph, an exact int. Labels have to match.");
    m.def("expand", expand, "pattern"_a, "mode"_a = "sub",
          "[(graph, coefficient)]: the number as a sum of numbers of homomorphisms (spasm).");
    m.def(
        "treewidth",
        [](const LabelledGraph& graph) {
            const Treewidth width = computeTreewidth(Pattern(graph));
            return std::pair(width.lower, width.upper);
        },
        "graph"_a, "(lower, upper); equal up to 16 vertices, at most 64.");
    m.def(
        "colours", coloursOf, ReleaseLock(), "graphs"_a, "k"_a,
        "Stable k-WL colours of all k-tuples of vertices, one array [size^k] a graph, comparable\n"
        "between the graphs.");
    m.def("isEquivalent", isEquivalent, ReleaseLock(), "a"_a, "b"_a, "k"_a,
          "Whether k-WL cannot tell two graphs apart.");
    m.def(
        "witness", witnessOf, "pattern"_a, "mode"_a = "sub",
        "(graph, graph, count, count): (dimension-1)-WL cannot tell the graphs apart, the counts\n"
        "differ. None if no such pair was found.");
    m.def("bondGraph", bondGraph, ReleaseLock(), "positions"_a, "atomicNumbers"_a, "cutoff"_a,
          "cell"_a = nb::none(), "labels"_a = false,
          "Graph of atoms closer than a cutoff: \"1.9\" or \"Si-O=2.0,O-H=1.2\" (Å). With a cell "
          "it is\n"
          "periodic. labels: atomic numbers are labels.");
}
