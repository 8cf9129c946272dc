// SPDX-License-Identifier: MIT
#include "equivariant/GauntManyBody.h"
#include "equivariant/GauntProduct.h"
#include "equivariant/SphericalHarmonics.h"
#include "support/Compare.h"
#include "support/Golden.h"

#include <random>

using namespace equivariant;
using test::flatten;

namespace {

Features randomFeatures(int lMax, int channels, int seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    return Features::NullaryExpr(numHarmonics(lMax), channels, [&] { return uniform(random); });
}

Tensor randomTensor(const std::vector<std::size_t>& shape, int seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    Tensor tensor{DataType::Float64, shape, {}};
    std::size_t count = 1;
    for (std::size_t size : shape)
        count *= size;
    for (std::size_t i = 0; i < count; i++)
        tensor.data.push_back(uniform(random));
    return tensor;
}

GauntManyBody::Weights randomWeights(const GauntManyBody::Sizes& s) {
    const std::size_t z = s.species, k = s.channels, L = s.outputLMax + 1, c = s.copies;
    const std::size_t nu = s.correlation;
    if (s.copies == 0)
        return {randomTensor({nu, z, k, L}, 1), {}, {}, {}};
    GauntManyBody::Weights weights{randomTensor({nu - 1, c, z, k, L}, 1),
                                   randomTensor({z, k, L}, 2),
                                   randomTensor({c, nu, k, std::size_t(s.lMax) + 1}, 3),
                                   {}};
    if (s.oddPaths)
        weights.odd = randomTensor({nu - 2, c, z, k, L}, 4);
    return weights;
}

const GauntManyBody::Sizes variants[] = {
    {3, 2, 3, 2, 2, 0, false}, {3, 1, 3, 2, 2, 2, false}, {3, 1, 3, 2, 2, 2, true},
    {2, 2, 4, 2, 1, 1, true},  {2, 0, 1, 2, 1, 0, false}, {0, 0, 3, 2, 1, 1, true},
};

} // namespace

TEST(GauntManyBody, PublishedProductEqualsTheGoldenData) {
    for (const auto& golden : test::readJson(test::goldenPath("gaunt/gaunt_manybody.json"))) {
        const auto& w = golden.at("w_nu_elem_c_l");
        GauntManyBody::Sizes sizes;
        sizes.lMax = golden.at("lmax_in");
        sizes.outputLMax = golden.at("lmax_out");
        sizes.correlation = golden.at("nu");
        sizes.species = static_cast<int>(w[0].size());
        sizes.channels = static_cast<int>(w[0][0].size());
        GauntManyBody::Weights weights;
        weights.weights.data = flatten(w);
        const GauntManyBody product(sizes, weights);
        for (std::size_t b = 0; b < golden.at("x_bclm").size(); b++) {
            const auto x = flatten(golden["x_bclm"][b]);
            const Features a =
                Eigen::Map<const Features>(x.data(), sizes.channels, numHarmonics(sizes.lMax))
                    .transpose();
            const Features out = product.evaluate(golden.at("elem")[b].get<int>(), a).transpose();
            EXPECT_TRUE(test::allClose(std::vector<double>(out.data(), out.data() + out.size()),
                                       flatten(golden.at("out_bclm")[b]), 1e-12));
        }
    }
}

TEST(GauntManyBody, RicherProductEqualsRepeatedSparseProducts) {
    GauntManyBody::Sizes sizes{2, 2, 3, 1, 1, 1, true};
    const auto weights = randomWeights(sizes);
    const Features a = randomFeatures(2, 1, 7);
    Features g[3];
    for (int i = 0; i < 3; i++) {
        g[i] = a;
        for (int lm = 0; lm < 9; lm++)
            g[i].row(lm) *= weights.factors.data[i * 3 + degreeOf(lm)];
    }
    const Features two = GauntTensorProduct(2, 2, 4).multiply(g[0], g[1]);
    const Features three = GauntTensorProduct(4, 2, 2).multiply(two, g[2]);
    const Features bracket =
        GauntTensorProduct(2, 2, 3, GauntMethod::Sparse, GauntParity::Odd).multiply(g[0], g[1]);
    const Features odd =
        GauntTensorProduct(3, 2, 2, GauntMethod::Sparse, GauntParity::Odd).multiply(bracket, g[2]);
    Features expected = Features::Zero(9, 1);
    for (int lm = 0; lm < 9; lm++) {
        const int l = degreeOf(lm);
        expected(lm, 0) = weights.linear.data[l] * a(lm, 0) + weights.weights.data[l] * two(lm, 0) +
                          weights.weights.data[3 + l] * three(lm, 0) +
                          weights.odd.data[l] * odd(lm, 0);
    }
    const Features found = GauntManyBody(sizes, weights).evaluate(0, a);
    for (int lm = 0; lm < 9; lm++)
        EXPECT_NEAR(found(lm, 0), expected(lm, 0), 1e-12) << lm;
    EXPECT_GT(odd.topRows(9).norm(), 1e-2); // the odd paths do contribute
}

TEST(GauntManyBody, PullBackEqualsFiniteDifferences) {
    for (const auto& sizes : variants) {
        const GauntManyBody product(sizes, randomWeights(sizes));
        const int species = sizes.species - 1;
        const Features a = randomFeatures(sizes.lMax, sizes.channels, 5);
        const Features direction = randomFeatures(sizes.lMax, sizes.channels, 6);
        const Features adjoint = randomFeatures(sizes.outputLMax, sizes.channels, 7);
        const auto energy = [&](double h) {
            return adjoint.cwiseProduct(product.evaluate(species, a + h * direction)).sum();
        };
        const double h = 1e-3;
        const double numeric =
            (8 * (energy(h) - energy(-h)) - (energy(2 * h) - energy(-2 * h))) / (12 * h);
        EXPECT_TRUE(test::close(product.pullBack(species, a, adjoint).cwiseProduct(direction).sum(),
                                numeric, 1e-9));
    }
}
