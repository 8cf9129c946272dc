// SPDX-License-Identifier: MIT
//
// Chains against sums over all histories, closed forms, and matrix products.
#include "Enumeration.h"

#include "equivariant/Error.h"

#include "support/Compare.h"
#include "support/Throws.h"

#include <Eigen/Eigenvalues>
#include <limits>

using namespace equivariant;
using namespace equivariant::probabilistic_world;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

StepPointer ising(const VectorXd& time) {
    IsingCouplings couplings;
    couplings.time = time;
    return isingStep(couplings);
}

const VectorXd free2 = VectorXd::Ones(2);

} // namespace

TEST(WorldChain, EqualsTheSumOverAllHistories) {
    Random random(21);
    for (int k = 0; k < 60; k++) {
        const Chain chain = randomChain(random);
        EXPECT_LE(largestError(chain, random), 1e-12) << k;
    }
}

TEST(WorldChain, IsingStepEqualsItsDefinition) {
    IsingCouplings couplings;
    couplings.time = Eigen::Vector3d(0.3, -0.7, 1.1);
    couplings.fields = Eigen::Vector3d(0.2, 0, -0.4);
    couplings.pairs = {{0, 2, 0.5}, {1, 2, -0.3}};
    const StepPointer step = isingStep(couplings);
    const MatrixXd dense = step->toDense() * std::exp(step->logFactor());
    for (int after = 0; after < 8; after++)
        for (int before = 0; before < 8; before++) {
            const auto s = [](int tau, int g) { return tau >> (2 - g) & 1 ? 1 : -1; };
            double sum = 0;
            for (int g = 0; g < 3; g++)
                sum += couplings.time[g] * s(after, g) * s(before, g) +
                       couplings.fields[g] * s(before, g);
            sum += 0.5 * s(before, 0) * s(before, 2) - 0.3 * s(before, 1) * s(before, 2);
            EXPECT_TRUE(close(dense(after, before), std::exp(sum), 1e-13));
        }
    VectorXd q = Random(1).normalVector(8);
    const VectorXd expected = step->toDense().transpose() * q;
    step->applyTransposed(q);
    EXPECT_TRUE(allClose(q, expected, 1e-14));
}

TEST(WorldChain, ManySpinsFactorise) { // across the blocks that fit into the cache
    constexpr int spins = 16;
    const VectorXd time = VectorXd::LinSpaced(spins, 0.1, 1.2);
    const StepPointer step = ising(time);
    VectorXd f = VectorXd::Unit(1 << spins, 0b1010101010101010);
    step->apply(f);
    for (int tau : {0, 1, 12345, 65535}) {
        double sum = 0;
        for (int g = 0; g < spins; g++) {
            const int before = g % 2 == 0 ? 1 : -1, after = tau >> (spins - 1 - g) & 1 ? 1 : -1;
            sum += time[g] * before * after;
        }
        EXPECT_TRUE(close(std::log(f[tau]) + step->logFactor(), sum, 1e-12)) << tau;
    }
}

TEST(WorldChain, LargestEigenvalue) {
    EXPECT_EQ(largestEigenvalue(*permutationStep({1, 2, 0, 3})), 1);
    MatrixXd s(2, 2);
    s << 1, 1, 0, 1; // not diagonalisable
    EXPECT_TRUE(close(largestEigenvalue(*denseStep(s)), 1, 1e-7));
    s << 0, 3, 0, 0; // nilpotent
    EXPECT_EQ(largestEigenvalue(*denseStep(s)), 0);
    s << 0, 2, 8, 0; // of period 2
    EXPECT_TRUE(close(largestEigenvalue(*denseStep(s)), 4, 1e-13));
    s << 1, 0, 0, 2; // reducible
    EXPECT_TRUE(close(largestEigenvalue(*denseStep(s)), 2, 1e-13));
    MatrixXd random = Random(2).normalMatrix(30, 30).cwiseAbs();
    EXPECT_TRUE(close(largestEigenvalue(*denseStep(random)),
                      random.eigenvalues().cwiseAbs().maxCoeff(), 1e-12));
}

TEST(WorldChain, LongChainsDoNotUnderflow) {
    MatrixXd s(2, 2);
    s << 1e-200, 2e-200, 3e-200, 1e-200;
    const Sweep sweep({std::vector<StepPointer>(5000, denseStep(s)), {{1, free2, free2}}});
    // The eigenvalue 1 + sqrt 6 has the vectors (2, sqrt 6) and (3, sqrt 6); the other is smaller.
    const double root = std::sqrt(6.0), ends = (2 + root) * (3 + root) / 12;
    EXPECT_TRUE(close(sweep.logZ(), 5000 * std::log(1e-200 * (1 + root)) + std::log(ends), 1e-12));
    for (int t : {69, 70, 71, 2500, 4899, 4930})
        EXPECT_TRUE(close(sweep.slice(t).probabilities()[0], 0.5, 1e-12)) << t;
}

