// SPDX-License-Identifier: MIT
#include "CommentLine.h"
#include "Elements.h"
#include "ExtendedXyz.h"

#include "equivariant/Error.h"
#include "support/Golden.h"

#include <gtest/gtest.h>

using namespace equivariant;
using namespace equivariant::command;

namespace {

std::vector<Frame> parse(const std::string& text, const LabelKeys& keys = {}) {
    return parseExtendedXyz(text, "file", keys);
}

std::string errorOf(const std::string& text, const LabelKeys& keys = {}) {
    try {
        parse(text, keys);
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

/// A frame of one atom with this second line.
std::string withSecondLine(const std::string& line) {
    return "1\n" + line + "\nH 0 0 0\n";
}

} // namespace

// Written by ASE 3.29's extxyz writer, with a calculator that holds results.
TEST(ExtendedXyz, ReadsWhatAseWrites) {
    const auto frames = parse(R"(2
Lattice="5.0 0.0 0.0 1.0 6.0 0.0 0.5 0.25 7.0" Properties=species:S:1:pos:R:3:tags:I:1:initial_magmoms:R:1:forces:R:3 config_type=bulk note="a \"b\" c" flag=T arr="0 1 2" js="_JSON {\"a\": 1}" energy=-1.5 free_energy=-1.5 stress="0.1 0.6 0.5 0.6 0.2 0.4 0.5 0.4 0.3" pbc="T T F"
Cl       0.00000000       1.00000000       2.00000000        0       1.00000000       0.00000000       0.10000000       0.20000000
H       -0.00150000       1.00000000       2.00000000        7       1.00000000       0.30000000       0.40000000       0.50000000
)");
    ASSERT_EQ(frames.size(), 1u);
    const Frame& frame = frames[0];
    EXPECT_EQ(frame.structure.atomicNumbers, (std::vector<int>{17, 1}));
    EXPECT_EQ(frame.structure.positions[1], Eigen::Vector3d(-1.5e-3, 1, 2));
    EXPECT_EQ(frame.structure.periodic, (std::array<bool, 3>{true, true, false}));
    Eigen::Matrix3d cell, stress;
    cell << 5, 0, 0, 1, 6, 0, 0.5, 0.25, 7;
    stress << 0.1, 0.6, 0.5, 0.6, 0.2, 0.4, 0.5, 0.4, 0.3;
    EXPECT_EQ(frame.structure.cell, cell);
    EXPECT_EQ(frame.stress.value(), stress);
    EXPECT_EQ(frame.energy.value(), -1.5);
    ASSERT_EQ(frame.forces.size(), 2u);
    EXPECT_EQ(frame.forces[0], Eigen::Vector3d(0, 0.1, 0.2));
    EXPECT_EQ(frame.getInfo("config_type"), "bulk");
    EXPECT_EQ(frame.getInfo("note"), "a \"b\" c");
    EXPECT_EQ(frame.getInfo("flag"), "T");
    EXPECT_EQ(frame.getInfo("js"), "_JSON {\"a\": 1}");
    EXPECT_EQ(frame.getInfo("absent"), "");
}

TEST(ExtendedXyz, ReadsPlainFilesOfManyFrames) {
    const auto frames = parse("2\nfree text, Bob's: energy of 7\nO 0 0 0 0.5\r\n  h 0 0 1 -0.5\n"
                              "1\n\n26 1.5 +2 3.\n\n  \n");
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].structure.atomicNumbers, (std::vector<int>{8, 1}));
    EXPECT_EQ(frames[1].structure.atomicNumbers, (std::vector<int>{26}));
    EXPECT_EQ(frames[1].structure.positions[0], Eigen::Vector3d(1.5, 2, 3));
    EXPECT_EQ(frames[1].structure.periodic, (std::array<bool, 3>{false, false, false}));
    EXPECT_FALSE(frames[0].energy);
}

