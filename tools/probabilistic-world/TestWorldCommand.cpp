// SPDX-License-Identifier: MIT
//
// The real program: chains and rules in JSON, results, bytes that repeat, bad input.
#include "support/Arrays.h"

#include "support/Compare.h"
#include "support/RunCommand.h"

#include <nlohmann/json.hpp>

using equivariant::support::Matrix;
using equivariant::support::readMatrix;
using equivariant::test::close;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

class WorldCommand : public ::testing::Test {
protected:
    Result run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "probabilistic-world");
        return runCommand(arguments);
    }

    json report(const std::vector<std::string>& arguments) {
        const Result result = run(arguments);
        EXPECT_EQ(result.status, 0) << result.error;
        return json::parse(result.output, nullptr, false);
    }

    void expectRefusal(const std::vector<std::string>& arguments, const std::string& why) {
        const Result result = run(arguments);
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1);
    }

    void expectChainRefusal(const std::string& text, const std::string& why) {
        expectRefusal({"chain", folder.write("bad.json", text)}, why);
    }

    TemporaryFolder folder;
};

} // namespace

TEST_F(WorldCommand, IsingChain) {
    const std::string model = folder.write("ising.json", R"({"spins": 1, "length": 400,
        "step": {"time": [0.5]}, "observables": {"s": {"spins": [0]}},
        "correlators": [{"a": "s", "b": "s", "time": 200, "lags": 5}]})");
    const std::string densities = folder.path("p.npy");
    const json found = report({"chain", model, "--eigenvalues", "--densities", densities});
    EXPECT_TRUE(close(found["correlators"][0]["values"][5].get<double>(), 0.02107465, 1e-8));
    EXPECT_TRUE(close(found["steps"][0]["relative_moduli"][1].get<double>(), 0.4621172, 1e-7));
    EXPECT_EQ(found["expectations"]["s"].size(), 401u);
    const Matrix p = readMatrix(densities);
    EXPECT_EQ(p.rows(), 401);
    EXPECT_TRUE(close(p(17, 1), 0.5, 1e-12));
    EXPECT_EQ(run({"chain", model}).output, run({"chain", model}).output);
}

TEST_F(WorldCommand, BoundariesAndSteps) {
    const std::string model = folder.write("mixed.json", R"({"steps": [{"next": [1, 0]},
        {"weights": [[1, 0.5], [0.5, 1]]}], "boundaries": [
        {"weight": 2, "initial": {"spins": [1]}}, {"initial": [1, 0], "final": "free"}],
        "observables": {"x": {"values": [1, 3]}}})");
    const json found = report({"chain", model});
    EXPECT_TRUE(close(found["shares"][0].get<double>(), 2.0 / 3, 1e-14));
    EXPECT_TRUE(close(found["log_z"].get<double>(), std::log(4.5), 1e-14));
    EXPECT_TRUE(close(found["expectations"]["x"][0].get<double>(), 1 + 2 * 2.0 / 3, 1e-14));
}

TEST_F(WorldCommand, Automata) {
    const json found =
        report({"automaton", "shift", "--sites", "10", "--spectrum", "--evolve", "100"});
    EXPECT_EQ(found["cycles"], 108);
    EXPECT_EQ(found["probabilities"][1], 1.0);
    const std::string rule = folder.write("rule.json", R"({"spins": 3, "steps": [{"shift": 1},
        {"spins": [0, 1], "table": [0, 2, 1, 3]}]})");
    const json moved = report({"automaton", rule, "--evolve", "1"}); // 001 -> 100 -> 010
    EXPECT_EQ(moved["probabilities"][2], 1.0);
}

TEST_F(WorldCommand, QubitsAndBell) {
    const json qubit = report({"qubit", "--gates", "H,S,H", "--init", "0.3,0.4,0.1"});
    EXPECT_LE(qubit["largest_deviation_from_u_rho_u+"].get<double>(), 1e-15);
    EXPECT_TRUE(qubit["quantum_condition"].get<bool>());
    EXPECT_FALSE(report({"qubit", "--init", "0.9,0.9,0.9"})["quantum_condition"].get<bool>());
    EXPECT_TRUE(
        report({"bell", "--singlet", "0.707", "--angle", "45"})["joint_exists"].get<bool>());
    const json none = report({"bell", "--singlet", "0.708", "--angle", "45"});
    EXPECT_FALSE(none["joint_exists"].get<bool>());
    EXPECT_GT(none["inequality"]["value"].get<double>(), none["inequality"]["bound"].get<double>());
}

