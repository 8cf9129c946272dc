// SPDX-License-Identifier: MIT
#include "Bounds.h"
#include "General.h"
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

LinearSem model(std::uint64_t seed) {
    Random random(seed);
    return randomSem(8, 2, random);
}

std::vector<Environment> draw(const LinearSem& sem, int count, std::uint64_t seed,
                              const InterventionFamily& family = {}) {
    Random random(seed);
    return drawEnvironments(sem, family, count, random);
}

double largestNorm(const std::vector<Environment>& environments, const MatrixXd& phi,
                   const VectorXd& w) {
    return judge(environments, {phi, w}, {}).largestNorm;
}

} // namespace

TEST(InvarianceSearch, FindsTheParents) {
    for (int seed = 0; seed < 5; seed++) {
        const LinearSem sem = model(seed);
        const SearchResult found = searchSubsets(draw(sem, 16, 10 + seed), {});
        ASSERT_TRUE(found.found);
        EXPECT_EQ(found.best.features, sem.parentsOfTarget());
        EXPECT_EQ(found.candidates, 8 + 28 + 56);
        EXPECT_LT(found.best.largestNorm, 1e-10);
        EXPECT_TRUE(close(found.best.error, 1, 1e-10));
        EXPECT_LT((found.best.representation.w - sem.exactRepresentation().w).norm(), 1e-10);
    }
}

// Brute force, in other words: all masks, moments of the whole.
TEST(InvarianceSearch, IsTheSmallestErrorOfAllInvariantSets) {
    const auto environments = draw(model(1), 3, 2);
    SearchOptions options;
    options.eps = 0.5;
    const SearchResult found = searchSubsets(environments, options);
    double best = INFINITY;
    long invariant = 0;
    for (int mask = 1; mask < 256; mask++) {
        std::vector<int> features;
        for (int i = 0; i < 8; i++)
            if (mask >> i & 1)
                features.push_back(i);
        if (features.size() > 3)
            continue;
        MatrixXd phi = MatrixXd::Zero(Eigen::Index(features.size()), 8);
        for (std::size_t k = 0; k < features.size(); k++)
            phi(Eigen::Index(k), features[k]) = 1;
        const Candidate c = judge(environments, {phi, pooledHead(environments, phi)}, options);
        invariant += c.isInvariant;
        if (c.isInvariant)
            best = std::min(best, c.error);
    }
    EXPECT_EQ(found.invariant, invariant);
    EXPECT_EQ(found.found, invariant > 0);
    EXPECT_TRUE(close(found.best.error, best, 1e-12));
}

TEST(InvarianceSearch, MoreFeaturesOfNoUseAreNotChosen) {
    // Both sets have the same error, up to rounding.
    MatrixXd covariance = MatrixXd::Identity(4, 4); // a, b, c, y = a + e
    covariance(0, 3) = covariance(3, 0) = 1;
    covariance(3, 3) = 2;
    MatrixXd other = covariance;
    other(1, 1) = 3;
    const SearchResult found =
        searchSubsets({environmentOf("0", covariance, 3), environmentOf("1", other, 3)}, {});
    EXPECT_EQ(found.best.features, std::vector<int>{0});
}

TEST(InvarianceSearch, NothingIsInvariantWhereTheTargetIsChanged) {
    MatrixXd one = MatrixXd::Identity(2, 2), two = one;
    one(1, 1) = two(1, 1) = 5;
    one(0, 1) = one(1, 0) = 1;
    two(0, 1) = two(1, 0) = -1;
    const SearchResult found =
        searchSubsets({environmentOf("0", one, 1), environmentOf("1", two, 1)}, {});
    EXPECT_FALSE(found.found);
    EXPECT_EQ(found.invariant, 0);
    EXPECT_TRUE(close(found.best.largestNorm, 1, 1e-12)); // w = 0
}

