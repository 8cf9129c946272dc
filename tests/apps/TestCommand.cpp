// SPDX-License-Identifier: MIT
//
// eval, validate, info, doctor and the external subcommands of the real program.
#include "ExtendedXyz.h"

#include "support/Compare.h"
#include "support/Golden.h"
#include "support/RunCommand.h"

#include <gtest/gtest.h>
#include <random>

using namespace equivariant;
using namespace equivariant::command;
using equivariant::test::allClose;
using equivariant::test::close;
using equivariant::test::flatten;
using equivariant::test::goldenPath;
using equivariant::test::modelPath;
using equivariant::test::readJson;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

Frame makeFrame(const json& golden) {
    Frame frame;
    frame.structure.atomicNumbers = golden["Z"].get<std::vector<int>>();
    for (const auto& p : golden["positions"])
        frame.structure.positions.emplace_back(p[0], p[1], p[2]);
    for (int i = 0; i < 3 && golden.contains("cell"); i++) {
        for (int d = 0; d < 3; d++)
            frame.structure.cell(i, d) = golden["cell"][i][d];
        frame.structure.periodic[i] = golden["pbc"][i];
    }
    return frame;
}

/// The golden structures of a case and one head, as a file; `expected` gets what belongs to them.
std::string goldenFrames(const std::string& name, int head, std::vector<json>& expected) {
    std::string text;
    for (const json& golden : readJson(goldenPath("mace/" + name + ".expected.json")))
        if (golden["head"] == head) {
            text += formatExtendedXyz(makeFrame(golden));
            expected.push_back(golden);
        }
    return text;
}

void compare(const json& found, const json& expected, double tolerance) {
    EXPECT_EQ(found.size(), 6u); // keys
    EXPECT_TRUE(close(found.at("energy"), expected["energy"], tolerance));
    EXPECT_TRUE(close(found.at("interaction_energy"), expected["interaction_energy"], tolerance));
    EXPECT_TRUE(allClose(flatten(found.at("forces")), flatten(expected["forces"]), tolerance));
    EXPECT_TRUE(allClose(found.at("atom_energies").get<std::vector<double>>(),
                         expected["node_energy"].get<std::vector<double>>(), tolerance));
    EXPECT_EQ(found.at("atomic_numbers"), expected["Z"]);
    EXPECT_EQ(found.at("stress").is_null(), expected["stress"].is_null());
    if (!expected["stress"].is_null()) {
        EXPECT_TRUE(allClose(flatten(found.at("stress")), flatten(expected["stress"]), tolerance));
    }
}

void compareWithGolden(const std::string& name, int head, const std::vector<std::string>& options,
                       double tolerance = 1e-10) {
    TemporaryFolder folder;
    std::vector<json> expected;
    const std::string frames = folder.write("frames.xyz", goldenFrames(name, head, expected));
    std::vector<std::string> arguments = {"eval", modelPath(name), frames, "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Result result = runCommand(arguments);
    ASSERT_EQ(result.status, 0) << result.error;
    const json found = json::parse(result.output);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); i++) {
        SCOPED_TRACE(expected[i]["name"]);
        compare(found[i], expected[i], tolerance);
    }
}

/// The first golden structure of a PONITA model, with an energy.
std::string makeGridFrame() {
    const json golden = readJson(goldenPath("ponita/b_r3s2_o20_cutoff.expected.json"));
    Frame frame = makeFrame(golden[0]);
    frame.energy = 0;
    return formatExtendedXyz(frame);
}

/// A frame of O, H, H in a cell that OpenMM takes only after turning and reducing it.
Frame makeSkewFrame() {
    Frame frame;
    frame.structure.atomicNumbers = {8, 1, 1};
    frame.structure.positions = {{0.1, 0.2, 0.3}, {1.0, 0.3, 0.2}, {-0.2, 1.1, 9.0}};
    frame.structure.cell << 0.3, 5.1, 0.2, 4.9, 0.4, -0.1, 0.2, 6.0, 5.5;
    frame.structure.periodic = {true, true, true};
    return frame;
}

} // namespace

TEST(Eval, EqualsGoldenNumbers) {
    for (const char* name : {"a_l1c2_L0", "b_l3c3_L1"}) {
        compareWithGolden(name, 0, {"--exact-radial"});
        compareWithGolden(name, 0, {"--exact-radial", "--threads", "2"});
        compareWithGolden(name, 0, {}, 1e-6); // radial functions by tables
        for (const char* precision : {"single", "mixed"})
            compareWithGolden(name, 0, {"--precision", precision}, 2e-5);
        compareWithGolden(name, 0, {"--exact-radial", "--product", "monomials"});
    }
}

