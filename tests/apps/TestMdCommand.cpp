// SPDX-License-Identifier: MIT
//
// md of the real program.
#include "ExtendedXyz.h"

#include "support/Compare.h"
#include "support/Golden.h"
#include "support/RunCommand.h"

#include <Eigen/LU>
#include <cstring>
#include <gtest/gtest.h>

using namespace equivariant;
using namespace equivariant::command;
using equivariant::test::close;
using equivariant::test::modelPath;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;

namespace {

const char* const water = "3\n\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n";
const char* const skewWater = "3\nLattice=\"0.3 5.1 0.2 4.9 0.4 -0.1 0.2 6.0 5.5\"\n"
                              "O 0.1 0.2 0.3\nH 1.0 0.3 0.2\nH -0.2 1.1 0.8\n";

/// The rows of a CSV file without its head.
std::vector<std::vector<double>> readTable(const std::string& path) {
    std::istringstream stream(readText(path));
    std::string line;
    std::getline(stream, line);
    EXPECT_EQ(line.rfind("#\"Step\",\"Time (ps)\"", 0), 0u) << line;
    std::vector<std::vector<double>> rows;
    while (std::getline(stream, line)) {
        rows.emplace_back();
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, ',');)
            rows.back().push_back(std::stod(cell));
    }
    return rows;
}

/// A DCD file taken apart into its Fortran records.
std::vector<std::string> readRecords(const std::string& path) {
    const std::string bytes = readText(path);
    std::vector<std::string> records;
    for (std::size_t at = 0; at < bytes.size();) {
        std::int32_t length, again;
        std::memcpy(&length, bytes.data() + at, 4);
        records.push_back(bytes.substr(at + 4, length));
        std::memcpy(&again, bytes.data() + at + 4 + length, 4);
        EXPECT_EQ(length, again);
        at += 8 + length;
    }
    return records;
}

template <class T> T valueAt(const std::string& record, std::size_t index) {
    T value;
    std::memcpy(&value, record.data() + index * sizeof value, sizeof value);
    return value;
}

} // namespace

/// @param tolerance  relative, of the platform's energies
void expectAgreement(const std::string& platform, const char* text, double tolerance) {
    TemporaryFolder folder;
    const std::string model = modelPath("a_l1c2_L0");
    const std::string start = folder.write("start.xyz", text);
    const std::string trajectory = folder.path("out.xyz"), log = folder.path("out.csv");
    const Result result = runCommand({"md", model, start, "--platform", platform, "--steps", "25",
                                      "--timestep", "0.1", "--seed", "5", "--report-interval", "10",
                                      "--trajectory", trajectory, "--log", log});
    ASSERT_EQ(result.status, 0) << result.error;
    const auto frames = readExtendedXyz(trajectory);
    const auto table = readTable(log);
    ASSERT_EQ(frames.size(), 4u); // 0, 10, 20, 25
    ASSERT_EQ(table.size(), 4u);
    EXPECT_EQ(table[3][0], 25);
    EXPECT_TRUE(close(table[3][1], 0.0025, 1e-9));
    EXPECT_EQ(frames[3].getInfo("step"), "25");
    EXPECT_GT((frames[3].structure.positions[1] - frames[0].structure.positions[1]).norm(), 1e-3);
    const Frame input = parseExtendedXyz(text, "start")[0];
    for (int i = 0; i < 3; i++)
        EXPECT_NEAR((frames[0].structure.positions[i] - input.structure.positions[i]).norm(), 0,
                    1e-12);
    // The energies are those of the positions that were written.
    const Result again = runCommand({"eval", model, trajectory, "--exact-radial"});
    const auto evaluated = parseExtendedXyz(again.output, "evaluated");
    for (std::size_t i = 0; i < frames.size(); i++) {
        EXPECT_TRUE(close(frames[i].energy.value(), evaluated[i].energy.value(), tolerance));
        EXPECT_TRUE(
            close(table[i][2] - table[0][2],
                  96.48533212331 * (evaluated[i].energy.value() - evaluated[0].energy.value()),
                  std::max(tolerance, 1e-6)));
        EXPECT_TRUE(close(table[i][2] + table[i][3], table[i][4], 1e-8));
    }
}

