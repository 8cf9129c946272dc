// SPDX-License-Identifier: MIT
//
// The real program, and collective variables of molecules.
#include "BridgeFile.h"
#include "BridgeFit.h"
#include "GaussianBridge.h"
#include "Variables.h"

#include "support/Random.h"

#include "support/Compare.h"
#include "support/RunCommand.h"
#include "support/Throws.h"

#include "equivariant/Error.h"

using namespace equivariant::light_sb;
using namespace equivariant::support;
using equivariant::Error;
using equivariant::command::parseExtendedXyz;
using equivariant::test::close;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using equivariant::test::throwsNaming;
using nlohmann::json;

namespace {

Result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "light-sb");
    return runCommand(arguments);
}

class BridgeCommand : public ::testing::Test {
protected:
    BridgeCommand() {
        writeMatrix(x0, Random(1).normalMatrix(200, 2));
        writeMatrix(x1, (0.5 * Random(2).normalMatrix(150, 2)).array() + 2);
    }

    Result fit(std::vector<std::string> more, const std::string& out) {
        std::vector<std::string> arguments = {"fit", "--x0",         x0,  "--x1", x1, "--steps",
                                              "60",  "--components", "5", "-o",   out};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }

    void expectRefusal(std::vector<std::string> arguments, const std::string& why) {
        const Result result = run(std::move(arguments));
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(why), std::string::npos) << result.error;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1);
    }

    TemporaryFolder folder;
    const std::string x0 = folder.path("x0.npy"), x1 = folder.path("x1.npy"),
                      model = folder.path("model.json");
};

} // namespace

TEST_F(BridgeCommand, FitMapPathDriftAndEval) {
    const std::string loss = folder.path("loss.csv"), out = folder.path("y.npy");
    const Result fitted = fit({"--loss", loss, "--full", "--eps", "0.5"}, model);
    ASSERT_EQ(fitted.status, 0) << fitted.error;
    const json report = json::parse(fitted.output);
    EXPECT_EQ(report["K"], 5);
    EXPECT_GT(readTable(loss).values.rows(), 10);
    const json file = json::parse(readText(model));
    for (const char* key : {"schema", "eps", "scale", "dim", "K", "log_alpha", "r", "log_s", "Q",
                            "seed", "steps", "loss_tail", "data_hash0", "data_hash1"})
        EXPECT_TRUE(file.contains(key)) << key;
    EXPECT_NE(file["data_hash0"], file["data_hash1"]);

    ASSERT_EQ(run({"map", "--model", model, "--in", x0, "-o", out, "--seed", "3"}).status, 0);
    EXPECT_EQ(readMatrix(out).rows(), 200);
    ASSERT_EQ(run({"map", "--model", model, "--in", x0, "-o", out, "--mean"}).status, 0);
    const Model read = readModel(model, 0.5);
    EXPECT_EQ(readMatrix(out), read.conditionalMeans(readMatrix(x0)));
    ASSERT_EQ(run({"drift", "--model", model, "--in", x0, "-o", out, "--time", "0.5"}).status, 0);
    EXPECT_EQ(readMatrix(out), read.drift(readMatrix(x0), 0.5));
    ASSERT_EQ(run({"path", "--model", model, "--in", x0, "-o", out, "--times", "0,.5,1"}).status,
              0);
    EXPECT_EQ(readArray(out).shape, (std::vector<Eigen::Index>{3, 200, 2}));
    ASSERT_EQ(run({"path", "--model", model, "--in", x0, "-o", out, "--sde", "10"}).status, 0);
    EXPECT_EQ(readArray(out).shape, (std::vector<Eigen::Index>{11, 200, 2}));

    const Result scored = run({"eval", "--model", model, "--x0", x0, "--x1", x1, "--truth", model,
                               "--sinkhorn", "--permutations", "99"});
    ASSERT_EQ(scored.status, 0) << scored.error;
    const json scores = json::parse(scored.output);
    EXPECT_TRUE(close(scores["cbw2_uvp"].get<double>(), 0, 1e-9));
    EXPECT_GT(scores["cbw2_uvp_independent"], 1);
    for (const char* key :
         {"energy_distance", "energy_distance_p", "mmd", "bw2_uvp", "sinkhorn_deviation"})
        EXPECT_TRUE(scores[key].is_number()) << key;
}

