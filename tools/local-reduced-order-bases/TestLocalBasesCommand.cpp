// SPDX-License-Identifier: MIT
//
// The real program: the experiment of the page, formats, bytes that repeat, bad input.
#include "support/Arrays.h"
#include "support/Random.h"

#include "support/Compare.h"
#include "support/RunCommand.h"

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

using namespace equivariant::support;
using Eigen::Index;
using equivariant::test::close;
using equivariant::test::readText;
using equivariant::test::Result;
using equivariant::test::runCommand;
using equivariant::test::TemporaryFolder;
using nlohmann::json;

namespace {

/// Peaks of random amplitude in one of four windows, as in Examples.h but with a seed of its own.
Matrix makePeaks(int count, std::uint64_t seed) {
    Matrix rows(count, 200);
    Random random(seed);
    for (int i = 0; i < count; i++) {
        const double c = (i % 4 + 0.2 + 0.6 * random.uniform()) / 4;
        const double a = random.sign() * std::pow(10, 2 * random.uniform() - 1);
        for (int j = 0; j < 200; j++)
            rows(i, j) = a * std::exp(-std::pow((j / 199.0 - c) / 0.03, 2));
    }
    return rows;
}

Result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "local-reduced-order-bases");
    return runCommand(arguments);
}

json runJson(const std::vector<std::string>& arguments) {
    const Result result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.error;
    return json::parse(result.output);
}

class LocalBasesCommand : public ::testing::Test {
protected:
    std::string write(const std::string& name, const Matrix& matrix) const {
        writeMatrix(folder.path(name), matrix);
        return folder.path(name);
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
    const std::string dictionary = folder.path("dict.h5"), labels = folder.path("labels.csv");
};

/// A hydrogen beside the oxygen at 5 5 5, with a force along its bond.
std::string hydrogen(double dx, double dy) {
    return "H " + std::to_string(5 + dx) + " " + std::to_string(5 + dy) + " 5 " +
           std::to_string(dx) + " " + std::to_string(dy) + " 0\n";
}

/// Frames of water whose second hydrogen is on one of two sides, turned at random.
std::string waterFrames(int count) {
    std::string text;
    Random random(5);
    for (int i = 0; i < count; i++) {
        const double angle = 6 * random.uniform(), c = std::cos(angle), s = std::sin(angle);
        const double x = i % 2 ? -0.3 : 0.6, y = 0.9 + 0.02 * random.normal();
        const double dx = c * x - s * y, dy = s * x + c * y;
        // Each hydrogen is drawn along its bond.
        text += "3\nProperties=species:S:1:pos:R:3:forces:R:3\nO 5 5 5 0 0 0\n" + hydrogen(c, s) +
                hydrogen(dx, dy);
    }
    return text;
}

template <class T> void append(std::string& record, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    record.append(bytes, sizeof value);
}

std::string record(const std::string& content) {
    std::string length;
    append(length, static_cast<std::int32_t>(content.size()));
    return length + content + length;
}

/// [frames] of [3][atoms] as CHARMM writes them, with a cell.
std::string makeDcd(const std::vector<Eigen::Matrix3Xf>& frames) {
    std::string header = "CORD";
    for (int i = 0; i < 20; i++)
        append<std::int32_t>(header, i == 10 ? 1 : i == 19 ? 24 : 0);
    std::string title, count, text;
    append<std::int32_t>(title, 0);
    append(count, static_cast<std::int32_t>(frames[0].cols()));
    text = record(header) + record(title) + record(count);
    for (const auto& frame : frames) {
        text += record(std::string(48, '\0'));
        for (int d = 0; d < 3; d++) {
            std::string values;
            for (Index i = 0; i < frame.cols(); i++)
                append(values, frame(d, i));
            text += record(values);
        }
    }
    return text;
}

} // namespace

TEST_F(LocalBasesCommand, AnglesBeatDistancesOnHeldOutPeaks) {
    const std::string training = write("a.npy", makePeaks(400, 0)),
                      test = write("b.npy", makePeaks(200, 1));
    const auto error = [&](const std::string& kind) {
        runJson({"build", training, "--K", "4", "--modes", "8", "--dissim", kind, "--smallest", "1",
                 "-o", dictionary, "--labels", labels});
        return runJson({"assess", dictionary, test})["local_errors"]["mean"].get<double>();
    };
    EXPECT_GE(error("euclid"), 0.3);
    EXPECT_LE(error("sine"), 0.02);
    const Table table = readTable(labels);
    for (Index i = 4; i < 400; i++)
        EXPECT_EQ(table.values(i, 1), table.values(i % 4, 1));
}

