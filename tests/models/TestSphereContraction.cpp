// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/SphereContraction.h"
#include "support/Compare.h"
#include "support/Golden.h"

#include <random>

using namespace equivariant;
using test::close;

namespace {

std::vector<UTensor> couplings(int lMax, int correlation) {
    std::vector<UTensor> tensors;
    for (int order = 1; order <= correlation; order++)
        tensors.push_back(uTensor(lMax, order, 0));
    return tensors;
}

Eigen::VectorXd randomVector(Eigen::Index size, int seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    return Eigen::VectorXd::NullaryExpr(size, [&] { return uniform(random); });
}

/// The sum over the couplings, as MACE does it.
double contract(const std::vector<UTensor>& tensors, const Eigen::VectorXd& x,
                const std::vector<Eigen::VectorXd>& weights) {
    double sum = 0;
    for (std::size_t order = 0; order < tensors.size(); order++)
        for (const UTensorEntry& entry : tensors[order].entries) {
            double term = entry.value * weights[order][entry.path];
            for (int lm : entry.lm)
                term *= x[lm];
            sum += term;
        }
    return sum;
}

} // namespace

TEST(SphereContraction, GoldenPathsAndValues) {
    const auto golden = test::readJson(test::goldenPath("gaunt/mace_scalar_contraction.json"));
    const SphereContraction contraction(couplings(3, 3));
    EXPECT_EQ(contraction.getNumPoints(), 38);
    for (int order = 1; order <= 3; order++) {
        const auto& expected = golden.at("paths").at(std::to_string(order));
        const auto& found = contraction.getPaths()[order - 1];
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t p = 0; p < found.size(); p++) {
            EXPECT_EQ(found[p].degrees, expected[p][0].get<std::vector<int>>());
            EXPECT_TRUE(close(found[p].scale, expected[p][1], 1e-12));
        }
    }
    for (const auto& entry : golden.at("cases")) {
        const auto vector = [&](const char* key) {
            const auto values = entry.at(key).get<std::vector<double>>();
            return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(values.data(), values.size()));
        };
        const auto result =
            contraction.evaluate(vector("x"), {vector("w1"), vector("w2"), vector("w3")});
        EXPECT_TRUE(close(result.value, entry.at("out"), 1e-12));
    }
}

TEST(SphereContraction, EqualsTheSumOverCouplings) {
    for (int lMax = 1; lMax <= 4; lMax++)
        for (int correlation = 1; correlation <= 3; correlation++) {
            const auto tensors = couplings(lMax, correlation);
            const SphereContraction contraction(tensors);
            for (int trial = 0; trial < 5; trial++) {
                const Eigen::VectorXd x = randomVector((lMax + 1) * (lMax + 1), trial);
                std::vector<Eigen::VectorXd> weights;
                for (const UTensor& u : tensors)
                    weights.push_back(randomVector(u.numPaths, 10 + trial));
                const auto result = contraction.evaluate(x, weights);
                EXPECT_TRUE(close(result.value, contract(tensors, x, weights), 1e-13));
                // The gradient of a cubic polynomial by differences that are exact for it.
                const double h = 0.1;
                for (Eigen::Index lm = 0; lm < x.size(); lm++) {
                    const auto at = [&](double step) {
                        Eigen::VectorXd moved = x;
                        moved[lm] += step;
                        return contract(tensors, moved, weights);
                    };
                    EXPECT_TRUE(close(result.gradient[lm],
                                      (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h),
                                      1e-12));
                }
            }
        }
}

TEST(SphereContraction, RefusesCouplingsThatMixBlocks) {
    auto tensors = couplings(2, 2);
    tensors[1].entries.back().path = 0; // now two degrees in one path
    EXPECT_THROW(SphereContraction{tensors}, Error);
    EXPECT_THROW(SphereContraction{couplings(1, 4)}, Error);
    EXPECT_THROW(SphereContraction{{uTensor(1, 1, 1)}}, Error);
}
