// SPDX-License-Identifier: MIT
//
// The real program: results as files, bytes that repeat, bad input.
#include "support/Arrays.h"
#include "support/Random.h"

#include "support/Compare.h"
#include "support/RunCommand.h"

#include <nlohmann/json.hpp>

using namespace equivariant::support;
using equivariant::test::close;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

Result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "lp-sensitivity-sampling");
    return runCommand(arguments);
}

class LpCommand : public ::testing::Test {
protected:
    LpCommand() { writeMatrix(matrix, Random(1).normalMatrix(60, 3)); }

    void expectRefusal(std::vector<std::string> arguments, const std::string& why) {
        const Result result = run(std::move(arguments));
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1);
    }

    TemporaryFolder folder;
    const std::string matrix = folder.path("a.npy");
};

} // namespace

TEST_F(LpCommand, ScoresOfAllKinds) {
    for (const char* kind : {"sensitivity", "leverage", "lewis", "root-leverage"}) {
        const std::string out = folder.path("scores.csv");
        const Result result = run({"scores", "--matrix", matrix, "--kind", kind, "-o", out});
        ASSERT_EQ(result.status, 0) << result.error;
        const json report = json::parse(result.output);
        EXPECT_EQ(report["rank"], 3);
        EXPECT_EQ(report["n"], 60);
        const Table table = readTable(out);
        EXPECT_EQ(table.values.rows(), 60);
        const bool isExact = kind == std::string("sensitivity");
        EXPECT_TRUE(close(table.values.col(table.find("score")).sum(),
                          report[isExact ? "S_p" : "total"].get<double>(), 1e-12));
    }
    for (const char* approximation : {"lewis", "batch"})
        EXPECT_EQ(run({"scores", "--matrix", matrix, "--approx", approximation}).status, 0);
}

TEST_F(LpCommand, DrawAndVerifyAgree) {
    const std::string out = folder.path("rows.csv");
    const Result drawn = run({"draw", "--matrix", matrix, "--p", "3", "--rows", "30", "--mix",
                              "0.5", "--seed", "4", "-o", out});
    ASSERT_EQ(drawn.status, 0) << drawn.error;
    const json report = json::parse(drawn.output);
    EXPECT_TRUE(close(report["sum_q"].get<double>(), 30, 1e-9));
    const Result verified =
        run({"verify", "--matrix", matrix, "--p", "3", "--sample", out, "--seed", "4"});
    ASSERT_EQ(verified.status, 0) << verified.error;
    for (const char* key : {"max_ratio", "min_ratio", "directions_tested"})
        EXPECT_EQ(json::parse(verified.output)[key], report[key]) << key;
    EXPECT_EQ(json::parse(verified.output)["rows"], report["drawn_rows"]);
}

TEST_F(LpCommand, SameSeedSameBytesOnAnyNumberOfThreads) {
    const auto draw = [&](const std::string& name, const std::string& seed, bool oneThread) {
        std::vector<std::string> arguments = {"lp-sensitivity-sampling",
                                              "draw",
                                              "--matrix",
                                              matrix,
                                              "--rows",
                                              "20",
                                              "--seed",
                                              seed,
                                              "-o",
                                              folder.path(name)};
        if (oneThread)
            arguments.insert(arguments.begin(), {"-c", "0", EQUIVARIANT_PROGRAM});
        const Result result = runCommand(arguments, oneThread ? "taskset" : EQUIVARIANT_PROGRAM);
        EXPECT_EQ(result.status, 0) << result.error;
        return result.output + readText(folder.path(name));
    };
    const std::string first = draw("a.csv", "1", false);
    EXPECT_EQ(draw("b.csv", "1", false), first);
    EXPECT_EQ(draw("c.csv", "1", true), first);
    EXPECT_NE(draw("d.csv", "2", false), first);
}

