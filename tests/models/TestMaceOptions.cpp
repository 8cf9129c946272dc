// SPDX-License-Identifier: MIT
//
// Every option of MACE and Gaunt-MACE with random weights: derivatives, symmetries, limits.
#include "equivariant/Error.h"
#include "support/Golden.h"
#include "support/Invariance.h"
#include "support/RandomModels.h"

using namespace equivariant;
using test::RandomMaceOptions;

namespace {

struct Variant {
    std::string name;
    RandomMaceOptions options;
};

template <class Change> Variant variant(const std::string& name, const Change& change) {
    Variant result{name, {}};
    change(result.options);
    return result;
}

const std::string density = "RealAgnosticDensityInteractionBlock";
const std::string densityResidual = "RealAgnosticDensityResidualInteractionBlock";
const std::string residual = "RealAgnosticResidualInteractionBlock";

std::vector<Variant> variants() {
    return {
        variant("Default", [](auto&) {}),
        variant("OneLayer",
                [](auto& o) {
                    o.hiddenLMax = {0};
                    o.interactions = {residual};
                }),
        variant("ThreeLayersHiddenL2",
                [](auto& o) {
                    o.hiddenLMax = {2, 2, 0};
                    o.interactions = {residual, densityResidual, density};
                    o.maxEll = 3;
                    o.channels = 2;
                }),
        variant("HiddenL3",
                [](auto& o) {
                    o.hiddenLMax = {3, 0};
                    o.maxEll = 3;
                    o.channels = 2;
                }),
        variant("MaxEll4", [](auto& o) { o.maxEll = 4; }),
        variant("Correlation1", [](auto& o) { o.correlation = 1; }),
        variant("Correlation3", [](auto& o) { o.correlation = 3; }),
        variant("Correlation4", [](auto& o) { o.correlation = 4; }),
        variant("DensityAgnesiZbl",
                [](auto& o) {
                    o.interactions = {density, densityResidual};
                    o.distanceTransform = "Agnesi";
                    o.zbl = true;
                }),
        variant("SoftGaussian",
                [](auto& o) {
                    o.distanceTransform = "Soft";
                    o.radialType = "gaussian";
                }),
        variant("ChebyshevCutoffAfterNetwork",
                [](auto& o) {
                    o.radialType = "chebyshev";
                    o.distanceTransform = "Agnesi"; // brings the argument into (0, 1)
                    o.applyCutoff = false;
                    o.interactions = {density, densityResidual};
                }),
        variant("AgnosticProductLastReadout",
                [](auto& o) {
                    o.agnosticProduct = true;
                    o.lastReadoutOnly = true;
                    o.gate = "tanh";
                }),
        variant("GateNone", [](auto& o) { o.gate = "None"; }),
        variant("GauntPublished",
                [](auto& o) {
                    o.product = "gaunt";
                    o.correlation = 3;
                    o.maxEll = 3;
                    o.hiddenLMax = {2, 0};
                }),
        variant("GauntCopies",
                [](auto& o) {
                    o.product = "gaunt-copies";
                    o.correlation = 3;
                }),
        variant("GauntCopiesOdd",
                [](auto& o) {
                    o.product = "gaunt-copies";
                    o.correlation = 4;
                    o.oddPaths = true;
                }),
        variant("GauntConvolution",
                [](auto& o) {
                    o.product = "gaunt-copies";
                    o.convolution = "gaunt";
                    o.hiddenLMax = {2, 1, 0};
                    o.interactions = {density, residual, residual};
                }),
    };
}

class MaceOptions : public ::testing::TestWithParam<Variant> {
protected:
    ReferenceEvaluator evaluator{test::randomMace(GetParam().options)};
    const std::vector<int> elements = {1, 6, 8, 1, 6, 1};
    Structure cluster = test::randomCluster(elements, 1.1, 5);
    Structure crystal = test::randomCrystal({1, 6, 8, 1}, 1.1, 6);
};

} // namespace

TEST_P(MaceOptions, ForcesAndVirialAreFiniteDifferences) {
    test::expectDerivatives(evaluator, cluster, 1e-7, 3e-4);
    test::expectDerivatives(evaluator, crystal, 1e-7, 3e-4);
}

TEST_P(MaceOptions, EnergyHasItsSymmetries) {
    for (const Structure& structure : {cluster, crystal}) {
        test::expectExactSymmetries(evaluator, structure, 1e-11);
        test::expectRotationInvariance(evaluator, structure, 1e-11);
    }
}

TEST_P(MaceOptions, MoleculesBeyondTheCutoffAddUp) {
    Structure pair = cluster;
    for (const auto& position : cluster.positions)
        pair.positions.push_back(position + Eigen::Vector3d(40, 0, 0));
    pair.atomicNumbers.insert(pair.atomicNumbers.end(), elements.begin(), elements.end());
    EXPECT_TRUE(test::close(evaluator.evaluate(pair).energy, 2 * evaluator.evaluate(cluster).energy,
                            1e-12));
}

INSTANTIATE_TEST_SUITE_P(, MaceOptions, ::testing::ValuesIn(variants()),
                         [](const auto& info) { return info.param.name; });

