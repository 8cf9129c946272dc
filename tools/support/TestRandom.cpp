// SPDX-License-Identifier: MIT
#include "Parallel.h"
#include "Random.h"

#include <gtest/gtest.h>
#include <numeric>
#include <set>

using namespace equivariant::support;

TEST(Random, EqualsTheKnownAnswersOfPhilox) {
    Random random(0); // Random123's test vector of key and counter 0
    for (std::uint64_t expected : {0x16554d9eca36314cull, 0xdb20fe9d672d0fdcull,
                                   0xd7e772cee186176bull, 0x7e68b68aec7ba23bull})
        EXPECT_EQ(random.bits(), expected);
}

TEST(Random, StreamsDiffer) {
    std::set<std::uint64_t> numbers;
    for (std::uint64_t seed = 0; seed < 3; seed++)
        for (std::uint64_t stream = 0; stream < 3; stream++)
            for (std::uint64_t substream = 0; substream < 3; substream++)
                numbers.insert(Random(seed, stream, substream).bits());
    EXPECT_EQ(numbers.size(), 27u);
}

TEST(Random, MomentsOfItsDistributions) {
    constexpr int count = 200000;
    Random random(1);
    double uniform = 0, mean = 0, square = 0, fourth = 0, signs = 0;
    std::vector<int> faces(6, 0);
    for (int i = 0; i < count; i++) {
        const double x = random.uniform(), g = random.normal();
        ASSERT_TRUE(x >= 0 && x < 1);
        uniform += x;
        mean += g;
        square += g * g;
        fourth += g * g * g * g;
        signs += random.sign();
        faces[random.below(6)]++;
    }
    // Five standard errors.
    const double error = 5 / std::sqrt(count);
    EXPECT_NEAR(uniform / count, 0.5, error * std::sqrt(1 / 12.0));
    EXPECT_NEAR(mean / count, 0, error);
    EXPECT_NEAR(square / count, 1, error * std::sqrt(2.0));
    EXPECT_NEAR(fourth / count, 3, error * std::sqrt(96.0));
    EXPECT_NEAR(signs / count, 0, error);
    for (int face : faces)
        EXPECT_NEAR(face / double(count), 1 / 6.0, error * std::sqrt(5) / 6);
}

TEST(Random, PermutationHasEveryNumberOnce) {
    std::vector<int> order = Random(2).permutation(100), sorted = order;
    std::sort(sorted.begin(), sorted.end());
    std::vector<int> expected(100);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(sorted, expected);
    EXPECT_NE(order, expected);
}

TEST(Parallel, EveryItemOnceAlsoWithinAnother) {
    std::vector<int> calls(1000, 0);
    parallelFor(10, [&](int i) { parallelFor(100, [&](int j) { calls[100 * i + j]++; }); });
    EXPECT_EQ(calls, std::vector<int>(1000, 1));
    EXPECT_THROW(parallelFor(10,
                             [](int i) {
                                 if (i == 7)
                                     throw std::runtime_error("seven");
                             }),
                 std::runtime_error);
}
