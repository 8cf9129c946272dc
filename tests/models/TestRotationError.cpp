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

/// Sum of squared distances from the mean.
double scatter(const std::vector<double>& values) {
    const Eigen::Map<const Eigen::ArrayXd> map(values.data(),
                                               static_cast<Eigen::Index>(values.size()));
    return (map - map.mean()).square().sum();
}

// What follows from the stored energies, forces and torques of the published module.
TEST(RotationError, IsThatOfThePublishedModule) {
    for (const auto& entry : readJson(goldenPath("ponita/rotated.json"))) {
        const std::string name = entry["case"];
        const auto structures = readJson(goldenPath("ponita/" + name + ".expected.json"));
        const Structure structure =
            readStructure(structures[entry["structure"].get<std::size_t>()]);
        std::vector<Eigen::Matrix3d> rotations;
        std::vector<double> energies;
        std::vector<std::vector<double>> components(3 * structure.positions.size());
        double forces = 0, torques = 0;
        for (const auto& row : entry["rows"]) {
            const auto values = numbers(row["rotation"]);
            rotations.push_back(Eigen::Map<const Eigen::Matrix3d>(values.data()).transpose());
            energies.push_back(row["energy"]);
            const auto stored = readPositions(row["forces"]);
            for (std::size_t i = 0; i < stored.size(); i++)
                for (int k = 0; k < 3; k++)
                    components[3 * i + static_cast<std::size_t>(k)].push_back(
                        rotations.back().col(k).dot(stored[i]));
            for (double component : numbers(row["torque"]))
                torques += component * component;
        }
        for (const auto& component : components)
            forces += scatter(component) / static_cast<double>(components.size());
        const RotationError found =
            rotationError(*Model::load(modelPath(name)), {structure}, rotations);
        EXPECT_GT(found.energy, 0.1);
        EXPECT_TRUE(close(found.energy, 1000 * std::sqrt(scatter(energies) / 11), 1e-10));
        EXPECT_TRUE(close(found.force, 1000 * std::sqrt(forces / 11), 1e-10));
        EXPECT_TRUE(close(found.torque, 1000 * std::sqrt(torques / 12), 1e-10));
    }
}

TEST(RotationError, RotationsAreUniformAndGivenByTheSeed) {
    const auto model = RandomPonita(ponitaConfig()).make();
    const int count = 4000;
    const auto rotations = randomRotations(*model, count, 7);
    Eigen::Matrix3d mean = Eigen::Matrix3d::Zero();
    for (const Eigen::Matrix3d& rotation : rotations) {
        EXPECT_LT((rotation * rotation.transpose() - Eigen::Matrix3d::Identity()).norm(), 1e-12);
        EXPECT_GT(rotation.determinant(), 0);
        mean += rotation / count;
    }
    // an entry of a uniform rotation has mean 0 and variance 1/3; five standard errors
    EXPECT_LT(mean.cwiseAbs().maxCoeff(), 5 / std::sqrt(3.0 * count));
    EXPECT_EQ(randomRotations(*model, 3, 7)[2], rotations[2]);
    EXPECT_NE(randomRotations(*model, 3, 8)[2], rotations[2]);
}

TEST(RotationError, PlanarModelsTurnInTheirPlane) {
    nlohmann::json planar = ponitaConfig();
    planar["space"] = "R2xS1";
    Structure flat = water();
    for (Eigen::Vector3d& position : flat.positions)
        position.z() = 0;
    const auto coarse = RandomPonita(planar, "circle-6").make();
    const auto fine = withOrientations(*coarse, "circle-48");
    const RotationError before = rotationError(*coarse, {flat}, 20, 1);
    EXPECT_GT(before.energy, 1e-3);
    EXPECT_LT(rotationError(*fine, {flat}, 20, 1).energy, 0.01 * before.energy);
}

TEST(RotationError, RefusesNothingToAverage) {
    const auto model = RandomPonita(ponitaConfig()).make();
    EXPECT_THROW(rotationError(*model, {}, 4, 1), Error);
    EXPECT_THROW(rotationError(*model, {water()}, 1, 1), Error);
}

} // namespace
