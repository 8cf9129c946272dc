// SPDX-License-Identifier: MIT
//
// The real program: formats, weights, exit statuses, bytes that repeat.
#include "support/Arrays.h"
#include "support/Decompositions.h"
#include "support/Random.h"

#include "support/Compare.h"
#include "support/RunCommand.h"

#include <nlohmann/json.hpp>

using namespace equivariant::support;
using Eigen::VectorXd;
using equivariant::test::allClose;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

class SketchCommand : public ::testing::Test {
protected:
    SketchCommand() {
        writeMatrix(pathA, a);
        writeVector(pathB, b);
    }

    Result solve(std::vector<std::string> options, const std::string& matrix = "",
                 const std::string& right = "") {
        options.insert(options.begin(),
                       {"linf-sketched-regression", "solve", "--A", matrix.empty() ? pathA : matrix,
                        "--b", right.empty() ? pathB : right});
        return runCommand(options);
    }

    void expectRefusal(const Result& result, int status, const std::string& why) {
        EXPECT_EQ(result.status, status);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1);
    }

    TemporaryFolder folder;
    const std::string pathA = folder.path("data.h5:A"), pathB = folder.path("b.csv");
    const Matrix a = Random(1).normalMatrix(200, 4);
    const VectorXd b = Random(2).normalVector(200);
};

} // namespace

TEST_F(SketchCommand, RefinementWithWeightsEqualsQr) {
    const VectorXd weights = Random(3).normalVector(200).cwiseAbs();
    const std::string w = folder.path("w.npy"), out = folder.path("x.npy"),
                      report = folder.path("r.json");
    writeVector(w, weights);
    const Result result = solve(
        {"--weights", w, "--rows", "64", "--refine", "lsqr", "--out", out, "--report", report});
    ASSERT_EQ(result.status, 0) << result.error;
    const VectorXd root = weights.cwiseSqrt();
    const VectorXd exact =
        Eigen::HouseholderQR<Eigen::MatrixXd>(root.asDiagonal() * a).solve(root.cwiseProduct(b));
    EXPECT_TRUE(allClose(readVector(out), exact, 1e-12));
    const json written = json::parse(readText(report));
    EXPECT_EQ(written["rows"], 64);
    EXPECT_EQ(written["converged"], true);
}

TEST_F(SketchCommand, SameSeedSameBytesOnAnyNumberOfThreads) {
    for (const char* kind : {"bgp", "srht", "gauss", "countsketch"}) {
        const std::vector<std::string> options = {"--rows", "64", "--kind", kind, "--seed", "5"};
        const Result first = solve(options);
        ASSERT_EQ(first.status, 0) << first.error;
        EXPECT_EQ(solve(options).output, first.output);
        EXPECT_EQ(
            runCommand({"-c", "0", EQUIVARIANT_PROGRAM, "linf-sketched-regression", "solve", "--A",
                        pathA, "--b", pathB, "--rows", "64", "--kind", kind, "--seed", "5"},
                       "taskset")
                .output,
            first.output);
        EXPECT_NE(solve({"--rows", "64", "--kind", kind, "--seed", "6"}).output, first.output);
    }
}

TEST_F(SketchCommand, AGivenSketch) {
    const std::string sketch = folder.path("s.npy");
    writeMatrix(sketch, Matrix::Identity(200, 200));
    const Result result = solve({"--sketch-file", sketch});
    ASSERT_EQ(result.status, 0) << result.error;
    const VectorXd exact = Eigen::HouseholderQR<Eigen::MatrixXd>(a).solve(b);
    EXPECT_TRUE(allClose(json::parse(result.output)["x"].get<std::vector<double>>(), exact, 1e-12));
    for (const std::vector<std::string>& option :
         {std::vector<std::string>{"--refine", "lsqr"}, {"--rows", "9"}, {"--seed", "1"}}) {
        std::vector<std::string> options = {"--sketch-file", sketch};
        options.insert(options.end(), option.begin(), option.end());
        expectRefusal(solve(options), 2, option[0]);
    }
}

TEST_F(SketchCommand, MoreRowsThanThereAreIsAWarning) {
    const Result result = solve({"--rows", "1000", "--kind", "srht"});
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.error.find("256 rows"), std::string::npos) << result.error;
    EXPECT_EQ(json::parse(result.output)["rows"], 256);
}

TEST_F(SketchCommand, BadInputIsRefused) {
    const auto file = [&](const std::string& text) { return folder.write("bad.csv", text); };
    expectRefusal(solve({"--rows", "4"}), 2, "at least 5 rows");
    expectRefusal(solve({}, file("1,2\n3,4\n")), 2, "rows");
    expectRefusal(solve({}, file("1,2\n3,nan\n5,6\n")), 2, "row 1, column 1");
    expectRefusal(solve({}, "", file("1\ninf\n")), 2, "row 1");
    expectRefusal(solve({}, "", file("1\n2\n")), 2, "right-hand side 2");
    expectRefusal(solve({"--weights", file("1\n2\n")}), 2, "2 weights for 200 rows");
    const std::string ones = folder.path("ones.npy");
    writeVector(ones, VectorXd::Ones(200));
    expectRefusal(solve({"--weights", ones}, "", file("1\n2\n")), 2, "right-hand side 2");
    expectRefusal(solve({"--kind", "best"}), 2, "--kind");
    expectRefusal(solve({}, folder.path("data.h5:C")), 2, "'C'");
    Matrix twice(200, 5);
    twice << a, a.col(2);
    writeMatrix(folder.path("twice.npy"), twice);
    expectRefusal(solve({"--rows", "64"}, folder.path("twice.npy")), 3, "rank 4 of 5");
}

TEST_F(SketchCommand, RowsOfASketch) {
    const Result result = runCommand(
        {"linf-sketched-regression", "rows", "--n", "100000", "--d", "100", "--delta", "0.01"});
    ASSERT_EQ(result.status, 0) << result.error;
    const json report = json::parse(result.output);
    EXPECT_EQ(report["rows"], 3685);
    EXPECT_EQ(report["bgp_rows"], 4096);
    EXPECT_EQ(report["bgp_pool"], 32);
}