TEST_F(LocalBasesCommand, RescaledSnapshotsHaveTheSameLabels) {
    Matrix rows = makePeaks(100, 2);
    const auto labelsOf = [&](const std::string& kind) {
        runJson({"build", write("a.npy", rows), "--K", "4", "--dissim", kind, "--smallest", "1",
                 "-o", dictionary, "--labels", labels});
        return Eigen::VectorXd(readTable(labels).values.col(1));
    };
    const Eigen::VectorXd sine = labelsOf("sine"), euclid = labelsOf("euclid");
    Random random(3);
    for (Index i = 0; i < rows.rows(); i++)
        rows.row(i) *= random.sign() * std::pow(10, 4 * random.uniform() - 2);
    EXPECT_EQ(labelsOf("sine"), sine);
    EXPECT_NE(labelsOf("euclid"), euclid);
}

TEST_F(LocalBasesCommand, SameSeedSameBytesOnAnyNumberOfThreads) {
    const std::string snapshots = write("a.csv", makePeaks(60, 4));
    const std::vector<std::string> arguments = {"efficiency", snapshots, "--K", "2:4"};
    const Result first = run(arguments);
    ASSERT_EQ(first.status, 0) << first.error;
    EXPECT_EQ(run(arguments).output, first.output);
    EXPECT_EQ(runCommand({"-c", "0", EQUIVARIANT_PROGRAM, "local-reduced-order-bases", "efficiency",
                          snapshots, "--K", "2:4"},
                         "taskset")
                  .output,
              first.output);
}

TEST_F(LocalBasesCommand, EfficiencyTable) {
    const std::string snapshots = write("a.npy", makePeaks(120, 6)), table = folder.path("t.csv");
    Matrix parameters(120, 1);
    for (Index i = 0; i < 120; i++)
        parameters(i, 0) = double(i % 4);
    const json report = runJson({"efficiency", snapshots, "--K", "2,4", "--tau", "0.05",
                                 "--measure", "rms", "--table", table, "--parameters",
                                 write("p.csv", parameters), "--classifier", "knn"});
    EXPECT_EQ(report["rows"].size(), 2);
    const json& row = report["rows"][1];
    EXPECT_EQ(row["K"], 4);
    EXPECT_EQ(row["sizes"], (std::vector<int>{30, 30, 30, 30}));
    EXPECT_EQ(row["accuracy"], 1); // the parameter is the window
    EXPECT_GT(row["gain"].get<double>(), 1);
    EXPECT_EQ(report["best_K"], 4);
    EXPECT_EQ(report["local_bases_pay"], true);
    const Table written = readTable(table);
    EXPECT_EQ(written.values.rows(), 6); // two K and three N
    EXPECT_TRUE(close(written.values(5, written.find("gain")), row["gain"].get<double>(), 1e-14));
    const double accuracy = row["break_even_accuracy"].get<double>();
    const json worse = runJson({"efficiency", snapshots, "--K", "4", "--tau", "0.05", "--measure",
                                "rms", "--acc", std::to_string(accuracy * 0.98)});
    EXPECT_LT(worse["rows"][0]["gain"].get<double>(), 1);
}

