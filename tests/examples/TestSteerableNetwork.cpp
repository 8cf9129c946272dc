// SPDX-License-Identifier: MIT
#include "SteerableNetwork.h"

#include "equivariant/Couplings.h"
#include "equivariant/SphericalHarmonics.h"

#include <Eigen/Geometry>
#include <gtest/gtest.h>
#include <torch/torch.h>

using namespace equivariant;
using namespace equivariant::nbody;
using namespace equivariant::training;

namespace {

const auto inDouble = torch::TensorOptions().dtype(torch::kFloat64);

// A Gaunt product is a Clebsch-Gordan one whose weights are products (arXiv:2401.10216).
TEST(SteerableProduct, GauntProductsArePathsWithWeightsOfRankOne) {
    torch::manual_seed(1);
    const int lMax = 2, channels = 3, outputs = 4;
    const auto input = torch::randn({lMax + 1, channels, 5}, inDouble),
               attribute = torch::randn({lMax + 1, 5}, inDouble),
               output = torch::randn({lMax + 1, 5, outputs}, inDouble);
    const std::vector<ConvolutionPath> paths = pathsUpTo(lMax);
    ASSERT_EQ(paths.size(), 11u);
    const auto weights = torch::empty({int64_t(paths.size()), channels, outputs}, inDouble);
    for (std::size_t p = 0; p < paths.size(); p++) {
        const auto [l1, l2, l3] = paths[p];
        // From coefficients of orthonormal harmonics to those of mean square 1, and from e3nn's
        // normalised paths.
        const double factor = gauntFactor(l1, l2, l3) *
                              normalizationFactor(0, Normalization::Component) /
                              std::sqrt(2.0 * l3 + 1);
        weights[int64_t(p)] = factor * torch::matmul(input[l1] * attribute[l2], output[l3]);
    }
    const auto features = torch::randn({6, numHarmonics(lMax), channels}, inDouble),
               attributes = torch::randn({6, numHarmonics(lMax)}, inDouble);
    const auto expected = makePathProduct(lMax, weights)->evaluate(features, attributes);
    const auto found =
        makeGauntProduct(lMax, input, attribute, output)->evaluate(features, attributes);
    EXPECT_LT((found - expected).abs().max().item<double>(), 1e-12);
    EXPECT_GT(expected.abs().mean().item<double>(), 0.1);
}

class Networks : public ::testing::TestWithParam<std::tuple<bool, bool, int>> {};

TEST_P(Networks, AreEquivariantToRotationsAndInversion) {
    torch::manual_seed(2);
    const auto [isGaunt, selfMix, lMax] = GetParam();
    const SteerableSizes sizes{8, 2, lMax, isGaunt, selfMix};
    TrainableTensors tensors(SteerableNetwork::makeInitial(sizes, 3), torch::kFloat64);
    const SteerableNetwork network(sizes, tensors);

    DirectedEdges edges{c10::make_intrusive<ConvolutionEdges>(
                            std::vector<int64_t>{1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2},
                            std::vector<int64_t>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}, 4),
                        torch::randn({12, 3}, inDouble)};
    NodeFields inputs{torch::randn({4, 1}, inDouble), torch::randn({4, 1, 3}, inDouble)};
    const auto before = network.evaluate(edges, inputs).vectors;

    const Eigen::Matrix3d rotation =
        -Eigen::Quaterniond(0.3, -0.5, 0.7, 0.2).normalized().toRotationMatrix();
    const auto turn = torch::empty({3, 3}, inDouble);
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            turn[a][b] = rotation(b, a);
    edges.displacements = torch::matmul(edges.displacements, turn);
    inputs.vectors = torch::matmul(inputs.vectors, turn);
    const auto after = network.evaluate(edges, inputs).vectors;
    EXPECT_LT((after - torch::matmul(before, turn)).abs().max().item<double>(), 1e-11);
    EXPECT_GT(before.abs().mean().item<double>(), 1e-2);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Networks,
                         ::testing::Combine(::testing::Bool(), ::testing::Bool(),
                                            ::testing::Values(1, 2)));

} // namespace
