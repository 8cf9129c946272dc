// SPDX-License-Identifier: MIT
//
// The neighbor list against the comparison of all pairs.
#include "equivariant/Error.h"
#include "equivariant/Graph.h"
#include "equivariant/NeighborList.h"
#include "support/Throws.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <set>
#include <tuple>

using namespace equivariant;
using test::throwsNaming;

namespace {

using Key = std::tuple<int, int, int, int, int>; // receiver, sender, shift

std::set<Key> pairsOf(const NeighborList& list) {
    std::set<Key> keys;
    for (std::size_t i = 0; i + 1 < list.getFirst().size(); i++)
        for (int p = list.getFirst()[i]; p < list.getFirst()[i + 1]; p++) {
            const NeighborList::Pair& pair = list.getPairs()[p];
            keys.insert(
                {static_cast<int>(i), pair.sender, pair.shift[0], pair.shift[1], pair.shift[2]});
        }
    EXPECT_EQ(keys.size(), list.getPairs().size());
    return keys;
}

std::set<Key> pairsOf(const Structure& structure, double cutoff) {
    std::set<Key> keys;
    for (const Graph::Edge& edge : buildGraph(structure, cutoff).edges)
        keys.insert({edge.receiver, edge.sender, edge.shift[0], edge.shift[1], edge.shift[2]});
    return keys;
}

Eigen::Matrix3d cellOf(double a, double b, double c, double skew) {
    Eigen::Matrix3d cell;
    cell << a, 0, 0, skew * a, b, 0, -skew * a, 0.7 * skew * b, c;
    return cell;
}

Structure randomStructure(int numAtoms, const Eigen::Matrix3d& cell, std::array<bool, 3> periodic,
                          unsigned seed, double spread = 1) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> uniform(-spread, 1 + spread);
    Structure structure;
    structure.cell = cell;
    structure.periodic = periodic;
    for (int i = 0; i < numAtoms; i++) {
        structure.atomicNumbers.push_back(1);
        const Eigen::Vector3d s(uniform(generator), uniform(generator), uniform(generator));
        structure.positions.push_back(cell.transpose() * s);
    }
    return structure;
}

void expectReverses(const NeighborList& list) {
    const auto& pairs = list.getPairs();
    for (std::size_t i = 0; i + 1 < list.getFirst().size(); i++)
        for (int p = list.getFirst()[i]; p < list.getFirst()[i + 1]; p++) {
            const int q = list.getReverse()[p];
            EXPECT_EQ(pairs[q].sender, static_cast<int>(i));
            EXPECT_GE(q, list.getFirst()[pairs[p].sender]);
            EXPECT_LT(q, list.getFirst()[pairs[p].sender + 1]);
            for (int d = 0; d < 3; d++)
                EXPECT_EQ(pairs[q].shift[d], -pairs[p].shift[d]);
        }
}

TEST(NeighborList, FindsThePairsOfAllKindsOfStructures) {
    const double cutoff = 2.5;
    unsigned seed = 0;
    for (const auto& periodic : std::vector<std::array<bool, 3>>{{false, false, false},
                                                                 {true, true, true},
                                                                 {true, true, false},
                                                                 {false, true, false},
                                                                 {true, false, true}})
        for (const double skew : {0.0, 0.3})
            for (const double size : {0.9, 3.0, 9.0, 14.0}) {
                const Structure structure =
                    randomStructure(size < 2 ? 3 : 60, cellOf(size, 1.1 * size, 0.8 * size, skew),
                                    periodic, ++seed);
                NeighborList list(cutoff, 0);
                EXPECT_TRUE(list.update(structure));
                EXPECT_EQ(pairsOf(list), pairsOf(structure, cutoff));
                expectReverses(list);
            }
}

TEST(NeighborList, SkinAddsPairsAndAllPairsNeedNoCutoff) {
    const Structure structure =
        randomStructure(40, cellOf(9, 8, 7, 0.1), {true, true, true}, 3, 0.2);
    NeighborList list(2.5, 0.7);
    list.update(structure);
    EXPECT_EQ(pairsOf(list), pairsOf(structure, 3.2));
    const Structure open =
        randomStructure(7, Eigen::Matrix3d::Identity() * 50, {false, false, false}, 4);
    NeighborList all(std::numeric_limits<double>::infinity(), 1);
    EXPECT_TRUE(all.update(open));
    EXPECT_EQ(all.getPairs().size(), 42u);
    EXPECT_FALSE(all.update(open));
}

TEST(NeighborList, AtomsOfAnOpenStructureMayLieOnAPlaneOrALine) {
    for (const int dimensions : {2, 1}) {
        Structure structure =
            randomStructure(20, Eigen::Matrix3d::Identity() * 6, {false, false, false}, 5);
        for (Eigen::Vector3d& position : structure.positions)
            position.tail(3 - dimensions).setConstant(0.3);
        NeighborList list(2.5, 1);
        list.update(structure);
        EXPECT_EQ(pairsOf(list), pairsOf(structure, 3.5));
        EXPECT_GT(list.getPairs().size(), 20u);
    }
    Structure twins = randomStructure(2, Eigen::Matrix3d::Identity(), {false, false, false}, 6);
    twins.positions[1] = twins.positions[0];
    NeighborList list(2.5, 1);
    EXPECT_TRUE(throwsNaming<Error>("coincide", [&] { list.update(twins); }));
}

