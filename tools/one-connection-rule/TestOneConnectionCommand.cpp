// SPDX-License-Identifier: MIT
//
// The real program: formats and exit statuses.
#include "support/Arrays.h"
#include "support/Random.h"

#include "support/RunCommand.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

class OneConnectionCommand : public ::testing::Test {
protected:
    static Result run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "one-connection-rule");
        return runCommand(arguments);
    }

    static json report(const std::vector<std::string>& arguments) {
        const Result result = run(arguments);
        EXPECT_EQ(result.status, 0) << result.error;
        return json::parse(result.output, nullptr, false);
    }

    static void expectRefusal(const std::vector<std::string>& arguments, int status,
                              const std::string& why) {
        const Result result = run(arguments);
        EXPECT_EQ(result.status, status) << result.output;
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
    }

    std::string write(const std::string& text, const std::string& name = "g.json") const {
        return folder.write(name, text);
    }

    TemporaryFolder folder;
    const std::string pair = write(R"({"n": 2, "directed": [[0, 1], [1, 0]]})", "pair.json");
};

} // namespace

TEST_F(OneConnectionCommand, Formula) {
    const json found = report({"formula", pair, "--entry", "0", "1"});
    EXPECT_EQ(found["linear_subgraphs"], 2);
    ASSERT_EQ(found["entries"].size(), 1u);
    EXPECT_EQ(found["entries"][0]["denominator_factors"].size(), 2u);
    EXPECT_EQ(found["entries"][0]["one_connections"], 1);
    EXPECT_EQ(report({"formula", pair})["entries"].size(), 3u);
    expectRefusal({"formula", pair, "--entry", "0", "2"}, 2, "vertex 2");
}

TEST_F(OneConnectionCommand, EvalExactAndRounded) {
    const std::string values =
        write(R"({"lambda": [[0, 1, "1/2"], [1, 0, "0.5"]], "omega": [[0, 0, 1], [1, 1, "2"]]})",
              "p.json");
    const Result exact = run({"eval", pair, values, "--exact"});
    EXPECT_EQ(exact.output, "8/3,8/3\n8/3,4\n") << exact.error;
    // det = 1e-20 is not 0, which double precision cannot tell: (w11 + l01^2 w00)/det^2.
    const std::string close = write(
        R"({"lambda": [[0, 1, 1], [1, 0, "0.99999999999999999999"]], "omega": [[0, 0, 1], [1, 1, 1]]})",
        "close.json");
    const std::string text = run({"eval", pair, close, "--exact"}).output;
    EXPECT_EQ(text.substr(text.rfind(',') + 1), "2" + std::string(40, '0') + "\n");
    const std::string out = folder.path("sigma.csv");
    const json rounded = report({"eval", pair, values, "--out", out});
    EXPECT_NEAR(rounded["sigma"][0][1].get<double>(), 8.0 / 3, 1e-14);
    EXPECT_NEAR(equivariant::support::readMatrix(out)(1, 1), 4, 1e-14);
}

TEST_F(OneConnectionCommand, IdentifyIdealAndTest) {
    EXPECT_EQ(report({"identify", pair})["finite_to_one"], false);
    EXPECT_EQ(report({"identify", pair})["rank"], 3);
    const std::string chain = write(R"({"n": 3, "directed": [[0, 1], [1, 2]]})"),
                      constraints = folder.path("polys.txt"), data = folder.path("data.csv");
    const json ideal = report({"ideal", chain, "--max-degree", "3", "--out", constraints});
    EXPECT_EQ(ideal["dimensions"], json::parse("[0, 1, 6]"));
    EXPECT_EQ(readText(constraints),
              ideal["generators"][0]["polynomial"].get<std::string>() + "\n");
    EXPECT_EQ(run({"ideal", chain}).output, run({"ideal", chain}).output);
    equivariant::support::writeMatrix(data, equivariant::support::Random(1).normalMatrix(500, 3));
    const json test = report({"test", data, constraints});
    ASSERT_EQ(test.size(), 1u);
    EXPECT_LT(std::abs(test[0]["z"].get<double>()), 4);
}

