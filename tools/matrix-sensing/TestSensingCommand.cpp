// SPDX-License-Identifier: MIT
//
// The real program: all kinds of measurements, bytes that repeat, bad input.
#include "support/Arrays.h"
#include "support/Random.h"

#include "support/Compare.h"
#include "support/RunCommand.h"

#include <nlohmann/json.hpp>

using namespace equivariant::support;
using Eigen::Index;
using Eigen::VectorXd;
using equivariant::test::close;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

Result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "matrix-sensing");
    return runCommand(arguments);
}

json runJson(const std::vector<std::string>& arguments) {
    const Result result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.error;
    return json::parse(result.output);
}

class SensingCommand : public ::testing::Test {
protected:
    static constexpr Index n1 = 10, n2 = 8, m = 240;

    std::string write(const std::string& name, const Matrix& matrix) const {
        writeMatrix(folder.path(name), matrix);
        return folder.path(name);
    }

    /// Dense measurements of the target.
    std::vector<std::string> dense() const {
        const Matrix a = Random(3).normalMatrix(m, n1 * n2);
        writeArray(folder.path("a.npy"), {{m, n1, n2}, {a.data(), a.data() + a.size()}});
        const VectorXd y = a * Eigen::Map<const VectorXd>(target.data(), target.size());
        return {"solve", "--ops", folder.path("a.npy"), "--y", write("y.csv", y)};
    }

    static std::vector<std::string> with(std::vector<std::string> arguments,
                                         const std::vector<std::string>& more) {
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }

    void expectRecovery(const std::vector<std::string>& arguments, double tolerance) {
        const std::string f = folder.path("f.npy"), g = folder.path("g.npy");
        const json report = runJson(with(arguments, {"--out", f, g, "--accelerate"}));
        EXPECT_EQ(report["rank"], 2);
        const Matrix found = readMatrix(f) * readMatrix(g).transpose();
        EXPECT_LE((found - target).norm() / target.norm(), tolerance) << arguments[1];
    }

    void expectRefusal(const std::vector<std::string>& arguments, const std::string& why,
                       int status = 2) {
        const Result result = run(arguments);
        EXPECT_EQ(result.status, status);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1);
    }

    TemporaryFolder folder;
    const Matrix target = 7 * Random(1).normalMatrix(n1, 2) * Random(2).normalMatrix(2, n2);
};

} // namespace

TEST_F(SensingCommand, AllKindsOfMeasurementsRecoverTheMatrix) {
    expectRecovery(with(dense(), {"--k", "4", "--T", "4000"}), 1e-6);
    const Matrix left = Random(4).normalMatrix(m, n1), right = Random(5).normalMatrix(m, n2);
    const VectorXd y = (left * target).cwiseProduct(right).rowwise().sum();
    expectRecovery({"solve", "--left", write("l.npy", left), "--right", write("r.npy", right),
                    "--y", write("y.npy", y), "--k", "3", "--T", "8000"},
                   1e-6);
    Matrix lines(n1 * n2, 3);
    Index count = 0;
    Random random(6);
    for (int i = 0; i < n1; i++)
        for (int j = 0; j < n2; j++)
            if (random.uniform() < 0.85)
                lines.row(count++) << i, j, target(i, j);
    expectRecovery({"solve", "--mask", write("mask.csv", lines.topRows(count)), "--shape", "10,8",
                    "--k", "2", "--T", "20000"},
                   1e-6);
    expectRecovery({"solve", "--target", write("m.npy", target), "--k", "4", "--T", "2000"}, 1e-10);
}

