// SPDX-License-Identifier: MIT
//
// The fast Gaunt products against those of models/.
#include "equivariant/Error.h"
#include "equivariant/GauntKernel.h"
#include "equivariant/SphericalHarmonics.h"
#include "support/Compare.h"
#include "support/Throws.h"

#include <cstdlib>
#include <random>
#include <type_traits>

using namespace equivariant;

namespace {

constexpr const char* variable = "EQUIVARIANT_INSTRUCTION_SET";

/// Chooses an instruction set while it lives.
class InstructionSetScope {
public:
    explicit InstructionSetScope(const std::string& name) { setenv(variable, name.c_str(), 1); }
    ~InstructionSetScope() { unsetenv(variable); }
};

Features randomFeatures(Eigen::Index rows, int columns, int seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    return Features::NullaryExpr(rows, columns, [&] { return uniform(random); });
}

/// [block][row][lane] and back.
template <class Real> std::vector<Real> packed(const Features& x, int lanes) {
    std::vector<Real> result;
    for (int block = 0; block < x.cols() / lanes; block++)
        for (int row = 0; row < x.rows(); row++)
            for (int lane = 0; lane < lanes; lane++)
                result.push_back(static_cast<Real>(x(row, block * lanes + lane)));
    return result;
}

template <class Real> constexpr double tolerance = std::is_same_v<Real, float> ? 1e-5 : 1e-12;

template <class Real> void expectProduct(int lMax1, int lMax2, int lMaxOut, GauntMethod method) {
    const GauntKernel<Real> kernel(lMax1, lMax2, lMaxOut, method);
    EXPECT_EQ(kernel.getMethod(), method);
    const int lanes = kernel.getNumLanes(), blocks = 2;
    const Features x = randomFeatures(numHarmonics(lMax1), blocks * lanes, 1),
                   y = randomFeatures(numHarmonics(lMax2), blocks * lanes, 2),
                   zAdjoint = randomFeatures(numHarmonics(lMaxOut), blocks * lanes, 3);
    const GauntTensorProduct reference(lMax1, lMax2, lMaxOut);
    const auto packedX = packed<Real>(x, lanes), packedY = packed<Real>(y, lanes);
    std::vector<Real> z(zAdjoint.size(), Real(7)), xAdjoint(x.size(), Real(7)),
        yAdjoint(y.size(), Real(7));
    kernel.multiply(blocks, packedX.data(), packedY.data(), z.data());
    EXPECT_TRUE(test::allClose(z, packed<double>(reference.multiply(x, y), lanes), tolerance<Real>))
        << lMax1 << " x " << lMax2 << " -> " << lMaxOut;
    kernel.pullBack(blocks, packedX.data(), packedY.data(), packed<Real>(zAdjoint, lanes).data(),
                    xAdjoint.data(), yAdjoint.data());
    const auto expected = reference.pullBack(x, y, zAdjoint);
    EXPECT_TRUE(test::allClose(xAdjoint, packed<double>(expected.x, lanes), tolerance<Real>))
        << lMax1 << " x " << lMax2 << " -> " << lMaxOut;
    EXPECT_TRUE(test::allClose(yAdjoint, packed<double>(expected.y, lanes), tolerance<Real>))
        << lMax1 << " x " << lMax2 << " -> " << lMaxOut;
}

/// Powers by repeated products in which nothing is cut off.
template <class Real> void expectPowers(int lMax, int lMaxOut, int degree) {
    const GauntPowers<Real> powers(lMax, lMaxOut, degree);
    const int lanes = powers.getNumLanes(), rows = numHarmonics(lMaxOut);
    const Features x = randomFeatures(numHarmonics(lMax), 2 * lanes, 4),
                   adjoint = randomFeatures((degree - 1) * rows, 2 * lanes, 5);
    Features z((degree - 1) * rows, 2 * lanes), xAdjoint = Features::Zero(x.rows(), x.cols());
    std::vector<Features> powersOfX = {x};
    for (int nu = 2; nu <= degree; nu++) {
        powersOfX.push_back(
            GauntTensorProduct(lMax, (nu - 1) * lMax, nu * lMax).multiply(x, powersOfX.back()));
        Features& power = powersOfX.back();
        z.middleRows((nu - 2) * rows, rows).setZero();
        const Eigen::Index common = std::min<Eigen::Index>(rows, power.rows());
        z.middleRows((nu - 2) * rows, common) = power.topRows(common);
        // d(f^nu) = nu f^(nu-1) df
        xAdjoint +=
            nu * GauntTensorProduct((nu - 1) * lMax, lMaxOut, lMax)
                     .multiply(powersOfX[nu - 2], adjoint.middleRows((nu - 2) * rows, rows));
    }
    std::vector<Real> found(z.size(), Real(7)), foundAdjoint(x.size(), Real(7));
    powers.evaluate(2, packed<Real>(x, lanes).data(), found.data());
    EXPECT_TRUE(test::allClose(found, packed<double>(z, lanes), tolerance<Real>))
        << "degree " << lMax << " to " << lMaxOut << ", power " << degree;
    powers.pullBack(2, packed<Real>(x, lanes).data(), packed<Real>(adjoint, lanes).data(),
                    foundAdjoint.data());
    EXPECT_TRUE(test::allClose(foundAdjoint, packed<double>(xAdjoint, lanes), tolerance<Real>))
        << "degree " << lMax << " to " << lMaxOut << ", power " << degree;
}

/// Edges in channels' place are products with y repeated.
template <class Real> void expectConvolution(int lMax1, int lMax2, int lMaxOut, int channelBlocks) {
    const GauntConvolution<Real> convolution(lMax1, lMax2, lMaxOut);
    const int lanes = convolution.getNumLanes(), edges = lanes + 3,
              channels = channelBlocks * lanes;
    const Features x = randomFeatures(numHarmonics(lMax1), edges * channels, 6),
                   y = randomFeatures(numHarmonics(lMax2), edges, 7),
                   zAdjoint = randomFeatures(numHarmonics(lMaxOut), edges * channels, 8);
    Features repeated(y.rows(), edges * channels);
    for (int edge = 0; edge < edges; edge++)
        repeated.middleCols(edge * channels, channels).colwise() = y.col(edge);
    const GauntTensorProduct reference(lMax1, lMax2, lMaxOut);
    const auto packedX = packed<Real>(x, lanes);
    std::vector<Real> yByEdge(y.size());
    for (int edge = 0; edge < edges; edge++)
        for (int b = 0; b < y.rows(); b++)
            yByEdge[edge * y.rows() + b] = static_cast<Real>(y(b, edge));
    std::vector<Real> z(zAdjoint.size(), Real(7)), xAdjoint(x.size(), Real(7)),
        yAdjoint(y.size(), Real(7));
    convolution.multiply(edges, channelBlocks, packedX.data(), yByEdge.data(), z.data());
    EXPECT_TRUE(
        test::allClose(z, packed<double>(reference.multiply(x, repeated), lanes), tolerance<Real>));
    convolution.pullBack(edges, channelBlocks, packedX.data(), yByEdge.data(),
                         packed<Real>(zAdjoint, lanes).data(), xAdjoint.data(), yAdjoint.data());
    const auto expected = reference.pullBack(x, repeated, zAdjoint);
    EXPECT_TRUE(test::allClose(xAdjoint, packed<double>(expected.x, lanes), tolerance<Real>));
    std::vector<double> expectedY;
    for (int edge = 0; edge < edges; edge++)
        for (int b = 0; b < y.rows(); b++)
            expectedY.push_back(expected.y.row(b).segment(edge * channels, channels).sum());
    EXPECT_TRUE(test::allClose(yAdjoint, expectedY, tolerance<Real>));
}

} // namespace

