// SPDX-License-Identifier: MIT
//
// Markov-state models with both ends against closed forms and sums over paths.
#include "Msm.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

using namespace equivariant;
using namespace equivariant::probabilistic_world;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

VectorXd trajectory(std::initializer_list<double> states) {
    return Eigen::Map<const VectorXd>(states.begin(), static_cast<Index>(states.size()));
}

} // namespace

TEST(WorldMsm, CountsAndTimescales) {
    const Msm msm = estimateMsm(trajectory({0, 1, 0, 0, 1, 1, 0}), 2, 1);
    EXPECT_TRUE(close(msm.transitions(0, 1), 2.0 / 3, 1e-15));
    EXPECT_TRUE(allClose(msm.stationary, Eigen::Vector2d(0.5, 0.5), 1e-15));
    EXPECT_TRUE(close(timescales(msm)[0], 1 / std::log(3), 1e-12)); // eigenvalue -1/3
    EXPECT_TRUE(close(estimateMsm(trajectory({0, 1, 0, 0, 1, 1, 0}), 2, 2).transitions(0, 0),
                      1.0 / 3, 1e-15));
}

TEST(WorldMsm, RareStatesArePrecise) { // uphill 0.1, downhill 0.9: mu falls by 9 a state
    MatrixXd t = MatrixXd::Zero(30, 30);
    for (int i = 0; i < 30; i++) {
        t(i, std::min(i + 1, 29)) += 0.1;
        t(i, std::max(i - 1, 0)) += 0.9;
    }
    const VectorXd mu = makeMsm(t, 1).stationary;
    for (int i = 0; i < 30; i++)
        EXPECT_TRUE(close(mu[i] * std::pow(9, i), 8.0 / 9, 1e-12)) << i;
}

TEST(WorldMsm, RandomWalkHasLinearCommittors) {
    MatrixXd t = MatrixXd::Zero(5, 5);
    for (int i = 0; i < 5; i++)
        for (int j : {i - 1, i + 1})
            t(i, std::clamp(j, 0, 4)) += 0.5;
    const TransitionPaths paths = transitionPaths(makeMsm(t, 1), {0}, {4});
    EXPECT_TRUE(allClose(paths.forward, VectorXd::LinSpaced(5, 0, 1), 1e-14));
    EXPECT_TRUE(allClose(paths.backward, VectorXd::LinSpaced(5, 1, 0), 1e-14));
    EXPECT_TRUE(close(paths.flux, 0.2 * 0.5 * 0.25, 1e-14));
    EXPECT_TRUE(close(paths.rate, paths.flux / 0.5, 1e-14));
}

TEST(WorldMsm, WaveFunctionsAreCommittors) {
    MatrixXd t = Random(1).normalMatrix(4, 4).array().exp();
    t.array().colwise() /= t.rowwise().sum().array().eval();
    const Msm msm = makeMsm(t, 1);
    const TransitionPaths paths = transitionPaths(msm, {0}, {3});
    const Sweep sweep(transitionChain(msm, {0}, {3}, 200));
    const Slice middle = sweep.slice(100);
    const VectorXd q = middle.q.col(0).segment(5, 2), f = middle.f.col(0).segment(5, 2);
    EXPECT_TRUE(close(q[1] / q[0], paths.forward[2] / paths.forward[1], 1e-12));
    EXPECT_TRUE(close(
        f[1] / f[0],
        msm.stationary[2] * paths.backward[2] / (msm.stationary[1] * paths.backward[1]), 1e-12));
}

TEST(WorldMsm, PathsOfGivenLength) {
    MatrixXd t(3, 3);
    t << 0.5, 0.5, 0, 0.25, 0.5, 0.25, 0, 0.5, 0.5;
    const Sweep sweep(conditionedChain(makeMsm(t, 1), {0}, {2}, 2));
    EXPECT_TRUE(allClose(sweep.slice(1).probabilities(), Eigen::Vector3d(0, 1, 0), 1e-15));
    EXPECT_TRUE(close(std::exp(sweep.logZ()), 0.25 * 0.5 * 0.25, 1e-14));
}

TEST(WorldMsm, BadInputIsRefused) {
    const auto estimate = [](const VectorXd& states, int count, int lag = 1) {
        return [=] { estimateMsm(states, count, lag); };
    };
    EXPECT_TRUE(
        throwsNaming<Error>("state 2 is never visited", estimate(trajectory({0, 1, 0}), 3)));
    EXPECT_TRUE(
        throwsNaming<Error>("state 2 is never left", estimate(trajectory({0, 1, 0, 2}), 3)));
    EXPECT_TRUE(throwsNaming<Error>("row 1", estimate(trajectory({0, 2, 0}), 2)));
    EXPECT_TRUE(throwsNaming<Error>("row 1", estimate(trajectory({0, 0.5, 0}), 2)));
    EXPECT_TRUE(throwsNaming<Error>("row 2", estimate(trajectory({0, 1, -1}), 2)));
    EXPECT_TRUE(throwsNaming<Error>("lag of 3", estimate(trajectory({0, 1, 0}), 2, 3)));
    EXPECT_TRUE(throwsNaming<Error>("lag of 0", estimate(trajectory({0, 1, 0}), 2, 0)));
    EXPECT_TRUE(throwsNaming<Error>("at least 2", estimate(trajectory({0, 0}), 1)));
    EXPECT_TRUE(throwsNaming<Error>("state 1 never leads to state 0",
                                    estimate(trajectory({0, 1, 1, 1}), 2)));
    EXPECT_TRUE(throwsNaming<Error>("row 0", [] { makeMsm(MatrixXd::Ones(2, 2), 1); }));
    EXPECT_TRUE(throwsNaming<Error>("lag", [] { makeMsm(MatrixXd::Constant(2, 2, 0.5), 0); }));
    const Msm msm = estimateMsm(trajectory({0, 1, 2, 0, 2, 1, 0}), 3, 1);
    EXPECT_TRUE(throwsNaming<Error>("no state 3", [&] { transitionPaths(msm, {0}, {3}); }));
    EXPECT_TRUE(throwsNaming<Error>("state 0 is in both", [&] { transitionPaths(msm, {0}, {0}); }));
    EXPECT_TRUE(throwsNaming<Error>("at least one", [&] { transitionPaths(msm, {}, {0}); }));
}
