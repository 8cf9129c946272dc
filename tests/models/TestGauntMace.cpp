// SPDX-License-Identifier: MIT
//
// What must hold for every Gaunt-MACE, on random models of each variant; the reading of bad files.
#include "equivariant/Error.h"
#include "support/Invariance.h"
#include "support/MaceVariants.h"
#include "support/Throws.h"

using namespace equivariant;
using nlohmann::json;
using test::gauntCopies;
using test::gauntMaceVariants;
using test::GauntVariant;

namespace {

class GauntMaceVariant : public ::testing::TestWithParam<GauntVariant> {
protected:
    ReferenceEvaluator evaluator{test::RandomMace(configOf(GetParam())).make()};
    const std::vector<int> elements = {1, 6, 8, 1, 6, 1};
    Structure cluster = test::randomCluster(elements, 1.1, 5);
    Structure crystal = test::randomCrystal({1, 6, 8, 1}, 1.1, 6);
};

::testing::AssertionResult refused(const std::string& part, const json& product,
                                   const json& changes = json::object()) {
    json config = test::gauntMaceConfig({{"type", "gaunt"}});
    ModelFile file = test::RandomMace(config).makeFile();
    file.config["product"] = product;
    file.config.update(changes);
    return test::throwsNaming<Error>(part, [&] { readMace(file, "file"); });
}

} // namespace

TEST_P(GauntMaceVariant, ForcesAndVirialAreFiniteDifferences) {
    test::expectDerivatives(evaluator, cluster, 1e-7, 3e-4);
    test::expectDerivatives(evaluator, crystal, 1e-7, 3e-4);
}

TEST_P(GauntMaceVariant, EnergyHasItsSymmetries) {
    for (const Structure& structure : {cluster, crystal}) {
        test::expectExactSymmetries(evaluator, structure, 1e-11);
        test::expectRotationInvariance(evaluator, structure, 1e-11);
    }
}

TEST_P(GauntMaceVariant, MoleculesBeyondTheCutoffAddUp) {
    Structure pair = cluster;
    for (const auto& position : cluster.positions)
        pair.positions.push_back(position + Eigen::Vector3d(40, 0, 0));
    pair.atomicNumbers.insert(pair.atomicNumbers.end(), elements.begin(), elements.end());
    EXPECT_TRUE(test::close(evaluator.evaluate(pair).energy, 2 * evaluator.evaluate(cluster).energy,
                            1e-12));
}

INSTANTIATE_TEST_SUITE_P(Variants, GauntMaceVariant, ::testing::ValuesIn(gauntMaceVariants()),
                         [](const auto& info) { return info.param.name; });

TEST(GauntMace, ConvolutionOfScalarsIsThatOfMace) {
    // In the first layer a Gaunt convolution with R_edge R_out = R is MACE's: make R_out one.
    json config = test::gauntMaceConfig({{"type", "gaunt"}});
    config["layers"].erase(1);
    config["layers"][0]["radial_mlp"] = json::array();
    config["readouts"] = {"nonlinear"};
    ModelFile mace = test::RandomMace(config).makeFile();
    ModelFile gaunt = mace;
    gaunt.config["convolution"] = "gaunt";
    // R_out = sum_n w e_n = 1 needs a constant basis function: a Gaussian of no width.
    for (ModelFile* file : {&mace, &gaunt}) {
        file->config["radial_type"] = "gaussian";
        file->config["gaussian_coefficient"] = 0.0;
        file->config.erase("bessel_prefactor");
        file->config["apply_cutoff"] = true;
        file->tensors["gaussian_weights"] = file->tensors["bessel_weights"];
        file->tensors.erase("bessel_weights");
    }
    // Now every e_n is the cutoff f(r): R = c f in MACE, and c_edge c_out f^2 with Gaunt; choose
    // the weights such that both are equal at the one distance of a dimer.
    Structure dimer;
    dimer.atomicNumbers = {1, 8};
    dimer.positions = {{0, 0, 0}, {0.6, -0.9, 0.5}};
    const double f = polynomialCutoff((dimer.positions[1]).norm(), mace.config["r_max"], 5).value;
    Tensor& plain = mace.tensors["layers.0.radial_mlp.0.weight"];
    Tensor& factored = gaunt.tensors["layers.0.radial_mlp.0.weight"];
    const std::size_t basis = plain.shape[0], outputs = plain.shape[1];
    factored.shape = {basis, 2 * outputs};
    factored.data.assign(basis * 2 * outputs, 0);
    for (std::size_t n = 0; n < basis; n++)
        for (std::size_t i = 0; i < outputs; i++) {
            factored.data[n * 2 * outputs + i] = plain.data[n * outputs + i];
            factored.data[n * 2 * outputs + outputs + i] = 1 / (f * std::sqrt(double(basis)));
        }
    const auto energy = [&](const ModelFile& file) {
        return ReferenceEvaluator(Model::fromBytes(file.serialize(), "model"))
            .evaluate(dimer)
            .interactionEnergy;
    };
    EXPECT_TRUE(test::close(energy(gaunt), energy(mace), 1e-12));
}

TEST(GauntMace, BadFilesAreRefused) {
    EXPECT_TRUE(refused("'nonsense'", {{"type", "nonsense"}}));
    EXPECT_TRUE(refused("'copies'", {{"type", "gaunt-copies"}, {"odd_paths", false}}));
    EXPECT_TRUE(refused("'copies'", gauntCopies(0, false)));
    EXPECT_TRUE(refused("odd paths", gauntCopies(1, true), {{"correlation", 2}}));
    EXPECT_TRUE(refused("product.linear_weights", gauntCopies(1, false)));
    EXPECT_TRUE(refused("'surprise'", {{"type", "gaunt"}, {"surprise", 1}}));
    EXPECT_TRUE(refused("'nonsense'", {{"type", "gaunt"}}, {{"convolution", "nonsense"}}));
    EXPECT_TRUE(refused("'couplings'", {{"type", "gaunt"}}, {{"couplings", "e3nn"}}));
}

TEST(Mace, HeadsAreIndependent) {
    json config = test::maceConfig();
    config["heads"] = {"a", "b", "c"};
    const auto model = test::RandomMace(config).make();
    const ReferenceEvaluator evaluator(model);
    const Structure structure = test::randomCluster({1, 6, 8, 1}, 1.1, 5);
    EXPECT_EQ(model->getHead("b"), 1);
    EXPECT_EQ(model->getHead(""), 0);
    EXPECT_THROW(model->getHead("d"), Error);
    EXPECT_GT(
        std::abs(evaluator.evaluate(structure, 0).energy - evaluator.evaluate(structure, 1).energy),
        1e-3);
    EXPECT_THROW(evaluator.evaluate(structure, 3), Error);
    test::expectDerivatives(evaluator, structure, 1e-7, 3e-4, 2);
}

TEST(Mace, IsolatedAtomsHaveIsolatedAtomEnergyAndShift) {
    const auto model = test::RandomMace(test::maceConfig()).make();
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
    const auto model = test::RandomMace(test::maceConfig()).make();
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
