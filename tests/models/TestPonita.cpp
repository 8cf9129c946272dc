// SPDX-License-Identifier: MIT
//
// Exact properties of PONITA potentials, for every variant: identities, derivatives, limits.
#include "equivariant/Orientations.h"
#include "support/Compare.h"
#include "support/PonitaModels.h"
#include "support/RandomPonita.h"

#include <Eigen/Geometry>

using namespace equivariant;
using namespace equivariant::test;

namespace {

using nlohmann::json;

/// A model and whether its energy is invariant under all rotations.
struct Variant {
    std::string name;
    json changes;
    std::string grid = "icosahedron-12";
    bool isInvariant = false;
};

void PrintTo(const Variant& variant, std::ostream* stream) {
    *stream << variant.name;
}

std::vector<Variant> variants() {
    const json banded = {{"type", "band-limited"}, {"l_max", 2}};
    const json smooth = {{"type", "smooth"}, {"delta", 0.3}};
    return {{"published", json::object()},
            {"allPairs", {{"radius", nullptr}, {"scale", -1.3}, {"shift", 2.5}}},
            {"layerScale", {{"layer_scale", true}, {"multiple_readouts", false}}},
            {"degreePlusOne", {{"factors", "degree+1"}, {"fiber_normalization", "channels"}}},
            {"unnormalizedFiber", {{"fiber_normalization", "none"}, {"window_power", 3}}},
            {"noWindow", {{"window_power", 0}, {"radius", nullptr}}},
            {"smooth", {{"invariants", smooth}}},
            {"weightedGrid", json::object(), "icosahedral-32"},
            {"fibonacciGrid", json::object(), "fibonacci-9"},
            {"bandLimited", {{"kernel", banded}}, "lebedev-14"},
            {"tetrahedralAverage", {{"rotation_average", "tetrahedral"}}, "fibonacci-5"},
            {"plain", {{"space", "R3"}}, "", true},
            {"pointCloud", {{"space", "R3xS2-point-cloud"}}, "", true},
            {"pointCloudSmooth",
             {{"space", "R3xS2-point-cloud"}, {"invariants", smooth}, {"radius", nullptr}},
             "",
             true},
            {"pointCloudEnvelope",
             {{"space", "R3xS2-point-cloud"}, {"lifted_envelope", true}},
             "",
             true}};
}

std::shared_ptr<const Model> makeModel(const Variant& variant) {
    json config = ponitaConfig();
    config.update(variant.changes);
    return RandomPonita(config, variant.grid).make();
}

Structure molecule() {
    Structure structure;
    structure.atomicNumbers = {8, 1, 6, 1, 6, 8};
    structure.positions = {{0.11, 0.23, -0.12}, {0.92, 0.41, 0.33},  {-0.43, 1.25, 0.37},
                           {-0.75, -0.9, 0.84}, {1.7, -0.84, -0.95}, {2.9, 1.1, 0.6}};
    return structure;
}

Structure crystal() {
    Structure structure = molecule();
    structure.cell << 6.1, 0, 0, 0.7, 5.2, 0, -0.5, 0.6, 5.5; // shorter than two cutoffs
    structure.periodic = {true, true, true};
    return structure;
}

Structure transformed(const Structure& structure, const Eigen::Matrix3d& map) {
    Structure result = structure;
    for (Eigen::Vector3d& position : result.positions)
        position = map * position;
    result.cell = structure.cell * map.transpose();
    return result;
}

Eigen::Matrix3d someRotation() {
    return Eigen::AngleAxisd(1.1, Eigen::Vector3d(0.3, -0.8, 0.5).normalized()).toRotationMatrix();
}

double energyOf(const std::shared_ptr<const Model>& model, const Structure& structure) {
    return ReferenceEvaluator(model).evaluate(structure, 0, false).energy;
}

/// The same model with every orientation turned.
std::shared_ptr<const Model> turned(const Model& model, const Eigen::Matrix3d& rotation) {
    ModelFile file = model.getFile();
    std::vector<double>& data = file.tensors.at("orientations").data;
    for (std::size_t o = 0; o < data.size(); o += 3) {
        const Eigen::Vector3d n = rotation * Eigen::Vector3d(data[o], data[o + 1], data[o + 2]);
        std::copy(n.data(), n.data() + 3, data.begin() + static_cast<std::ptrdiff_t>(o));
    }
    return Model::fromBytes(file.serialize(), "turned PONITA");
}

class PonitaVariant : public ::testing::TestWithParam<Variant> {
protected:
    std::shared_ptr<const Model> model = makeModel(GetParam());
    bool allPairs = std::isinf(model->getInfo().cutoff);
};

TEST_P(PonitaVariant, EnergyIsInvariantUnderTranslationAndPermutation) {
    const Structure structure = molecule();
    const double energy = energyOf(model, structure);
    Structure moved = structure;
    for (Eigen::Vector3d& position : moved.positions)
        position += Eigen::Vector3d(3.1, -7.4, 0.6);
    EXPECT_TRUE(close(energyOf(model, moved), energy, 1e-12));
    Structure permuted = structure;
    std::reverse(permuted.positions.begin(), permuted.positions.end());
    std::reverse(permuted.atomicNumbers.begin(), permuted.atomicNumbers.end());
    EXPECT_TRUE(close(energyOf(model, permuted), energy, 1e-12));
}

TEST_P(PonitaVariant, EnergyIsInvariantUnderLatticeVectors) {
    if (allPairs)
        GTEST_SKIP() << "all pairs are joined: no periodic structures";
    Structure structure = crystal();
    const double energy = energyOf(model, structure);
    structure.positions[2] += structure.cell.row(0).transpose() - structure.cell.row(2).transpose();
    EXPECT_TRUE(close(energyOf(model, structure), energy, 1e-12));
}

TEST_P(PonitaVariant, RotatingTheGridInsteadOfTheAtomsGivesTheSameEnergy) {
    const Eigen::Matrix3d rotation = someRotation();
    const double rotated = energyOf(model, transformed(molecule(), rotation));
    if (GetParam().isInvariant) {
        EXPECT_TRUE(close(rotated, energyOf(model, molecule()), 1e-12));
        EXPECT_TRUE(close(energyOf(model, transformed(molecule(), -rotation)), rotated, 1e-12));
        return;
    }
    EXPECT_FALSE(isClose(rotated, energyOf(model, molecule()), 1e-9)); // the grid is seen
    if (ponitaOf(*model).rotationAverage != RotationGroup::None)
        GTEST_SKIP() << "the average is over rotations of a fixed frame";
    EXPECT_TRUE(close(energyOf(turned(*model, rotation.transpose()), molecule()), rotated, 1e-12));
}

/// Central difference of the energy along one coordinate, extrapolated to fourth order.
double slope(const std::shared_ptr<const Model>& model, const Structure& structure,
             std::size_t atom, int axis, double step = 1e-3) {
    const auto difference = [&](double h) {
        Structure plus = structure, minus = structure;
        plus.positions[atom][axis] += h;
        minus.positions[atom][axis] -= h;
        return (energyOf(model, plus) - energyOf(model, minus)) / (2 * h);
    };
    return (4 * difference(step / 2) - difference(step)) / 3;
}

TEST_P(PonitaVariant, ForcesAreDerivativesOfTheEnergy) {
    const Structure structure = allPairs ? molecule() : crystal();
    const Evaluation found = ReferenceEvaluator(model).evaluate(structure);
    std::vector<double> expected;
    for (std::size_t atom = 0; atom < structure.positions.size(); atom++)
        for (int axis = 0; axis < 3; axis++)
            expected.push_back(-slope(model, structure, atom, axis));
    EXPECT_TRUE(allClose(numbers(found.forces), expected, 1e-8));
    Eigen::Vector3d total = Eigen::Vector3d::Zero();
    for (const Eigen::Vector3d& force : found.forces)
        total += force;
    EXPECT_LT(total.norm(), 1e-12);
}

TEST_P(PonitaVariant, VirialIsTheDerivativeByStrainAndItsTorqueByAngle) {
    const Structure structure = allPairs ? molecule() : crystal();
    const Eigen::Matrix3d virial = ReferenceEvaluator(model).evaluate(structure).virial;
    const double h = 1e-4;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            Eigen::Matrix3d strain = Eigen::Matrix3d::Zero();
            strain(j, i) = h; // x_j changes with x_i: dE = sum v_i dE/dv_j
            const Eigen::Matrix3d one = Eigen::Matrix3d::Identity();
            const double expected = -(energyOf(model, transformed(structure, one + strain)) -
                                      energyOf(model, transformed(structure, one - strain))) /
                                    (2 * h);
            EXPECT_TRUE(close(virial(i, j), expected, 1e-6));
        }
    for (int axis = 0; axis < 3; axis++) {
        const auto energyAt = [&](double angle) {
            return energyOf(
                model, transformed(structure, Eigen::AngleAxisd(angle, Eigen::Vector3d::Unit(axis))
                                                  .toRotationMatrix()));
        };
        const int j = (axis + 1) % 3, k = (axis + 2) % 3;
        const double torque = virial(j, k) - virial(k, j);
        EXPECT_TRUE(close(torque, -(energyAt(h) - energyAt(-h)) / (2 * h), 1e-6));
        if (GetParam().isInvariant) {
            EXPECT_LT(std::abs(torque), 1e-12);
        }
    }
}