TEST(Eval, CpuPlatformEqualsGoldenNumbers) {
    compareWithGolden("a_l1c2_L0", 0, {"--platform", "CPU", "--threads", "2"}, 2e-5);
    compareWithGolden("b_l3c3_L1", 0, {"--platform", "CPU", "--threads", "1"}, 2e-5);
}

TEST(Eval, ManyFramesAreTheSameForAnyNumberOfThreads) {
    TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < 70; i++) {
        Frame frame = makeSkewFrame();
        frame.structure.positions[1][0] += 0.01 * i;
        text += formatExtendedXyz(frame);
    }
    const std::string model = modelPath("a_l1c2_L0");
    const auto evaluate = [&](const std::string& frames, const std::string& threads) {
        return runCommand({"eval", model, frames, "--json", "--threads", threads});
    };
    const std::string path = folder.write("frames.xyz", text);
    const Result expected = evaluate(path, "1");
    ASSERT_EQ(expected.status, 0) << expected.error;
    EXPECT_EQ(json::parse(expected.output).size(), 70u);
    for (const char* threads : {"2", "3"})
        EXPECT_EQ(evaluate(path, threads).output, expected.output);
    const std::string bad =
        folder.write("bad.xyz", text + "2\n\nH 0 0 0\nH 0 0 0\n1\n\nFe 0 0 0\n");
    for (const char* threads : {"1", "3"}) {
        const Result result = evaluate(bad, threads);
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.error.find(bad + ": frame 71: "), std::string::npos) << result.error;
    }
}

TEST(Eval, EqualsGoldenNumbersOfEachHead) {
    const std::string name = "c_l2c3_L1_density_zbl_agnesi_2heads";
    const auto heads = readJson(goldenPath("mace/" + name + ".model.json"))["heads"];
    compareWithGolden(name, 0, {"--exact-radial"});
    compareWithGolden(name, 1, {"--exact-radial", "--head", heads[1]});
}

TEST(Eval, OpenClPlatformEqualsGoldenNumbers) {
#ifdef EQUIVARIANT_HAS_OPENCL
    compareWithGolden("a_l1c2_L0", 0, {"--platform", "OpenCL", "--precision", "double"});
    compareWithGolden("a_l1c2_L0", 0, {"--platform", "OpenCL", "--precision", "mixed"}, 2e-5);
#else
    GTEST_SKIP() << "this build has no plugin for OpenCL";
#endif
}

TEST(Eval, ReferencePlatformEqualsGoldenNumbers) {
    compareWithGolden("a_l1c2_L0", 0, {"--platform", "Reference"});
    compareWithGolden("c_l2c3_L1_density_zbl_agnesi_2heads", 0, {"--platform", "Reference"});
}

TEST(Eval, ReferencePlatformTurnsAndReducesBoxes) {
    TemporaryFolder folder;
    Frame mirrored = makeSkewFrame();
    mirrored.structure.cell.row(0).swap(mirrored.structure.cell.row(1));
    const std::string path = folder.write("frames.xyz", formatExtendedXyz(makeSkewFrame()) +
                                                            formatExtendedXyz(mirrored));
    json results[2];
    const std::vector<std::string> options[2] = {{"--exact-radial"}, {"--platform", "Reference"}};
    for (int i = 0; i < 2; i++) {
        std::vector<std::string> arguments = {"eval", modelPath("a_l1c2_L0"), path, "--json"};
        arguments.insert(arguments.end(), options[i].begin(), options[i].end());
        const Result result = runCommand(arguments);
        ASSERT_EQ(result.status, 0) << result.error;
        results[i] = json::parse(result.output);
    }
    for (int frame = 0; frame < 2; frame++)
        for (const char* key : {"forces", "stress"})
            EXPECT_TRUE(
                allClose(flatten(results[1][frame][key]), flatten(results[0][frame][key]), 1e-10))
                << key;
    EXPECT_TRUE(close(results[1][0]["energy"], results[0][0]["energy"], 1e-10));
    EXPECT_TRUE(close(results[0][1]["energy"], results[0][0]["energy"], 1e-10));
}

