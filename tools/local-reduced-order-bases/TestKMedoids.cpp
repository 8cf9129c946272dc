// SPDX-License-Identifier: MIT
#include "ClusterChecks.h"
#include "Dissimilarity.h"
#include "KMedoids.h"

#include "support/Failure.h"
#include "support/Random.h"

#include "support/Compare.h"

using namespace equivariant::local_reduced_order_bases;
using equivariant::Error;
using equivariant::support::Failure;
using equivariant::support::Random;
using equivariant::test::close;

namespace {

double costOf(const Matrix& d, const std::vector<int>& medoids) {
    return d(Eigen::all, medoids).rowwise().minCoeff().sum();
}

/// The lowest cost of all pairs of medoids.
double lowestOfPairs(const Matrix& d) {
    double lowest = INFINITY;
    for (int a = 0; a < d.rows(); a++)
        for (int b = a + 1; b < d.rows(); b++)
            lowest = std::min(lowest, costOf(d, {a, b}));
    return lowest;
}

} // namespace

TEST(KMedoids, IsOptimalAmongAllPairs) {
    for (int k = 0; k < 20; k++) {
        const Matrix d = sineMatrix(Random(1, k).normalMatrix(12, 3));
        const Clustering found = kMedoids(d, 2);
        EXPECT_TRUE(close(found.cost, lowestOfPairs(d), 1e-12));
        EXPECT_TRUE(close(found.cost, costOf(d, found.medoids), 1e-12));
        KMedoidsOptions squared;
        squared.squared = true;
        EXPECT_TRUE(close(kMedoids(d, 2, squared).cost, lowestOfPairs(d.cwiseAbs2()), 1e-12));
    }
}

TEST(KMedoids, NoSwapAndNoReassignmentLowersTheCost) {
    const Matrix d = sineMatrix(Random(2).normalMatrix(80, 4));
    for (Eigen::Index largest : {2000, 10}) { // PAM, alternating medoids
        KMedoidsOptions options;
        options.largest = largest;
        const Clustering found = kMedoids(d, 5, options);
        EXPECT_TRUE(std::is_sorted(found.medoids.begin(), found.medoids.end()));
        for (int i = 0; i < 80; i++)
            EXPECT_EQ(d(i, found.medoids[found.labels[i]]), d.row(i)(found.medoids).minCoeff());
        if (largest < 80)
            continue;
        for (int c = 0; c < 5; c++)
            for (int x = 0; x < 80; x++) {
                std::vector<int> other = found.medoids;
                other[c] = x;
                EXPECT_GE(costOf(d, other), found.cost * (1 - 1e-12));
            }
    }
}

TEST(KMedoids, OneClusterHasTheBestMedoid) {
    const Matrix d = sineMatrix(Random(3).normalMatrix(30, 3));
    EXPECT_TRUE(close(kMedoids(d, 1).cost, d.rowwise().sum().minCoeff(), 1e-13));
}

TEST(KMedoids, SameSeedSameClusters) {
    const Matrix d = sineMatrix(Random(4).normalMatrix(60, 5));
    EXPECT_EQ(kMedoids(d, 6).labels, kMedoids(d, 6).labels);
}

TEST(KMedoids, ImpossibleNumbersAreRefused) {
    Matrix rows = Random(5).normalMatrix(3, 4)(std::vector{0, 1, 2, 0, 1, 2}, Eigen::all);
    rows.row(4) *= -7;
    const Matrix d = sineMatrix(rows);
    EXPECT_EQ(countDistinct(d), 3);
    EXPECT_LE(kMedoids(d, 3).cost, 1e-14);
    EXPECT_THROW(kMedoids(d, 0), Error);
    EXPECT_THROW(kMedoids(d, 6), Error);
    EXPECT_THROW(kMedoids(Matrix::Zero(3, 4), 2), Error);
    EXPECT_THROW(kMedoids(d * std::nan(""), 2), Error);
    EXPECT_THROW(kMedoids(d, 2, {0}), Error);
    try {
        kMedoids(d, 4);
        ADD_FAILURE();
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.status, 3);
        EXPECT_NE(std::string(failure.what()).find("only 3 distinct"), std::string::npos);
    }
}

TEST(ClusterChecks, AdjustedRandIndexOfTextbook) {
    // Counts by hand: 15 pairs, 2 together in both, 4 and 3 in each.
    EXPECT_TRUE(close(adjustedRandIndex({0, 0, 1, 1, 2, 2}, {0, 0, 1, 1, 1, 2}),
                      (2 - 3.0 * 4 / 15) / (3.5 - 3.0 * 4 / 15), 1e-14));
    EXPECT_EQ(adjustedRandIndex({0, 0, 1}, {5, 5, 3}), 1);
    EXPECT_THROW(adjustedRandIndex({0}, {0, 1}), Error);
}

TEST(ClusterChecks, SilhouetteByHand) {
    // Points 0, 1 and 10 on a line; the last one is alone and counts 0.
    Matrix d(3, 3);
    d << 0, 1, 10, 1, 0, 9, 10, 9, 0;
    EXPECT_TRUE(close(silhouette(d, {0, 0, 1}), ((10 - 1) / 10.0 + (9 - 1) / 9.0 + 0) / 3, 1e-14));
    EXPECT_EQ(silhouette(d, {0, 0, 0}), 0);
    EXPECT_THROW(silhouette(d, {0, 1}), Error);
    EXPECT_THROW(silhouette(d, {0, 1, -1}), Error);
}

TEST(ClusterChecks, StabilityTellsClustersFromNoise) {
    Matrix rows = 0.02 * Random(6).normalMatrix(60, 5);
    for (int i = 0; i < 60; i++)
        rows(i, i % 3) += 1;
    Matrix d = sineMatrix(rows);
    EXPECT_EQ(stability(d, kMedoids(d, 3), {}), 1);
    d = sineMatrix(Random(7).normalMatrix(60, 20));
    EXPECT_LT(stability(d, kMedoids(d, 3), {}), 0.8);
}
