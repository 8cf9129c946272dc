// SPDX-License-Identifier: MIT
#include "Json.h"

#include "support/TemporaryFolder.h"
#include "support/Throws.h"

#include <gtest/gtest.h>

using namespace equivariant;
using namespace equivariant::support;
using equivariant::test::TemporaryFolder;
using equivariant::test::throwsNaming;
using nlohmann::json;

TEST(Json, FilesThatCannotBeReadAreNamed) {
    const TemporaryFolder folder;
    const auto parse = [](const json& file) { return file.at("n").get<int>(); };
    EXPECT_EQ(parseJson(folder.write("good.json", "{\"n\": 3}"), "a number", parse), 3);
    const auto refuses = [&](const std::string& path, const std::string& culprit) {
        return throwsNaming<Error>(path + ": " + culprit,
                                   [&] { parseJson(path, "a number", parse); });
    };
    EXPECT_TRUE(refuses(folder.path("none.json"), "cannot be opened"));
    EXPECT_TRUE(refuses(folder.path(""), "cannot be read"));
    EXPECT_TRUE(refuses(folder.write("cut.json", "{\"n\": "), "not JSON: "));
    EXPECT_TRUE(refuses(folder.write("empty.json", ""), "not JSON: "));
    EXPECT_TRUE(refuses(folder.write("key.json", "{}"), "not a number: "));
    const std::string path = folder.write("own.json", "1");
    for (const std::string& message : {std::string("7 is odd"), path + ": 7 is odd"})
        EXPECT_TRUE(throwsNaming<Error>(path + ": 7 is odd", [&] {
            parseJson(path, "a number", [&](const json&) -> int { throw Error(message); });
        }));
    EXPECT_TRUE(refuses(folder.write("type.json", "{\"n\": \"3\"}"), "not a number: "));
}

TEST(Json, MatricesRoundTrip) {
    const Matrix matrix = (Matrix(2, 3) << 1, -2.5, 1e-300, 0.1, 1e300, 3).finished();
    const json rows = json::parse(toJson(matrix).dump());
    EXPECT_EQ(rows.dump(), "[[1.0,-2.5,1e-300],[0.1,1e+300,3.0]]");
    EXPECT_EQ(toMatrix(rows, 2, 3), matrix);
    EXPECT_TRUE(throwsNaming<Error>("2 rows, expected 3", [&] { toMatrix(rows, 3, 3); }));
    EXPECT_TRUE(throwsNaming<Error>("row 0 has 3 numbers", [&] { toMatrix(rows, 2, 2); }));
    EXPECT_THROW(toMatrix(json::parse("[[1, \"2\"]]"), 1, 2), json::exception);
}