TEST_F(LpCommand, MoreRowsThanThereAreKeepsAll) {
    const std::string out = folder.path("all.csv");
    ASSERT_EQ(run({"draw", "--matrix", matrix, "--rows", "61", "-o", out}).status, 0);
    const Table table = readTable(out);
    EXPECT_EQ(table.values.col(table.find("weight")), Eigen::VectorXd::Ones(60));
}

TEST_F(LpCommand, FramesAreKeptAsAWhole) {
    std::string frames;
    for (int i = 0; i < 20; i++)
        frames += "3\n\nO 0 0 0\nH 1 0 0\nH 0 1 0\n";
    const std::string path = folder.write("frames.xyz", frames), out = folder.path("rows.csv");
    const Result result = run(
        {"draw", "--descriptor", matrix, "--frames", path, "--rows", "8", "-o", out, "--largest"});
    ASSERT_EQ(result.status, 0) << result.error;
    const json report = json::parse(result.output);
    EXPECT_EQ(report["groups"], 20);
    const Table table = readTable(out);
    double kept = 0;
    for (int i = 0; i < 60; i++) {
        EXPECT_EQ(table.values(i, table.find("group")), i / 3);
        EXPECT_EQ(table.values(i, table.find("weight")),
                  table.values(i - i % 3, table.find("weight")));
        kept += table.values(i, table.find("kept"));
    }
    EXPECT_EQ(kept, 3 * report["drawn_rows"].get<double>());
    expectRefusal({"draw", "--descriptor", matrix, "--frames",
                   folder.write("one.xyz", "1\n\nO 0 0 0\n"), "--rows", "8"},
                  "1 atoms and 4 energies");
    EXPECT_EQ(run({"scores", "--matrix", matrix, "--frames",
                   folder.write("labels.xyz",
                                [] {
                                    std::string text;
                                    for (int i = 0; i < 15; i++)
                                        text +=
                                            "1\n\nO 0 0 0\n"; // energy and three components each
                                    return text;
                                }())})
                  .status,
              0);
}

TEST_F(LpCommand, BadInputIsRefused) {
    const auto file = [&](const std::string& text) { return folder.write("bad.csv", text); };
    expectRefusal({"scores", "--matrix", file("1,2\n3,nan\n")}, "row 1, column 1");
    expectRefusal({"scores", "--matrix", file("")}, "the matrix is empty");
    expectRefusal({"scores", "--matrix", file("0,0\n0,0\n")}, "rank 0");
    expectRefusal({"scores", "--matrix", folder.path("absent.npy")}, "cannot be opened");
    for (const char* p : {"0.9", "inf", "nan"})
        expectRefusal({"scores", "--matrix", matrix, "--p", p}, "p has to be");
    expectRefusal({"draw", "--matrix", matrix, "--rows", "2"}, "cannot preserve the rank 3");
    expectRefusal({"draw", "--matrix", matrix, "--rows", "9", "--mix", "0.5"}, "--mix");
    for (const char* share : {"1.5", "-1", "nan"})
        expectRefusal({"draw", "--matrix", matrix, "--p", "3", "--rows", "9", "--mix", share},
                      "share");
    expectRefusal({"draw", "--matrix", matrix, "--rows", "9", "--rounds", "2"}, "--rounds");
    expectRefusal({"draw", "--matrix", matrix, "--rows", "9", "--rounds", "0"}, "--rounds");
    expectRefusal({"draw", "--matrix", matrix}, "--rows");
    expectRefusal({"scores", "--matrix", matrix, "--weights", file("1\n2\n")}, "2 weights");
    expectRefusal({"scores", "--matrix", matrix, "--kind", "best"}, "--kind");
    for (const char* row : {"99", "1.5", "-1"}) {
        const std::string sample =
            folder.write("sample.csv", std::string("index,weight\n") + row + ",1\n");
        expectRefusal({"verify", "--matrix", matrix, "--sample", sample},
                      std::string("sample.csv: the matrix has no row ") + row);
    }
    expectRefusal({"nonsense"}, "nonsense");
}