class GauntKernels : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        scope = std::make_unique<InstructionSetScope>(GetParam());
        try {
            GauntKernel<float>(0, 0, 0);
        } catch (const Error& error) {
            GTEST_SKIP() << error.what();
        }
    }
    std::unique_ptr<InstructionSetScope> scope;
};

TEST_P(GauntKernels, EqualTheReference) {
    for (GauntMethod method : {GauntMethod::Sparse, GauntMethod::Grid})
        for (int L = 0; L <= 8; L++)
            for (int lMaxOut : {L, 2 * L}) {
                expectProduct<float>(L, L, lMaxOut, method);
                expectProduct<double>(L, L, lMaxOut, method);
            }
}

TEST_P(GauntKernels, TakeDifferentDegrees) {
    const int degrees[][3] = {{0, 3, 3}, {3, 0, 2}, {1, 4, 5}, {4, 2, 0},
                              {5, 3, 1}, {2, 2, 3}, {1, 2, 7}, {3, 6, 9}};
    for (GauntMethod method : {GauntMethod::Sparse, GauntMethod::Grid})
        for (const auto& l : degrees) {
            expectProduct<float>(l[0], l[1], l[2], method);
            expectProduct<double>(l[0], l[1], l[2], method);
        }
}

TEST_P(GauntKernels, RaiseToPowers) {
    const int cases[][3] = {{0, 0, 2}, {1, 2, 3}, {2, 2, 4}, {3, 0, 3},
                            {3, 3, 3}, {4, 4, 2}, {2, 5, 2}};
    for (const auto& c : cases) {
        expectPowers<float>(c[0], c[1], c[2]);
        expectPowers<double>(c[0], c[1], c[2]);
    }
}

TEST_P(GauntKernels, ConvolveEdges) {
    const int cases[][4] = {{0, 0, 0, 1}, {1, 2, 3, 5}, {3, 3, 3, 4}, {4, 3, 2, 1}, {6, 6, 6, 2}};
    for (const auto& c : cases) {
        expectConvolution<float>(c[0], c[1], c[2], c[3]);
        expectConvolution<double>(c[0], c[1], c[2], c[3]);
    }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, GauntKernels,
                         ::testing::Values("baseline", "avx2", "avx512"),
                         [](const auto& info) { return std::string(info.param); });

TEST(GauntKernel, ChoosesFewerOperations) {
    for (int L = 1; L <= 8; L++) {
        const auto count = [&](GauntMethod method) {
            return GauntKernel<float>::countOperations(L, L, 2 * L, method);
        };
        const bool isSparse = 3 * count(GauntMethod::Sparse) <= 4 * count(GauntMethod::Grid);
        EXPECT_EQ(GauntKernel<float>(L, L, 2 * L).getMethod(),
                  isSparse ? GauntMethod::Sparse : GauntMethod::Grid);
    }
}

TEST(GauntKernel, RefusesWhatItHasNot) {
    EXPECT_TRUE(test::throwsNaming<Error>("-1", [] { GauntKernel<float>(1, 1, -1); }));
    EXPECT_TRUE(test::throwsNaming<Error>("17", [] { GauntKernel<double>(17, 1, 1); }));
    EXPECT_TRUE(test::throwsNaming<Error>(
        "Fourier", [] { GauntKernel<double>(1, 1, 1, GauntMethod::Fourier); }));
    EXPECT_TRUE(test::throwsNaming<Error>(
        "use the grid", [] { GauntKernel<double>(16, 16, 1, GauntMethod::Sparse); }));
    EXPECT_TRUE(test::throwsNaming<Error>("out of range", [] { GauntPowers<double>(3, 3, 1); }));
}