TEST_F(OneConnectionCommand, BadGraphsAreRefused) {
    const auto graph = [&](const std::string& text) {
        return std::vector<std::string>{"identify", write(text)};
    };
    expectRefusal(graph(R"({"n": 3, "directed": [[2, 2]]})"), 2, "[2, 2]");
    expectRefusal(graph(R"({"n": 3, "directed": [[0, 1], [0, 1]]})"), 2, "[0, 1] is given twice");
    expectRefusal(graph(R"({"n": 3, "bidirected": [[0, 7]]})"), 2, "[0, 7]");
    expectRefusal(graph(R"({"n": 3, "directed": [[0]]})"), 2, "[0]");
    expectRefusal(graph(R"({"n": 3, "directed": [[0, 4294967297]]})"), 2, "out of range");
    expectRefusal(graph(R"({"n": 3, "edges": []})"), 2, "'edges'");
    expectRefusal(graph(R"({"n": 99, "directed": []})"), 2, "n has to be");
    expectRefusal(graph("{"), 2, "not JSON");
    expectRefusal({"identify", folder.path("none.json")}, 2, "cannot be opened");
    const std::string large = write(R"({"n": 13, "directed": [[0, 1], [1, 0]]})");
    expectRefusal({"formula", large}, 4, "terms");
    expectRefusal({"ideal", large, "--max-degree", "9"}, 4, "monomials");
}

TEST_F(OneConnectionCommand, BadParametersAreRefused) {
    const auto eval = [&](const std::string& lambda, const std::string& omega) {
        return std::vector<std::string>{
            "eval", pair,
            write("{\"lambda\": [" + lambda + "], \"omega\": [" + omega + "]}", "p.json")};
    };
    const std::string lambda = "[0, 1, 1], [1, 0, 1]", omega = "[0, 0, 1], [1, 1, 1]";
    expectRefusal(eval(lambda, omega), 3, "singular");
    expectRefusal(eval("[0, 1, 0], [1, 0, 0]", "[0, 0, 1], [1, 1, -1]"), 3, "positive definite");
    expectRefusal(eval("[0, 1, 1]", omega), 2, "no value for l10");
    expectRefusal(eval("[0, 1, 1], [0, 1, 1]", omega), 2, "[0, 1] is given twice");
    expectRefusal(eval(lambda, "[0, 1, 1]"), 2, "omega [0, 1] is of no edge");
    expectRefusal(eval("[0, 1, \"x\"]", omega), 2, "'x' is not a number");
    expectRefusal(eval("[0, 1, \"1/0\"]", omega), 2, "not a number");
    std::vector<std::string> exact = eval("[0, 1, 0.5], [1, 0, 0]", omega);
    exact.push_back("--exact");
    expectRefusal(exact, 2, "floating-point");
    exact = eval(lambda, omega);
    exact.push_back("--exact");
    expectRefusal(exact, 3, "det(I - Lambda) is 0");
    exact = eval("[0, 1, 0], [1, 0, 0]", "[0, 0, 1], [1, 1, -1]");
    exact.push_back("--exact");
    expectRefusal(exact, 3, "positive definite");
}

TEST_F(OneConnectionCommand, BadDataAreRefused) {
    const std::string polynomials = write("s01*s12 - s02*s11\n", "polys.txt");
    const auto test = [&](const std::string& data) {
        return std::vector<std::string>{"test", write(data, "data.csv"), polynomials};
    };
    expectRefusal(test("1,2,3\n4,,6\n7,8,9\n"), 2, "row 1, column 1 is missing");
    expectRefusal(test("1,2,3\n"), 2, "two rows");
    expectRefusal(test("1,2\n3,4\n"), 2, "line 1");
    expectRefusal({"test", write("1,2,3\n4,5,6\n", "data.csv"), write("s01 +* 2\n", "polys.txt")},
                  2, "line 1");
    for (const char* text :
         {"s00^100000000000000000000", "2^9^9^9", "(s00 + s01)^99", "1/0*s00", "s01/(s00 - s00)"})
        expectRefusal({"test", write("1,2,3\n4,5,6\n", "data.csv"), write(text, "polys.txt")}, 2,
                      "line 1");
    expectRefusal({"test", write("1,2,3\n4,5,6\n", "data.csv"), write("\n", "polys.txt")}, 2,
                  "no polynomial");
}
