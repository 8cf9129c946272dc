// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/Graph.h"
#include "support/Compare.h"

#include <gtest/gtest.h>
#include <random>

using namespace equivariant;
using Eigen::Vector3d;

namespace {

Structure randomCrystal(int atoms) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> uniform(0, 1);
    Structure structure;
    structure.cell << 4.1, 0, 0, 1.2, 3.7, 0, -0.8, 1.1, 4.4;
    structure.periodic = {true, true, true};
    for (int i = 0; i < atoms; i++) {
        structure.atomicNumbers.push_back(1);
        structure.positions.push_back(structure.cell.transpose() *
                                      Vector3d(uniform(random), uniform(random), uniform(random)));
    }
    return structure;
}

std::vector<double> sortedDistances(const Graph& graph) {
    std::vector<double> distances;
    for (const auto& edge : graph.edges)
        distances.push_back(edge.displacement.norm());
    std::sort(distances.begin(), distances.end());
    return distances;
}

} // namespace

TEST(Graph, CountsNeighboursInSimpleCubicLattice) {
    // Shells of a simple cubic lattice of spacing 1 within 2.1: 6 + 12 + 8 + 6 = 32.
    Structure structure;
    structure.atomicNumbers = {1};
    structure.positions = {Vector3d(17.3, -4, 0.2)};
    structure.cell.setIdentity();
    structure.periodic = {true, true, true};
    EXPECT_EQ(buildGraph(structure, 2.1).edges.size(), 32u);
}

TEST(Graph, EveryEdgeHasItsReverse) {
    const Graph graph = buildGraph(randomCrystal(5), 6);
    for (const auto& edge : graph.edges) {
        int reverses = 0;
        for (const auto& other : graph.edges)
            reverses += other.sender == edge.receiver && other.receiver == edge.sender &&
                        (other.displacement + edge.displacement).norm() < 1e-12;
        EXPECT_EQ(reverses, 1);
    }
}

TEST(Graph, DoesNotDependOnWrapping) {
    Structure structure = randomCrystal(4);
    const auto expected = sortedDistances(buildGraph(structure, 5));
    structure.positions[1] += structure.cell.transpose() * Vector3d(3, -7, 2);
    structure.positions[2] -= structure.cell.transpose() * Vector3d(0, 1, 11);
    EXPECT_TRUE(test::allClose(sortedDistances(buildGraph(structure, 5)), expected, 1e-12));
}

TEST(Graph, SupercellHasTheSameNeighbours) {
    const Structure structure = randomCrystal(3);
    Structure doubled = structure;
    for (int i = 0; i < 3; i++) {
        doubled.atomicNumbers.push_back(1);
        doubled.positions.push_back(structure.positions[i] + structure.cell.row(1).transpose());
    }
    doubled.cell.row(1) *= 2;
    auto expected = sortedDistances(buildGraph(structure, 5.5));
    const auto copy = expected;
    expected.insert(expected.end(), copy.begin(), copy.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_TRUE(test::allClose(sortedDistances(buildGraph(doubled, 5.5)), expected, 1e-12));
}

TEST(Graph, SlabIsPeriodicInTwoDirections) {
    Structure structure;
    structure.atomicNumbers = {1};
    structure.positions = {Vector3d::Zero()};
    structure.cell = Vector3d(1, 1, 0).asDiagonal(); // a zero third vector, as ASE writes slabs
    structure.periodic = {true, true, false};
    EXPECT_EQ(buildGraph(structure, 1.1).edges.size(), 4u);
    structure.periodic = {true, false, false};
    EXPECT_EQ(buildGraph(structure, 1.1).edges.size(), 2u);
}

TEST(Graph, EmptyAndSingleAtomsHaveNoEdges) {
    EXPECT_EQ(buildGraph(Structure(), 5).edges.size(), 0u);
    Structure structure;
    structure.atomicNumbers = {1};
    structure.positions = {Vector3d::Zero()};
    EXPECT_EQ(buildGraph(structure, std::numeric_limits<double>::infinity()).edges.size(), 0u);
}

TEST(Graph, RefusesBadInput) {
    Structure structure = randomCrystal(3);
    structure.positions[1][2] = std::nan("");
    EXPECT_THROW(buildGraph(structure, 5), Error);
    structure = randomCrystal(3);
    structure.positions[2] = structure.positions[0] + structure.cell.row(0).transpose();
    EXPECT_THROW(buildGraph(structure, 5), Error);
    structure = randomCrystal(3);
    structure.cell.row(1) = structure.cell.row(0);
    EXPECT_THROW(buildGraph(structure, 5), Error);
    structure = randomCrystal(3);
    structure.cell *= 1e-3;
    EXPECT_THROW(buildGraph(structure, 5), Error);
    structure = randomCrystal(3);
    EXPECT_THROW(buildGraph(structure, std::numeric_limits<double>::infinity()), Error);
    structure.positions[0][0] = 1e300;
    EXPECT_THROW(buildGraph(structure, 5), Error);
}