TEST_F(SensingCommand, CurveAndReport) {
    const std::string log = folder.path("curve.csv");
    const json report =
        runJson(with(dense(), {"--k", "4", "--T", "600", "--accelerate", "--truth",
                               write("m.npy", target), "--log", log, "--log-every", "10"}));
    EXPECT_GT(report["beta"], 0);
    EXPECT_GT(report["rescaled_at"].get<int>(), 0);
    EXPECT_EQ(report["iterations"], 600);
    EXPECT_EQ(report["rate"]["law"], "exponential");
    const Table table = readTable(log);
    EXPECT_EQ(table.values.rows(), 61);
    EXPECT_EQ(table.values(60, table.find("squared_error")), report["squared_error"].get<double>());
    EXPECT_EQ(report["warnings"].size(), 0);
}

TEST_F(SensingCommand, OneFactorForSymmetricMatrices) {
    const Matrix half = Random(7).normalMatrix(6, 2), square = half * half.transpose();
    const json report = runJson({"solve", "--target", write("s.csv", square), "--param", "sym",
                                 "--k", "2", "--T", "3000", "--truth", write("t.csv", square)});
    EXPECT_LE(report["squared_error"].get<double>(), 1e-20);
    expectRefusal({"solve", "--target", write("m.npy", target), "--param", "sym"},
                  "no symmetric factors");
    Matrix skew = square;
    skew(1, 3) += 1;
    expectRefusal({"solve", "--target", write("k.npy", skew), "--param", "sym"},
                  "not symmetric at (3, 1)");
    expectRefusal(
        {"solve", "--mask", folder.write("a.csv", "0,1,2\n1,0,3\n"), "--param", "sym", "--k", "1"},
        "not symmetric at (1, 0)");
}

TEST_F(SensingCommand, SameSeedSameBytesOnAnyNumberOfThreads) {
    const std::vector<std::string> arguments = with(dense(), {"--k", "3", "--T", "50"});
    const Result first = run(arguments);
    ASSERT_EQ(first.status, 0) << first.error;
    EXPECT_EQ(run(arguments).output, first.output);
    EXPECT_EQ(
        runCommand(with({"-c", "0", EQUIVARIANT_PROGRAM, "matrix-sensing"}, arguments), "taskset")
            .output,
        first.output);
    EXPECT_NE(run(with(arguments, {"--seed", "1"})).output, first.output);
}

TEST_F(SensingCommand, StudyOfAllCases) {
    const json symmetric = runJson({"study", "--case", "sym", "--T", "2000"})["runs"][0];
    EXPECT_EQ(symmetric["rate"]["law"], "power");
    EXPECT_NEAR(symmetric["4_eta2_t2_error"].get<double>(), 2, 0.2);
    const json runs =
        runJson({"study", "--case", "asym", "--alphas", "0.5,1", "--T", "2000"})["runs"];
    EXPECT_EQ(runs.size(), 2);
    EXPECT_LT(runs[1]["rate"]["per_iteration"], runs[0]["rate"]["per_iteration"]);
    EXPECT_GE(-runs[1]["rate"]["per_iteration"].get<double>(),
              0.9 * runs[1]["rate_bounds"][0].get<double>());
    const json once = runJson(
        {"study", "--case", "onestep", "--switch", "200", "--beta", "1", "--n2", "30"})["runs"][0];
    EXPECT_EQ(once["rescaled_at"], 200);
    EXPECT_NEAR(once["rate"]["per_iteration"].get<double>(), -0.21, 0.02);
    EXPECT_EQ(runJson({"study", "--case", "balanced", "--T", "1000"})["runs"][0]["rate"]["law"],
              "power");
    EXPECT_EQ(
        runJson({"study", "--n", "10", "--m", "300", "--k", "3", "--T", "20"})["measurements"],
        300);
}

