// SPDX-License-Identifier: MIT
#include "GauntFeatures.h"
#include "Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <Eigen/Geometry>

using namespace equivariant;
using namespace equivariant::support;
using Eigen::VectorXd;
using equivariant::test::throwsNaming;

namespace {

Structure molecule() {
    Structure structure;
    structure.atomicNumbers = {6, 8, 1, 1, 1, 1};
    structure.positions = {{0, 0, 0},        {1.4, 0.1, 0},   {-0.4, 1, 0.2},
                           {-0.5, -0.4, -1}, {-0.3, -0.6, 1}, {1.7, -0.8, 0.1}};
    return structure;
}

} // namespace

TEST(GauntFeatures, ForcesAreDerivatives) {
    const GauntFeatures features({1, 6, 8}, {});
    const VectorXd c = Random(1).normalVector(features.size());
    Structure structure = molecule();
    const VectorXd rows = features.evaluate(structure) * c;
    constexpr double step = 1e-4;
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 3; k++) {
            double energies[2];
            for (int side : {0, 1}) {
                structure.positions[i][k] += side ? -2 * step : step;
                energies[side] = (features.evaluate(structure) * c)[0];
            }
            structure.positions[i][k] += step;
            const double force = -(energies[0] - energies[1]) / (2 * step);
            EXPECT_NEAR(rows[1 + 3 * i + k], force, 1e-5 * std::max(1.0, std::abs(force)));
        }
}

TEST(GauntFeatures, AreInvariant) {
    const GauntFeatures features({1, 6, 8}, {});
    Structure structure = molecule();
    const VectorXd energy = features.evaluate(structure).row(0);
    const Eigen::Matrix3d turn =
        Eigen::AngleAxisd(1.1, Eigen::Vector3d(1, 2, -1).normalized()).toRotationMatrix();
    for (auto& position : structure.positions)
        position = -(turn * position) + Eigen::Vector3d(1, 2, 3); // with an inversion
    std::swap(structure.positions[2], structure.positions[5]);
    EXPECT_TRUE(test::allClose(VectorXd(features.evaluate(structure).row(0)), energy, 1e-10));
}

TEST(GauntFeatures, ProblemsHoldLabels) {
    command::Frame frame;
    frame.structure = molecule();
    frame.energy = 5;
    frame.forces.assign(6, {1, 2, 3});
    const GauntFeatures features({1, 6, 8}, {});
    const LinearProblem problem = makeLinearProblem(features, {frame, frame}, 10);
    EXPECT_EQ(problem.a.rows(), 38);
    EXPECT_EQ(problem.b[19], 50);
    EXPECT_EQ(problem.b[19 + 5], 2);
    EXPECT_EQ(problem.frames[19], 1);
    EXPECT_EQ(std::count(problem.isEnergy.begin(), problem.isEnergy.end(), true), 2);
    EXPECT_EQ(findElements({frame}), (std::vector<int>{1, 6, 8}));
    LinearProblem ridge = problem;
    addRidge(ridge, 0.01);
    EXPECT_EQ(ridge.a.rows(), 38 + features.size());
    EXPECT_TRUE(test::close(ridge.a(38, 0), 0.1 * problem.a.col(0).norm(), 1e-12));
    EXPECT_EQ(ridge.a(38, 1), 0);
    const Eigen::VectorXd none = Eigen::VectorXd::Zero(features.size());
    EXPECT_TRUE(test::close(forceRmse(ridge, none), std::sqrt(14.0 / 3), 1e-12));
    frame.energy.reset();
    EXPECT_TRUE(throwsNaming<Error>("frame 1", [&] { makeLinearProblem(features, {frame}, 1); }));
    EXPECT_TRUE(throwsNaming<Error>("element 8", [&] {
        GauntFeatures({1, 6}, {}).evaluate(molecule());
    }));
}
