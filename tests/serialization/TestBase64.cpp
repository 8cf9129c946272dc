// SPDX-License-Identifier: MIT
#include "Base64.h"
#include "equivariant/Error.h"
#include "support/Throws.h"

#include <random>

using namespace EquivariantPlugin;
using equivariant::test::throwsNaming;

// RFC 4648, section 10.
TEST(Base64, TestVectorsOfTheStandard) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(encodeBase64(bytes), text);
        EXPECT_EQ(decodeBase64(text), bytes);
    }
}

TEST(Base64, EveryByteSurvives) {
    std::mt19937 random(1);
    for (int length = 0; length < 300; length++) {
        std::string bytes;
        for (int i = 0; i < length; i++)
            bytes += static_cast<char>(random());
        EXPECT_EQ(decodeBase64(encodeBase64(bytes)), bytes);
    }
}

TEST(Base64, RefusesWhatItDoesNotWrite) {
    using equivariant::Error;
    EXPECT_TRUE(throwsNaming<Error>("multiple of 4", [] { decodeBase64("Zg="); }));
    EXPECT_TRUE(throwsNaming<Error>("position 1", [] { decodeBase64("Z-8="); }));
    EXPECT_TRUE(throwsNaming<Error>("position 4", [] { decodeBase64("Zm9v\nZm9"); }));
    EXPECT_TRUE(throwsNaming<Error>("position 2", [] { decodeBase64("Zg==Zm9v"); }));
    EXPECT_TRUE(throwsNaming<Error>("position 1", [] { decodeBase64("Z==="); }));
    EXPECT_TRUE(throwsNaming<Error>("position 0", [] { decodeBase64("===="); }));
    EXPECT_TRUE(throwsNaming<Error>("middle of a byte", [] { decodeBase64("Zh=="); }));
    EXPECT_TRUE(throwsNaming<Error>("middle of a byte", [] { decodeBase64("Zm9="); }));
}
