// SPDX-License-Identifier: MIT
//
// The engine's PONITA against the reference, for every variant of the model file.
#include "EdgesOf.h"
#include "equivariant/Error.h"
#include "support/Compare.h"
#include "support/PonitaModels.h"
#include "support/PonitaVariants.h"
#include "support/Throws.h"

#include <cmath>

using namespace equivariant;
using namespace equivariant::test;

namespace {

using nlohmann::json;

/// A molecule; a crystal whose cell is shorter than two cutoffs where the model has a cutoff. One
/// atom has no neighbors; one bond lies along an axis.
Structure structureFor(const PonitaParameters& parameters) {
    Structure structure;
    structure.atomicNumbers = {8, 1, 6, 1, 6, 8};
    structure.positions = {{0.11, 0.23, -0.12}, {0.92, 0.41, 0.33},  {-0.43, 1.25, 0.37},
                           {-0.75, -0.9, 0.84}, {1.7, -0.84, -0.95}, {0.92, 1.61, 0.33}};
    if (parameters.getDimension() == 2) {
        for (Eigen::Vector3d& position : structure.positions)
            position[2] = 0.3;
    } else if (!std::isinf(parameters.cutoff)) {
        structure.cell << 6.1, 0, 0, 0.7, 5.2, 0, -0.5, 0.6, 5.5;
        structure.periodic = {true, true, false};
        structure.atomicNumbers.push_back(1);
        structure.positions.emplace_back(0, 0, 40);
    }
    return structure;
}

struct Outcome {
    std::vector<double> nodeEnergies, forcesAndVirial;
};

template <class Real>
Outcome evaluate(const PonitaParameters& parameters, const Graph& graph,
                 const std::vector<int>& species, const EvaluatorOptions& options = {},
                 int threads = 1) {
    const auto prepared = preparePonita<Real>(
        parameters, options, std::vector<bool>(parameters.atomicNumbers.size(), true));
    const auto network = prepared->makeNetwork();
    const auto workers = makeWorkers(threads);
    const Edges edges = edgesOf(graph);
    NetworkResult result;
    network->evaluate({edges, species, 0, false, *workers}, result);
    EXPECT_TRUE(result.edgeGradients.empty());
    const std::vector<double> energies = result.nodeEnergies;
    network->evaluate({edges, species, 0, true, *workers}, result);
    EXPECT_EQ(result.nodeEnergies, energies); // and the buffers can be used again
    return {energies, forcesAndVirial(graph, result.edgeGradients)};
}

Outcome evaluateReference(const PonitaParameters& parameters, const Graph& graph,
                          const std::vector<int>& species) {
    const NetworkOutput output = evaluatePonita(parameters, graph, species, true);
    return {{output.nodeEnergies.data(), output.nodeEnergies.data() + output.nodeEnergies.size()},
            forcesAndVirial(graph, output.edgeGradients)};
}

double rms(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values)
        sum += value * value;
    return std::sqrt(sum / static_cast<double>(values.size()));
}

/// Root mean square difference over root mean square.
double relativeError(const std::vector<double>& found, const std::vector<double>& expected) {
    std::vector<double> difference;
    for (std::size_t i = 0; i < expected.size(); i++)
        difference.push_back(found[i] - expected[i]);
    return rms(difference) / rms(expected);
}

class PonitaEngine : public ::testing::TestWithParam<PonitaVariant> {
protected:
    PonitaEngine() {
        const Structure structure = structureFor(parameters);
        graph = buildGraph(structure, parameters.cutoff);
        for (const int z : structure.atomicNumbers)
            species.push_back(model->getSpecies(z));
        expected = evaluateReference(parameters, graph, species);
        exact.exactRadial = true;
    }
    std::shared_ptr<const Model> model = makeModel(GetParam());
    const PonitaParameters& parameters = ponitaOf(*model);
    Graph graph;
    std::vector<int> species;
    Outcome expected;
    EvaluatorOptions exact;
};

TEST_P(PonitaEngine, ExactKernelsGiveTheReferenceInDouble) {
    const Outcome found = evaluate<double>(parameters, graph, species, exact);
    EXPECT_TRUE(allClose(found.nodeEnergies, expected.nodeEnergies, 1e-11));
    EXPECT_TRUE(allClose(found.forcesAndVirial, expected.forcesAndVirial, 1e-11));
}

TEST_P(PonitaEngine, ExactKernelsInSinglePrecisionAreClose) {
    const Outcome found = evaluate<float>(parameters, graph, species, exact);
    EXPECT_LT(relativeError(found.nodeEnergies, expected.nodeEnergies), 2e-6);
    EXPECT_LT(relativeError(found.forcesAndVirial, expected.forcesAndVirial), 2e-5);
}

EvaluatorDescription describe(const PreparedNetwork& network) {
    EvaluatorDescription description;
    network.describe(description);
    return description;
}

