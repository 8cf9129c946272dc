// SPDX-License-Identifier: MIT
//
// Constraints of models against theory, and on data.
#include "Monomials.h"
#include "Residual.h"
#include "Simulation.h"
#include "Vanishing.h"

#include "support/Failure.h"
#include "support/Throws.h"

#include "support/Compare.h"

#include <cmath>

using namespace equivariant::one_connection_rule;
using equivariant::Error;
using equivariant::support::Failure;
using equivariant::support::Matrix;
using equivariant::test::close;
using equivariant::test::throwsNaming;

namespace {

const MixedGraph chain(3, {{0, 1}, {1, 2}}, {});
const MixedGraph cycle(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}}, {});

long binomial(int n, int k) {
    return std::lround(std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1)));
}

} // namespace

TEST(Vanishing, TheConstraintOfAChain) {
    const VanishingIdeal ideal = findVanishing(chain, 3);
    EXPECT_EQ(ideal.dimensions, (std::vector<long>{0, 1, 6}));
    ASSERT_EQ(ideal.generators.size(), 1u);
    const Polynomial& found = ideal.generators[0].polynomial;
    const Polynomial expected =
        Polynomial::parse(makeCovarianceRing(3), "s01*s12 - s02*s11"); // conditional independence
    EXPECT_TRUE(found == expected || found == expected * Polynomial(found.ring(), -1))
        << found.toString();
}

TEST(Vanishing, VermasConstraintIsOneQuartic) {
    const MixedGraph graph(4, {{0, 1}, {0, 2}, {1, 2}, {2, 3}}, {{1, 3}});
    const VanishingIdeal ideal = findVanishing(graph, 4);
    EXPECT_EQ(ideal.dimensions, (std::vector<long>{0, 0, 0, 1}));
    ASSERT_EQ(ideal.generators.size(), 1u);
    // The known form: with 3 regressed on 0, 1, 2 (coefficients b0, b1) and 1 on 0 (g), what
    // is left of 3 after 1 is averaged out does not depend on 0: b0 + b1 g = 0. By Cramer's rule,
    // times det * s00:
    const Polynomial known = Polynomial::parse(
        makeCovarianceRing(4),
        "s00*(s03*(s11*s22 - s12^2) - s13*(s01*s22 - s02*s12) + s23*(s01*s12 - s02*s11))"
        " + s01*(s13*(s00*s22 - s02^2) - s03*(s01*s22 - s02*s12) - s23*(s00*s12 - s01*s02))");
    const Polynomial& found = ideal.generators[0].polynomial;
    EXPECT_TRUE(found == known || found == known * Polynomial(known.ring(), -1))
        << found.toString();
}

TEST(Vanishing, HypersurfacesHaveOneGenerator) {
    // The 4-cycle with a chord: nine parameters, ten covariances.
    const VanishingIdeal ideal =
        findVanishing(MixedGraph(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 2}}, {}), 5);
    ASSERT_EQ(ideal.generators.size(), 1u);
    for (int t = 1; t <= 5; t++)
        EXPECT_EQ(ideal.dimensions[t - 1], t < 3 ? 0 : binomial(10 + t - 4, t - 3));
}

TEST(Vanishing, FeedbackHasConstraintsWithoutIndependence) {
    const VanishingIdeal ideal = findVanishing(cycle, 4);
    EXPECT_EQ(ideal.dimensions, (std::vector<long>{0, 0, 2, 20}));
    EXPECT_EQ(ideal.generators.size(), 2u);
    EXPECT_EQ(findVanishing(cycle, 4, 7).dimensions, ideal.dimensions); // other points
    const Polynomial wrong = Polynomial::parse(makeCovarianceRing(4), "s01*s23 - s02*s13");
    EXPECT_FALSE(Substitution(cycle).isZero(wrong));
}

TEST(Vanishing, BlocksHoldAllMonomials) {
    for (int degree = 1; degree <= 4; degree++) {
        long total = 0;
        for (const auto& [multidegree, block] : makeBlocks(3, degree))
            for (int k = 0; k < block.size(); k++) {
                EXPECT_EQ(multidegreeOf(3, block[k]), multidegree);
                EXPECT_EQ(block.find(block[k]), k);
                total++;
            }
        EXPECT_EQ(total, binomial(6 + degree - 1, degree));
        EXPECT_EQ(countMonomials(3, degree), total);
    }
}

TEST(Vanishing, RefusesWhatIsTooLarge) {
    EXPECT_TRUE(throwsNaming<Failure>("monomials", [] { findVanishing(cycle, 20); }));
    EXPECT_TRUE(throwsNaming<Error>("at least 1", [] { findVanishing(cycle, 0); }));
}

TEST(Residual, GradientsAndErrorsByHand) {
    Matrix s(2, 2);
    s << 2, 0.5, 0.5, 3;
    const RingPointer ring = makeCovarianceRing(2);
    // Var(s01) = (s00 s11 + s01^2)/(N - 1)
    const Residual found = computeResidual(Polynomial::parse(ring, "3*s01"), s, 101);
    EXPECT_TRUE(close(found.value, 1.5, 1e-14));
    EXPECT_TRUE(close(found.standardError, 3 * std::sqrt(6.25 / 100), 1e-14));
    // Var(s00) = 2 s00^2/(N - 1), and s00^2 doubles its derivative
    EXPECT_TRUE(close(computeResidual(Polynomial::parse(ring, "s00^2"), s, 101).standardError,
                      4 * std::sqrt(8.0 / 100), 1e-14));
    EXPECT_TRUE(std::isnan(computeResidual(Polynomial(ring, 1), s, 101).z));
    EXPECT_TRUE(throwsNaming<Error>(
        "does not fit", [&] { computeResidual(Polynomial(makeCovarianceRing(3), 1), s, 101); }));
    EXPECT_TRUE(throwsNaming<Error>("two rows", [] { sampleCovariance(Matrix::Ones(1, 2)); }));
}

TEST(Residual, ZHasVarianceOneOnTheModelAndGrowsBesideIt) {
    const Polynomial constraint = findVanishing(chain, 2).generators[0].polynomial;
    const std::vector<double> values = randomValues(chain, 1);
    double squares = 0;
    for (int seed = 0; seed < 400; seed++) {
        const Matrix data = simulate(chain, values, 1000, seed);
        const double z = computeResidual(constraint, sampleCovariance(data), 1000).z;
        squares += z * z / 400;
    }
    EXPECT_NEAR(squares, 1, 0.25);
    const MixedGraph more(3, {{0, 1}, {1, 2}, {0, 2}}, {});
    const Matrix data = simulate(more, randomValues(more, 1), 10000, 1);
    EXPECT_GT(std::abs(computeResidual(constraint, sampleCovariance(data), 10000).z), 10);
}