TEST(ExtendedXyz, TakesLabelsFromTheKeysItIsGiven) {
    const std::string text = "1\nProperties=species:S:1:pos:R:3:forces:R:3:REF_forces:R:3 "
                             "energy=1 REF_energy=2 REF_stress=\"1 2 3 4 5 6\" pbc=F\n"
                             "H 0 0 0 1 1 1 2 2 2\n";
    const Frame plain = parse(text)[0];
    EXPECT_EQ(plain.energy.value(), 1);
    EXPECT_EQ(plain.forces[0][0], 1);
    EXPECT_FALSE(plain.stress);
    const Frame reference = parse(text, {"REF_energy", "REF_forces", "REF_stress"})[0];
    EXPECT_EQ(reference.energy.value(), 2);
    EXPECT_EQ(reference.forces[0][0], 2);
    Eigen::Matrix3d stress; // Voigt's order: xx yy zz yz xz xy
    stress << 1, 6, 5, 6, 2, 4, 5, 4, 3;
    EXPECT_EQ(reference.stress.value(), stress);
    const Frame none = parse(text, {"", "", ""})[0];
    EXPECT_FALSE(none.energy);
    EXPECT_TRUE(none.forces.empty());
    EXPECT_EQ(none.getInfo("energy"), "1");
}

TEST(ExtendedXyz, LatticeAlonePromisesPeriodicity) {
    const Frame frame = parse(withSecondLine("Lattice=[[1,0,0],[0,2,0],[0,0,3]]"))[0];
    EXPECT_EQ(frame.structure.periodic, (std::array<bool, 3>{true, true, true}));
    EXPECT_EQ(frame.structure.cell(2, 2), 3);
}

TEST(ExtendedXyz, RoundTripIsExact) {
    Frame frame;
    frame.structure.atomicNumbers = {1, 118, 17};
    frame.structure.positions = {
        {0.1, 1.0 / 3, -1e-17}, {12345.678901234567, 0, -2}, {1e300, 5e-324, 3}};
    frame.structure.cell << 1.1, 0, 0, 0.3, 2.2, 0, 0, 0.1, 3.3;
    frame.structure.periodic = {true, false, true};
    frame.energy = -17660.461737861464;
    frame.forces = {{1, 2, 3}, {-0.1, 1e-9, 7}, {0, 0, 0}};
    frame.atomEnergies = {1.25, -0.1, 3};
    frame.stress = Eigen::Vector3d(1, 2, 3).asDiagonal();
    frame.info = {{"config_type", "300K MD"}, {"text", "a \"quoted\" \\ 'thing'"}, {"empty", ""}};
    const std::string text = formatExtendedXyz(frame);
    const auto copies = parse(text + text);
    ASSERT_EQ(copies.size(), 2u);
    const Frame& copy = copies[1];
    EXPECT_EQ(copy.structure.atomicNumbers, frame.structure.atomicNumbers);
    EXPECT_EQ(copy.structure.positions, frame.structure.positions);
    EXPECT_EQ(copy.structure.cell, frame.structure.cell);
    EXPECT_EQ(copy.structure.periodic, frame.structure.periodic);
    EXPECT_EQ(copy.energy, frame.energy);
    EXPECT_EQ(copy.forces, frame.forces);
    EXPECT_EQ(copy.atomEnergies, frame.atomEnergies);
    EXPECT_EQ(copy.stress.value(), frame.stress.value());
    EXPECT_EQ(copy.info, frame.info);
}

TEST(ExtendedXyz, ErrorsNameFileFrameAndLine) {
    const std::string good = "1\n\nH 0 0 0\n";
    EXPECT_EQ(errorOf(good + "1\n\nH 0 zero 0\n"),
              "file: frame 2, line 6: a position is not a finite number: 'zero'");
    EXPECT_EQ(errorOf(good + "1\n\nQq 0 0 0\n"), "file: frame 2, line 6: unknown element 'Qq'");
    EXPECT_EQ(errorOf("3\n\nH 0 0 0\n"), "file: frame 1, line 3: the file ends after 1 of 3 atoms");
    EXPECT_EQ(errorOf("atoms\n"),
              "file: frame 1, line 1: expected the number of atoms, found 'atoms'");
    EXPECT_EQ(errorOf(""), "file: line 1: the file holds no frame");
}