TEST_F(BridgeCommand, ModelFilesReadBackExactly) {
    const Moments moments = momentsOf(readMatrix(x0)), target = momentsOf(readMatrix(x1));
    const Model exact = gaussianBridge(moments, target, 0.3);
    writeModel(model, exact, {});
    const auto p = readModel(model).getParameters(), q = exact.getParameters();
    EXPECT_EQ(p.means, q.means);
    EXPECT_EQ(p.logScales, q.logScales);
    EXPECT_EQ(p.rotations[0], q.rotations[0]);
    EXPECT_EQ(p.logWeights, q.logWeights);
}

TEST_F(BridgeCommand, ModelsOfAnotherEpsAreRefused) {
    ASSERT_EQ(fit({}, model).status, 0);
    EXPECT_TRUE(
        throwsNaming<Error>("fitted with eps = 0.1, not 0.2", [&] { readModel(model, 0.2); }));
    json file = json::parse(readText(model));
    const auto refuses = [&](const std::string& key, const json& value, const std::string& why) {
        json changed = file;
        changed[key] = value;
        const std::string path = folder.write("changed.json", changed.dump());
        return throwsNaming<Error>(why, [&] { readModel(path); });
    };
    EXPECT_TRUE(refuses("eps", 0.2, "eps or another number was changed"));
    EXPECT_TRUE(refuses("schema", 2, "schema 2"));
    EXPECT_TRUE(refuses("K", 4, "expected 4"));
    EXPECT_TRUE(refuses("K", -1, "make no sense"));
    EXPECT_TRUE(refuses("K", 1'000'000, "expected 1000000"));
    EXPECT_TRUE(refuses("r", "text", "not a model"));
    const std::string text = folder.write("text.json", "{\n\"schema\": 1,\n");
    EXPECT_TRUE(throwsNaming<Error>("text.json: not JSON", [&] { readModel(text); }));
    expectRefusal({"map", "--model", model, "--eps", "1", "--in", x0, "-o", folder.path("y.npy")},
                  "not 1");
}

TEST_F(BridgeCommand, SameSeedSameBytesOnAnyNumberOfThreads) {
    const auto bytes = [&](const std::string& name, const std::string& seed, bool oneThread) {
        const std::string out = folder.path(name + ".json"), y = folder.path(name + ".npy");
        for (std::vector<std::string> arguments :
             {std::vector<std::string>{"fit", "--x0", x0, "--x1", x1, "--steps", "30", "--seed",
                                       seed, "-o", out},
              {"map", "--model", out, "--in", x0, "--seed", seed, "-o", y}}) {
            arguments.insert(arguments.begin(), "light-sb");
            if (oneThread)
                arguments.insert(arguments.begin(), {"-c", "0", EQUIVARIANT_PROGRAM});
            const Result result =
                runCommand(arguments, oneThread ? "taskset" : EQUIVARIANT_PROGRAM);
            EXPECT_EQ(result.status, 0) << result.error;
        }
        return readText(out) + readText(y);
    };
    const std::string first = bytes("a", "1", false);
    EXPECT_EQ(bytes("b", "1", false), first);
    EXPECT_EQ(bytes("c", "1", true), first);
    EXPECT_NE(bytes("d", "2", false), first);
}

TEST_F(BridgeCommand, ARisingLossIsAWarningAndWithStrictAnError) {
    // At next to no learning rate the loss is noise, which rises with some seed.
    FitOptions options;
    options.steps = 20;
    options.components = 5;
    options.learningRate = 1e-9;
    const Matrix x = readMatrix(x0), y = readMatrix(x1);
    while (options.seed < 1000 && !equivariant::light_sb::fit(x, y, options).isRising())
        options.seed++;
    ASSERT_LT(options.seed, 1000u);
    std::vector<std::string> arguments = {"fit",  "--x0",    x0,
                                          "--x1", x1,        "--lr",
                                          "1e-9", "--seed",  std::to_string(options.seed),
                                          "-o",   model,     "--components",
                                          "5",    "--steps", "20"};
    const Result warned = run(arguments);
    EXPECT_EQ(warned.status, 0);
    EXPECT_NE(warned.error.find("the loss rose"), std::string::npos) << warned.error;
    EXPECT_TRUE(std::filesystem::remove(model));
    arguments.push_back("--strict");
    const Result refused = run(arguments);
    EXPECT_EQ(refused.status, 3);
    EXPECT_NE(refused.error.find("the loss rose"), std::string::npos) << refused.error;
    EXPECT_FALSE(std::filesystem::exists(model));
}