TEST(Md, TrajectoryAndLogAgreeWithEval) {
    for (const char* text : {water, skewWater}) {
        expectAgreement("Reference", text, 1e-10);
        expectAgreement("CPU", text, 2e-6);
    }
}

TEST(Md, SameSeedSameTrajectoryOtherSeedAnother) {
    TemporaryFolder folder;
    const std::string start = folder.write("start.xyz", water);
    std::string text[3];
    for (int i = 0; i < 3; i++) {
        const std::string trajectory = folder.path("out.xyz");
        ASSERT_EQ(runCommand({"md", modelPath("a_l1c2_L0"), start, "--steps", "5", "--timestep",
                              "0.1", "--seed", i < 2 ? "7" : "8", "--report-interval", "5",
                              "--trajectory", trajectory})
                      .status,
                  0);
        text[i] = readText(trajectory);
    }
    EXPECT_EQ(text[0], text[1]);
    EXPECT_NE(text[0], text[2]);
}

TEST(Md, ConstantEnergyStaysConstant) {
    TemporaryFolder folder;
    const std::string start = folder.write("start.xyz", water);
    const std::string log = folder.path("out.csv");
    // The model is random, its forces a hundred times those of a molecule: hence the short step.
    const Result result =
        runCommand({"md", modelPath("a_l1c2_L0"), start, "--steps", "100", "--timestep", "0.004",
                    "--nve", "--seed", "1", "--report-interval", "10", "--log", log});
    ASSERT_EQ(result.status, 0) << result.error;
    EXPECT_NE(result.output.find("total energy changed by"), std::string::npos);
    const auto table = readTable(log);
    double exchanged = 0;
    for (const auto& row : table)
        exchanged = std::max(exchanged, std::abs(row[3] - table[0][3]));
    EXPECT_GT(exchanged, 1); // kJ/mol
    for (const auto& row : table)
        EXPECT_NEAR(row[4], table[0][4], 1e-3 * exchanged);
}

TEST(Md, MinimizationLowersTheEnergy) {
    TemporaryFolder folder;
    const std::string start = folder.write("start.xyz", water);
    const Result result =
        runCommand({"md", modelPath("a_l1c2_L0"), start, "--steps", "0", "--minimize"});
    ASSERT_EQ(result.status, 0) << result.error;
    const std::size_t at = result.output.find("minimized: potential energy ");
    ASSERT_NE(at, std::string::npos) << result.output;
    double before, after;
    ASSERT_EQ(std::sscanf(result.output.c_str() + at, "minimized: potential energy %lf -> %lf",
                          &before, &after),
              2);
    EXPECT_LT(after, before);
}