TEST(Eval, ExtendedXyzHoldsTheSameNumbersAsJson) {
    TemporaryFolder folder;
    Frame frame = makeSkewFrame();
    frame.info = {{"config_type", "skew one"}, {"energy", "17"}, {"virial", "1"}};
    const std::string path = folder.write("frames.xyz", formatExtendedXyz(frame));
    const std::string output = folder.path("out.xyz");
    const std::string model = modelPath("a_l1c2_L0");
    const Result written = runCommand({"eval", model, path, "--output", output});
    ASSERT_EQ(written.status, 0) << written.error;
    EXPECT_EQ(written.output, "");
    const Frame copy = readExtendedXyz(output).at(0);
    const json expected = json::parse(runCommand({"eval", model, path, "--json"}).output)[0];
    EXPECT_EQ(copy.energy.value(), expected["energy"].get<double>());
    EXPECT_EQ(copy.forces[2][1], expected["forces"][2][1].get<double>());
    EXPECT_EQ(copy.atomEnergies, expected["atom_energies"].get<std::vector<double>>());
    EXPECT_EQ(copy.stress.value()(0, 2), expected["stress"][0][2].get<double>());
    EXPECT_EQ(copy.getInfo("config_type"), "skew one");
    EXPECT_EQ(copy.info.size(), 1u);
    EXPECT_EQ(copy.structure.positions, frame.structure.positions);
}

TEST(Validate, EqualsErrorsComputedHere) {
    TemporaryFolder folder;
    const std::string model = modelPath("a_l1c2_L0");
    std::vector<json> golden;
    goldenFrames("a_l1c2_L0", 0, golden);
    std::mt19937 random(3);
    std::normal_distribution<double> noise;
    struct Sums {
        double energy2 = 0, energy1 = 0, perAtom2 = 0, perAtom1 = 0, force2 = 0, force1 = 0;
        int frames = 0, components = 0;
    };
    std::map<std::string, Sums> sums;
    std::string text;
    for (std::size_t i = 0; i < golden.size(); i++) {
        Frame frame = makeFrame(golden[i]);
        const std::string type = i % 2 ? "odd" : "even";
        frame.info = {{"config_type", type}};
        const double error = noise(random);
        const auto numAtoms = static_cast<double>(frame.structure.positions.size());
        frame.energy = golden[i]["energy"].get<double>() - error;
        for (const json& force : golden[i]["forces"])
            frame.forces.emplace_back(force[0], force[1], force[2]);
        for (const std::string& name : {type, std::string("all")}) {
            Sums& s = sums[name];
            s.frames++;
            s.energy2 += error * error;
            s.energy1 += std::abs(error);
            s.perAtom2 += error * error / numAtoms / numAtoms;
            s.perAtom1 += std::abs(error) / numAtoms;
        }
        for (Eigen::Vector3d& force : frame.forces)
            for (int d = 0; d < 3; d++) {
                const double difference = 0.1 * noise(random);
                force[d] -= difference;
                for (const std::string& name : {type, std::string("all")}) {
                    sums[name].components++;
                    sums[name].force2 += difference * difference;
                    sums[name].force1 += std::abs(difference);
                }
            }
        text += formatExtendedXyz(frame);
    }
    const Result result =
        runCommand({"validate", model, folder.write("data.xyz", text), "--exact-radial", "--json"});
    ASSERT_EQ(result.status, 0) << result.error;
    const json found = json::parse(result.output);
    for (const auto& [name, s] : sums) {
        SCOPED_TRACE(name);
        const json& row = name == "all" ? found : found["config_types"][name];
        EXPECT_EQ(row["frames"], s.frames);
        const double n = s.frames, m = s.components;
        EXPECT_TRUE(close(row["energy_rmse"], 1000 * std::sqrt(s.energy2 / n), 1e-9));
        EXPECT_TRUE(close(row["energy_mae"], 1000 * s.energy1 / n, 1e-9));
        EXPECT_TRUE(close(row["energy_rmse_per_atom"], 1000 * std::sqrt(s.perAtom2 / n), 1e-9));
        EXPECT_TRUE(close(row["energy_mae_per_atom"], 1000 * s.perAtom1 / n, 1e-9));
        EXPECT_TRUE(close(row["force_rmse"], 1000 * std::sqrt(s.force2 / m), 1e-9));
        EXPECT_TRUE(close(row["force_mae"], 1000 * s.force1 / m, 1e-9));
    }
}