TEST(Mace, HeadsAreIndependent) {
    RandomMaceOptions options;
    options.heads = {"a", "b", "c"};
    const auto model = test::randomMace(options);
    const ReferenceEvaluator evaluator(model);
    const Structure structure = test::randomCluster({1, 6, 8, 1}, 1.1, 5);
    EXPECT_EQ(model->getHead("b"), 1);
    EXPECT_EQ(model->getHead(""), 0);
    EXPECT_THROW(model->getHead("d"), Error);
    const double a = evaluator.evaluate(structure, 0).energy;
    const double b = evaluator.evaluate(structure, 1).energy;
    EXPECT_GT(std::abs(a - b), 1e-3);
    EXPECT_THROW(evaluator.evaluate(structure, 3), Error);
    test::expectDerivatives(evaluator, structure, 1e-7, 3e-4, 2);
}

TEST(Mace, IsolatedAtomsHaveIsolatedAtomEnergyAndShift) {
    const auto model = test::randomMace({});
    Structure atom;
    atom.atomicNumbers = {6};
    atom.positions = {{0, 0, 0}};
    const auto& mace = std::get<MaceParameters>(model->getParameters());
    EXPECT_TRUE(test::close(ReferenceEvaluator(model).evaluate(atom).energy,
                            mace.isolatedAtomEnergies(0, 1) + mace.shift[0], 1e-14));
    EXPECT_EQ(ReferenceEvaluator(model).evaluate(Structure()).energy, 0);
    atom.atomicNumbers = {7};
    EXPECT_THROW(ReferenceEvaluator(model).evaluate(atom), Error);
}

TEST(Mace, EnergyIsSmoothAtTheCutoff) {
    const auto model = test::randomMace({});
    const ReferenceEvaluator evaluator(model);
    Structure dimer;
    dimer.atomicNumbers = {1, 6};
    const double cutoff = model->getInfo().cutoff;
    const auto at = [&](double r) {
        dimer.positions = {{0, 0, 0}, {r, 0, 0}};
        return evaluator.evaluate(dimer);
    };
    EXPECT_NEAR(at(cutoff - 1e-4).energy, at(cutoff + 1e-4).energy, 1e-8);
    EXPECT_LT(at(cutoff - 1e-4).forces[0].norm(), 1e-4);
    EXPECT_EQ(at(cutoff).numEdges, 0);
}

TEST(Mace, RefusesDamagedModelsByName) {
    const ModelFile good = test::RandomMace({}, 1).file;
    const auto errorOf = [](const ModelFile& file) -> std::string {
        try {
            Model::fromBytes(file.serialize(), "file");
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    EXPECT_EQ(errorOf(good), "no error");
    ModelFile bad = good;
    bad.tensors.erase("shift");
    EXPECT_NE(errorOf(bad).find("'shift' is missing"), std::string::npos);
    bad = good;
    bad.tensors["extra"] = bad.tensors["shift"];
    EXPECT_NE(errorOf(bad).find("unknown tensor 'extra'"), std::string::npos);
    bad = good;
    bad.tensors["layers.0.linear_up.weight"].shape = {1, 9, 1};
    EXPECT_NE(errorOf(bad).find("'layers.0.linear_up.weight' has shape [1, 9, 1]"),
              std::string::npos);
    bad = good;
    bad.config["layers"][1]["interaction"] = "RealAgnosticResidualNonLinearInteractionBlock";
    EXPECT_NE(errorOf(bad).find("RealAgnosticResidualNonLinearInteractionBlock"),
              std::string::npos);
    bad = good;
    bad.config["max_ell"] = 1000000;
    EXPECT_NE(errorOf(bad).find("'max_ell'"), std::string::npos);
    bad = good;
    bad.config["surprise"] = 1;
    EXPECT_NE(errorOf(bad).find("unknown key 'surprise'"), std::string::npos);
    bad = good;
    bad.architecture = "schnet";
    EXPECT_NE(errorOf(bad).find("unknown architecture 'schnet'"), std::string::npos);
}

TEST(Mace, ThreeBpaModelEqualsMaceTorch) {
    EQUIVARIANT_NEED_SHARED("data/3bpa/train_300K.xyz");
    EQUIVARIANT_NEED_SHARED("models/3bpa-mace.expected.json");
    const auto expected = test::readJson(test::sharedPath("models/3bpa-mace.expected.json"));
    const auto frames = test::readXyz(test::sharedPath("data/3bpa/train_300K.xyz"));
    const ReferenceEvaluator evaluator(
        Model::load(std::string(EQUIVARIANT_SOURCE_DIR) + "/data/models/3bpa-mace.safetensors"));
    EXPECT_EQ(expected.size(), 20u);
    for (const auto& result : expected) {
        const Evaluation found = evaluator.evaluate(frames.at(result.at("frame").get<int>()));
        EXPECT_NEAR(found.energy, result.at("energy").get<double>(), 1e-6);
        for (std::size_t i = 0; i < found.forces.size(); i++)
            EXPECT_LT((found.forces[i] - test::vectorFromJson(result.at("forces")[i])).norm(),
                      1e-6);
    }
}
