// SPDX-License-Identifier: MIT
//
// bench of the real program.
#include "support/Golden.h"
#include "support/RunCommand.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using equivariant::test::modelPath;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

constexpr const char* water = "3\n\nO 0 0 0\nH 0.96 0 0.1\nH -0.24 0.93 0\n";

json bench(const std::string& frame, const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"bench", modelPath("a_l1c2_L0"), frame, "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Result result = runCommand(arguments);
    EXPECT_EQ(result.status, 0) << result.error;
    return result.status == 0 ? json::parse(result.output) : json();
}

void checkTimesAndMemory(const json& found) {
    EXPECT_GT(found.at("min_ms"), 0);
    EXPECT_LE(found.at("min_ms"), found.at("median_ms"));
    EXPECT_LE(found.at("median_ms"), found.at("max_ms"));
    EXPECT_GT(found.at("model_mb"), 1);
    EXPECT_GE(found.at("peak_mb"), found.at("model_mb"));
}

} // namespace

TEST(Bench, MeasuresTheNativePlatform) {
    TemporaryFolder folder;
    const std::string frame = folder.write("water.xyz", water);
    for (const char* precision : {"single", "mixed", "double"}) {
        SCOPED_TRACE(precision);
        const json found =
            bench(frame, {"--steps", "4", "--threads", "2", "--precision", precision});
        checkTimesAndMemory(found);
        EXPECT_EQ(found.at("atoms"), 3);
        EXPECT_EQ(found.at("edges"), 6);              // all pairs both ways
        EXPECT_EQ(found.at("neighbour_rebuilds"), 0); // after the first step
        EXPECT_EQ(found.at("threads"), 2);
    }
}

TEST(Bench, MeasuresOpenMM) {
    TemporaryFolder folder;
    const std::string frame = folder.write("water.xyz", water);
    const json found = bench(frame, {"--steps", "3", "--platform", "Reference"});
    checkTimesAndMemory(found);
    EXPECT_EQ(found.at("edges"), 6);
    EXPECT_TRUE(found.at("neighbour_rebuilds").is_null());
}

TEST(Bench, CountsEdgesToImages) {
    TemporaryFolder folder;
    const std::string frame =
        folder.write("chain.xyz", "1\nLattice=\"3 0 0 0 20 0 0 0 20\"\nO 0 0 0\n");
    EXPECT_EQ(bench(frame, {"--steps", "1"}).at("edges"), 2); // the cutoff is 4 Å
}

TEST(Bench, MeasuresModelsOnAGrid) {
    TemporaryFolder folder;
    const std::string frame = folder.write("water.xyz", water);
    const Result result = runCommand({"bench", modelPath("b_r3s2_o20_cutoff"), frame, "--steps",
                                      "1", "--orientations", "lebedev-26"});
    EXPECT_EQ(result.status, 0) << result.error;
    for (const char* key : {"median_ms", "min_ms", "max_ms", "atoms", "edges", "peak_mb",
                            "model_mb", "neighbour_rebuilds"})
        EXPECT_NE(result.output.find(key), std::string::npos) << key;
}

TEST(Bench, BadInputEndsInOneLineAndStatusTwo) {
    TemporaryFolder folder;
    const std::string model = modelPath("a_l1c2_L0");
    const std::string good = folder.write("good.xyz", water);
    const std::string two = folder.write("two.xyz", std::string(water) + water);
    const std::string iron = folder.write("iron.xyz", "1\n\nFe 0 0 0\n");
    const std::string twins = folder.write("twins.xyz", "2\n\nH 0 0 0\nH 0 0 0\n");
    struct Case {
        std::vector<std::string> arguments;
        std::vector<std::string> mentioned;
    };
    const std::vector<Case> cases = {
        {{model}, {"frame"}},
        {{model, two}, {two, "frame 2"}},
        {{model, iron}, {iron, "26"}},
        {{model, iron, "--platform", "Reference"}, {iron, "26"}},
        {{model, twins}, {twins, "coincide"}},
        {{folder.path("absent"), good}, {"absent"}},
        {{model, folder.path("absent")}, {"absent"}},
        {{model, good, "--steps", "0"}, {"--steps"}},
        {{model, good, "--head", "nobody"}, {"nobody"}},
        {{model, good, "--head", "nobody", "--platform", "Reference"}, {"nobody"}},
        {{model, good, "--platform", "Reference", "--threads", "2"}, {"--threads"}},
        {{model, good, "--platform", "Reference", "--precision", "single"}, {"single"}},
    };
    for (const Case& bad : cases) {
        std::vector<std::string> arguments = {"bench"};
        arguments.insert(arguments.end(), bad.arguments.begin(), bad.arguments.end());
        const Result result = runCommand(arguments);
        EXPECT_EQ(result.status, 2) << bad.mentioned[0];
        EXPECT_EQ(result.output, "");
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
        for (const std::string& word : bad.mentioned)
            EXPECT_NE(result.error.find(word), std::string::npos) << word << ": " << result.error;
    }
}