TEST(Validate, FindsLabelsUnderOtherNames) {
    TemporaryFolder folder;
    const std::string path = folder.write(
        "data.xyz", "1\nProperties=species:S:1:pos:R:3:REF_forces:R:3 REF_energy=-1 pbc=F\n"
                    "H 0 0 0 0 0 0.25\n");
    const std::string model = modelPath("a_l1c2_L0");
    const Result without = runCommand({"validate", model, path});
    EXPECT_EQ(without.status, 2);
    EXPECT_NE(without.error.find("--energy-key"), std::string::npos);
    const Result with = runCommand({"validate", model, path, "--json", "--energy-key", "REF_energy",
                                    "--forces-key", "REF_forces"});
    ASSERT_EQ(with.status, 0) << with.error;
    EXPECT_TRUE(close(json::parse(with.output)["force_mae"], 250.0 / 3, 1e-12));
    const Result table = runCommand({"validate", model, path, "--energy-key", "REF_energy"});
    EXPECT_EQ(table.status, 0);
    EXPECT_NE(table.output.find("RMSE"), std::string::npos);
}

TEST(Validate, RotationErrorOfAnInvariantModelIsRoundoff) {
    TemporaryFolder folder;
    const std::string path =
        folder.write("data.xyz", "3\nenergy=-58\nO 0 0 0\nH 0.96 0 0.1\nH -0.24 0.93 0\n");
    const std::string model = modelPath("a_l1c2_L0");
    EXPECT_FALSE(json::parse(runCommand({"validate", model, path, "--json"}).output)
                     .contains("rotation_error"));
    const Result result = runCommand({"validate", model, path, "--json", "--rotations", "3"});
    ASSERT_EQ(result.status, 0) << result.error;
    const json error = json::parse(result.output)["rotation_error"];
    EXPECT_EQ(error["rotations"], 3);
    EXPECT_EQ(error["frames"], 1);
    for (const char* key : {"energy", "force", "torque"}) {
        EXPECT_GE(error[key].get<double>(), 0) << key;
        EXPECT_LT(error[key].get<double>(), 1e-6) << key;
    }
}