TEST(InvarianceSearch, SlackAdmitsFiniteSamples) {
    MatrixXd one = MatrixXd::Identity(2, 2), two = one;
    one(1, 1) = two(1, 1) = 2;
    one(0, 1) = one(1, 0) = 1.15;
    two(0, 1) = two(1, 0) = 0.85;
    std::vector<Environment> environments = {environmentOf("0", one, 1),
                                             environmentOf("1", two, 1)};
    EXPECT_FALSE(searchSubsets(environments, {}).found);
    for (Environment& e : environments)
        e.samples = 100;
    EXPECT_TRUE(searchSubsets(environments, {}).found);
    for (Environment& e : environments)
        e.samples = 100000;
    EXPECT_FALSE(searchSubsets(environments, {}).found);
}

TEST(InvarianceSearch, SlackOfOneFeatureHidesNoViolationOfAnother) {
    // a, b in a unit of a thousandth, y = ±a + e: sets with a are not invariant.
    MatrixXd one = MatrixXd::Identity(3, 3);
    one(1, 1) = 1e6;
    one(2, 2) = 2;
    MatrixXd two = one;
    one(0, 2) = one(2, 0) = 1;
    two(0, 2) = two(2, 0) = -1;
    std::vector<Environment> environments = {environmentOf("0", one, 2),
                                             environmentOf("1", two, 2)};
    for (Environment& e : environments)
        e.samples = 2000;
    SearchOptions options;
    options.relative = true;
    const SearchResult found = searchSubsets(environments, options);
    EXPECT_EQ(found.invariant, 1);
    EXPECT_EQ(found.best.features, std::vector<int>{1});
}

TEST(InvarianceSearch, CancellingPathsAreSeenOutsideOfTheFamily) {
    LinearSem sem{MatrixXd::Zero(3, 3), VectorXd::Ones(3), 1, {"a", "y", "c"}};
    sem.b(1, 0) = 1;
    sem.b(2, 0) = -1;
    sem.b(2, 1) = 1; // c = e_y + e_c: knows of y, nothing of a
    InterventionFamily training, outside;
    training.at = {0};
    outside.at = {2};
    SearchOptions one;
    one.mostFeatures = 1;
    const auto environments = draw(sem, 8, 1, training);
    MatrixXd child = MatrixXd::Zero(1, 2);
    child(0, 1) = 1;
    EXPECT_LT(largestNorm(environments, child, pooledHead(environments, child)), 1e-12);
    const SearchResult found = searchSubsets(environments, {});
    ASSERT_TRUE(found.found);
    EXPECT_EQ(found.best.features, (std::vector<int>{0, 1}));
    EXPECT_EQ(certify(found.best.representation, draw(sem, 300, 2, training), {}).violations, 0);
    EXPECT_GT(certify(found.best.representation, draw(sem, 300, 2, outside), {}).upperBound, 0.5);
}

TEST(InvarianceSearch, MinimaxHeadIsOptimal) {
    const auto environments = draw(model(2), 6, 3);
    MatrixXd phi = MatrixXd::Zero(2, 8);
    phi(0, 1) = phi(1, 6) = 1;
    const VectorXd w = minimaxHead(environments, phi);
    const double best = largestNorm(environments, phi, w);
    EXPECT_LT(best, largestNorm(environments, phi, pooledHead(environments, phi)));
    // Convex: no direction leads down, near or far.
    Random random(4);
    for (int k = 0; k < 2000; k++) {
        const double length = std::pow(10, -3 * random.uniform());
        EXPECT_GE(largestNorm(environments, phi, w + length * random.normalVector(2)),
                  best * (1 - 1e-5));
    }
}

TEST(InvarianceSearch, RedundantFeaturesAreLeftOut) {
    Random random(5);
    Matrix x = random.normalMatrix(100, 5);
    x.col(1).setConstant(1e6 / 3); // its mean is rounded
    x.col(3) = 1000 * x.col(0);
    x.col(4) = x.col(0) - x.col(2);
    const std::vector<Environment> environments = {
        environmentOf("0", x.topRows(50), random.normalVector(50)),
        environmentOf("1", x.bottomRows(50), random.normalVector(50))};
    const std::vector<int> usable = independentFeatures(environments);
    EXPECT_EQ(usable.size(), 2u);
    EXPECT_EQ(std::count(usable.begin(), usable.end(), 1), 0);
    EXPECT_NO_THROW(searchSubsets(environments, {}, usable));
    EXPECT_TRUE(throwsNaming<Error>("linearly dependent",
                                    [&] { pooledHead(environments, MatrixXd::Identity(5, 5)); }));
}