TEST(ExtendedXyz, RefusesBadSecondLines) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"Lattice=\"1 0 0 0 1 0 0 0 1", "quote"},
        {"Lattice=[1 0 0", "bracket"},
        {"Lattice=\"1 0 0 0 1 0 0 0\"", "8 numbers"},
        {"Lattice=\"1 0 0 0 1 0 0 0 nan\"", "Lattice is not a finite number"},
        {"Lattice=\"1 0 0 0 1 0 0 0 1\" Lattice=\"1 0 0 0 1 0 0 0 1\"", "twice"},
        {"pbc=\"T T T\"", "no Lattice"},
        {"pbc=\"F F\"", "2 values"},
        {"pbc=maybe", "true or false"},
        {"energy=inf", "energy is not a finite number"},
        {"energy=", "energy is not a finite number"},
        {"stress=\"1 2\"", "2 numbers"},
        {"Properties=species:S:1:pos:R", "name:type:columns"},
        {"Properties=species:S:1:pos:R:2", "wrong type or width"},
        {"Properties=species:S:1:pos:S:3", "wrong type or width"},
        {"Properties=species:S:1:pos:R:0", "number of columns"},
        {"Properties=species:S:1:pos:R:99999999999", "number of columns"},
        {"Properties=species:S:1", "no column"},
        {"Properties=pos:R:3", "no column"},
        {"Properties=species:S:1:pos:R:3:pos:R:3", "twice"},
        {"Properties=species:S:1:pos:R:3:tags:I:1", "found 4 columns, expected 5"},
    };
    for (const auto& [line, expected] : cases)
        EXPECT_NE(errorOf(withSecondLine(line)).find(expected), std::string::npos)
            << line << ": " << errorOf(withSecondLine(line));
}

TEST(ExtendedXyz, RefusesBadAtomsAndCounts) {
    for (const char* text :
         {"0\n\n", "-1\n\nH 0 0 0\n", "1 2\n\nH 0 0 0\n", "1.0\n\nH 0 0 0\n",
          "99999999999999\n\nH 0 0 0\n", "1", "1\n", "1\n\n", "1\n\nH 0 0\n", "1\n\nH 0 0 1e999\n",
          "1\n\nH 0 0 0x1\n", "1\n\n0 0 0 0\n", "1\n\n119 0 0 0\n", "1\n\nX 0 0 0\n",
          "1\n\nH 0 0 0\nH 0 0 0\n", "2000000000\n\nH 0 0 0\n",
          "1\nProperties=species:S:1:pos:R:3\nH 0 0 0 0\n"})
        EXPECT_NE(errorOf(text), "no error") << text;
}

TEST(ExtendedXyz, ErrorsArePrintableAndShort) {
    const std::string message = errorOf(std::string("\x01\x1b[2J\xff\n") + std::string(10000, 'x'));
    EXPECT_EQ(message, "file: frame 1, line 1: expected the number of atoms, found '??[2J?'");
    EXPECT_LT(errorOf(std::string(10000, 'x')).size(), 150u);
}

TEST(ExtendedXyz, ReadsADataSet) {
    EQUIVARIANT_NEED_SHARED("data/3bpa/train_300K.xyz");
    const auto frames = readExtendedXyz(test::sharedPath("data/3bpa/train_300K.xyz"));
    EXPECT_EQ(frames.size(), 500u);
    for (const Frame& frame : frames) {
        ASSERT_EQ(frame.structure.atomicNumbers.size(), 27u);
        ASSERT_EQ(frame.forces.size(), 27u);
        ASSERT_TRUE(frame.energy);
        ASSERT_FALSE(frame.structure.periodic[0]);
    }
    EXPECT_EQ(frames[0].energy.value(), -17660.461737861464);
    EXPECT_EQ(frames[0].forces[0][2], 0.79555789);
}

TEST(Elements, SymbolsAndNumbersBelongTogether) {
    for (int number = 1; number <= numElements; number++)
        EXPECT_EQ(findElement(getSymbol(number)), number);
    EXPECT_EQ(findElement("Og"), 118);
    EXPECT_EQ(findElement("J"), 0);
    EXPECT_NEAR(getMass(6), 12.011, 1e-3);
    EXPECT_NEAR(getMass(92), 238.029, 1e-3);
}
