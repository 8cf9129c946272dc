// SPDX-License-Identifier: MIT
//
// Damaged input ends in an Error or in a result of the same shape; anything else (another
// exception, a crash, what a sanitizer finds) fails. Meant for the preset asan.
#include "Evaluate.h"

#include "equivariant/Error.h"
#include "support/Golden.h"

#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

using namespace equivariant;
using namespace equivariant::command;

namespace {

constexpr int numTruncations = 1000, numFlips = 1000;

std::string readBytes(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

/// Three atoms in a box, with labels.
std::string makeXyz() {
    return "3\n"
           "Lattice=\"9.0 0.0 0.0 0.5 8.0 0.0 0.0 -0.3 8.5\" "
           "Properties=species:S:1:pos:R:3:forces:R:3 config_type=test energy=-76.25 "
           "note=\"a \\\"b\\\"\" stress=\"1 2 3 2 4 5 3 5 6\" pbc=\"T T T\"\n"
           "O 0.00 0.00 0.12 0.1 0.2 0.3\n"
           "H 0.76 0.00 -0.48 -0.1 0.0 1e-3\n"
           "H -0.76 0.00 -0.48 0.0 -0.2 -0.3\n";
}

/// Calls test(bytes) with truncated and with changed copies: single bits, bytes, and bytes that
/// digits and quotes are likely to become.
template <class Test> void damage(const std::string& bytes, std::size_t reach, Test&& test) {
    std::mt19937 random(20260);
    for (int i = 0; i < numTruncations; i++)
        test(bytes.substr(0, random() % bytes.size()));
    for (int i = 0; i < numFlips; i++) {
        std::string damaged = bytes;
        for (int flips = 1 + i % 3; flips > 0; flips--) {
            // Half of them where the text of a model file is; the rest anywhere.
            const std::size_t place = random() % (random() % 2 ? reach : bytes.size());
            if (i % 2)
                damaged[place] ^= static_cast<char>(1u << random() % 8);
            else
                damaged[place] = "0123456789-.e\"[]{},: \n\0\xff"[random() % 24];
        }
        test(damaged);
    }
}

/// The number of results, so that a test can see that damage was neither always nor never fatal.
struct Outcomes {
    int errors = 0, results = 0;
};

void checkShape(const Evaluation& evaluation, std::size_t numAtoms) {
    ASSERT_EQ(evaluation.forces.size(), numAtoms);
    ASSERT_EQ(evaluation.atomEnergies.size(), numAtoms);
    ASSERT_TRUE(std::isfinite(evaluation.energy));
}

void damageModel(const std::string& name, const std::vector<int>& atomicNumbers) {
    const std::string bytes = readBytes(test::modelPath(name));
    ASSERT_GT(bytes.size(), 1000u);
    Frame frame;
    frame.structure.atomicNumbers = atomicNumbers;
    for (std::size_t i = 0; i < atomicNumbers.size(); i++)
        frame.structure.positions.emplace_back(i, 0.4 * (i % 2), 0.1 * i);
    const std::size_t headerEnd = bytes.find("}}") + 2;
    ComputeOptions options;
    options.threads = 1;
    Outcomes outcomes;
    int copies = 0;
    damage(bytes, std::min(headerEnd, bytes.size()), [&](const std::string& damaged) {
        // Tables take most of the time.
        options.exactRadial = copies++ % 100 != 0;
        try {
            const auto model = Model::fromBytes(damaged, "model");
            const auto results = evaluateFrames(model, {frame}, options, "frames");
            ASSERT_EQ(results.size(), 1u);
            checkShape(results[0], atomicNumbers.size());
            outcomes.results++;
        } catch (const Error&) {
            outcomes.errors++;
        }
    });
    EXPECT_GE(outcomes.errors, numTruncations);
    EXPECT_GT(outcomes.results, 0);
}

} // namespace

TEST(Fuzz, DamagedMaceFile) {
    damageModel("a_l1c2_L0", {8, 1, 6});
}

TEST(Fuzz, DamagedMaceFileWithZblAndHeads) {
    damageModel("c_l2c3_L1_density_zbl_agnesi_2heads", {8, 1, 14});
}

TEST(Fuzz, DamagedPonitaFile) {
    damageModel("c_r3_cutoff", {8, 1, 6});
}

TEST(Fuzz, DamagedPonitaFileWithGrid) {
    damageModel("b_r3s2_o20_cutoff", {8, 1, 6});
}

TEST(Fuzz, DamagedXyzFile) {
    const std::string text = makeXyz();
    Outcomes outcomes;
    damage(text + text, text.size(), [&](const std::string& damaged) {
        try {
            for (const Frame& frame : parseExtendedXyz(damaged, "file")) {
                const std::size_t numAtoms = frame.structure.atomicNumbers.size();
                ASSERT_EQ(frame.structure.positions.size(), numAtoms);
                ASSERT_TRUE(frame.forces.empty() || frame.forces.size() == numAtoms);
                const Frame copy = parseExtendedXyz(formatExtendedXyz(frame), "copy")[0];
                ASSERT_EQ(copy.structure.positions, frame.structure.positions);
            }
            outcomes.results++;
        } catch (const Error&) {
            outcomes.errors++;
        }
    });
    EXPECT_GT(outcomes.errors, numTruncations / 2);
    EXPECT_GT(outcomes.results, 0);
}

TEST(Fuzz, EvaluatingADamagedXyzFile) {
    const auto model = Model::load(test::modelPath("a_l1c2_L0"));
    const std::string text = makeXyz();
    ComputeOptions options;
    options.exactRadial = true; // Tables would take most of the time.
    Outcomes outcomes;
    damage(text, text.size(), [&](const std::string& damaged) {
        try {
            const auto frames = parseExtendedXyz(damaged, "file");
            const auto results = evaluateFrames(model, frames, options, "file");
            ASSERT_EQ(results.size(), frames.size());
            for (std::size_t i = 0; i < results.size(); i++)
                checkShape(results[i], frames[i].structure.atomicNumbers.size());
            outcomes.results++;
        } catch (const Error&) {
            outcomes.errors++;
        }
    });
    EXPECT_GT(outcomes.errors, numTruncations / 2);
    EXPECT_GT(outcomes.results, 0);
}

TEST(Fuzz, RandomBytesAreNoFrames) {
    std::mt19937 random(1);
    for (int trial = 0; trial < 1000; trial++) {
        std::string bytes(random() % 300, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random());
        EXPECT_THROW(parseExtendedXyz(bytes, "file"), Error);
        EXPECT_THROW(parseExtendedXyz("1\n" + bytes, "file"), Error);
    }
}
