// SPDX-License-Identifier: MIT
//
// What runs on other devices than processors: operations of LibTorch in the place of our kernels,
// against those; and that potentials leave nothing on the processor, on LibTorch's device without
// numbers (meta), most of whose operations check where their arguments are.
#include "Convolution.h"
#include "Examples.h"
#include "Loss.h"
#include "Polynomial.h"

#include "support/MaceVariants.h"
#include "support/PonitaVariants.h"
#include "support/Structures.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <torch/torch.h>

using namespace equivariant;
using namespace equivariant::test;
using namespace equivariant::training;

namespace {

using Tensors = std::vector<torch::Tensor>;
using Function = std::function<torch::Tensor(const Tensors&)>;

/// A function's values, its gradients along random weights, and the gradients of the square of the
/// last of them, as a loss with forces needs.
Tensors differentiateTwice(const Function& function, const Tensors& arguments) {
    torch::manual_seed(5);
    Tensors results = {function(arguments)};
    const torch::Tensor weighted =
        (results[0] * torch::randn(results[0].sizes(), torch::kFloat64)).sum();
    const auto append = [&](const torch::Tensor& sum) {
        for (const torch::Tensor& gradient :
             torch::autograd::grad({sum}, arguments, {}, true, true, true))
            if (gradient.defined()) // the last one does not depend on a linear argument
                results.push_back(gradient);
    };
    append(weighted);
    append(results.back().square().sum());
    return results;
}

void expectSame(const Function& one, const Function& other, const Tensors& arguments) {
    const Tensors expected = differentiateTwice(other, arguments);
    const Tensors found = differentiateTwice(one, arguments);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); i++) {
        const double size = expected[i].abs().max().item<double>();
        EXPECT_GT(size, 0.1) << i;
        EXPECT_LT((found[i] - expected[i]).abs().max().item<double>(), 1e-12 * size) << i;
    }
}

torch::Tensor random(std::vector<int64_t> shape) {
    return torch::randn(shape, torch::kFloat64).requires_grad_(true);
}

} // namespace

TEST(Operations, ConvolveAsTheKernelsDo) {
    torch::manual_seed(1);
    const std::vector<ConvolutionPath> paths = {{0, 0, 0}, {1, 1, 0}, {0, 1, 1}, {1, 0, 1},
                                                {1, 2, 1}, {0, 2, 2}, {1, 1, 2}, {1, 2, 2}};
    const auto tables = c10::make_intrusive<ConvolutionPaths>(paths, 1, 2, torch::kFloat64);
    const auto edges = c10::make_intrusive<ConvolutionEdges>(
        std::vector<int64_t>{1, 2, 0, 3, 0, 1}, std::vector<int64_t>{0, 0, 1, 1, 3, 3}, 4);
    expectSame(
        [&](const Tensors& x) { return convolveByOperations(*tables, *edges, x[0], x[1], x[2]); },
        [&](const Tensors& x) { return convolve(tables, edges, x[0], x[1], x[2]); },
        {random({6, int64_t(paths.size()), 5}), random({6, 9}), random({4, 4, 5})});
}

TEST(Operations, EvaluatePolynomialsAsTheKernelsDo) {
    torch::manual_seed(2);
    // x y z, yy yz zz, yyz zzz
    const MonomialTables tables{3, 8, {-1, -1, -1, 1, 1, 2, 3, 5}, {0, 1, 2, 1, 2, 2, 2, 2}};
    const auto monomials = c10::make_intrusive<Monomials>(tables, torch::kCPU);
    const std::vector<int> atomsOfSpecies = {2, 0, 3};
    expectSame(
        [&](const Tensors& x) {
            return evaluatePolynomialsByOperations(*monomials, atomsOfSpecies, x[0], x[1]);
        },
        [&](const Tensors& x) {
            return evaluatePolynomials(monomials, atomsOfSpecies, x[0], x[1]);
        },
        {random({3, 4, 2, 8}), random({3, 4, 5})});
}

namespace {

// LibTorch 1.13 knows the shapes of these operations in Python only.
torch::Tensor select(const torch::Tensor& x, int64_t axis, const torch::Tensor& index) {
    EXPECT_TRUE(index.is_meta());
    auto shape = x.sizes().vec();
    shape[std::size_t(axis)] = index.numel();
    return torch::empty(shape, x.options());
}

torch::Tensor choose(const torch::Tensor& condition, const torch::Tensor& x,
                     const torch::Tensor& y) {
    EXPECT_TRUE(condition.is_meta() && x.is_meta() && y.is_meta());
    return torch::empty(torch::broadcast_tensors({condition, x, y})[0].sizes(), x.options());
}

// LibTorch 2 has another type for it.
#if TORCH_VERSION_MAJOR < 2
using Correction = c10::optional<int64_t>;
#else
using Correction = const c10::optional<at::Scalar>&;
#endif

torch::Tensor spread(const torch::Tensor& x, at::OptionalIntArrayRef, Correction, bool) {
    return torch::empty({}, x.options());
}

TORCH_LIBRARY_IMPL(aten, Meta, library) {
    library.impl("index_select", select);
    library.impl("where.self", choose);
    library.impl("std.correction", spread);
}

/// Forward, loss and gradients on the device without numbers.
void expectOnOneDevice(const Model& model) {
    std::vector<Example> examples;
    for (const unsigned seed : {3u, 4u})
        examples.push_back(makeExample(model, randomCluster({1, 6, 8, 1, 6}, 1.1, seed)));
    const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(torch::kMeta);
    const Batch batch({&examples[0], &examples[1]}, int(model.getInfo().atomicNumbers.size()),
                      options);
    const auto potential = makePotential(model.getFile(), 0, options);
    potential->calibrate(batch);
    Loss loss;
    loss.torqueWeight = loss.stressWeight = 1;
    loss.evaluate(batch, potential->predict(batch, true, true)).backward();
    for (const auto& [name, parameter] : potential->getParameters())
        if (parameter.grad().defined()) {
            EXPECT_TRUE(parameter.grad().is_meta()) << name;
        }
}

/// All but the gate |x|, whose second derivative LibTorch 1.13 does not know on that device.
std::vector<MaceVariant> checkedMaceVariants() {
    std::vector<MaceVariant> variants = maceVariants();
    variants.erase(std::remove_if(variants.begin(), variants.end(),
                                  [](const auto& variant) { return variant.name == "gateAbs"; }),
                   variants.end());
    return variants;
}

class MaceOnADevice : public ::testing::TestWithParam<MaceVariant> {};
class GauntMaceOnADevice : public ::testing::TestWithParam<GauntVariant> {};
class PonitaOnADevice : public ::testing::TestWithParam<PonitaVariant> {};

} // namespace

TEST_P(MaceOnADevice, StaysThere) {
    expectOnOneDevice(*RandomMace(configOf(GetParam())).make());
}

TEST_P(GauntMaceOnADevice, StaysThere) {
    expectOnOneDevice(*RandomMace(configOf(GetParam())).make());
}

TEST_P(PonitaOnADevice, StaysThere) {
    expectOnOneDevice(*makeModel(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Variants, MaceOnADevice, ::testing::ValuesIn(checkedMaceVariants()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Variants, GauntMaceOnADevice, ::testing::ValuesIn(gauntMaceVariants()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Variants, PonitaOnADevice, ::testing::ValuesIn(ponitaVariants()),
                         [](const auto& info) { return info.param.name; });