TEST(WorldChain, PiecesOfASweepAgree) {
    Random random(3);
    std::vector<StepPointer> steps;
    for (int t = 0; t < 23; t++)
        steps.push_back(denseStep(random.normalMatrix(3, 3).cwiseAbs()));
    const Sweep sweep({steps,
                       {{0.3, VectorXd::Ones(3), VectorXd::Unit(3, 1)},
                        {2, VectorXd::Unit(3, 2), VectorXd::Ones(3)}}});
    const std::vector<Slice> all = sweep.slices(0, 23);
    for (int t = 0; t <= 23; t++) {
        EXPECT_TRUE(allClose(sweep.slice(t).f.reshaped(), all[t].f.reshaped(), 1e-13));
        EXPECT_TRUE(allClose(sweep.slice(t).q.reshaped(), all[t].q.reshaped(), 1e-13));
        EXPECT_TRUE(close(all[t].densityMatrix().trace(), 1, 1e-12));
    }
    int next = 0;
    sweep.forEach([&](int t, const Slice& slice) {
        EXPECT_EQ(t, next++);
        EXPECT_TRUE(allClose(slice.q.reshaped(), all[t].q.reshaped(), 1e-13));
    });
    EXPECT_EQ(next, 24);
    EXPECT_TRUE(throwsNaming<Error>("0 to 23", [&] { sweep.slices(20, 24); }));
}

TEST(WorldChain, HeisenbergOperators) {
    const Chain chain{{permutationStep({1, 2, 0}), permutationStep({1, 2, 0})},
                      {{1, VectorXd::Ones(3), VectorXd::Ones(3)}}};
    const MatrixXd earlier = heisenberg(chain, Eigen::Vector3d(5, 6, 7), 0, 2);
    EXPECT_TRUE(allClose(earlier.diagonal(), Eigen::Vector3d(7, 5, 6), 1e-14));
    EXPECT_TRUE(throwsNaming<Error>("within the chain",
                                    [&] { heisenberg(chain, Eigen::Vector3d(5, 6, 7), 1, 2); }));
    MatrixXd s = MatrixXd::Zero(2, 2);
    s(0, 0) = s(0, 1) = 1;
    const Chain singular{{denseStep(s)}, {{1, free2, free2}}};
    EXPECT_TRUE(
        throwsNaming<Error>("step 0 is singular", [&] { heisenberg(singular, free2, 0, 1); }));
}

TEST(WorldChain, BadInputIsRefused) {
    MatrixXd s = MatrixXd::Ones(2, 2);
    s(1, 0) = -1;
    EXPECT_TRUE(
        throwsNaming<Error>("row 1, column 0 of a step is negative", [&] { denseStep(s); }));
    s(1, 0) = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(throwsNaming<Error>("row 1, column 0", [&] { denseStep(s); }));
    EXPECT_TRUE(throwsNaming<Error>("square", [] { denseStep(MatrixXd::Ones(2, 3)); }));
    EXPECT_TRUE(
        throwsNaming<Error>("too large", [] { denseStep(MatrixXd::Constant(2, 2, 1e308)); }));
    EXPECT_TRUE(throwsNaming<Error>("at least one state", [] { permutationStep({}); }));
    EXPECT_TRUE(throwsNaming<Error>("at least one state", [] {
        Sweep({{}, {{1, VectorXd(), VectorXd()}}});
    }));
    EXPECT_TRUE(throwsNaming<Error>("states 0 and 2 both go to 1", [] {
        permutationStep({1, 0, 1});
    }));
    EXPECT_TRUE(throwsNaming<Error>("state 1 goes to 3", [] { permutationStep({1, 3, 1}); }));
    EXPECT_TRUE(throwsNaming<Error>("too large", [] { ising(VectorXd::Constant(1, 400)); }));
    EXPECT_TRUE(throwsNaming<Error>("number of spins", [] { ising(VectorXd::Zero(25)); }));
    const StepPointer identity = permutationStep({0, 1});
    const auto sweep = [&](double weight, const VectorXd& initial, const VectorXd& final) {
        return [=] { Sweep({{identity}, {{weight, initial, final}}}); };
    };
    EXPECT_TRUE(throwsNaming<Error>("final has 3 entries", sweep(1, free2, VectorXd::Ones(3))));
    EXPECT_TRUE(throwsNaming<Error>("initial, entry 1 is negative",
                                    sweep(1, Eigen::Vector2d(1, -1), free2)));
    EXPECT_TRUE(throwsNaming<Error>("zero everywhere", sweep(1, Eigen::Vector2d(0, 0), free2)));
    EXPECT_TRUE(throwsNaming<Error>("Z = 0", sweep(1, VectorXd::Unit(2, 0), VectorXd::Unit(2, 1))));
    EXPECT_TRUE(throwsNaming<Error>("the weight", sweep(-1, free2, free2)));
    EXPECT_TRUE(throwsNaming<Error>("Z = 0", sweep(0, free2, free2)));
    EXPECT_TRUE(throwsNaming<Error>("step 1 has 3 states", [&] {
        Sweep({{identity, permutationStep({0, 1, 2})}, {{1, free2, free2}}});
    }));
    EXPECT_TRUE(throwsNaming<Error>("boundary", [&] { Sweep({{identity}, {}}); }));
    EXPECT_TRUE(throwsNaming<Error>("no spin 2", [] { spinProduct(2, {2}); }));
    MatrixXd dies = MatrixXd::Zero(2, 2);
    dies(0, 1) = 1;
    EXPECT_TRUE(throwsNaming<Error>("after step 1", [&] {
        Sweep({{denseStep(dies), denseStep(dies)}, {{1, free2, free2}}});
    }));
}