TEST_F(SensingCommand, TargetsOfAtoms) {
    std::string text;
    Random random(8);
    for (int frame = 0; frame < 3; frame++) {
        text += "8\n\n";
        for (int atom = 0; atom < 8; atom++)
            text += "C " + std::to_string(random.normal()) + " " + std::to_string(random.normal()) +
                    " " + std::to_string(random.normal()) + "\n";
    }
    const std::string frames = folder.write("a.xyz", text), out = folder.path("d.npy");
    ASSERT_EQ(run({"target", frames, "-o", out}).status, 0);
    EXPECT_EQ(readMatrix(out).rows(), 8);
    const json report = runJson(
        {"solve", "--target", out, "--k", "6", "--T", "20000", "--accelerate", "--truth", out});
    EXPECT_EQ(report["rank"], 5); // of squared distances in space
    ASSERT_EQ(run({"target", frames, "--kind", "covariance", "-o", out}).status, 0);
    const Matrix covariance = readMatrix(out);
    EXPECT_EQ(covariance.rows(), 24);
    EXPECT_TRUE(covariance.isApprox(covariance.transpose(), 1e-14));
    expectRefusal({"target", folder.write("b.xyz", text + "1\n\nC 0 0 0\n"), "--kind", "covariance",
                   "-o", out},
                  "frame 3 has 1 atoms");
}

TEST_F(SensingCommand, BadInputIsRefused) {
    const std::vector<std::string> good = dense();
    expectRefusal(with(good, {"--k", "9"}), "--rank-guess 9");
    expectRefusal(with(good, {"--k", "0"}), "--rank-guess 0");
    for (const char* eta : {"0", "-1", "nan"})
        expectRefusal(with(good, {"--eta", eta}), "eta");
    expectRefusal(with(good, {"--eta", "1"}), "smaller step", 3);
    expectRefusal({"solve", "--ops", good[2], "--y", folder.write("short.csv", "1\n2\n")},
                  "2 values for 240 measurements");
    Matrix y = Matrix::Ones(m, 1);
    y(5, 0) = INFINITY;
    expectRefusal({"solve", "--ops", good[2], "--y", write("inf.npy", y)}, "row 5, column 0");
    expectRefusal({"solve", "--ops", good[2]}, "--y");
    expectRefusal({"solve", "--ops", write("flat.npy", Matrix::Ones(3, 3)), "--y", good[4]},
                  "three dimensions");
    expectRefusal({"solve"}, "one of --ops");
    expectRefusal(with(good, {"--target", good[4]}), "one of --ops");
    expectRefusal({"solve", "--left", write("l.npy", Matrix::Ones(3, 3)), "--y", good[4]},
                  "needed together");
    expectRefusal({"solve", "--mask", folder.write("a.csv", "0,1.5,2\n")}, "row 0");
    expectRefusal({"solve", "--mask", folder.write("a.csv", "0,1\n")}, "i, j and a value");
    expectRefusal({"solve", "--mask", folder.write("a.csv", "0,4,2\n"), "--shape", "3,3"},
                  "outside of --shape");
    expectRefusal({"solve", "--target", write("zero.npy", Matrix::Zero(3, 3)), "--k", "1"},
                  "tell nothing");
    expectRefusal(with(good, {"--truth", write("t.npy", Matrix::Ones(2, 2))}), "another size");
    expectRefusal(with(good, {"--param", "sym"}), "no symmetric factors");
    for (const char* name : {"--beta", "--switch", "--trigger"})
        expectRefusal(with(good, {name, "1"}), "requires --accelerate");
    expectRefusal({"study", "--r", "60"}, "rank 60");
    expectRefusal({"study", "--case", "best"}, "--case");
    expectRefusal({"study", "--alphas", "0.5,1", "--log", folder.path("c.csv")}, "one --alpha");
    expectRefusal({"solve", "--mask", folder.write("a.csv", "100000,100000,1\n")}, "too large");
}

TEST_F(SensingCommand, TooFewMeasurementsAreNamed) {
    const Matrix a = Random(9).normalMatrix(20, n1 * n2);
    writeArray(folder.path("few.npy"), {{20, n1, n2}, {a.data(), a.data() + a.size()}});
    const VectorXd y = a * Eigen::Map<const VectorXd>(target.data(), target.size());
    const Result result = run({"solve", "--ops", folder.path("few.npy"), "--y", write("y.npy", y)});
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.error.find("below the degrees of freedom"), std::string::npos);
}
