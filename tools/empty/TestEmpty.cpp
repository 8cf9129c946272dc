// SPDX-License-Identifier: MIT
#include "Empty.h"

#include <gtest/gtest.h>

using namespace equivariant;

TEST(Empty, Sum) {
    EXPECT_EQ(empty::sum(support::Matrix::Constant(2, 3, 0.5)), 3);
}
