// SPDX-License-Identifier: MIT
//
// The real program: reports, formats, exit statuses.
#include "support/RunCommand.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

Result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "wl-motif-dimension");
    return runCommand(arguments);
}

json report(const std::vector<std::string>& arguments) {
    const Result result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.error;
    return json::parse(result.output, nullptr, false);
}

void expectRefusal(const std::vector<std::string>& arguments, const std::string& why) {
    const Result result = run(arguments);
    EXPECT_EQ(result.status, 2) << result.output;
    EXPECT_EQ(result.output, "");
    EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
}

const char* const water = "3\nProperties=species:S:1:pos:R:3 pbc=\"F F F\"\n"
                          "O 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n";

} // namespace

TEST(WlCommand, DimOfAPath) {
    const json found = report({"dim", "--pattern", "P4"});
    EXPECT_EQ(found["wl_dim"], 2);
    EXPECT_EQ(found["tw_pattern"], 1);
    EXPECT_EQ(found["convention"], "folklore");
    EXPECT_EQ(found["support_size"], 4);
    EXPECT_EQ(found["exact"], true);
    EXPECT_EQ(found["witness_quotient"]["g6"], "Bw"); // a triangle
    ASSERT_EQ(found["spasm"].size(), 4u);
    EXPECT_EQ(found["spasm"][0]["coef"], "1/2");
}

TEST(WlCommand, PatternsFromFiles) {
    TemporaryFolder folder;
    const std::string labelled =
        folder.write("p.json", R"({"n": 3, "edges": [[0, 1], [1, 2]], "labels": ["A", "B", "C"]})");
    const json found = report({"dim", "--pattern", labelled});
    EXPECT_EQ(found["wl_dim"], 1);
    EXPECT_EQ(found["spasm"][0]["labels"].size(), 3u);
    EXPECT_EQ(report({"dim", "--pattern", folder.write("p.g6", "C~\n")})["wl_dim"], 3);
    EXPECT_EQ(
        report({"dim", "--pattern", folder.write("p.csv", "from,to\n0,1\n1,2\n2,0\n")})["wl_dim"],
        2);
    EXPECT_EQ(report({"dim", "--pattern", "C~", "--mode", "hom"})["wl_dim"], 3);
    const std::string kinds = folder.write(
        "k.json", R"({"n": 3, "edges": [[0, 1, "s"], [0, 2, "s"]], "labels": ["C", "H", "H"],
                      "edge_kinds": [["C", "H", "s"], ["C", "C", "d"]]})");
    EXPECT_EQ(report({"dim", "--pattern", kinds, "--mode", "ind"})["wl_dim"], 1);
}

TEST(WlCommand, BoundsAreNotSoldAsExact) {
    const json found = report({"dim", "--pattern", "P30", "--bounds-only"});
    EXPECT_EQ(found["exact"], false);
    EXPECT_TRUE(found["wl_dim"].is_null());
    EXPECT_LT(found["lower"], found["upper"]);
}

TEST(WlCommand, CountsOfGraphs) {
    const Result result = run({"count", "--pattern", "C3", "--pattern", "K4", "--graphs", "rook"});
    EXPECT_EQ(result.output, "frame,pattern,count,cutoff\n0,C3,32,\n0,K4,8,\n") << result.error;
    TemporaryFolder folder;
    const std::string two = folder.write("two.g6", "C~\nBw\n"), out = folder.path("out.csv");
    EXPECT_EQ(run({"count", "--pattern", "C3", "--graphs", two, "--out", out}).status, 0);
    EXPECT_EQ(readText(out), "frame,pattern,count,cutoff\n0,C3,4,\n1,C3,1,\n");
}

TEST(WlCommand, CountsOfFramesWithAtoms) {
    TemporaryFolder folder;
    const std::string frames = folder.write("water.xyz", water);
    const std::string angle = folder.write(
        "hoh.json", R"({"n": 3, "edges": [[0, 1], [1, 2]], "labels": ["H", "O", "H"]})");
    const Result result = run({"count", "--pattern", angle, "--graphs", frames, "--cutoff",
                               "O-H=1.2,H-H=1.2", "--species-labels", "--atoms"});
    EXPECT_EQ(result.output,
              "frame,pattern,count,cutoff,atoms\n0," + angle + ",1,\"O-H=1.2,H-H=1.2\",0 1 2\n")
        << result.error;
}

TEST(WlCommand, LabelsOfGraphsThatThePatternHasNot) {
    TemporaryFolder folder;
    // A path of single bonds whose ends a double bond joins is not induced.
    const std::string path =
        folder.write("p.json", R"({"n": 3, "edges": [[0, 1, "s"], [1, 2, "s"]]})");
    const std::string ring =
        folder.write("r.json", R"({"n": 3, "edges": [[0, 1, "s"], [1, 2, "s"], [0, 2, "d"]],
                                   "labels": ["C", "C", "O"]})");
    EXPECT_EQ(run({"count", "--pattern", path, "--graphs", ring}).output,
              "frame,pattern,count,cutoff\n0," + path + ",1,\n");
    EXPECT_EQ(run({"count", "--pattern", path, "--graphs", ring, "--mode", "ind"}).output,
              "frame,pattern,count,cutoff\n0," + path + ",0,\n");
    EXPECT_EQ(report({"basis", "--formula", "ind(" + path + ")", "--graphs", ring})["values"][0],
              0);
    // Without labels of its own a pattern disregards them.
    EXPECT_EQ(report({"basis", "--formula", "sub(C3)", "--graphs", ring})["values"][0], 1);
    EXPECT_EQ(report({"colours", "--pattern", "C3", "--k", "2", ring, ring})["values"],
              json::parse("[1, 1]"));
}

