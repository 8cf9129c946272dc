// SPDX-License-Identifier: MIT
//
// Verdicts: normal points are accepted, others are not, too few are neither.
#include "Families.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <limits>

using namespace equivariant;
using namespace equivariant::halfspace_tester_learner;
using equivariant::support::Random;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

constexpr Index n = 20000, d = 4;

const Calibration& calibration() {
    static const Calibration result = [] {
        Options options;
        options.eta = 0.2;
        return calibrate(d, splitPoints(n).testing, chooseSigmas(n, d, options), 60, 1);
    }();
    return result;
}

Outcome fit(const Matrix& x, const VectorXd& y, int seed = 0) {
    Options options;
    options.eta = 0.2;
    options.seed = seed;
    return testAndLearn(x, y, options, &calibration());
}

} // namespace

TEST(HalfspaceLearner, NormalPointsAreAcceptedAndLearned) {
    Random random(1);
    const VectorXd w = randomDirection(d, random);
    const Matrix x = random.normalMatrix(n, d);
    const VectorXd y = massartLabels(x, w, 0.2, random);
    const Outcome outcome = fit(x, y);
    EXPECT_EQ(outcome.status, Status::Accepted) << outcome.reason;
    EXPECT_GT(outcome.w.dot(w), 0.999);
    EXPECT_TRUE(close(outcome.w.norm(), 1, 1e-14));
    EXPECT_NEAR(outcome.error, errorRate(x, y, w), outcome.radius);
    EXPECT_LT(outcome.disagreement, 9);
    EXPECT_FALSE(outcome.isOneClass);
    EXPECT_EQ(fit(x, y).w, outcome.w); // same seed, same numbers
    EXPECT_NE(fit(x, y, 1).w, outcome.w);
}

TEST(HalfspaceLearner, TheOtherSignIsTried) {
    Random random(2);
    const VectorXd w = VectorXd::Unit(d, 0);
    const Matrix x = random.normalMatrix(n, d);
    EXPECT_LT(fit(x, predict(x, w)).w[0] * fit(x, -predict(x, w)).w[0], -0.99);
}

TEST(HalfspaceLearner, OtherPointsAreRejected) {
    for (const std::string& family : families())
        for (int k = 0; k < 2; k++) {
            Random random(3, k);
            const VectorXd w = k ? randomDirection(d, random) : VectorXd(VectorXd::Unit(d, 0));
            const Matrix x = drawPoints(family, n, w, family == "shrunk" ? 0.1 : 1, random);
            const Outcome outcome = fit(x, massartLabels(x, w, 0.2, random));
            EXPECT_EQ(outcome.status, Status::Rejected) << family << k;
            EXPECT_NE(outcome.reason.find("is more than"), std::string::npos) << outcome.reason;
        }
}

TEST(HalfspaceLearner, FewPointsAreInsufficient) {
    const Outcome outcome = testAndLearn(Random(4).normalMatrix(200, 10), VectorXd::Ones(200), {});
    EXPECT_EQ(outcome.status, Status::Insufficient);
    EXPECT_NE(outcome.reason.find("not enough"), std::string::npos);
    EXPECT_EQ(outcome.w.size(), 0);
}

TEST(HalfspaceLearner, EqualLabelsAreReported) {
    const Outcome outcome = fit(Random(5).normalMatrix(n, d), VectorXd::Ones(n));
    EXPECT_TRUE(outcome.isOneClass);
    EXPECT_NEAR(outcome.error, 0.5, 0.03); // no plane through the origin is better
}

TEST(HalfspaceLearner, OneDimension) {
    const Matrix x = Random(6).normalMatrix(5000, 1);
    Options options;
    options.replicas = 40;
    const Outcome outcome = testAndLearn(x, -predict(x, VectorXd::Ones(1)), options);
    EXPECT_EQ(outcome.status, Status::Accepted) << outcome.reason;
    EXPECT_EQ(outcome.w[0], -1);
    EXPECT_EQ(outcome.error, 0);
}

TEST(HalfspaceLearner, WhitenedPoints) {
    Random random(7);
    const Matrix mixing = random.normalMatrix(d, d);
    const Matrix x = (random.normalMatrix(n, d) * mixing).array() + 3;
    const Whitening whitening = whiten(x);
    const Matrix white = whitening.apply(x);
    EXPECT_NEAR(white.colwise().mean().norm(), 0, 1e-12);
    EXPECT_NEAR((white.transpose() * white / n - Matrix::Identity(d, d)).norm(), 0, 1e-10);
    EXPECT_EQ(fit(white, predict(white, VectorXd::Unit(d, 1))).status, Status::Accepted);
    Matrix flat = x;
    flat.col(0) = 2 * flat.col(1);
    EXPECT_TRUE(throwsNaming<Error>("in a plane", [&] { whiten(flat); }));
}

TEST(HalfspaceLearner, SigmasFollowTheNoise) {
    Options options;
    options.eta = 0.3;
    EXPECT_EQ(chooseSigmas(10000000, 2, options).size(), 4u);
    EXPECT_TRUE(close(chooseSigmas(10000000, 2, options)[1], 0.04, 1e-15));
    options.noise = Noise::Adversarial;
    EXPECT_TRUE(close(chooseSigmas(10000000, 2, options)[0], 0.05, 1e-15));
    EXPECT_TRUE(chooseSigmas(200, 10, options).empty());
    const Parts parts = splitPoints(103);
    EXPECT_EQ(parts.learning + parts.testing + parts.validation, 103);
}

TEST(HalfspaceLearner, BadInputIsRefused) {
    Matrix x = Random(8).normalMatrix(50, 2);
    VectorXd y = VectorXd::Ones(50);
    Options options;
    const auto call = [&] { testAndLearn(x, y, options); };
    y[3] = 0.5;
    EXPECT_TRUE(throwsNaming<Error>("row 3", call));
    y[3] = 1;
    x(4, 1) = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(throwsNaming<Error>("row 4, column 1", call));
    x(4, 1) = 0;
    for (double eta : {0.5, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
        options.eta = eta;
        EXPECT_TRUE(throwsNaming<Error>("eta", call));
    }
    options.eta = 0;
    options.delta = 0;
    EXPECT_TRUE(throwsNaming<Error>("delta", call));
    options.delta = 0.01;
    options.learning.steps = 0;
    EXPECT_TRUE(throwsNaming<Error>("one step", call));
    EXPECT_TRUE(throwsNaming<Error>("49 labels for 50", [&] { testAndLearn(x, y.head(49), {}); }));
    EXPECT_TRUE(
        throwsNaming<Error>("no points", [] { testAndLearn(Matrix(0, 2), VectorXd(0), {}); }));
    EXPECT_TRUE(throwsNaming<Error>("calibration is for 7000 points", [&] {
        testAndLearn(Random(9).normalMatrix(5000, 2), VectorXd::Ones(5000), {}, &calibration());
    }));
    EXPECT_TRUE(throwsNaming<Error>("lacks sigma", [&] {
        testAndLearn(Random(9).normalMatrix(n, d), VectorXd::Ones(n), {}, &calibration());
    }));
}