TEST(InvarianceGeneral, GradientEqualsFiniteDifferences) {
    const auto environments = draw(model(3), 4, 6);
    const GeneralObjective objective(environments, 2);
    Random random(7);
    const VectorXd at = random.normalVector(objective.size());
    VectorXd gradient;
    objective.evaluate(at, 0.7, &gradient);
    for (Eigen::Index i = 0; i < at.size(); i++) {
        VectorXd low = at, high = at;
        low[i] -= 1e-6, high[i] += 1e-6;
        EXPECT_TRUE(close(
            gradient[i],
            (objective.evaluate(high, 0.7, nullptr) - objective.evaluate(low, 0.7, nullptr)) / 2e-6,
            1e-5));
    }
    // The value in terms of the representation.
    const Representation representation = objective.representation(at);
    const MatrixXd& phi = representation.phi;
    EXPECT_LT((phi * phi.transpose() - MatrixXd::Identity(2, 2)).norm(), 1e-12);
    double expected = 0;
    for (const Environment& e : environments) {
        const Residual r = residual(e, representation);
        expected += r.error / 4 + 0.7 * r.norm * r.norm;
    }
    EXPECT_TRUE(close(objective.evaluate(at, 0.7, nullptr), expected, 1e-10));
}

TEST(InvarianceGeneral, FindsWhatIsInvariantInOtherCoordinates) {
    // Features are mixed, so that no subset of them is invariant, but a direction is.
    LinearSem sem{MatrixXd::Zero(4, 4), VectorXd::Ones(4), 2, {"a", "b", "y", "c"}};
    sem.b(2, 0) = 1;
    sem.b(2, 1) = -0.5;
    sem.b(3, 2) = 1;
    Random random(8);
    const MatrixXd o = random.normalMatrix(3, 3);
    std::vector<Environment> environments;
    for (const Environment& e : draw(sem, 10, 9))
        environments.push_back(observe(e, o));
    GeneralOptions options;
    options.search.mostFeatures = 2;
    options.search.eps = 0.02;
    const SearchResult found = optimiseGeneral(environments, options);
    ASSERT_TRUE(found.found);
    EXPECT_LT(found.best.error, 1.02);
    EXPECT_GT(found.best.error, 0.9);
    EXPECT_FALSE(searchSubsets(environments, options.search).found);
    const SearchResult again = optimiseGeneral(environments, options);
    EXPECT_EQ(again.best.representation.phi, found.best.representation.phi);
}

TEST(InvarianceSearch, RefusesWhatMakesNoSense) {
    const auto environments = draw(model(1), 2, 1);
    const auto refuses = [&](const std::string& why, auto change) {
        SearchOptions options;
        change(options);
        return throwsNaming<Error>(why, [&] { searchSubsets(environments, options); });
    };
    EXPECT_TRUE(refuses("eps", [](SearchOptions& o) { o.eps = 0; }));
    EXPECT_TRUE(refuses("eta", [](SearchOptions& o) { o.eta = 1; }));
    EXPECT_TRUE(refuses("needs a feature", [](SearchOptions& o) { o.mostFeatures = 0; }));
    EXPECT_TRUE(throwsNaming<Error>("no environment", [] { searchSubsets({}, {}); }));
    auto mixed = environments;
    mixed.push_back({"small", MatrixXd::Identity(2, 2), VectorXd::Ones(2), 1, 0});
    EXPECT_TRUE(throwsNaming<Error>("small", [&] { searchSubsets(mixed, {}); }));
    GeneralOptions options;
    options.search.mostFeatures = 9;
    EXPECT_TRUE(throwsNaming<Error>("9 rows", [&] { optimiseGeneral(environments, options); }));
    options.search.eps = -1;
    EXPECT_TRUE(throwsNaming<Error>("eps", [&] { optimiseGeneral(environments, options); }));
}
