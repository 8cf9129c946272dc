// SPDX-License-Identifier: MIT
//
// What orientation grids do to PONITA: symmetries, singular directions, band-limited kernels,
// averages over groups, models of the plane.
#include "equivariant/Error.h"
#include "equivariant/RotationError.h"
#include "support/Compare.h"
#include "support/PonitaModels.h"
#include "support/RandomPonita.h"
#include "support/Throws.h"

#include <Eigen/Geometry>

using namespace equivariant;
using namespace equivariant::test;

namespace {

using nlohmann::json;
using Vectors = std::vector<Eigen::Vector3d>;

json config(const json& changes = json::object()) {
    json result = ponitaConfig();
    result.update(changes);
    return result;
}

Structure molecule() {
    Structure structure;
    structure.atomicNumbers = {8, 1, 6, 1};
    structure.positions = {
        {0.11, 0.23, -0.12}, {0.92, 0.41, 0.33}, {-0.43, 1.25, 0.37}, {-0.75, -0.9, 0.84}};
    return structure;
}

Structure transformed(Structure structure, const Eigen::Matrix3d& map) {
    for (Eigen::Vector3d& position : structure.positions)
        position = map * position;
    return structure;
}

Evaluation evaluate(const std::shared_ptr<const Model>& model, const Structure& structure) {
    return ReferenceEvaluator(model).evaluate(structure);
}

TEST(PonitaGrids, SymmetriesOfTheGridAreSymmetriesOfTheEnergy) {
    const Structure structure = molecule();
    for (const char* grid : {"icosahedron-12", "dodecahedron-20", "icosahedral-32"}) {
        const auto model = RandomPonita(config(), grid).make();
        const double energy = evaluate(model, structure).energy;
        for (const Eigen::Matrix3d& rotation : rotationsOf(RotationGroup::Icosahedral))
            for (double sign : {1.0, -1.0})
                EXPECT_TRUE(close(evaluate(model, transformed(structure, sign * rotation)).energy,
                                  energy, 1e-12));
    }
}

TEST(PonitaGrids, OrderOfOrientationsDoesNotMatter) {
    const auto model = RandomPonita(config(), "icosahedral-32").make();
    ModelFile file = model->getFile();
    std::vector<double>& points = file.tensors.at("orientations").data;
    std::vector<double>& weights = file.tensors.at("orientation_weights").data;
    const std::size_t count = weights.size();
    for (std::size_t o = 0; o < count / 2; o++) {
        std::swap(weights[o], weights[count - 1 - o]);
        for (std::size_t k = 0; k < 3; k++)
            std::swap(points[3 * o + k], points[3 * (count - 1 - o) + k]);
    }
    const auto permuted = Model::fromBytes(file.serialize(), "permuted");
    EXPECT_TRUE(
        close(evaluate(permuted, molecule()).energy, evaluate(model, molecule()).energy, 1e-12));
}

TEST(PonitaGrids, WeightedGridOfEqualWeightsIsAMean) {
    // an orientation split into two of half its weight
    const auto model = RandomPonita(config(), "icosahedron-12").make();
    ModelFile file = model->getFile();
    Tensor& points = file.tensors.at("orientations");
    Tensor& weights = file.tensors.at("orientation_weights");
    for (int k = 0; k < 3; k++)
        points.data.push_back(points.data[static_cast<std::size_t>(k)]);
    weights.data[0] /= 2;
    weights.data.push_back(weights.data[0]);
    points.shape[0] = weights.shape[0] = 13;
    const auto split = Model::fromBytes(file.serialize(), "split");
    EXPECT_TRUE(
        close(evaluate(split, molecule()).energy, evaluate(model, molecule()).energy, 1e-12));
}

/// A bond along an orientation, displaced across it.
Structure bondAlong(const Eigen::Vector3d& axis, double across) {
    Structure structure;
    structure.atomicNumbers = {8, 1, 6};
    structure.positions = {{0, 0, 0}, 1.1 * axis + across * axis.unitOrthogonal(), {1.3, 0.2, 0.9}};
    return structure;
}

double forceJump(const std::shared_ptr<const Model>& model, double across) {
    const Eigen::Vector3d axis = ponitaOf(*model).orientations[3];
    const auto one = evaluate(model, bondAlong(axis, across)).forces;
    const auto other = evaluate(model, bondAlong(axis, -across)).forces;
    double square = 0;
    for (std::size_t i = 0; i < one.size(); i++)
        square += (one[i] - other[i]).squaredNorm();
    return std::sqrt(square);
}

TEST(PonitaGrids, ForcesAlongAnOrientationAreFinite) {
    for (const char* grid : {"icosahedron-12", "lebedev-14"}) {
        const auto model = RandomPonita(config(), grid).make();
        const Eigen::Vector3d axis = ponitaOf(*model).orientations[3];
        const Evaluation found = evaluate(model, bondAlong(axis, 0));
        for (const Eigen::Vector3d& force : found.forces)
            EXPECT_TRUE(force.allFinite());
        EXPECT_TRUE(
            close(found.energy, evaluate(model, bondAlong(axis, 1e-9)).energy, 1e-7)); // continuous
    }
}

TEST(PonitaGrids, ForcesJumpAcrossAnOrientationUnlessInvariantsAreSmooth) {
    const auto published = RandomPonita(config(), "icosahedron-12").make();
    const auto smooth = RandomPonita(config({{"invariants", {{"type", "smooth"}, {"delta", 0.3}}}}),
                                     "icosahedron-12")
                            .make();
    EXPECT_GT(forceJump(published, 1e-7), 1e-3);
    EXPECT_LT(forceJump(smooth, 1e-7), 1e-5);
    // and there the forces are derivatives of the energy
    const Eigen::Vector3d axis = ponitaOf(*smooth).orientations[3];
    const double h = 1e-4;
    const double slope = (evaluate(smooth, bondAlong(axis, h)).energy -
                          evaluate(smooth, bondAlong(axis, -h)).energy) /
                         (2 * h);
    EXPECT_TRUE(close(-evaluate(smooth, bondAlong(axis, 0)).forces[1].dot(axis.unitOrthogonal()),
                      slope, 1e-7));
}

TEST(PonitaGrids, RotationErrorOfBandLimitedKernelsFallsFastWithTheGrid) {
    const json banded = {{"kernel", {{"type", "band-limited"}, {"l_max", 2}}}};
    // weights with which GELU and LayerNorm stay far from their bends
    const auto coarse = RandomPonita(config(banded), "lebedev-14", 4).make();
    const auto energyError = [&](const std::shared_ptr<const Model>& model) {
        return rotationError(*model, {molecule()}, 12, 3).energy;
    };
    const double at14 = energyError(coarse);
    const double at50 = energyError(withOrientations(*coarse, "lebedev-50"));
    const double at110 = energyError(withOrientations(*coarse, "lebedev-110"));
    EXPECT_GT(at14, 1e-2);
    EXPECT_LT(at50, 1e-2 * at14);
    EXPECT_LT(at110, 1e-2 * at50);
}

TEST(PonitaGrids, LinearPartOfABandLimitedKernelIsExact) {
    // One layer whose nonlinear part is switched off: what remains is invariant on any exact grid.
    const json banded = {{"kernel", {{"type", "band-limited"}, {"l_max", 2}}}};
    const auto model = RandomPonita(config(banded), "lebedev-14").make();
    const PonitaParameters& parameters = ponitaOf(*model);
    const auto meanConvolved = [&](const Structure& structure) {
        const Graph graph = buildGraph(structure, parameters.cutoff);
        const PonitaTrace trace = forwardPonita(parameters, graph, oneHot(*model, structure));
        Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(parameters.hiddenDim);
        for (int row = 0; row < trace.layers[0].convolved.rows(); row++)
            sum += trace.lift.readoutWeights[row] * trace.layers[0].convolved.row(row);
        return sum;
    };
    const Eigen::Matrix3d rotation =
        Eigen::AngleAxisd(0.7, Eigen::Vector3d(1, 2, -0.5).normalized()).toRotationMatrix();
    EXPECT_LT((meanConvolved(transformed(molecule(), rotation)) - meanConvolved(molecule())).norm(),
              1e-12);
}

TEST(PonitaGrids, GroupAverageHasTheSymmetryOfTheGroupAndASmallerError) {
    const auto plain = RandomPonita(config(), "fibonacci-7").make();
    const double before = rotationError(*plain, {molecule()}, 12, 3).energy;
    const std::pair<const char*, RotationGroup> groups[] = {
        {"tetrahedral", RotationGroup::Tetrahedral},
        {"octahedral", RotationGroup::Octahedral},
        {"icosahedral", RotationGroup::Icosahedral}};
    for (const auto& [name, group] : groups) {
        const auto averaged =
            RandomPonita(config({{"rotation_average", name}}), "fibonacci-7").make();
        const auto& rotations = rotationsOf(group);
        const double energy = evaluate(averaged, molecule()).energy;
        double mean = 0;
        for (const Eigen::Matrix3d& rotation : rotations)
            mean += evaluate(plain, transformed(molecule(), rotation)).energy /
                    static_cast<double>(rotations.size());
        EXPECT_TRUE(close(energy, mean, 1e-12)) << name;
        EXPECT_TRUE(
            close(evaluate(averaged, transformed(molecule(), rotations[5])).energy, energy, 1e-12))
            << name;
        EXPECT_LT(rotationError(*averaged, {molecule()}, 6, 3).energy, 0.5 * before) << name;
    }
}

TEST(PonitaPlane, EnergiesAreInvariantUnderRotationsOfThePlane) {
    Structure structure = molecule();
    for (Eigen::Vector3d& position : structure.positions)
        position[2] = 0.4;
    const Eigen::Matrix3d eighth =
        Eigen::AngleAxisd(EIGEN_PI / 4, Eigen::Vector3d::UnitZ()).toRotationMatrix();
    const Eigen::Matrix3d mirror = Eigen::Vector3d(1, -1, 1).asDiagonal();
    const auto lifted = RandomPonita(config({{"space", "R2xS1"}}), "circle-8").make();
    const double energy = evaluate(lifted, structure).energy;
    EXPECT_TRUE(close(evaluate(lifted, transformed(structure, eighth)).energy, energy, 1e-12));
    EXPECT_FALSE(isClose(evaluate(lifted, transformed(structure, mirror)).energy, energy, 1e-9));
    const auto plain = RandomPonita(config({{"space", "R2"}})).make();
    EXPECT_LT(rotationError(*plain, {structure}, 5, 1).energy, 1e-9);
    structure.positions[1][2] += 1e-3;
    EXPECT_TRUE(throwsNaming<Error>("planar", [&] { evaluate(lifted, structure); }));
}

} // namespace