/// All pairs closer than the cutoff must be listed.
void expectNoneMissing(const NeighborList& list, const Structure& structure, double cutoff) {
    const std::set<Key> listed = pairsOf(list);
    for (const Key& key : pairsOf(structure, cutoff))
        EXPECT_TRUE(listed.count(key)) << "atoms " << std::get<0>(key) << ", " << std::get<1>(key);
}

TEST(NeighborList, MissesNothingWhileAtomsAndCellsMove) {
    const double cutoff = 2.5;
    std::mt19937 generator(5);
    std::normal_distribution<double> normal;
    for (const auto& periodic :
         std::vector<std::array<bool, 3>>{{true, true, true}, {false, true, true}}) {
        Structure structure = randomStructure(50, cellOf(8, 9, 7, 0.2), periodic, 6, 0.5);
        NeighborList list(cutoff, 1.0);
        for (int step = 0; step < 200; step++) {
            for (Eigen::Vector3d& position : structure.positions)
                for (int d = 0; d < 3; d++)
                    position[d] += 0.02 * normal(generator);
            if (step % 5 == 0) { // as a barostat does, positions go with the cell
                Eigen::Matrix3d strain = Eigen::Matrix3d::Identity();
                for (int a = 0; a < 3; a++)
                    for (int b = 0; b < 3; b++)
                        if (periodic[a] && periodic[b])
                            strain(a, b) += 0.01 * normal(generator);
                structure.cell = structure.cell * strain;
                for (Eigen::Vector3d& position : structure.positions)
                    position = strain.transpose() * position;
            }
            list.update(structure);
            expectNoneMissing(list, structure, cutoff);
        }
        EXPECT_GT(list.getNumRebuilds(), 3);
        EXPECT_LT(list.getNumRebuilds(), 60);
    }
}

TEST(NeighborList, IsKeptForHalfTheSkinOnly) {
    Structure structure = randomStructure(20, cellOf(9, 9, 9, 0), {true, true, true}, 7, 0.0);
    NeighborList list(2.5, 1.0);
    EXPECT_TRUE(list.update(structure));
    EXPECT_FALSE(list.update(structure));
    structure.positions[3][1] += 0.499;
    EXPECT_FALSE(list.update(structure));
    structure.positions[3][1] += 0.002;
    EXPECT_TRUE(list.update(structure));
    structure.cell *= 0.999; // all atoms stay: those far from the origin move against the cell
    EXPECT_FALSE(list.update(structure));
    structure.cell *= 0.5;
    EXPECT_TRUE(list.update(structure));
    structure.periodic = {true, true, false};
    EXPECT_TRUE(list.update(structure));
    structure.positions.pop_back();
    structure.atomicNumbers.pop_back();
    EXPECT_TRUE(list.update(structure));
    EXPECT_EQ(list.getNumRebuilds(), 5);
    EXPECT_EQ(pairsOf(list), pairsOf(structure, 3.5));
}

TEST(NeighborList, OrderIsAPermutationThatKeepsNearAtomsTogether) {
    const Structure structure =
        randomStructure(2000, cellOf(27, 27, 27, 0), {true, true, true}, 8, 0.0);
    NeighborList list(2.5, 0.5);
    list.update(structure);
    std::set<int> seen(list.getOrder().begin(), list.getOrder().end());
    EXPECT_EQ(seen.size(), 2000u);
    double along = 0;
    for (std::size_t i = 1; i < list.getOrder().size(); i++)
        along +=
            (structure.positions[list.getOrder()[i]] - structure.positions[list.getOrder()[i - 1]])
                .norm();
    EXPECT_LT(along / 1999, 5); // 18 at random
}

TEST(NeighborList, BadStructuresAreNamed) {
    const Structure good = randomStructure(10, cellOf(9, 9, 9, 0), {true, true, true}, 9, 0.0);
    NeighborList list(2.5, 1.0);
    list.update(good);
    for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
        Structure structure = good;
        structure.positions[7][2] = bad;
        EXPECT_TRUE(throwsNaming<Error>("atom 7", [&] { list.update(structure); }));
        structure = good;
        structure.cell(1, 1) = bad;
        EXPECT_TRUE(throwsNaming<Error>("box", [&] { list.update(structure); }));
    }
    Structure structure = good;
    structure.positions[7] = structure.positions[2] + structure.cell.row(0).transpose();
    EXPECT_TRUE(throwsNaming<Error>("atoms 2 and 7", [&] { list.update(structure); }));
    structure = good;
    structure.positions[4][0] = 1e12;
    EXPECT_TRUE(throwsNaming<Error>("atom 4", [&] { list.update(structure); }));
    structure = good;
    structure.cell.row(1) = structure.cell.row(0);
    EXPECT_TRUE(throwsNaming<Error>("linearly dependent", [&] { list.update(structure); }));
    structure.cell = 1e-3 * good.cell;
    EXPECT_TRUE(throwsNaming<Error>("too small", [&] { list.update(structure); }));
    list.update(good); // the list can be used again
    EXPECT_EQ(pairsOf(list), pairsOf(good, 3.5));
    EXPECT_TRUE(throwsNaming<Error>("skin", [] { NeighborList(2.5, -1); }));
}

TEST(NeighborList, EmptyAndSingleAtoms) {
    NeighborList list(2.5, 1.0);
    Structure structure;
    EXPECT_TRUE(list.update(structure));
    EXPECT_EQ(list.getFirst().size(), 1u);
    structure = randomStructure(1, cellOf(2, 2, 2, 0), {true, true, true}, 10);
    EXPECT_TRUE(list.update(structure));
    EXPECT_EQ(pairsOf(list), pairsOf(structure, 3.5)); // its own images
}

} // namespace