TEST_F(WorldCommand, MarkovStateModel) {
    const std::string path = folder.write("d.csv", "state\n0\n1\n2\n1\n0\n1\n1\n2\n2\n1\n0\n");
    const std::string densities = folder.path("p.csv");
    const json found = report({"msm", path, "--states", "3", "--from", "0", "--to", "2", "--length",
                               "3", "--densities", densities});
    EXPECT_EQ(found["forward_committor"][0], 0.0);
    EXPECT_EQ(found["forward_committor"][2], 1.0);
    EXPECT_TRUE(close(found["path_density"][1].get<double>(), 1, 1e-14));
    const Matrix p = readMatrix(densities);
    EXPECT_EQ(p.rows(), 4);
    EXPECT_EQ(p(0, 0), 1);
    EXPECT_EQ(p(3, 2), 1);
    for (const char* states : {"4", "2000000"})
        expectRefusal({"msm", path, "--states", states, "--from", "0", "--to", "2"},
                      "state 3 is never visited");
    expectRefusal(
        {"msm", path, "--states", "3", "--from", "0", "--to", "2", "--densities", densities},
        "--length");
    expectRefusal({"msm", path, "--states", "2", "--from", "0", "--to", "1"}, "row 2");
    expectRefusal({"msm", path, "--states", "3", "--from", "0", "--to", "7"}, "no state 7");
}

TEST_F(WorldCommand, Selftest) {
    const json found = report({"selftest", "--enumerate", "--chains", "20"});
    EXPECT_LE(found["largest_error"].get<double>(), 1e-12);
}

TEST_F(WorldCommand, BadChainsAreRefused) {
    expectChainRefusal(R"({"step": {"weights": [[1, -1], [1, 1]]}, "length": 2})",
                       "row 0, column 1");
    expectChainRefusal(R"({"step": {"next": [1, 1]}, "length": 2})", "states 0 and 1 both go to 1");
    expectChainRefusal(R"({"step": {"time": [1]}, "length": 2, "initial": [1, 1, 1]})",
                       "initial has 3 entries");
    expectChainRefusal(R"({"step": {"time": [1]}, "length": 2, "initial": {"spins": [0]}})",
                       "spin 0 is neither -1 nor 1");
    expectChainRefusal(R"({"step": {"time": [1]}, "length": 2, "initial": {"spins": [-5]}})",
                       "spin 0 is neither -1 nor 1");
    expectChainRefusal(R"({"step": {"next": []}, "length": 2})", "at least one state");
    expectChainRefusal(R"({"steps": [{"time": [1]}], "length": 2})", "or 'steps'");
    expectChainRefusal(
        R"({"step": {"time": [1]}, "length": 2, "final": "free", "boundaries": [{}]})",
        "either 'boundaries'");
    expectChainRefusal(R"({"step": {"next": [0, 1]}, "length": 2, "initial": {"spins": [1]},
                          "final": {"spins": [-1]}})",
                       "Z = 0");
    expectChainRefusal(R"({"step": {"time": [1]}, "length": 2, "temperature": 3})",
                       "'temperature'");
    expectChainRefusal(R"({"step": {"time": [1]}})", "'length'");
    expectChainRefusal(R"({"step": {"time": [1]}, "length": -1})", "'length'");
    expectChainRefusal(R"({"step": {"time": ["x"]}, "length": 1})", "entry 0 is not a number");
    expectChainRefusal(
        R"({"step": {"time": [1]}, "length": 1, "observables": {"a": {"spins": [1]}}})",
        "no spin 1");
    expectChainRefusal(R"({"step": {"time": [1]}, "length": 1, "correlators": [{"a": "s", "b": "s",
                          "time": 0, "lags": 1}]})",
                       "no observable 's'");
    expectChainRefusal("[1]", "has to be an object");
    expectChainRefusal(R"({"step": 1, "length": 1})", "a step");
    expectRefusal({"chain", folder.path("absent.json")}, "cannot be opened");
    expectRefusal({"chain", folder.path("")}, "cannot be read");
}

TEST_F(WorldCommand, BadRulesAndGatesAreRefused) {
    expectRefusal({"automaton", folder.write("r.json", R"({"spins": 2, "next": [0, 3, 1, 3]})")},
                  "states 1 and 3 both go to 3");
    expectRefusal({"automaton", folder.write("r.json", R"({"spins": 2, "next": [0, 1]})")},
                  "2 entries");
    expectRefusal({"automaton", "shift"}, "--sites");
    expectRefusal({"automaton", "shift", "--sites", "40"}, "number of spins");
    expectRefusal(
        {"automaton", "shift", "--sites", "2", "--initial", folder.write("p.csv", "1\n-1\n0\n0\n")},
        "row 1 is negative");
    expectRefusal({"qubit", "--gates", "T", "--init", "0,0,1"}, "gate 'T'");
    expectRefusal({"qubit", "--init", "0,0"}, "three spins");
    expectRefusal({"qubit", "--init", "0,0,2"}, "spin 2");
    expectRefusal({"bell", "--singlet", "2"}, "--singlet");
    expectRefusal({"bell", "--singlet", "1", "--means", "m.csv"}, "--means");
    expectRefusal(
        {"bell", "--means", folder.write("m.csv", "1,0,0,0\n0,9,0,0\n0,0,0,0\n0,0,0,0\n")},
        "row 1, column 1");
    expectRefusal({"bell", "--means", folder.write("m.csv", "1,2\n3,4\n")}, "4 x 4");
}