TEST_P(PonitaEngine, TablesStayWithinTheirError) {
    const EvaluatorDescription description = describe(*preparePonita<double>(parameters, {}, {}));
    const bool hasTables = description.tableMegabytes > 0;
    EXPECT_EQ(hasTables, !std::isinf(parameters.cutoff) && parameters.hasGrid() &&
                             parameters.kernelType == PonitaKernel::Mlp);
    EXPECT_EQ(description.tableError > 0, hasTables);
    // That of the steepest slope; sums over edges are far closer.
    EXPECT_LE(description.tableError, 1e-5);
    const double bound = std::clamp(description.tableError, 1e-11, 1e-6);
    const Outcome found = evaluate<double>(parameters, graph, species);
    EXPECT_LT(relativeError(found.nodeEnergies, expected.nodeEnergies), bound);
    EXPECT_LT(relativeError(found.forcesAndVirial, expected.forcesAndVirial), bound);
}

TEST_P(PonitaEngine, TablesInSinglePrecisionAreClose) {
    // The largest one, of a slope: that of most slopes, and so of forces, is far smaller.
    EXPECT_LE(describe(*preparePonita<float>(parameters, {}, {})).tableError, 5e-4);
    const Outcome found = evaluate<float>(parameters, graph, species);
    EXPECT_LT(relativeError(found.nodeEnergies, expected.nodeEnergies), 2e-6);
    EXPECT_LT(relativeError(found.forcesAndVirial, expected.forcesAndVirial), 2e-5);
}

TEST_P(PonitaEngine, WorkersDoNotChangeABit) {
    for (const EvaluatorOptions& options : {EvaluatorOptions(), exact}) {
        const Outcome one = evaluate<double>(parameters, graph, species, options, 1);
        const Outcome two = evaluate<double>(parameters, graph, species, options, 2);
        EXPECT_EQ(one.nodeEnergies, two.nodeEnergies);
        EXPECT_EQ(one.forcesAndVirial, two.forcesAndVirial);
    }
}

INSTANTIATE_TEST_SUITE_P(Variants, PonitaEngine, ::testing::ValuesIn(ponitaVariants()),
                         [](const auto& info) { return info.param.name; });

/// The basis of one cluster's kernels, 252 MB, is kept; that of two is evaluated again and again.
TEST(PonitaEngineMemory, ManyPairsGiveTheSame) {
    const auto model =
        makeModel({"wide",
                   {{"space", "R3xS2-point-cloud"}, {"basis_dim", 64}, {"lifted_envelope", true}},
                   ""});
    const PonitaParameters& parameters = ponitaOf(*model);
    Structure one, two;
    for (int k = 0; k < 27; k++) // no three in a line
        one.positions.emplace_back(0.9 * (k % 3) + 0.1 * std::sin(k),
                                   0.9 * (k / 3 % 3) + 0.1 * std::sin(2 * k),
                                   0.9 * (k / 9) + 0.1 * std::sin(3 * k));
    one.atomicNumbers.assign(27, 6);
    two = one;
    for (const Eigen::Vector3d& position : one.positions)
        two.positions.emplace_back(position + Eigen::Vector3d(0, 0, 20));
    two.atomicNumbers.assign(54, 6);
    EvaluatorOptions exact;
    exact.exactRadial = true;
    const Outcome ofOne = evaluate<double>(parameters, buildGraph(one, parameters.cutoff),
                                           std::vector<int>(27, 1), exact);
    const Outcome ofTwo = evaluate<double>(parameters, buildGraph(two, parameters.cutoff),
                                           std::vector<int>(54, 1), exact);
    for (std::size_t i = 0; i < 54; i++)
        EXPECT_DOUBLE_EQ(ofTwo.nodeEnergies[i], ofOne.nodeEnergies[i % 27]);
    for (std::size_t i = 0; i < 3 * 54; i++)
        EXPECT_NEAR(ofTwo.forcesAndVirial[i], ofOne.forcesAndVirial[i % 81], 1e-12);
}

TEST(PonitaEngineErrors, AtomsOutOfThePlaneAreNamed) {
    const PonitaVariant plane{"plane", {{"space", "R2xS1"}}, "circle-7"};
    const auto model = makeModel(plane);
    Structure structure = structureFor(ponitaOf(*model));
    structure.positions[2][2] = 0.5;
    const Graph graph = buildGraph(structure, ponitaOf(*model).cutoff);
    const std::vector<int> species(structure.positions.size(), 0);
    EXPECT_TRUE(
        throwsNaming<Error>("planar", [&] { evaluate<double>(ponitaOf(*model), graph, species); }));
}

TEST(PonitaEngineErrors, NetworksOfNodeOutputsAreRefused) {
    json config = ponitaConfig();
    config["task_level"] = "node";
    for (const char* key : {"scale", "shift", "atomic_numbers", "input_index"})
        config.erase(key);
    const auto model = RandomPonita(config).make();
    EXPECT_TRUE(throwsNaming<Error>("no potential",
                                    [&] { preparePonita<float>(ponitaOf(*model), {}, {}); }));
}

} // namespace
