// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/Irreps.h"
#include "support/Throws.h"

using namespace equivariant;
using test::throwsNaming;

TEST(Irreps, BlocksAreParsed) {
    const auto irreps = parseIrreps("128x0e + 64x1o+2e");
    ASSERT_EQ(irreps.size(), 3u);
    EXPECT_EQ(irreps[0].multiplicity, 128);
    EXPECT_EQ(irreps[0].parity, 1);
    EXPECT_EQ(irreps[1].multiplicity, 64);
    EXPECT_EQ(irreps[1].l, 1);
    EXPECT_EQ(irreps[1].parity, -1);
    EXPECT_EQ(irreps[2].multiplicity, 1);
    EXPECT_EQ(irreps[2].l, 2);
    EXPECT_EQ(formatIrreps(irreps), "128x0e+64x1o+1x2e");
}

TEST(Irreps, OtherTextsAreRefused) {
    for (const char* text : {"", "8", "8x", "x0e", "8x0", "8x0f", "-1x0e", "8x0e++8x1o",
                             "99999999999x0e", "8x0e+", "8x0e,8x1o"})
        EXPECT_TRUE(throwsNaming<Error>(text, [&] { parseIrreps(text); })) << text;
}

TEST(Irreps, UniformFeaturesAreRecognised) {
    EXPECT_EQ(requireUniformIrreps("8x0e", 8, "f"), 0);
    EXPECT_EQ(requireUniformIrreps("8x0e+8x1o+8x2e", 8, "f"), 2);
    for (const char* text : {"8x0e+4x1o", "8x1o", "8x0e+8x1e", "8x0o", "8x0e+8x2e", "4x0e"})
        EXPECT_TRUE(throwsNaming<Error>(text, [&] { requireUniformIrreps(text, 8, "f"); }));
}
