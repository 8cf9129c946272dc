// SPDX-License-Identifier: MIT
//
// Bits as qubits: gates against unitaries, joints against theorems.
#include "TwoQubits.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <Eigen/LU>

using namespace equivariant;
using namespace equivariant::probabilistic_world;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::throwsNaming;

TEST(WorldQubits, MapsOfThePaper) {
    Matrix3i h, s;
    h << 0, 0, 1, 0, -1, 0, 1, 0, 0; // (s3, -s2, s1)
    s << 0, -1, 0, 1, 0, 0, 0, 0, 1; // (-s2, s1, s3)
    EXPECT_EQ(findGate("H").map, h);
    EXPECT_EQ(findGate("S").map, s);
    EXPECT_EQ(generateGroup({h, s}).size(), 24u);
    EXPECT_EQ(generateGroup({s}).size(), 4u);
    EXPECT_EQ(stateMap(h)[0b100], 0b011); // (1, -1, -1) -> (-1, 1, 1)
}

TEST(WorldQubits, GatesThatAreNoMapsAreRefused) {
    EXPECT_TRUE(throwsNaming<Error>("gate 'T'", [] { findGate("T"); }));
    Matrix2cd t = Matrix2cd::Identity();
    t(1, 1) = std::polar(1.0, M_PI / 4);
    EXPECT_TRUE(throwsNaming<Error>("no rotation of the cube", [&] { spinMap(t); }));
    EXPECT_TRUE(throwsNaming<Error>("spin 1", [] { independentSpins({0, 1.1, 0}); }));
}

TEST(WorldQubits, DensityMatrixIsPositiveWithinTheSphere) {
    EXPECT_GE(densityMatrix(Vector3d(0.6, 0, 0.8)).determinant().real(), -1e-15);
    EXPECT_LT(densityMatrix(Vector3d(0.7, 0.7, 0.7)).determinant().real(), 0);
    const VectorXd p = independentSpins({0.3, 0.4, 0.1});
    EXPECT_TRUE(allClose(meanSpins(p), Vector3d(0.3, 0.4, 0.1), 1e-15));
}

TEST(WorldQubits, PauliMeansAreInverted) {
    const Eigen::MatrixXd random = Random(1).normalMatrix(4, 8);
    const Matrix4cd half = random.leftCols(4) + std::complex<double>(0, 1) * random.rightCols(4);
    const Matrix4cd rho = half * half.adjoint() / (half * half.adjoint()).trace();
    EXPECT_NEAR((densityMatrix(pauliMeans(rho)) - rho).norm(), 0, 1e-14);
    EXPECT_GE(smallestEigenvalue(pauliMeans(rho)), 0);
}

TEST(WorldQubits, JointOfThreeCoins) {
    // Three spins that all differ cannot be: <ab> = <bc> = <ca> = -c needs c <= 1/3.
    const auto coins = [](double c) {
        return findJoint(3, {{{0, 1}, -c}, {{1, 2}, -c}, {{2, 0}, -c}});
    };
    EXPECT_TRUE(coins(0.333).exists);
    const Joint none = coins(0.5);
    EXPECT_FALSE(none.exists);
    EXPECT_NEAR(none.visibility, 2.0 / 3, 1e-9);
    EXPECT_NEAR(none.value / none.bound, 1.5, 1e-9);
    EXPECT_EQ(none.probabilities.size(), 0);
}

TEST(WorldQubits, ThresholdOfTheTurnedSinglet) {
    const auto joint = [](double v) {
        return correlationMap(pauliMeans(wernerState(v, M_PI / 4)));
    };
    EXPECT_TRUE(joint(0.707).exists);
    EXPECT_FALSE(joint(0.708).exists);
    EXPECT_TRUE(correlationMap(pauliMeans(wernerState(1, 0))).exists);
    EXPECT_NEAR(largestChsh(pauliMeans(wernerState(1, 0.3))), 2 * std::sqrt(2.0), 1e-12);
}

TEST(WorldQubits, CliffordGatesPermuteFifteenSpins) {
    Matrix4cd cnot = Matrix4cd::Zero();
    cnot(0, 0) = cnot(1, 1) = cnot(2, 3) = cnot(3, 2) = 1;
    const auto permutation = permuteAverageSpins(cnot);
    ASSERT_TRUE(permutation);
    EXPECT_EQ(permutation->from[3], 4); // X1 -> X1 X2 (numbers 4 and 5, from 1 on)
    Matrix4cd t = Matrix4cd::Identity();
    t(3, 3) = std::polar(1.0, M_PI / 4);
    EXPECT_FALSE(permuteAverageSpins(t));
}

TEST(WorldQubits, BadMomentsAreRefused) {
    EXPECT_TRUE(throwsNaming<Error>("moment 0 names a spin twice", [] {
        findJoint(2, {{{1, 1}, 0}});
    }));
    EXPECT_TRUE(throwsNaming<Error>("moment 1 is not within", [] {
        findJoint(2, {{{1}, 0}, {{0}, 1.5}});
    }));
    EXPECT_TRUE(throwsNaming<Error>("no spin 2", [] { findJoint(2, {{{2}, 0}}); }));
    EXPECT_TRUE(throwsNaming<Error>("moment 0 names no spin", [] { findJoint(2, {{{}, 0.5}}); }));
    EXPECT_TRUE(throwsNaming<Error>("16 spins", [] { findJoint(17, {}); }));
    EXPECT_TRUE(throwsNaming<Error>("row 0, column 0", [] { correlationMap(Matrix4d::Zero()); }));
}