TEST_F(LocalBasesCommand, MassMeanParametersAndTransients) {
    const Matrix rows = makePeaks(120, 7);
    writeArray(folder.path("a.h5:u"), {{40, 3, 200}, {rows.data(), rows.data() + rows.size()}});
    const Matrix test = makePeaks(30, 8);
    writeArray(folder.path("b.npy"), {{10, 3, 200}, {test.data(), test.data() + test.size()}});
    const std::string mass = write("mass.csv", Matrix::Constant(200, 1, 4)),
                      parameters = write("p.npy", Random(1).normalMatrix(40, 2));
    for (const char* kind : {"sine", "chordal", "grassmann", "max-sine"}) {
        const json report = runJson({"build", folder.path("a.h5:u"), "--K", "2", "--dissim", kind,
                                     "--mass", mass, "--centre", "--parameters", parameters,
                                     "--smallest", "1", "--eps", "0.1", "-o", dictionary});
        EXPECT_EQ(report["steps"], 3);
        EXPECT_LE(report["dictionary"]["local_errors"]["rms"].get<double>(), 0.1);
        const Matrix basis = readMatrix(dictionary + ":basis_0");
        EXPECT_LE((4 * basis * basis.transpose() - Matrix::Identity(basis.rows(), basis.rows()))
                      .cwiseAbs()
                      .maxCoeff(),
                  1e-12);
        const json assessed = runJson({"assess", dictionary, folder.path("b.npy"), "--parameters",
                                       write("q.npy", Random(2).normalMatrix(10, 2)),
                                       "--classifier", "logistic", "--labels", labels});
        EXPECT_EQ(assessed["runs"], 10);
        EXPECT_LE(assessed["classifier"]["accuracy"].get<double>(), 1);
        EXPECT_EQ(readTable(labels).values.rows(), 10);
    }
}

TEST_F(LocalBasesCommand, FramesOfAtomsAreSuperposed) {
    const std::string frames = folder.write("frames.xyz", waterFrames(40));
    for (const char* array : {"positions", "forces"}) {
        const json report = runJson({"build", frames, "--array", array, "--K", "2", "-o",
                                     dictionary, "--labels", labels, "--tau", "0.1"});
        EXPECT_EQ(report["rows"][0]["sizes"], (std::vector<int>{20, 20})) << array;
        EXPECT_LE(runJson({"assess", dictionary, frames})["local_errors"]["max"].get<double>(),
                  0.1);
    }
    const json report =
        runJson({"build", frames, "--K", "2", "-o", dictionary, "--labels", labels});
    const Table table = readTable(labels);
    for (Index i = 2; i < 40; i++)
        EXPECT_EQ(table.values(i, 1), table.values(i % 2, 1));
}

TEST_F(LocalBasesCommand, DcdFilesHoldTheSameFrames) {
    std::vector<Eigen::Matrix3Xf> frames;
    Random random(9);
    std::string xyz;
    for (int i = 0; i < 12; i++) {
        frames.push_back(random.normalMatrix(3, 4).cast<float>());
        xyz += "4\n\n";
        for (int atom = 0; atom < 4; atom++) {
            xyz += "C";
            for (int d = 0; d < 3; d++) {
                char text[32];
                std::snprintf(text, sizeof(text), " %.17g", double(frames.back()(d, atom)));
                xyz += text;
            }
            xyz += "\n";
        }
    }
    const std::string content = makeDcd(frames), dcd = folder.write("a.dcd", content);
    const json fromDcd = runJson({"efficiency", dcd, "--K", "2", "--smallest", "1"}),
               fromXyz = runJson(
                   {"efficiency", folder.write("a.xyz", xyz), "--K", "2", "--smallest", "1"});
    EXPECT_TRUE(close(fromDcd["rows"][0]["cost"].get<double>(),
                      fromXyz["rows"][0]["cost"].get<double>(), 1e-12));
    EXPECT_EQ(fromDcd["rows"][0]["sizes"], fromXyz["rows"][0]["sizes"]);
    for (std::size_t cut :
         {std::size_t(0), std::size_t(50), content.size() / 2, content.size() - 1})
        expectRefusal({"efficiency", folder.write("cut.dcd", content.substr(0, cut))}, "cut.dcd");
    expectRefusal({"efficiency", dcd, "--array", "forces"}, "no forces");
    std::string absurd = content;
    constexpr std::size_t numAtomsAt = 92 + 12 + 4; // behind the records of header and title
    absurd.replace(numAtomsAt, 4, "\xff\xff\xff\x7f");
    expectRefusal({"efficiency", folder.write("absurd.dcd", absurd)}, "another number of atoms");
}

