// SPDX-License-Identifier: MIT
//
// The real program: files, exit statuses, bytes that repeat, bad input.
#include "Learn.h"

#include "support/Random.h"

#include "support/RunCommand.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace equivariant::halfspace_tester_learner;
using equivariant::support::Random;
using equivariant::support::readVector;
using equivariant::support::writeMatrix;
using equivariant::support::writeVector;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

class HalfspaceCommand : public ::testing::Test {
protected:
    HalfspaceCommand() {
        Random random(1);
        const Matrix x = random.normalMatrix(12000, 2);
        truth = predict(x, Eigen::Vector2d(0.6, 0.8));
        writeMatrix(pathX, x);
        writeVector(pathY, truth);
        writeMatrix(folder.path("cube.npy"), Matrix(x.array().sign()));
        writeVector(folder.path("zero-one.csv"), (truth.array() + 1) / 2);
    }

    Result run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "halfspace-tester-learner");
        return runCommand(arguments);
    }

    Result fit(std::vector<std::string> more, const std::string& x = "",
               const std::string& y = "") {
        more.insert(more.begin(), {"fit", "--x", x.empty() ? pathX : x, "--y",
                                   y.empty() ? pathY : y, "--replicas", "40"});
        return run(more);
    }

    void expectRefusal(const Result& result, int status, const std::string& why) {
        EXPECT_EQ(result.status, status);
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1);
        if (status == 2) {
            EXPECT_EQ(result.output, "");
        }
    }

    TemporaryFolder folder;
    const std::string pathX = folder.path("x.npy"), pathY = folder.path("y.csv");
    VectorXd truth;
};

} // namespace

TEST_F(HalfspaceCommand, FitAndPredict) {
    const std::string model = folder.path("r.json"), labels = folder.path("labels.csv");
    const Result fitted = fit({"--out", model});
    ASSERT_EQ(fitted.status, 0) << fitted.error;
    const json report = json::parse(readText(model));
    EXPECT_EQ(report["status"], "accepted");
    EXPECT_NEAR(report["w"][0].get<double>(), 0.6, 0.02);
    ASSERT_EQ(run({"predict", "--model", model, "--x", pathX, "-o", labels}).status, 0);
    EXPECT_GT((readVector(labels).array() == truth.array()).count(), 11800);
    EXPECT_EQ(fit({}).output, readText(model)); // the same bytes again
    EXPECT_EQ(fit({}, "", folder.path("zero-one.csv")).status, 2);
    EXPECT_EQ(fit({"--zero-one"}, "", folder.path("zero-one.csv")).output, readText(model));
    const std::string whitened = folder.path("w.json");
    ASSERT_EQ(fit({"--whiten", "--out", whitened}).status, 0);
    ASSERT_EQ(run({"predict", "--model", whitened, "--x", pathX, "-o", labels}).status, 0);
    EXPECT_GT((readVector(labels).array() == truth.array()).count(), 11700);
}

TEST_F(HalfspaceCommand, OneThreadMakesTheSameBytes) {
    const Result one = runCommand({"-c", "0", EQUIVARIANT_PROGRAM, "halfspace-tester-learner",
                                   "fit", "--x", pathX, "--y", pathY, "--replicas", "40"},
                                  "taskset");
    EXPECT_EQ(one.output, fit({}).output);
}

TEST_F(HalfspaceCommand, Calibration) {
    const std::string path = folder.path("c.json");
    ASSERT_EQ(run({"calibrate", "--d", "2", "--n", "12000", "--replicas", "40", "-o", path}).status,
              0);
    EXPECT_EQ(fit({"--calibration", path}).output, fit({}).output);
    expectRefusal(fit({"--calibration", path, "--eta", "0.1"}), 2, "lacks sigma");
    expectRefusal(fit({"--calibration", folder.write("bad.json", "{}")}), 2, "not a calibration");
    expectRefusal(run({"calibrate", "--d", "10", "--n", "200"}), 11, "200 points in 10 dimensions");
}

TEST_F(HalfspaceCommand, Verdicts) {
    const Result rejected = fit({}, folder.path("cube.npy"));
    expectRefusal(rejected, 10, "rejected");
    const json report = json::parse(rejected.output);
    EXPECT_EQ(report["status"], "rejected");
    EXPECT_FALSE(report.contains("w"));
    expectRefusal(
        run({"predict", "--x", pathX, "--model", folder.write("r.json", rejected.output)}), 2,
        "not accepted");
    const std::string x = folder.path("few.npy"), y = folder.path("few.csv");
    writeMatrix(x, Random(2).normalMatrix(200, 10));
    writeVector(y, VectorXd::Ones(200));
    const Result insufficient = fit({}, x, y);
    expectRefusal(insufficient, 11, "insufficient data");
    EXPECT_TRUE(json::parse(insufficient.output)["all_labels_equal"].get<bool>());
}

TEST_F(HalfspaceCommand, BadInputIsRefused) {
    const std::string x = folder.write("x.csv", "1,2\n3,4\n5,6\n");
    const auto labels = [&](const std::string& text) { return folder.write("labels.csv", text); };
    expectRefusal(fit({}, x, labels("1\n0.5\n-1\n")), 2, "row 1");
    expectRefusal(fit({}, x, labels("1\n0\n-1\n")), 2, "neither -1 nor 1");
    expectRefusal(fit({"--zero-one"}, x, labels("1\n0\n-1\n")), 2, "neither 0 nor 1");
    expectRefusal(fit({}, x, labels("1\n-1\n")), 2, "2 labels");
    expectRefusal(fit({}, folder.write("nan.csv", "1,2\n3,nan\n5,6\n"), labels("1\n1\n-1\n")), 2,
                  "row 1, column 1");
    expectRefusal(fit({"--eta", "0.5"}), 2, "eta has to be");
    expectRefusal(fit({"--noise", "white"}), 2, "--noise");
    expectRefusal(fit({"--delta", "0"}), 2, "delta");
    expectRefusal(fit({"--replicas", "5"}), 2, "replicas");
    expectRefusal(run({"predict", "--model", folder.path("absent.json"), "--x", pathX}), 2,
                  "cannot be opened");
    expectRefusal(run({"predict", "--x", x, "--model",
                       folder.write("m.json", R"({"status": "accepted", "w": [1, 0, 0]})")}),
                  2, "3 dimensions");
}