TEST_P(PonitaVariant, LoneAtomHasFiniteEnergyAndNoForce) {
    Structure structure;
    structure.atomicNumbers = {6};
    structure.positions = {{0.3, 0.1, -2}};
    const Evaluation found = ReferenceEvaluator(model).evaluate(structure);
    EXPECT_TRUE(std::isfinite(found.energy));
    EXPECT_EQ(found.forces[0].norm(), 0);
}

TEST_P(PonitaVariant, DistantMoleculesAddUp) {
    if (allPairs)
        GTEST_SKIP() << "all pairs are joined";
    const Structure one = molecule();
    Structure other = transformed(one, -Eigen::Matrix3d::Identity()), both = one;
    other.atomicNumbers[0] = 6;
    for (std::size_t i = 0; i < other.positions.size(); i++) {
        both.positions.push_back(other.positions[i] + Eigen::Vector3d(20, 0, 0));
        both.atomicNumbers.push_back(other.atomicNumbers[i]);
    }
    const double shift = ponitaOf(*model).shift; // one constant a structure
    EXPECT_TRUE(
        close(energyOf(model, both) + shift, energyOf(model, one) + energyOf(model, other), 1e-12));
}

/// Energies of a molecule and one atom at a distance of the cutoff plus `offset` from one other.
double energyNearCutoff(const std::shared_ptr<const Model>& model, double offset) {
    Structure structure;
    structure.atomicNumbers = {8, 1, 6, 1};
    const double cutoff = model->getInfo().cutoff;
    structure.positions = {
        {0, 0, 0}, {0.8, 0.3, 0.4}, {-0.4, 0.9, 0.2}, {0, 0, -(cutoff + offset)}};
    return energyOf(model, structure);
}

TEST_P(PonitaVariant, EnergyHasTwoContinuousDerivativesAtTheCutoff) {
    if (allPairs)
        GTEST_SKIP() << "there is no cutoff";
    const PonitaParameters& parameters = ponitaOf(*model);
    if (parameters.space == PonitaSpace::R3xS2PointCloud && !parameters.liftedEnvelope)
        GTEST_SKIP() << "lifted nodes of the published point cloud appear with full weight";
    // beyond the cutoff the energy is constant; inside it starts as the cube of the depth
    const double outside = energyNearCutoff(model, 1e-3);
    EXPECT_EQ(energyNearCutoff(model, 0.5), outside);
    const double shallow = energyNearCutoff(model, -0.02) - outside;
    const double deep = energyNearCutoff(model, -0.04) - outside;
    EXPECT_GT(std::abs(deep), 1e-9);
    EXPECT_NEAR(deep / shallow, 8, 1.5);
}

INSTANTIATE_TEST_SUITE_P(Variants, PonitaVariant, ::testing::ValuesIn(variants()),
                         [](const auto& info) { return info.param.name; });

} // namespace