TEST_F(LocalBasesCommand, BadSnapshotsAreRefused) {
    Matrix rows = makePeaks(20, 10);
    rows.row(3).setZero();
    const std::string zero = write("zero.npy", rows);
    expectRefusal({"efficiency", zero, "--K", "2"}, "snapshot 3 is zero");
    const json report = runJson({"efficiency", zero, "--K", "2", "--drop-zero"});
    EXPECT_EQ(report["dropped_runs"], (std::vector<int>{3}));
    EXPECT_EQ(report["runs"], 19);
    expectRefusal({"efficiency", folder.write("nan.csv", "1,2\n3,nan\n5,6\n")}, "row 1, column 1");
    expectRefusal({"efficiency", folder.path("absent.npy")}, "cannot be opened");
    writeArray(folder.path("flat.npy"), {{4}, {1, 2, 3, 4}});
    expectRefusal({"efficiency", folder.path("flat.npy")}, "two dimensions");
    expectRefusal({"efficiency", folder.write("a.xyz", "1\n\nO 0 0 0\n2\n\nO 0 0 0\nH 1 0 0\n")},
                  "frame 1 has 2 atoms");
    expectRefusal({"efficiency", folder.write("b.xyz", "1\n\nO 0 0 0\n1\n\nH 0 0 1\n")},
                  "frame 1 has other elements");
    expectRefusal({"efficiency", folder.write("c.xyz", "1\n\nO 0 0 0\n"), "--array", "forces"},
                  "frame 0 has no forces");
}

TEST_F(LocalBasesCommand, BadOptionsAreRefused) {
    const std::string snapshots = write("a.npy", makePeaks(20, 11));
    expectRefusal({"efficiency", snapshots, "--K", "20"}, "K = 20 clusters of 20");
    expectRefusal({"efficiency", snapshots, "--K", "2:2147483647"}, "clusters of 20 runs");
    const json row = runJson({"efficiency", snapshots, "--K", "2", "--N", "9000000000000000000"});
    EXPECT_LE(row["rows"][0]["fixed_modes"][0]["global_KN_rms"].get<double>(), 1e-12);
    for (const char* k : {"2:", "4:2", "x", "2-4", "2:4:6", ""})
        expectRefusal({"efficiency", snapshots, "--K", k}, "--K");
    Matrix mass = Matrix::Identity(200, 200);
    mass(7, 7) = 0;
    expectRefusal({"efficiency", snapshots, "--mass", write("m.npy", mass)},
                  "m.npy: the mass matrix is not positive definite (row 7)");
    expectRefusal({"efficiency", snapshots, "--mass", write("m.npy", Matrix::Identity(2, 2))},
                  "for 2 numbers");
    expectRefusal({"efficiency", snapshots, "--parameters", write("p.csv", Matrix::Ones(3, 1)),
                   "--classifier", "knn"},
                  "3 rows of parameters for 20 runs");
    expectRefusal({"efficiency", snapshots, "--classifier", "knn"}, "--parameters");
    expectRefusal({"efficiency", snapshots, "--acc", "1.5"}, "--acc");
    expectRefusal({"build", snapshots, "-o", dictionary, "--K", "2", "--smallest", "15"},
                  "fewer than 15 runs");
    Matrix two = makePeaks(2, 12)(std::vector{0, 1, 0, 1, 0, 1}, Eigen::all);
    two.row(2) *= -3;
    expectRefusal({"efficiency", write("two.npy", two), "--K", "3"}, "only 2 distinct directions",
                  3);
}

TEST_F(LocalBasesCommand, DictionariesThatDoNotFitAreRefused) {
    const std::string snapshots = write("a.npy", makePeaks(20, 13));
    runJson({"build", snapshots, "-o", dictionary, "--K", "2", "--smallest", "1"});
    expectRefusal({"assess", dictionary, write("b.npy", Matrix::Ones(3, 7))},
                  "snapshots have 7 numbers, those of the dictionary 200");
    expectRefusal({"assess", dictionary, folder.write("a.xyz", "2\n\nO 0 0 0\nH 0 0 1\n")},
                  "an array is needed");
    expectRefusal({"assess", dictionary, snapshots, "--parameters",
                   write("p.npy", Matrix::Ones(20, 1)), "--classifier", "knn"},
                  "without --parameters");
    expectRefusal({"assess", snapshots, snapshots}, "a.npy");
    expectRefusal({"assess", folder.write("no.h5", "text"), snapshots}, "no.h5");
    writeHdf5(folder.path("other.h5"),
              {{"settings", {{9}, {1, 0, 1, 2, 0, 0, 0, 0, 0}}}, {"labels", {{2}, {0, 7}}}});
    expectRefusal({"assess", folder.path("other.h5"), snapshots}, "'labels'");
}
