// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/Orientations.h"
#include "support/Compare.h"
#include "support/RandomPonita.h"
#include "support/Throws.h"

#include <Eigen/LU>

using namespace equivariant;
using namespace equivariant::test;

namespace {

/// Mean of x^i y^j z^k over the sphere: 0 if an exponent is odd, else (i-1)!!(j-1)!!(k-1)!! /
/// (i+j+k+1)!!.
double exactMean(int i, int j, int k) {
    const auto doubleFactorial = [](int n) {
        double product = 1;
        for (; n > 1; n -= 2)
            product *= n;
        return product;
    };
    if (i % 2 != 0 || j % 2 != 0 || k % 2 != 0)
        return 0;
    return doubleFactorial(i - 1) * doubleFactorial(j - 1) * doubleFactorial(k - 1) /
           doubleFactorial(i + j + k + 1);
}

double mean(const OrientationGrid& grid, int i, int j, int k) {
    double sum = 0;
    for (std::size_t o = 0; o < grid.points.size(); o++)
        sum += grid.weights[static_cast<int>(o)] * std::pow(grid.points[o][0], i) *
               std::pow(grid.points[o][1], j) * std::pow(grid.points[o][2], k);
    return sum;
}

double worstMoment(const OrientationGrid& grid, int degree) {
    double worst = 0;
    for (int i = 0; i <= degree; i++)
        for (int j = 0; i + j <= degree; j++) {
            const int k = degree - i - j;
            worst = std::max(worst, std::abs(mean(grid, i, j, k) - exactMean(i, j, k)));
        }
    return worst;
}

struct Expectation {
    std::string name;
    int points, degree;
};

TEST(Orientations, GridsIntegratePolynomialsUpToTheirDegree) {
    for (const Expectation& expected : std::vector<Expectation>{{"icosahedron-12", 12, 5},
                                                                {"dodecahedron-20", 20, 5},
                                                                {"icosahedral-32", 32, 9},
                                                                {"lebedev-6", 6, 3},
                                                                {"lebedev-14", 14, 5},
                                                                {"lebedev-26", 26, 7},
                                                                {"lebedev-50", 50, 11},
                                                                {"lebedev-110", 110, 17},
                                                                {"lebedev-194", 194, 23}}) {
        const OrientationGrid grid = orientationGrid(expected.name);
        EXPECT_EQ(grid.points.size(), static_cast<std::size_t>(expected.points)) << expected.name;
        EXPECT_TRUE(close(grid.weights.sum(), 1, 1e-14)) << expected.name;
        for (int degree = 0; degree <= expected.degree; degree++)
            EXPECT_LT(worstMoment(grid, degree), 1e-14) << expected.name << " " << degree;
        EXPECT_GT(worstMoment(grid, expected.degree + 1), 1e-9) << expected.name;
        EXPECT_EQ(exactDegreeOf(grid, 24), expected.degree) << expected.name;
    }
}

TEST(Orientations, FibonacciAndCircleFollowTheirFormulas) {
    const OrientationGrid sphere = orientationGrid("fibonacci-20");
    ASSERT_EQ(sphere.points.size(), 20u);
    EXPECT_TRUE(close(sphere.points[3][2], 1 - 7.0 / 20, 1e-15));
    EXPECT_TRUE(close(sphere.points[3].norm(), 1, 1e-15));
    const OrientationGrid circle = orientationGrid("circle-8");
    ASSERT_EQ(circle.points.size(), 8u);
    EXPECT_LT((circle.points[2] - Eigen::Vector3d(0, 1, 0)).norm(), 1e-15);
}

TEST(Orientations, UnknownGridsAreRefused) {
    for (const char* name :
         {"", "cube-8", "lebedev-27", "lebedev-74", "fibonacci-0", "fibonacci-1025", "fibonacci-",
          "fibonacci--3", "fibonacci-99999999999", "circle"})
        EXPECT_TRUE(throwsNaming<Error>("orientation grid", [&] { orientationGrid(name); }))
            << name;
}

TEST(Orientations, RotationGroupsAreGroups) {
    const std::pair<RotationGroup, std::size_t> groups[] = {{RotationGroup::None, 1},
                                                            {RotationGroup::Tetrahedral, 12},
                                                            {RotationGroup::Octahedral, 24},
                                                            {RotationGroup::Icosahedral, 60}};
    for (const auto& [group, order] : groups) {
        const auto& rotations = rotationsOf(group);
        ASSERT_EQ(rotations.size(), order);
        EXPECT_EQ(rotations[0], Eigen::Matrix3d::Identity());
        for (const Eigen::Matrix3d& a : rotations) {
            EXPECT_TRUE(close(a.determinant(), 1, 1e-13));
            EXPECT_LT((a * a.transpose() - Eigen::Matrix3d::Identity()).norm(), 1e-13);
            for (const Eigen::Matrix3d& b : rotations) {
                double nearest = 10;
                for (const Eigen::Matrix3d& c : rotations)
                    nearest = std::min(nearest, (a * b - c).norm());
                EXPECT_LT(nearest, 1e-13);
            }
        }
    }
}

TEST(Orientations, ReplacingTheGridChangesNothingElse) {
    const auto model = RandomPonita(ponitaConfig(), "icosahedron-12").make();
    const auto finer = withOrientations(*model, "icosahedral-32");
    EXPECT_EQ(std::get<PonitaParameters>(finer->getParameters()).orientations.size(), 32u);
    EXPECT_NE(finer->getHash(), model->getHash());
    EXPECT_NE(finer->getFile().provenance.find("icosahedral-32"), std::string::npos);
    EXPECT_EQ(finer->getFile().config, model->getFile().config);
    const auto back = withOrientations(*finer, "icosahedron-12");
    EXPECT_EQ(back->getFile().tensors.at("orientations").data,
              model->getFile().tensors.at("orientations").data);
    EXPECT_THROW(withOrientations(*model, "circle-8"), Error);
    nlohmann::json plain = ponitaConfig();
    plain["space"] = "R3";
    EXPECT_TRUE(throwsNaming<Error>("no orientation grid", [&] {
        withOrientations(*RandomPonita(plain).make(), "icosahedral-32");
    }));
}

TEST(Orientations, BandLimitedKernelsNeedAGridOfTwiceTheirDegree) {
    nlohmann::json config = ponitaConfig();
    config["kernel"] = {{"type", "band-limited"}, {"l_max", 3}};
    EXPECT_NO_THROW(RandomPonita(config, "lebedev-26").make());
    EXPECT_TRUE(
        throwsNaming<Error>("needs 6", [&] { RandomPonita(config, "dodecahedron-20").make(); }));
    const auto model = RandomPonita(config, "lebedev-50").make();
    EXPECT_THROW(withOrientations(*model, "icosahedron-12"), Error);
}

} // namespace
