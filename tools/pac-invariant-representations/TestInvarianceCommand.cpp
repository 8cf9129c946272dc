// SPDX-License-Identifier: MIT
#include "Dataset.h"

#include "support/Compare.h"
#include "support/RunCommand.h"

#include <nlohmann/json.hpp>

using namespace equivariant::pac_invariant_representations;
using equivariant::support::readTable;
using equivariant::support::Table;
using equivariant::support::writeMatrix;
using equivariant::support::writeTable;
using equivariant::test::close;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

Result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "pac-invariant-representations");
    return runCommand(arguments);
}

class InvarianceCommand : public ::testing::Test {
protected:
    std::vector<std::string> simulate(const std::string& name, std::vector<std::string> more,
                                      const std::string& ending, int count) {
        std::vector<std::string> arguments = {"simulate", "-o", folder.path(name), "--m",
                                              std::to_string(count)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Result result = run(arguments);
        EXPECT_EQ(result.status, 0) << result.error;
        std::vector<std::string> paths;
        for (int t = 0; t < count; t++) {
            char number[16];
            std::snprintf(number, sizeof(number), "/env_%04d", t);
            paths.push_back(folder.path(name) + number + ending);
        }
        return paths;
    }

    std::vector<std::string> fitting(const std::vector<std::string>& paths,
                                     std::vector<std::string> more = {}) {
        std::vector<std::string> arguments = {"fit", "--target", "y", "-o", out, "--env"};
        arguments.insert(arguments.end(), paths.begin(), paths.end());
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }

    void expectRefusal(std::vector<std::string> arguments, const std::string& why) {
        const Result result = run(std::move(arguments));
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1);
        EXPECT_FALSE(std::filesystem::exists(out));
    }

    json report() const { return json::parse(readText(out)); }

    TemporaryFolder folder;
    const std::string out = folder.path("out.json");
};

} // namespace

TEST_F(InvarianceCommand, ExactMomentsGiveTheParents) {
    const auto paths = simulate("train", {"--random", "10", "--seed", "1"}, ".json", 16);
    ASSERT_EQ(run(fitting(paths)).status, 0);
    const json found = report();
    EXPECT_TRUE(found["found"].get<bool>());
    EXPECT_LT(found["max_g"].get<double>(), 1e-10);
    const LinearSem sem = readSem(folder.path("train/sem.json"));
    std::vector<std::string> parents;
    for (int i : sem.parentsOfTarget())
        parents.push_back("x" + std::to_string(i));
    EXPECT_EQ(found["support"].get<std::vector<std::string>>(), parents);

    const auto unseen =
        simulate("unseen", {folder.path("train/sem.json"), "--seed", "2"}, ".json", 300);
    std::vector<std::string> certify = {"certify", out, "--env"};
    certify.insert(certify.end(), unseen.begin(), unseen.end());
    const Result certificate = run(certify);
    ASSERT_EQ(certificate.status, 0) << certificate.error;
    const json report = json::parse(certificate.output);
    EXPECT_EQ(report["violations"], 0);
    EXPECT_EQ(report["M"], 300);
    EXPECT_TRUE(close(report["upper_bound"].get<double>(), 1 - std::pow(0.05, 1.0 / 300), 1e-10));
}

TEST_F(InvarianceCommand, SamplesInAnyOrderOfColumns) {
    const auto paths =
        simulate("train", {"--random", "5", "--indegree", "2", "--N", "4000"}, ".csv", 8);
    ASSERT_EQ(run(fitting(paths)).status, 0);
    const json first = report();
    EXPECT_GT(first["max_slack"].get<double>(), 0);
    const Table table = readTable(paths[3]);
    std::vector<int> reversed;
    std::vector<std::string> names;
    for (int j = static_cast<int>(table.names.size()) - 1; j >= 0; j--) {
        reversed.push_back(j);
        names.push_back(table.names[j]);
    }
    writeTable(paths[3], {names, table.values(Eigen::all, reversed)});
    ASSERT_EQ(run(fitting(paths)).status, 0);
    EXPECT_EQ(report()["support"], first["support"]);
    EXPECT_EQ(report()["w"], first["w"]);
    // The same as a matrix with names beside it.
    std::string lines;
    for (const std::string& name : names)
        lines += name + "\n";
    auto mixed = paths;
    mixed[3] = folder.path("m.npy");
    writeMatrix(mixed[3], table.values(Eigen::all, reversed));
    ASSERT_EQ(run(fitting(mixed, {"--names", folder.write("names.txt", lines)})).status, 0);
    EXPECT_EQ(report()["w"], first["w"]);
}

