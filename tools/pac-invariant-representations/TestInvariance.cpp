// SPDX-License-Identifier: MIT
//
// Models, moments, bounds and distributions against closed forms.
#include "BetaDistribution.h"
#include "Bounds.h"
#include "Icp.h"
#include "Sem.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include "equivariant/Error.h"

using namespace equivariant::pac_invariant_representations;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using equivariant::Error;
using equivariant::support::Random;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

LinearSem chain() { // a -> y -> c
    LinearSem sem{MatrixXd::Zero(3, 3), VectorXd::Ones(3), 1, {"a", "y", "c"}};
    sem.b(1, 0) = 2;
    sem.b(2, 1) = 3;
    return sem;
}

LinearSem randomModel(std::uint64_t seed) {
    Random random(seed);
    return randomSem(10, 3, random);
}

} // namespace

TEST(Invariance, CovarianceOfAChain) {
    MatrixXd expected(3, 3);
    expected << 1, 2, 6, 2, 5, 15, 6, 15, 46;
    EXPECT_LT((chain().covariance() - expected).norm(), 1e-12);
    Random random(1);
    const Matrix rows = chain().sample(100000, random);
    EXPECT_LT((rows.transpose() * rows / 100000 - expected).cwiseAbs().maxCoeff(), 1);
    EXPECT_NEAR((rows.col(1) - 2 * rows.col(0)).squaredNorm() / 100000, 1, 0.02);
}

TEST(Invariance, RandomModelsHaveTheirInDegree) {
    for (int seed = 0; seed < 10; seed++) {
        const LinearSem sem = randomModel(seed);
        EXPECT_NO_THROW(sem.check());
        EXPECT_EQ(sem.parentsOfTarget().size(), 3u);
        for (int i = 0; i <= 10; i++)
            EXPECT_EQ((sem.b.row(i).array() != 0).count(), std::min(i, 3));
    }
}

TEST(Invariance, InterventionsChangeTheirSitesOnly) {
    const LinearSem sem = randomModel(1);
    for (InterventionKind kind :
         {InterventionKind::Soft, InterventionKind::Do, InterventionKind::Noise}) {
        InterventionFamily family;
        family.kind = kind;
        Random random(2);
        for (int t = 0; t < 50; t++) {
            const LinearSem changed = family.draw(sem, random);
            int sites = 0;
            for (int i = 0; i <= 10; i++) {
                const bool isSite = changed.variances[i] != 1;
                sites += isSite;
                if (!isSite || kind == InterventionKind::Noise)
                    EXPECT_EQ(changed.b.row(i), sem.b.row(i));
                else if (kind == InterventionKind::Do)
                    EXPECT_TRUE((changed.b.row(i).array() == 0).all());
                else // never a parent that was not there
                    EXPECT_TRUE(
                        ((sem.b.row(i).array() != 0) || (changed.b.row(i).array() == 0)).all());
            }
            EXPECT_EQ(sites, 2);
            EXPECT_EQ(changed.variances[sem.target], 1);
        }
    }
}

TEST(Invariance, ParentsHaveNoResidualAnywhere) {
    const LinearSem sem = randomModel(3);
    Random random(4);
    for (const Environment& e : drawEnvironments(sem, {}, 100, random)) {
        const Residual r = residual(e, sem.exactRepresentation());
        EXPECT_LT(r.norm, 1e-11);
        EXPECT_TRUE(close(r.error, 1, 1e-11));
        EXPECT_EQ(r.slack, 0);
    }
}

TEST(Invariance, ResidualIsHalfTheGradientOfTheError) {
    Random random(5);
    const Environment e = drawEnvironments(randomModel(3), {}, 1, random)[0];
    const MatrixXd phi = random.normalMatrix(2, 10);
    const VectorXd w = random.normalVector(2);
    const Residual r = residual(e, {phi, w});
    for (int k = 0; k < 2; k++) {
        VectorXd low = w, high = w;
        low[k] -= 1e-5, high[k] += 1e-5;
        EXPECT_TRUE(close(2 * r.g[k],
                          (residual(e, {phi, high}).error - residual(e, {phi, low}).error) / 2e-5,
                          1e-6));
    }
    // Other units of the features and the target change |g|, but not the value without units.
    const Environment scaled = {"", 9 * e.xx, 3 * 5 * e.xy, 25 * e.yy, 0};
    const Residual other = residual(scaled, {phi, 5.0 / 3 * w});
    EXPECT_TRUE(close(other.norm, 15 * r.norm, 1e-10));
    EXPECT_TRUE(close(other.relative, r.relative, 1e-10));
    // Those of a single row of Phi neither, nor its slack.
    Environment sampled = e;
    sampled.samples = 100;
    const Eigen::Vector2d units(1, 1e10);
    const Residual one = residual(sampled, {phi, w}),
                   two = residual(sampled, {units.asDiagonal() * phi, w.cwiseQuotient(units)});
    EXPECT_TRUE(close(two.relative, one.relative, 1e-8));
    EXPECT_TRUE(close(two.relativeSlack, one.relativeSlack, 1e-8));
    EXPECT_TRUE(throwsNaming<Error>("2 x 9", [&] { residual(e, {phi.leftCols(9), w}); }));
}