TEST_F(BridgeCommand, ColumnsAreChosenByName) {
    const std::string a = folder.write("a.csv", "u,v,w\n1,2,3\n4,5,7\n7,8,8\n");
    const std::string b = folder.write("b.csv", "w,u\n1,2\n3,4\n4,9\n");
    const auto arguments = [&](const std::string& columns) {
        return std::vector<std::string>{"fit",   "--x0",         a,   "--x1",    b,   "--columns",
                                        columns, "--components", "2", "--steps", "3", "-o",
                                        model};
    };
    ASSERT_EQ(run(arguments("u,w")).status, 0);
    EXPECT_EQ(readModel(model).dimension(), 2);
    expectRefusal(arguments("u,v"), "b.csv: there is no column 'v'");
}

TEST_F(BridgeCommand, BadInputIsRefused) {
    const std::string bad = folder.write("bad.csv", "1,2\n3,nan\n"), out = folder.path("out.json");
    const auto fitting = [&](const std::string& source, const std::string& target,
                             std::vector<std::string> more = {}) {
        std::vector<std::string> arguments = {"fit", "--x0", source, "--x1", target, "-o", out};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    expectRefusal(fitting(bad, x1), "row 1, column 1 is not a finite number");
    expectRefusal(fitting(x0, folder.write("three.csv", "1,2,3\n")), "3");
    expectRefusal(fitting(x0, x1, {"--eps", "0"}), "eps");
    expectRefusal(fitting(x0, x1, {"--components", "151"}), "150 rows");
    expectRefusal(fitting(x0, folder.write("flat.csv", "1,2\n1,3\n"), {"--components", "1"}),
                  "column 0 does not vary");
    expectRefusal(fitting(x0, x1, {"--lr", "fast"}), "--lr");
    expectRefusal(fitting(folder.path("absent.npy"), x1), "cannot be opened");
    EXPECT_FALSE(std::filesystem::exists(out));

    ASSERT_EQ(fit({}, model).status, 0);
    const auto using_ = [&](const std::string& command, std::vector<std::string> more) {
        std::vector<std::string> arguments = {command, "--model",           model, "--in", x0,
                                              "-o",    folder.path("y.npy")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    expectRefusal(using_("path", {"--times", "0,2"}), "within [0, 1]");
    expectRefusal(using_("path", {}), "--times or --sde");
    expectRefusal(using_("drift", {"--time", "1"}), "at time 1");
    expectRefusal(using_("drift", {"--time", "-1"}), "within [0, 1]");
    expectRefusal({"map", "--model", x0, "--in", x0, "-o", folder.path("y.npy")}, "not JSON");
}

TEST(BridgeVariables, OfAKnownMolecule) {
    const auto frames =
        parseExtendedXyz("4\nenergy=2.5\nO 0 1 0\nO 0 0 0\nC 2 0 0\nH 2 0 3\n", "x");
    const Table table = computeVariables(frames, {"distance:1-2", "angle:0-1-2", "torsion:0-1-2-3",
                                                  "cos:0-1-2-3", "sin:0-1-2-3", "energy"});
    const double expected[] = {2, 90, 90, 0, 1, 2.5};
    for (int j = 0; j < 6; j++)
        EXPECT_TRUE(close(table.values(0, j), expected[j], 1e-12)) << table.names[j];
    // The mirror image turns the other way.
    const auto mirrored = parseExtendedXyz("4\n\nO 0 1 0\nO 0 0 0\nC 2 0 0\nH 2 0 -3\n", "x");
    EXPECT_TRUE(close(computeVariables(mirrored, {"torsion:0-1-2-3"}).values(0, 0), 270, 1e-12));
}

TEST(BridgeVariables, RefuseWhatTheyDoNotKnow) {
    const auto frames = parseExtendedXyz("2\n\nO 0 1 0\nO 0 0 0\n", "x");
    const auto refuses = [&](const std::string& variable, const std::string& why) {
        return throwsNaming<Error>(why, [&] { computeVariables(frames, {variable}); });
    };
    EXPECT_TRUE(refuses("radius:0-1", "is no variable"));
    EXPECT_TRUE(refuses("distance:0", "needs 2 atoms"));
    EXPECT_TRUE(refuses("distance", "needs 2 atoms"));
    EXPECT_TRUE(refuses("distance:0-x", "numbers between dashes"));
    EXPECT_TRUE(refuses("distance:0-1-", "numbers between dashes"));
    EXPECT_TRUE(refuses("distance:0-2", "frame 1 has no atom 2"));
    EXPECT_TRUE(refuses("distance:0-0", "atom 0 occurs twice"));
    EXPECT_TRUE(refuses("energy", "frame 1 has no energy"));
    const auto periodic = parseExtendedXyz("1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nO 0 1 0\n", "x");
    EXPECT_TRUE(throwsNaming<Error>("periodic", [&] { computeVariables(periodic, {"energy"}); }));
}
