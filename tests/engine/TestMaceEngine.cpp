// SPDX-License-Identifier: MIT
//
// The engine's MACE and Gaunt-MACE against the reference, for every variant of the model file.
#include "EdgesOf.h"
#include "equivariant/Error.h"
#include "support/Compare.h"
#include "support/MaceVariants.h"
#include "support/Structures.h"
#include "support/Throws.h"

#include <cmath>

using namespace equivariant;
using namespace equivariant::test;

namespace {

struct Outcome {
    std::vector<double> nodeEnergies, forcesAndVirial;
};

class MaceEngine : public ::testing::TestWithParam<NamedModel> {
protected:
    MaceEngine() {
        exact.exactRadial = true;
        for (const Structure& structure :
             {randomCluster({8, 1, 6, 1, 6}, 1.0, 3), randomCrystal({6, 1, 8, 1}, 1.1, 4)}) {
            graphs.push_back(buildGraph(structure, parameters.cutoff));
            species.emplace_back();
            for (const int z : structure.atomicNumbers)
                species.back().push_back(model->getSpecies(z));
        }
    }

    Outcome reference(std::size_t i) const {
        const NetworkOutput output = evaluateMace(parameters, graphs[i], species[i], head, true);
        return {
            {output.nodeEnergies.data(), output.nodeEnergies.data() + output.nodeEnergies.size()},
            forcesAndVirial(graphs[i], output.edgeGradients)};
    }

    template <class Real>
    Outcome evaluate(std::size_t i, const EvaluatorOptions& options, int threads = 1) const {
        const auto prepared = prepareMace<Real>(
            parameters, options, std::vector<bool>(parameters.atomicNumbers.size(), true));
        const auto network = prepared->makeNetwork();
        const auto workers = makeWorkers(threads);
        const Edges edges = edgesOf(graphs[i]);
        NetworkResult result;
        network->evaluate({edges, species[i], head, true, *workers}, result);
        const Outcome outcome = {result.nodeEnergies,
                                 forcesAndVirial(graphs[i], result.edgeGradients)};
        network->evaluate({edges, species[i], head, false, *workers}, result);
        EXPECT_TRUE(result.edgeGradients.empty());
        EXPECT_EQ(result.nodeEnergies, outcome.nodeEnergies); // and the buffers serve again
        return outcome;
    }

    std::shared_ptr<const Model> model = RandomMace(GetParam().config).make();
    const MaceParameters& parameters = std::get<MaceParameters>(model->getParameters());
    int head = static_cast<int>(parameters.heads.size()) - 1;
    std::vector<Graph> graphs;
    std::vector<std::vector<int>> species;
    EvaluatorOptions exact;
};

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

TEST_P(MaceEngine, ExactRadialFunctionsGiveTheReferenceInDouble) {
    for (std::size_t i = 0; i < graphs.size(); i++) {
        const Outcome found = evaluate<double>(i, exact), expected = reference(i);
        EXPECT_LT(relativeError(found.nodeEnergies, expected.nodeEnergies), 1e-11);
        EXPECT_LT(relativeError(found.forcesAndVirial, expected.forcesAndVirial), 1e-11);
    }
}

/// Whether the products of all layers are integrals over the sphere: Gaunt products without odd
/// paths, and contractions to scalars only.
bool hasSphereForm(const MaceParameters& parameters) {
    for (const MaceLayer& layer : parameters.layers)
        if (layer.gauntProduct ? layer.gauntProduct->getSizes().oddPaths
                               : layer.outputLMax > 0 || parameters.correlation > 3)
            return false;
    return true;
}

TEST_P(MaceEngine, EveryProductMethodGivesTheReference) {
    for (const char* method : {"monomials", "sphere"}) {
        EvaluatorOptions options = exact;
        options.product = method;
        if (std::string(method) == "sphere" && !hasSphereForm(parameters)) {
            EXPECT_TRUE(throwsNaming<Error>("no form on the sphere",
                                            [&] { evaluate<double>(0, options); }));
            continue;
        }
        const Outcome found = evaluate<double>(1, options), expected = reference(1);
        EXPECT_LT(relativeError(found.nodeEnergies, expected.nodeEnergies), 1e-11);
        EXPECT_LT(relativeError(found.forcesAndVirial, expected.forcesAndVirial), 1e-11);
    }
}

TEST_P(MaceEngine, TablesStayWithinTheirError) {
    EvaluatorDescription description;
    prepareMace<double>(parameters, {}, std::vector<bool>(parameters.atomicNumbers.size(), true))
        ->describe(description);
    EXPECT_GT(description.tableError, 0);
    EXPECT_LE(description.tableError, 1e-7);
    // The radial functions enter several times, with different signs.
    const double bound = 50 * description.tableError;
    for (std::size_t i = 0; i < graphs.size(); i++) {
        const Outcome found = evaluate<double>(i, {}), expected = reference(i);
        EXPECT_LT(relativeError(found.nodeEnergies, expected.nodeEnergies), bound);
        EXPECT_LT(relativeError(found.forcesAndVirial, expected.forcesAndVirial), bound);
    }
}

TEST_P(MaceEngine, SinglePrecisionIsClose) {
    for (std::size_t i = 0; i < graphs.size(); i++) {
        const Outcome found = evaluate<float>(i, {}), expected = reference(i);
        EXPECT_LT(relativeError(found.nodeEnergies, expected.nodeEnergies), 1e-5);
        EXPECT_LT(relativeError(found.forcesAndVirial, expected.forcesAndVirial), 2e-5);
    }
}

TEST_P(MaceEngine, WorkersDoNotChangeABit) {
    for (std::size_t i = 0; i < graphs.size(); i++) {
        const Outcome one = evaluate<float>(i, {}, 1), three = evaluate<float>(i, {}, 3);
        EXPECT_EQ(one.nodeEnergies, three.nodeEnergies);
        EXPECT_EQ(one.forcesAndVirial, three.forcesAndVirial);
    }
}

INSTANTIATE_TEST_SUITE_P(Variants, MaceEngine, ::testing::ValuesIn(allMaceVariants()),
                         [](const auto& info) { return info.param.name; });

} // namespace