TEST(Invariance, RelativeSlackIsThatOfWhitenedFeatures) {
    // With E[XX^T] = 1 and E[Y^2] = 4 the value without units is |g|/2.
    MatrixXd covariance = MatrixXd::Identity(3, 3);
    covariance(0, 2) = covariance(2, 0) = 0.5;
    covariance(2, 2) = 4;
    Environment e = environmentOf("e", covariance, 2);
    e.samples = 100;
    const Residual r = residual(e, {MatrixXd::Identity(2, 2), VectorXd::Ones(2)});
    EXPECT_TRUE(close(r.relative, r.norm / 2, 1e-13));
    EXPECT_TRUE(close(r.relativeSlack, r.slack / 2, 1e-13));
}

TEST(Invariance, ExactPredictionsHaveNoErrorAndNoSlack) {
    for (int t = 0; t < 20; t++) {
        Random random(10, t);
        const Matrix x = random.normalMatrix(50, 2);
        const VectorXd w = random.normalVector(2);
        const Residual r =
            residual(environmentOf("e", x, VectorXd(x * w)), {MatrixXd::Identity(2, 2), w});
        EXPECT_GE(r.error, 0);
        EXPECT_LT(r.slack, 1e-6);
    }
}

TEST(Invariance, MomentsOfRowsAreCentred) {
    Random random(6);
    Matrix x = random.normalMatrix(50, 2);
    VectorXd y = random.normalVector(50);
    const Environment e = environmentOf("e", x, y);
    x.col(0).array() += 100;
    y.array() -= 7;
    const Environment moved = environmentOf("e", x, y);
    EXPECT_LT((moved.xx - e.xx).norm(), 1e-10);
    EXPECT_LT((moved.xy - e.xy).norm(), 1e-10);
    EXPECT_EQ(e.samples, 50);
}

TEST(Invariance, SlackCoversWhatSamplesDeviate) {
    const LinearSem sem = chain();
    int above = 0;
    for (int t = 0; t < 200; t++) {
        Random random(7, t);
        const Matrix rows = sem.sample(200, random);
        Matrix x(200, 2);
        x << rows.col(0), rows.col(2);
        const Residual r = residual(environmentOf("e", x, rows.col(1)), sem.exactRepresentation());
        above += r.norm > r.slack;
    }
    EXPECT_LE(above, 10); // eta = 0.05
    EXPECT_GT(residual({"", MatrixXd::Identity(1, 1), VectorXd::Zero(1), 1, 100},
                       {MatrixXd::Identity(1, 1), VectorXd::Zero(1)})
                  .slack,
              0.1);
}

TEST(Invariance, ObservedThroughAMatrix) {
    Random random(8);
    const MatrixXd o = random.normalMatrix(20, 10), phi = random.normalMatrix(3, 10);
    EXPECT_LT((onObserved(phi, o) * o - phi).norm(), 1e-10);
    EXPECT_TRUE(throwsNaming<Error>(
        "rank 2 of 3", [] { onObserved(MatrixXd::Identity(3, 3), MatrixXd::Identity(2, 3)); }));
}

TEST(InvarianceBounds, ClopperPearson) {
    EXPECT_TRUE(close(clopperPearson(0, 300, 0.05), 1 - std::pow(0.05, 1.0 / 300), 1e-12));
    EXPECT_EQ(clopperPearson(7, 7, 0.05), 1);
    // The defining equation, by summing the binomial distribution.
    const double p = clopperPearson(3, 40, 0.1);
    double sum = 0;
    for (int k = 0; k <= 3; k++)
        sum += std::exp(std::lgamma(41) - std::lgamma(k + 1) - std::lgamma(41 - k) +
                        k * std::log(p) + (40 - k) * std::log(1 - p));
    EXPECT_TRUE(close(sum, 0.1, 1e-9));
    EXPECT_TRUE(throwsNaming<Error>("5 violations in 4", [] { clopperPearson(5, 4, 0.05); }));
    EXPECT_TRUE(throwsNaming<Error>("eta", [] { clopperPearson(0, 4, 1); }));
}

