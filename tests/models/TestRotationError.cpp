// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/RotationError.h"
#include "support/Compare.h"
#include "support/PonitaModels.h"
#include "support/RandomPonita.h"

#include <Eigen/Geometry>

using namespace equivariant;
using namespace equivariant::test;

namespace {

Structure water() {
    Structure structure;
    structure.atomicNumbers = {8, 1, 1, 6};
    structure.positions = {{0.1, 0.2, -0.1}, {0.9, 0.4, 0.3}, {-0.4, 0.9, 0.2}, {-0.7, -0.9, 0.8}};
    return structure;
}

TEST(RotationError, VanishesForInvariantModels) {
    nlohmann::json cloud = ponitaConfig(), plain = ponitaConfig();
    cloud["space"] = "R3xS2-point-cloud";
    plain["space"] = "R3";
    for (const auto& model : {RandomPonita(cloud).make(), RandomPonita(plain).make(),
                              Model::load(modelPath("a_l1c2_L0"))}) { // the last one is a MACE
        const RotationError error = rotationError(*model, {water()}, 4, 1);
        EXPECT_LT(error.energy, 1e-9);
        EXPECT_LT(error.force, 1e-9);
        EXPECT_LT(error.torque, 1e-9);
    }
}

TEST(RotationError, FallsOnFinerGrids) {
    const auto coarse = RandomPonita(ponitaConfig(), "icosahedron-12").make();
    const auto fine = withOrientations(*coarse, "lebedev-50");
    const RotationError before = rotationError(*coarse, {water()}, 40, 1);
    const RotationError after = rotationError(*fine, {water()}, 40, 1);
    EXPECT_GT(before.energy, 1e-3);
    EXPECT_GT(before.force, 1e-3);
    EXPECT_GT(before.torque, 1e-3);
    EXPECT_LT(after.energy, 0.5 * before.energy);
    EXPECT_LT(after.force, 0.5 * before.force);
    EXPECT_LT(after.torque, 0.5 * before.torque);
}

TEST(RotationError, TurnsTheBoxWithTheAtoms) {
    nlohmann::json plain = ponitaConfig();
    plain["space"] = "R3";
    const auto model = RandomPonita(plain).make();
    Structure crystal = water();
    crystal.cell << 3.5, 0, 0, 0.5, 3.2, 0, -0.3, 0.4, 3.0;
    crystal.periodic = {true, true, true};
    EXPECT_LT(rotationError(*model, {crystal}, 3, 1).energy, 1e-9);
    EXPECT_LT(rotationError(*model, {crystal}, 3, 1).torque, 1e-9);
}

// Twelve stored rotations of the published module: the same formulas on its numbers.
TEST(RotationError, AgreesWithTheSpreadOfThePublishedModule) {
    const auto golden = readJson(goldenPath("ponita/rotated.json"))[0];
    const std::string name = golden["case"];
    const auto original =
        readStructure(readJson(goldenPath("ponita/" + name + ".expected.json"))[0]);
    std::vector<double> energies;
    double torque = 0;
    for (const auto& row : golden["rows"]) {
        energies.push_back(row["energy"]);
        for (double component : numbers(row["torque"]))
            torque += component * component / 12;
    }
    const Eigen::Map<const Eigen::VectorXd> values(energies.data(), 12);
    const double deviation = std::sqrt((values.array() - values.mean()).square().sum() / 11);
    const RotationError found = rotationError(*Model::load(modelPath(name)), {original}, 200, 1);
    EXPECT_NEAR(found.energy / (1000 * deviation), 1, 0.6); // 12 random rotations: about 20 %
    EXPECT_NEAR(found.torque / (1000 * std::sqrt(torque)), 1, 0.6);
}

TEST(RotationError, RefusesNothingToAverage) {
    const auto model = RandomPonita(ponitaConfig()).make();
    EXPECT_THROW(rotationError(*model, {}, 4, 1), Error);
    EXPECT_THROW(rotationError(*model, {water()}, 1, 1), Error);
}

} // namespace
