// SPDX-License-Identifier: MIT
#include "Reproduction.h"
#include "Summary.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace equivariant::support;

TEST(Summary, Quantiles) {
    EXPECT_EQ(quantile({7}, 0.95), 7);
    EXPECT_EQ(quantile({5, 1, 4, 2, 3}, 0.5), 3);
    EXPECT_EQ(quantile({4, 1, 3, 2}, 0.5), 2);
    EXPECT_EQ(quantile({4, 1, 3, 2}, 1), 4);
}

TEST(Summary, SlopeOfAPower) {
    EXPECT_NEAR(logLogSlope({1, 10, 100}, {3, 0.3, 0.03}), -1, 1e-12);
    EXPECT_NEAR(logLogSlope({1, std::exp(1), std::exp(2)}, {1, std::exp(3), 1}), 0, 1e-12);
}

TEST(Summary, NaNIsLargest) {
    EXPECT_EQ(larger(1, 2), 2);
    EXPECT_EQ(larger(2, 1), 2);
    EXPECT_TRUE(std::isnan(larger(NAN, 1)));
    EXPECT_TRUE(std::isnan(larger(1, NAN)));
}