TEST(WlCommand, ComparesGraphs) {
    EXPECT_EQ(report({"wl", "--k", "2", "rook", "shrikhande"})["equivalent"], true);
    EXPECT_EQ(report({"wl", "--k", "3", "rook", "shrikhande"})["equivalent"], false);
    EXPECT_EQ(report({"wl", "--k", "1", "C6", "2C3"})["equivalent"], true);
    EXPECT_EQ(report({"wl", "--k", "2", "C6", "2C3"})["equivalent"], false);
}

TEST(WlCommand, FormulasColoursAndWitnesses) {
    const json basis = report({"basis", "--formula", "2*hom(C4) - 1/2*sub(P3)", "--graphs", "K4"});
    EXPECT_EQ(basis["wl_dim"], 2);
    EXPECT_EQ(basis["basis"].size(), 3u);
    EXPECT_EQ(basis["values"][0], 2 * 84 - 6); // hom(C4, K4) = 3^4 + 3
    const json colours = report({"colours", "--pattern", "C3", "--k", "2", "C6", "2C3"});
    EXPECT_EQ(colours["function_of_colour"], true);
    EXPECT_EQ(colours["values"], json::parse("[0, 2]"));
    const json witness = report({"witness", "--pattern", "C3"});
    EXPECT_EQ(witness["equivalent"], true);
    EXPECT_NE(witness["values"][0], witness["values"][1]);
    EXPECT_TRUE(report({"witness", "--pattern", "P1"})["witness"].is_null());
}

TEST(WlCommand, BadInputIsRefused) {
    TemporaryFolder folder;
    const auto pattern = [&](const std::string& text) {
        return std::vector<std::string>{"dim", "--pattern", folder.write("bad.json", text)};
    };
    expectRefusal(pattern(R"({"n": 3, "edges": [[2, 2]]})"), "[2, 2] is a self-loop");
    expectRefusal(pattern(R"({"n": 3, "edges": [[0, 1], [1, 0]]})"), "given twice");
    expectRefusal(pattern(R"({"n": 3, "edges": [[0, 3]]})"), "[0, 3]");
    expectRefusal(pattern(R"({"n": 0, "edges": []})"), "empty");
    expectRefusal(pattern(R"({"n": 2, "edges": [[0, 1]], "labels": ["A"]})"), "1 labels");
    expectRefusal(pattern(R"({"n": 3, "edges": [[0, 1, "a"], [1, 2]]})"), "some edges");
    expectRefusal(pattern(R"({"n": 2, "edges": [[0, "b"]]})"), "[0,\"b\"]");
    expectRefusal(pattern(R"({"n": 2, "edges": [[0, 1]], "colour": 1})"), "'colour'");
    expectRefusal(pattern(R"({"n": 99999999999, "edges": []})"), "vertices");
    expectRefusal(pattern(R"({"n": 2, "edges": [], "edge_kinds": [["C", "H"]]})"), "needs labels");
    expectRefusal(pattern("{"), "not JSON");
    expectRefusal({"dim", "--pattern", folder.path("none.json")}, "cannot be opened");
    expectRefusal({"dim", "--pattern", "C~~~"}, "graph6");
    expectRefusal({"dim", "--pattern", "P15"}, "--bounds-only");
    expectRefusal({"basis", "--formula", "sub(K3)-sub(C3)"}, "cancel");
    expectRefusal({"basis", "--formula", "0*sub(K3)"}, "cancel");
    expectRefusal({"basis", "--formula", "sub(K3) sub(C3)"}, "makes no sense");
    expectRefusal({"basis", "--formula", "1/0*sub(K3)"}, "divides by 0");
    expectRefusal({"wl", "--k", "3", "P3000", "P3000"}, "GB");
    expectRefusal({"wl", "--k", "0", "P3", "P3"}, "k is 1 to 4");

    const std::string frames = folder.write("water.xyz", water);
    const std::string unknown =
        folder.write("x.json", R"({"n": 2, "edges": [[0, 1]], "labels": ["O", "Xx"]})");
    const std::vector<std::string> count = {"count", "--pattern", unknown, "--graphs", frames};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), count.begin(), count.end());
        return more;
    };
    expectRefusal(with({"--cutoff", "1.2", "--species-labels"}), "'Xx'");
    expectRefusal(with({"--cutoff", "1.2"}), "'O'"); // the graphs have no labels
    expectRefusal(count, "--cutoff");
    expectRefusal(with({"--cutoff", "-1"}), "'-1'");
    const std::string periodic = folder.write(
        "small.xyz", "1\nLattice=\"2 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3\nO 0 0 0\n");
    expectRefusal({"count", "--pattern", "K2", "--graphs", periodic, "--cutoff", "2.5"},
                  "frame 0: atom 0 (O) is bonded to its own image");
}