TEST(InvarianceBounds, TheoryOfSampleSizes) {
    const SampleBound free = dimensionFreeBound(2, 3, 0.05, 0.05);
    EXPECT_EQ(free.parameters, 8);
    EXPECT_EQ(free.degree, 10);
    EXPECT_EQ(free.vc, 43758); // 18 choose 10
    EXPECT_EQ(free.environments, std::ceil(8 * 43758 / 0.05 * std::log2(13 / 0.05)));
    const SampleBound ambient = ambientBound(3, 10, 0.05, 0.05);
    EXPECT_EQ(ambient.parameters, 33);
    EXPECT_TRUE(close(ambient.vc, 66 * std::log2(48 * std::exp(1)), 1e-12));
    EXPECT_GT(ambientBound(3, 1000, 0.05, 0.05).environments, ambient.environments);
    EXPECT_TRUE(throwsNaming<Error>("delta", [] { ambientBound(3, 10, 0, 0.05); }));
    EXPECT_TRUE(throwsNaming<Error>("a site", [] { dimensionFreeBound(0, 3, 0.05, 0.05); }));
    EXPECT_TRUE(throwsNaming<Error>("beyond all numbers",
                                    [] { dimensionFreeBound(2000000000, 3, 0.05, 0.05); }));
    EXPECT_TRUE(throwsNaming<Error>("rows", [] { ambientBound(3, 2, 0.05, 0.05); }));
}

TEST(InvarianceBounds, FDistributionInClosedForms) {
    for (double x : {0.1, 1.0, 5.0}) {
        EXPECT_TRUE(close(fDistribution(x, 2, 2), x / (1 + x), 1e-12));
        // Of the square of a variable of Cauchy's distribution.
        EXPECT_TRUE(close(fDistribution(x, 1, 1), 2 / M_PI * std::atan(std::sqrt(x)), 1e-12));
    }
    EXPECT_TRUE(close(betaQuantile(1, 1, 0.3), 0.3, 1e-12));
    EXPECT_TRUE(close(betaQuantile(2, 1, 0.25), 0.5, 1e-12));
}

TEST(InvarianceBounds, PredictionOfCausesRejectsChildren) {
    std::vector<Samples> data;
    for (int t = 0; t < 4; t++) {
        Random random(9, t);
        LinearSem sem = chain();
        sem.b(2, 1) = t; // of one sign: those of opposite ones cancel in a pooled regression
        const Matrix rows = sem.sample(2000, random);
        Matrix x(2000, 2);
        x << rows.col(0), rows.col(2);
        data.push_back({x, rows.col(1)});
    }
    EXPECT_GT(invarianceTest(data, {0}), 0.05);
    EXPECT_LT(invarianceTest(data, {1}), 1e-6);
    EXPECT_LT(invarianceTest(data, {0, 1}), 1e-6);
    EXPECT_TRUE(throwsNaming<Error>("no feature 2", [&] { invarianceTest(data, {2}); }));
}

TEST(Invariance, RefusesBadModels) {
    LinearSem sem = chain();
    sem.b(0, 2) = 1;
    EXPECT_TRUE(throwsNaming<Error>("B has a cycle", [&] { sem.check(); }));
    sem = chain();
    sem.variances[1] = 0;
    EXPECT_TRUE(throwsNaming<Error>("variances", [&] { sem.check(); }));
    InterventionFamily family;
    family.at = {1};
    EXPECT_TRUE(throwsNaming<Error>("at the target 'y'", [&] { family.check(chain()); }));
    family.at = {3};
    EXPECT_TRUE(throwsNaming<Error>("does not exist", [&] { family.check(chain()); }));
    family.at = {};
    family.sites = 3;
    EXPECT_TRUE(throwsNaming<Error>("3 of 2", [&] { family.check(chain()); }));
    EXPECT_TRUE(throwsNaming<Error>("3 rows, not more than", [] {
        environmentOf("e", Matrix::Ones(3, 3), VectorXd::Ones(3));
    }));
    EXPECT_TRUE(throwsNaming<Error>(
        "2 targets", [] { environmentOf("e", Matrix::Ones(3, 1), VectorXd::Ones(2)); }));
    Matrix hole = Matrix::Ones(5, 1);
    hole(2, 0) = NAN;
    EXPECT_TRUE(throwsNaming<Error>("row 2, column 0",
                                    [&] { environmentOf("e", hole, VectorXd::Ones(5)); }));
    const MatrixXd indefinite = (MatrixXd(2, 2) << 1, 5, 5, 1).finished();
    EXPECT_TRUE(throwsNaming<Error>("not positive semidefinite",
                                    [&] { environmentOf("e", indefinite, 1); }));
    EXPECT_TRUE(throwsNaming<Error>("of the target",
                                    [] { environmentOf("e", MatrixXd::Identity(2, 2), 2); }));
    EXPECT_TRUE(throwsNaming<Error>("held out", [] {
        certify({MatrixXd::Identity(1, 1), VectorXd::Ones(1)}, {}, {});
    }));
}