TEST_F(InvarianceCommand, OtherModesAndHeads) {
    const auto paths = simulate("train", {"--random", "5", "--indegree", "2"}, ".json", 8);
    for (const char* head : {"pooled", "minimax"}) {
        ASSERT_EQ(run(fitting(paths, {"--head", head, "--relative"})).status, 0);
        EXPECT_TRUE(report()["found"].get<bool>());
    }
    ASSERT_EQ(run(fitting(paths, {"--mode", "general", "--rmax", "2", "--restarts", "2"})).status,
              0);
    EXPECT_EQ(report()["phi"].size(), 2u);
    EXPECT_EQ(report()["phi"][0].size(), 5u);
    ASSERT_EQ(run(fitting(paths, {"--features", "x0,x1,x2"})).status, 0);
    EXPECT_EQ(report()["features"].size(), 3u);
}

TEST_F(InvarianceCommand, SameSeedSameBytesOnAnyNumberOfThreads) {
    const auto bytes = [&](const std::string& name, bool oneThread) {
        const auto paths = simulate(name, {"--random", "4", "--N", "50", "--seed", "3"}, ".csv", 4);
        std::string text;
        for (const std::string& path : paths)
            text += readText(path);
        // Paths are in the report; the numbers matter.
        auto arguments = fitting(paths, {"--mode", "general", "--seed", "4"});
        arguments.insert(arguments.begin(), "pac-invariant-representations");
        if (oneThread)
            arguments.insert(arguments.begin(), {"-c", "0", EQUIVARIANT_PROGRAM});
        EXPECT_EQ(runCommand(arguments, oneThread ? "taskset" : EQUIVARIANT_PROGRAM).status, 0);
        const json found = report();
        return text + (found["found"].get<bool>() ? found : found["closest"])["phi"].dump();
    };
    const std::string first = bytes("a", false);
    EXPECT_EQ(bytes("b", false), first);
    EXPECT_EQ(bytes("c", true), first);
}

TEST_F(InvarianceCommand, NothingInvariantIsNoError) {
    std::string rising = "x,y\n", falling = rising;
    for (int i = 0; i < 400; i++) {
        rising += std::to_string(i % 5) + "," + std::to_string(2 * (i % 5)) + "\n";
        falling += std::to_string(i % 5) + "," + std::to_string(-2 * (i % 5)) + "\n";
    }
    const std::string a = folder.write("a.csv", rising), b = folder.write("b.csv", falling);
    ASSERT_EQ(run(fitting({a, b})).status, 0);
    EXPECT_FALSE(report()["found"].get<bool>());
    EXPECT_EQ(report()["status"], "no eps-invariant representation");
    EXPECT_TRUE(report().contains("closest"));
    const Result certified = run({"certify", out, "--env", a});
    EXPECT_EQ(certified.status, 2);
    EXPECT_NE(certified.error.find("holds no representation"), std::string::npos);
}