TEST(Md, DcdHoldsTheSamePositionsAsXyz) {
    TemporaryFolder folder;
    for (const char* text : {water, skewWater}) {
        const std::string start = folder.write("start.xyz", text);
        for (const char* name : {"out.xyz", "out.dcd"})
            ASSERT_EQ(runCommand({"md", modelPath("a_l1c2_L0"), start, "--steps", "4", "--timestep",
                                  "0.05", "--seed", "3", "--report-interval", "2", "--trajectory",
                                  folder.path(name)})
                          .status,
                      0);
        const auto frames = readExtendedXyz(folder.path("out.xyz"));
        const bool periodic = frames[0].structure.periodic[0];
        const auto records = readRecords(folder.path("out.dcd"));
        const std::size_t perFrame = periodic ? 4 : 3;
        ASSERT_EQ(frames.size(), 3u);
        ASSERT_EQ(records.size(), 3 + 3 * perFrame);
        EXPECT_EQ(records[0].substr(0, 4), "CORD");
        EXPECT_EQ(valueAt<std::int32_t>(records[0], 1), 3); // snapshots
        EXPECT_EQ(valueAt<std::int32_t>(records[0], 3), 2); // steps between them
        EXPECT_NEAR(valueAt<float>(records[0], 10) * 48.88821, 0.05, 1e-7);
        EXPECT_EQ(valueAt<std::int32_t>(records[2], 0), 3); // atoms
        // Distances do not depend on the orientation.
        for (std::size_t i = 0; i < frames.size(); i++) {
            const std::size_t x = 3 + i * perFrame + (periodic ? 1 : 0);
            Eigen::Vector3d atoms[3];
            for (int a = 0; a < 3; a++)
                for (int d = 0; d < 3; d++)
                    atoms[a][d] = valueAt<float>(records[x + d], a);
            const auto& p = frames[i].structure.positions;
            EXPECT_NEAR((atoms[0] - atoms[1]).norm(), (p[0] - p[1]).norm(), 1e-5);
            EXPECT_NEAR((atoms[1] - atoms[2]).norm(), (p[1] - p[2]).norm(), 1e-5);
            if (!periodic) {
                EXPECT_NEAR((atoms[2] - p[2]).norm(), 0, 1e-5);
            }
        }
        if (periodic) {
            const auto cell = [&](int i) { return valueAt<double>(records[3], i); };
            const double volume = cell(0) * cell(2) * cell(5) *
                                  std::sqrt(1 - cell(1) * cell(1) - cell(3) * cell(3) -
                                            cell(4) * cell(4) + 2 * cell(1) * cell(3) * cell(4));
            EXPECT_NEAR(volume, std::abs(frames[0].structure.cell.determinant()), 1e-6);
        }
    }
}

TEST(Md, BadInputEndsInOneLineAndStatusTwo) {
    TemporaryFolder folder;
    const std::string model = modelPath("a_l1c2_L0");
    const std::string good = folder.write("good.xyz", water);
    const std::string two = folder.write("two.xyz", std::string(water) + water);
    const std::string iron = folder.write("iron.xyz", "1\n\nFe 0 0 0\n");
    const std::string slab =
        folder.write("slab.xyz", "1\nLattice=\"9 0 0 0 9 0 0 0 9\" pbc=\"T T F\"\nH 0 0 0\n");
    const std::string clash = folder.write("clash.xyz", "2\n\nH 0 0 0\nH 0 0 0\n");
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{model, good}, "--steps"},
        {{model, good, "--steps", "-1"}, "--steps"},
        {{model, good, "--steps", "1.5"}, "--steps"},
        {{model, good, "--steps", "1", "--timestep", "0"}, "--timestep"},
        {{model, good, "--steps", "1", "--timestep", "nan"}, "--timestep"},
        {{model, good, "--steps", "1", "--temperature", "-3"}, "--temperature"},
        {{model, good, "--steps", "1", "--friction", "inf"}, "--friction"},
        {{model, good, "--steps", "1", "--platform", "native"}, "native"},
        {{model, good, "--steps", "1", "--trajectory", folder.path("out.pdb")}, "out.pdb"},
        {{model, good, "--steps", "1", "--trajectory", folder.path("no/out.dcd")}, "no/out.dcd"},
        {{model, good, "--steps", "1", "--trajectory", folder.path("no/out.xyz")}, "no/out.xyz"},
        {{model, good, "--steps", "1", "--log", folder.path("no/out.csv")}, "no/out.csv"},
        {{model, good, "--steps", "1", "--head", "nobody"}, "nobody"},
        {{model, two, "--steps", "1"}, "two.xyz: frame 2"},
        {{model, iron, "--steps", "1"}, "iron.xyz: frame 1"},
        {{model, slab, "--steps", "1"}, "slab.xyz: frame 1"},
        {{model, clash, "--steps", "1"}, "clash.xyz: frame 1"},
        {{good, good, "--steps", "1"}, "good.xyz"},
    };
    for (const auto& [options, mentioned] : cases) {
        std::vector<std::string> arguments = {"md"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const Result result = runCommand(arguments);
        EXPECT_EQ(result.status, 2) << mentioned;
        EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
        EXPECT_NE(result.error.find(mentioned), std::string::npos)
            << "no '" << mentioned << "' in: " << result.error;
    }
}