TEST(Validate, RotationErrorOfAModelOnAGridIsMeasured) {
    TemporaryFolder folder;
    const std::string path = folder.write("data.xyz", makeGridFrame());
    const std::string model = modelPath("b_r3s2_o20_cutoff");
    const auto measure = [&](const std::vector<std::string>& options) {
        std::vector<std::string> arguments = {"validate", model, path, "--json"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const Result result = runCommand(arguments);
        EXPECT_EQ(result.status, 0) << result.error;
        return json::parse(result.output)["rotation_error"]["energy"].get<double>();
    };
    const double own = measure({});
    EXPECT_GT(own, 1e-6);
    EXPECT_LT(measure({"--orientations", "lebedev-194"}), own); // a finer grid
}

TEST(Info, SaysWhatTheModelIs) {
    const std::string name = "c_l2c3_L1_density_zbl_agnesi_2heads";
    const json golden = readJson(goldenPath("mace/" + name + ".model.json"));
    const json found = json::parse(runCommand({"info", modelPath(name), "--json"}).output);
    EXPECT_EQ(found["architecture"], "mace");
    EXPECT_EQ(found["atomic_numbers"], golden["atomic_numbers"]);
    EXPECT_EQ(found["elements"], (std::vector<std::string>{"H", "O", "Si"}));
    EXPECT_EQ(found["heads"], golden["heads"]);
    EXPECT_EQ(found["cutoff"], golden["r_max"]);
    EXPECT_EQ(found["layers"], 2);
    EXPECT_EQ(found["irreps"], (std::vector<std::string>{"8x0e+8x1o", "8x0e"}));
    EXPECT_GT(found["parameters"], 1000);
    EXPECT_EQ(found["bytes"], std::filesystem::file_size(modelPath(name)));
    EXPECT_EQ(found["hash"].get<std::string>().size(), 32u);
    const Result text = runCommand({"info", modelPath(name)});
    EXPECT_EQ(text.status, 0);
    for (const char* word : {"H O Si", "license", "provenance", "citation"})
        EXPECT_NE(text.output.find(word), std::string::npos) << word;
}

TEST(Info, SaysHowTheModelIsEvaluated) {
    const std::string model = modelPath("b_l3c3_L1");
    const json found =
        json::parse(runCommand({"info", model, "--json", "--threads", "3"}).output)["evaluator"];
    EXPECT_EQ(found["threads"], 3);
    EXPECT_EQ(found["elements"], (std::vector<std::string>{"H", "C", "N", "O"}));
    const auto sets = {"avx512", "avx2", "baseline"};
    EXPECT_NE(std::find(sets.begin(), sets.end(), found["instruction_set"]), sets.end());
    EXPECT_LT(found["table_error"], 1e-4);
    EXPECT_TRUE(found["products"].is_array());
    const Result exact =
        runCommand({"info", model, "--exact-radial", "--elements", "H,O", "--json"});
    ASSERT_EQ(exact.status, 0) << exact.error;
    const json other = json::parse(exact.output)["evaluator"];
    EXPECT_EQ(other["table_error"], 0);
    EXPECT_EQ(other["elements"], (std::vector<std::string>{"H", "O"}));
}

TEST(Info, CountsTheKernelsOfADevice) {
    const auto launches = [](const std::string& model) {
        const Result result =
            runCommand({"info", modelPath(model), "--platform", "CUDA", "--json"});
        EXPECT_EQ(result.status, 0) << result.error;
        const json device = json::parse(result.output)["device"];
        return std::pair<int, int>(device["launches_for_forces"], device["launches_for_energy"]);
    };
    EXPECT_EQ(launches("b_l3c3_L1"), std::pair(11, 7));
    EXPECT_EQ(launches("b_r3s2_o20_cutoff"), std::pair(15, 9));
    EXPECT_EQ(launches("g_r3s2_point_cloud"), std::pair(12, 8));
}

TEST(Doctor, FindsTheReferencePlatform) {
    const Result result = runCommand({"doctor"});
    EXPECT_EQ(result.status, 0) << result.error;
    EXPECT_NE(result.output.find("platform  Reference: EquivariantForce runs"), std::string::npos)
        << result.output;
    EXPECT_NE(result.output.find("OpenMM 8.6"), std::string::npos);
    EXPECT_NE(result.output.find("libOpenMMEquivariant.so"), std::string::npos);
}

TEST(External, SaysWhatToInstall) {
    // A copy has no other program beside it, nor on PATH.
    TemporaryFolder folder;
    const std::string path = std::getenv("PATH");
    setenv("PATH", folder.path("").c_str(), 1);
    const std::string lonely = folder.path("equivariant");
    std::filesystem::copy_file(EQUIVARIANT_PROGRAM, lonely);
    for (const std::string name : {"train", "label", "learn"}) {
        const Result result = runCommand({name, "file", "--resume"}, lonely);
        EXPECT_EQ(result.status, 2);
        EXPECT_NE(result.error.find("equivariant-" + name), std::string::npos) << result.error;
        EXPECT_NE(result.error.find("install"), std::string::npos) << result.error;
    }
    setenv("PATH", path.c_str(), 1);
}

TEST(External, ArgumentsArriveAsTheyAre) {
    TemporaryFolder folder;
    const std::string program = folder.path("equivariant");
    std::filesystem::copy_file(EQUIVARIANT_PROGRAM, program);
    const std::string label =
        folder.write("equivariant-label", "#!/bin/sh\nprintf '[%s]' \"$@\"\nexit 5\n");
    std::filesystem::permissions(label, std::filesystem::perms::owner_all);
    const Result result = runCommand(
        {"label", "--charge", "-1", "in put.xyz", "--help", "out.xyz", "--version"}, program);
    EXPECT_EQ(result.output, "[--charge][-1][in put.xyz][--help][out.xyz][--version]");
    EXPECT_EQ(result.status, 5);
}

TEST(Command, HelpAndVersionSucceed) {
    EXPECT_EQ(runCommand({"--version"}).output, std::string(EQUIVARIANT_VERSION) + "\n");
    const Result help = runCommand({"eval", "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_NE(help.output.find("eV/Å"), std::string::npos);
}

TEST(Command, BadInputEndsInOneLineAndStatusTwo) {
    TemporaryFolder folder;
    const std::string model = modelPath("a_l1c2_L0");
    const std::string good = folder.write("good.xyz", "1\n\nH 0 0 0\n");
    const std::string labelled = folder.write("labelled.xyz", "1\nenergy=1\nH 0 0 0\n");
    const std::string empty = folder.write("empty", "");
    const std::string text = folder.write("text.safetensors", "no model at all, only text");
    const std::string iron = folder.write("iron.xyz", "1\n\nH 0 0 0\n1\n\nFe 0 0 0\n");
    const std::string word = folder.write("word.xyz", "1\n\nH 0 0 zero\n");
    const std::string twins = folder.write("twins.xyz", "2\n\nH 0 0 0\nH 0 0 0\n");
    const std::string flat =
        folder.write("flat.xyz", "1\nLattice=\"1 0 0 0 1 0 1 1 0\"\nH 0 0 0\n");
    const std::string slab =
        folder.write("slab.xyz", "1\nLattice=\"9 0 0 0 9 0 0 0 9\" pbc=\"T T F\"\nH 0 0 0\n");
    const std::string far = folder.write("far.xyz", "1\n\nH 0 0 1e999\n");
    struct Case {
        std::vector<std::string> arguments;
        std::vector<std::string> mentioned;
    };
    const std::vector<Case> cases = {
        {{}, {"subcommand"}},
        {{"evaluate"}, {"evaluate"}},
        {{"eval"}, {"model"}},
        {{"eval", model}, {"frames"}},
        {{"eval", model, good, "--jsn"}, {"--jsn"}},
        {{"eval", model, good, "--platform", "GPU"}, {"GPU"}},
        {{"eval", model, good, "--threads", "0"}, {"--threads"}},
        {{"eval", model, good, "--precision", "half"}, {"half"}},
        {{"eval", model, good, "--product", "fast"}, {"fast"}},
        {{"eval", model, good, "--platform", "CPU", "--exact-radial"}, {"--exact-radial"}},
        {{"eval", model, good, "--platform", "Reference", "--product", "sphere"}, {"--product"}},
        {{"eval", model, good, "--platform", "Reference", "--precision", "mixed"},
         {"Reference", "mixed"}},
        {{"eval", model, good, "--platform", "Reference", "--threads", "2"}, {"--threads"}},
        {{"eval", model, good, "--head", "nobody"}, {"nobody"}},
        {{"eval", model, good, "--platform", "Reference", "--head", "nobody"}, {"nobody"}},
        {{"eval", model, good, "--orientations", "lebedev-26"}, {model, "--orientations"}},
        {{"validate", model, labelled, "--rotations", "1"}, {"--rotations"}},
        {{"eval", folder.path("absent"), good}, {"absent"}},
        {{"eval", model, folder.path("absent")}, {"absent"}},
        {{"eval", empty, good}, {empty}},
        {{"eval", text, good}, {text}},
        {{"eval", folder.path("."), good}, {folder.path(".")}},
        {{"eval", model, folder.path(".")}, {folder.path(".")}},
        {{"eval", model, empty}, {empty}},
        {{"eval", good, model}, {good}},
        {{"eval", model, model}, {model, "line 1"}},
        {{"eval", model, iron}, {iron, "frame 2", "26"}},
        {{"eval", model, iron, "--platform", "Reference"}, {iron, "frame 2", "26"}},
        {{"eval", model, word}, {word, "line 3", "zero"}},
        {{"eval", model, far}, {far, "line 3", "1e999"}},
        {{"eval", model, twins}, {twins, "frame 1", "coincide"}},
        {{"eval", model, flat}, {flat, "frame 1", "dependent"}},
        {{"eval", model, flat, "--platform", "Reference"}, {flat, "frame 1", "dependent"}},
        {{"eval", model, slab, "--platform", "Reference"}, {slab, "frame 1", "native"}},
        {{"eval", model, good, "--output", folder.path("no/such/folder")}, {"no/such/folder"}},
        {{"validate", model, good}, {good, "energy"}},
        {{"validate", model, labelled, "--energy-key", "other"}, {labelled, "other"}},
        {{"info", text}, {text}},
        {{"info"}, {"model"}},
        {{"info", model, "--elements", "H,Xx"}, {"Xx"}},
        {{"info", model, "--elements", "H,Fe"}, {"26"}},
        {{"doctor", "please"}, {"please"}},
    };
    for (const Case& bad : cases) {
        const Result result = runCommand(bad.arguments);
        std::string shown;
        for (const std::string& argument : bad.arguments)
            shown += argument + " ";
        EXPECT_EQ(result.status, 2) << shown;
        EXPECT_EQ(result.output, "") << shown;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1)
            << shown << ": " << result.error;
        for (const std::string& word : bad.mentioned)
            EXPECT_NE(result.error.find(word), std::string::npos)
                << shown << ": no '" << word << "' in: " << result.error;
    }
}