TEST_F(InvarianceCommand, RedundantColumnsAreNamed) {
    const std::string rows = "u,v,y\n1,1,2\n2,1,3\n3,1,5\n0,1,0\n";
    const std::string a = folder.write("a.csv", rows), b = folder.write("b.csv", rows);
    const Result result = run(fitting({a, b}));
    ASSERT_EQ(result.status, 0);
    EXPECT_NE(result.error.find("left out: 'v'"), std::string::npos) << result.error;
    EXPECT_EQ(report()["dropped"], json::array({"v"}));
    const std::string flat = folder.write("flat.csv", "v,y\n1,2\n1,3\n1,4\n");
    std::filesystem::remove(out);
    const Result infeasible = run(fitting({flat, flat}));
    EXPECT_EQ(infeasible.status, 3);
    EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(InvarianceCommand, BoundsOfTheTheory) {
    const auto bound = [&](const std::string& n) {
        const Result result = run({"bound", "--sites", "2", "--indegree", "3", "--n", n});
        EXPECT_EQ(result.status, 0);
        return json::parse(result.output);
    };
    const json small = bound("10"), large = bound("1000");
    EXPECT_EQ(small["dimension_free"], large["dimension_free"]);
    EXPECT_NE(small["ambient"], large["ambient"]);
}

TEST_F(InvarianceCommand, EnergiesOfFrames) {
    std::string a, b;
    for (int i = 0; i < 6; i++) {
        const std::string u = std::to_string(i % 4), e = std::to_string(2 * (i % 4) + i);
        a += "1\nenergy=" + e + " u=" + u + "\nO 0 0 0\n";
        b += "1\nenergy=" + e + "\nO 0 0 0\n";
    }
    const std::string first = folder.write("a.xyz", a), second = folder.write("b.xyz", b);
    ASSERT_EQ(
        run({"fit", "--target", "energy", "--env", first, first, "--info", "u", "-o", out}).status,
        0);
    EXPECT_EQ(report()["features"], json::array({"u"}));
    std::filesystem::remove(out);
    expectRefusal({"fit", "--target", "dipole", "--env", first, first, "--info", "u", "-o", out},
                  "'energy', not 'dipole'");
    expectRefusal({"fit", "--target", "energy", "--env", first, first, "-o", out},
                  "there are no features");
    ASSERT_EQ(
        run({"fit", "--target", "energy", "--env", first, first, "--info", "u", "-o", out}).status,
        0);
    const std::string side = folder.path("side.npy"), names = folder.write("names.txt", "u\n");
    Matrix column(6, 1);
    column << 0, 1, 2, 3, 0, 1;
    writeMatrix(side, column);
    const json w = report()["w"];
    const std::string pair = second + "," + side;
    ASSERT_EQ(
        run({"fit", "--target", "energy", "--env", pair, pair, "--names", names, "-o", out}).status,
        0);
    EXPECT_EQ(report()["w"], w);
    std::filesystem::remove(out);
    writeMatrix(side, column.topRows(5));
    expectRefusal({"fit", "--target", "energy", "--env", pair, pair, "--names", names, "-o", out},
                  "6 frames and 5 rows");
}

TEST_F(InvarianceCommand, BadInputIsRefused) {
    const std::string good = folder.write("good.csv", "a,b,y\n1,2,3\n2,1,4\n5,3,1\n4,0,2\n");
    const auto with = [&](const std::string& text) {
        return fitting({good, folder.write("bad.csv", text)});
    };
    expectRefusal(with("a,b,y\n1,2,3\n2,nan,4\n5,3,1\n"), "row 1, column 'b'");
    expectRefusal(with("a,y\n1,3\n2,4\n5,1\n"), "there is no column 'b'");
    expectRefusal(with("a,b,c,y\n1,2,0,3\n2,1,1,4\n5,3,2,1\n3,1,1,1\n"), "'c' is not in the first");
    expectRefusal(with("a,b,b,y\n1,2,2,3\n2,1,1,4\n5,3,2,1\n3,1,1,1\n"), "'b' is there twice");
    expectRefusal(with("a,b\n1,2\n2,1\n5,3\n"), "there is no column 'y'");
    expectRefusal(with("1,2,3\n2,1,4\n5,3,1\n"), "does not name the columns");
    expectRefusal(with("a,b,y\n1,2,3\n2,1,4\n"), "2 rows, not more than the 2 features");
    expectRefusal(with("a,b,y\n1,2,3\n2,x,4\n5,3,1\n"), "not a number");
    expectRefusal(fitting({good}), "one environment");
    expectRefusal(fitting({good, good}, {"--features", "a,y"}), "the target is among the features");
    expectRefusal(fitting({good, good}, {"--eps", "-1"}), "eps");
    expectRefusal(fitting({good, folder.path("absent.csv")}), "cannot be opened");
    expectRefusal(fitting({good, folder.write("bad.json", "{\"names\": [\"a\"]}")}),
                  "not a file of moments");
    const auto moments = [&](const std::string& rest) {
        return fitting({folder.write("m.json", "{\"names\": [\"a\", \"y\"], " + rest + "}"), good});
    };
    expectRefusal(moments("\"covariance\": [[1, 5], [5, 1]]"),
                  "m.json: the covariance is not positive semidefinite");
    expectRefusal(moments("\"covariance\": [[1, 0], [0, 1]], \"samples\": -1"), "'samples'");
    expectRefusal(fitting({good, good}, {"--features", "a,a"}), "'a' is there twice");
    expectRefusal(fitting({good, good}, {"--mode", "general", "--head", "minimax"}), "--head");

    const std::string model = folder.write(
        "sem.json", R"({"names": ["a", "y"], "target": "y", "B": [[0, 0], [1, 0]], "s": [1, 1]})");
    const std::string folderOut = folder.path("never");
    expectRefusal({"simulate", model, "--at", "y", "-o", folderOut}, "at the target 'y'");
    expectRefusal({"simulate", model, "--at", "z", "-o", folderOut}, "no variable 'z'");
    const std::string cycle =
        folder.write("cycle.json",
                     R"({"names": ["a", "y"], "target": "y", "B": [[0, 1], [1, 0]], "s": [1, 1]})");
    expectRefusal({"simulate", cycle, "-o", folderOut}, "B has a cycle");
    expectRefusal({"simulate", "-o", folderOut}, "--random");
    expectRefusal({"simulate", model, "--m", "0", "-o", folderOut}, "--m");
    expectRefusal({"simulate", model, "--sites", "1", "-o", good + "/x"}, "cannot be made");
    EXPECT_FALSE(std::filesystem::exists(folderOut));
    expectRefusal({"bound", "--delta", "2"}, "delta");
    expectRefusal({"certify", good, "--env", good}, "good.csv: not JSON");
}
