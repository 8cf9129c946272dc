// SPDX-License-Identifier: MIT
#include "Study.h"

#include "support/Decompositions.h"
#include "support/Failure.h"
#include "support/Random.h"

#include "support/Compare.h"

#include <functional>

using namespace equivariant::matrix_sensing;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using equivariant::Error;
using equivariant::support::Failure;
using equivariant::support::Random;
using equivariant::test::allClose;
using equivariant::test::close;

namespace {

/// Rows of a matrix of measurements, whatever the operator.
Matrix toDense(const SensingOperator& op) {
    Matrix a(op.count(), op.rows() * op.columns());
    for (Index j = 0; j < a.cols(); j++) {
        Matrix unit = Matrix::Zero(op.rows(), op.columns());
        unit.data()[j] = 1;
        a.col(j) = op.measure(unit);
    }
    return a;
}

void expectOperator(const SensingOperator& op) {
    const Index n1 = op.rows(), n2 = op.columns();
    const Matrix a = toDense(op), f = Random(1).normalMatrix(n1, 2),
                 g = Random(2).normalMatrix(n2, 2);
    const VectorXd y = Random(3).normalVector(op.count());
    const Evaluation found = op.evaluate(f, g, y);
    const Matrix product = f * g.transpose();
    const VectorXd residual = a * Eigen::Map<const VectorXd>(product.data(), product.size()) - y;
    const VectorXd flat = a.transpose() * residual;
    const Eigen::Map<const Matrix> sum(flat.data(), n1, n2);
    EXPECT_TRUE(allClose(found.residual, residual, 1e-12));
    EXPECT_LE((found.left - sum * g).cwiseAbs().maxCoeff(), 1e-11);
    EXPECT_LE((found.right - sum.transpose() * f).cwiseAbs().maxCoeff(), 1e-11);
    EXPECT_LE((op.adjoint(residual) - sum).cwiseAbs().maxCoeff(), 1e-12);
}

Descent descend(StudyOptions options, bool isSymmetric) {
    return runStudy(options, isSymmetric).descent;
}

void expectError(const std::function<void()>& call, const std::string& why) {
    try {
        call();
        ADD_FAILURE() << "not refused: " << why;
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
}

} // namespace

TEST(SensingOperator, AllKindsAreTheirMatrices) {
    const Matrix a = Random(4).normalMatrix(70, 6 * 5);
    expectOperator(*makeDense(a, 6, 5));
    expectOperator(*makeDense(a.topRows(3), 6, 5)); // fewer rows than blocks
    expectOperator(*makeRankOne(Random(5).normalMatrix(9, 6), Random(6).normalMatrix(9, 5)));
    expectOperator(*makeMask({{0, 5, 2, 2}, {1, 4, 2, 2}}, 6, 5));
    expectOperator(*makeIdentity(6, 5));
    const Matrix left = Random(7).normalMatrix(1, 6), right = Random(8).normalMatrix(1, 5);
    const Matrix outer = left.transpose() * right;
    EXPECT_TRUE(close(makeRankOne(left, right)->measure(outer)[0],
                      left.squaredNorm() * right.squaredNorm(), 1e-13));
}

TEST(SensingOperator, GaussianEnsembleKeepsNorms) {
    const Matrix a = gaussianEnsemble(2000, 100, 0);
    const VectorXd m = Random(9).normalVector(100);
    EXPECT_NEAR((a * m).squaredNorm() / m.squaredNorm(), 1, 0.15);
    EXPECT_NEAR(a.mean(), 0, 4 / std::sqrt(2000.0 * 2000 * 100));
}

TEST(SensingOperator, SizesThatDoNotFitAreRefused) {
    expectError([] { makeDense(Matrix::Ones(2, 7), 2, 3); }, "6 numbers, not 7");
    expectError([] { makeRankOne(Matrix::Ones(2, 2), Matrix::Ones(3, 2)); }, "2 left and 3 right");
    expectError([] { makeMask({{0, 3}, {0, 0}}, 3, 3); }, "entry 1 is outside");
    expectError([] { makeMask({{0}, {-1}}, 3, 3); }, "entry 0 is outside");
    expectError([] { makeMask({{0, 1}, {0}}, 3, 3); }, "a row and a column");
}

TEST(Descent, NullDirectionObeysTheScalarLaw) {
    // M = 0 and one column: s <- s (1 - eta s^2), so s^2 = 1/(1/s_0^2 + 2 eta t) up to O(eta).
    DescentOptions options;
    const auto op = makeIdentity(1, 1);
    const VectorXd y = VectorXd::Zero(1);
    const Matrix start = Matrix::Constant(1, 1, 0.2), truth = Matrix::Zero(1, 1);
    const Descent found = descendSymmetric(*op, y, start, options, truth);
    double s = 0.2;
    for (int t = 0; t < 1000; t++)
        s *= 1 - 0.1 * s * s;
    EXPECT_TRUE(close(found.factors.f(0, 0), s, 1e-14));
    EXPECT_NEAR(s * s, 1 / (25 + 200.0), 0.02 / 225);
    EXPECT_NEAR(found.curve.back().error, 1.98e-5, 0.04 * 1.98e-5);
}

TEST(Descent, StepsAreThoseOfTheDefinition) {
    const Matrix a = Random(10).normalMatrix(20, 12), f = Random(11).normalMatrix(4, 2),
                 g = Random(12).normalMatrix(3, 2);
    const VectorXd y = Random(13).normalVector(20);
    const auto loss = [&](const Matrix& f, const Matrix& g) { // half the sum of squares
        const Matrix product = f * g.transpose();
        return (a * Eigen::Map<const VectorXd>(product.data(), 12) - y).squaredNorm() / 2;
    };
    DescentOptions options;
    options.iterations = 1;
    options.step = 1e-3;
    const Factors next = descendAsymmetric(*makeDense(a, 4, 3), y, {f, g}, options).factors;
    constexpr double h = 1e-5;
    for (Index i = 0; i < f.size(); i++) {
        Matrix up = f, down = f;
        up.data()[i] += h;
        down.data()[i] -= h;
        EXPECT_TRUE(close((f.data()[i] - next.f.data()[i]) / options.step,
                          (loss(up, g) - loss(down, g)) / (2 * h), 1e-7));
    }
    for (Index i = 0; i < g.size(); i++) {
        Matrix up = g, down = g;
        up.data()[i] += h;
        down.data()[i] -= h;
        EXPECT_TRUE(close((g.data()[i] - next.g.data()[i]) / options.step,
                          (loss(f, up) - loss(f, down)) / (2 * h), 1e-7));
    }
}

TEST(Descent, SymmetricStepUsesTheSymmetricPart) {
    // Measurements A_i and (A_i + A_i^T)/2 tell the same of a symmetric matrix.
    Matrix a = Random(14).normalMatrix(30, 16), symmetric = a;
    for (Index i = 0; i < 30; i++) {
        Eigen::Map<Matrix> part(symmetric.row(i).data(), 4, 4);
        part = (part + part.transpose()).eval() / 2;
    }
    const Matrix start = Random(15).normalMatrix(4, 2);
    const VectorXd y = Random(16).normalVector(30);
    DescentOptions options;
    options.step = 1e-3;
    options.iterations = 20;
    EXPECT_LE((descendSymmetric(*makeDense(a, 4, 4), y, start, options).factors.f -
               descendSymmetric(*makeDense(symmetric, 4, 4), y, start, options).factors.f)
                  .cwiseAbs()
                  .maxCoeff(),
              1e-12);
}

TEST(Descent, LawsOfOverparameterisation) {
    StudyOptions options;
    options.rows = options.columns = 20;
    options.rank = 2;
    options.k = 4;
    options.descent.iterations = 4000;
    const Descent symmetric = descend(options, true);
    EXPECT_NEAR(fitRate(symmetric.curve, 1000, 4000).power, -2, 0.06);
    EXPECT_NEAR(4 * std::pow(0.1 * 4000, 2) * symmetric.curve.back().error, 2, 0.12); // k - r
    EXPECT_FALSE(fitRate(symmetric.curve).isExponential);
    options.descent.errorTolerance = 1e-26;
    const Descent asymmetric = descend(options, false);
    EXPECT_LE(asymmetric.curve.back().error, 1e-26);
    EXPECT_TRUE(fitRate(asymmetric.curve).isExponential);
    options.balanced = true;
    options.descent.errorTolerance = 0;
    EXPECT_NEAR(fitRate(descend(options, false).curve, 1000, 4000).power, -2, 0.1);
}

TEST(Descent, RescalingGivesItsRateWhateverTheStart) {
    for (double scale : {0.25, 1.0}) {
        StudyOptions options;
        options.rows = 30;
        options.columns = 20;
        options.scale = scale;
        options.descent.accelerate = true;
        options.descent.beta = 0.9;
        options.descent.errorTolerance = 1e-26;
        const Descent found = descend(options, false);
        EXPECT_GT(found.switchedAt, 0);
        EXPECT_LE(found.curve.back().error, 1e-26);
        EXPECT_NEAR(-fitRate(found.curve).exponential, -2 * std::log(1 - 0.1 * 0.81), 0.01);
    }
}

TEST(Descent, ReachesTheTruncatedSvd) { // Eckart & Young
    Matrix full = 0.05 * Random(17).normalMatrix(8, 6);
    full(0, 0) += 2;
    full(1, 1) += 1;
    const Eigen::JacobiSVD<MatrixXd> svd(full, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Matrix best = svd.matrixU().leftCols(2) * svd.singularValues().head(2).asDiagonal() *
                        svd.matrixV().leftCols(2).transpose();
    const auto op = makeIdentity(8, 6);
    DescentOptions options;
    options.iterations = 4000;
    const Descent found =
        descendAsymmetric(*op, op->measure(full), randomStart(8, 6, 2, 1, 3, 0), options);
    EXPECT_LE((found.factors.product() - best).norm(), 1e-10);
}

TEST(Descent, AgreesWithAlternatingLeastSquares) {
    const Matrix target = Random(18).normalMatrix(8, 2) * Random(19).normalMatrix(2, 7) / 10;
    const Matrix a = gaussianEnsemble(120, 56, 1);
    const VectorXd y = a * Eigen::Map<const VectorXd>(target.data(), 56);
    const Matrix alternating = solveAlternating(a, y, 8, 7, 2, 60, 2);
    EXPECT_LE((alternating - target).norm(), 1e-8);
    const double largest = Eigen::JacobiSVD<MatrixXd>(target).singularValues()[0];
    DescentOptions options;
    options.step = 0.1 / largest;
    options.iterations = 4000;
    options.accelerate = true;
    const Factors start = randomStart(8, 7, 4, 0.5 * std::sqrt(largest), 3, 3);
    const Matrix found =
        descendAsymmetric(*makeDense(a, 8, 7), y, start, options).factors.product();
    EXPECT_LE((found - alternating).norm(), 1e-6 * alternating.norm());
}

TEST(Accelerate, LeavesTheProductAndMakesFOrthogonal) {
    Factors factors = randomStart(10, 7, 4, 1, 3, 1);
    const Matrix before = factors.product();
    ASSERT_TRUE(accelerateOnce(factors, 0.7));
    EXPECT_LE((factors.product() - before).norm(), 1e-13 * before.norm());
    EXPECT_LE((factors.f.transpose() * factors.f - 0.49 * Matrix::Identity(4, 4)).norm(), 1e-14);
    EXPECT_GT(factors.imbalance().trace(), 0);
}

TEST(Accelerate, IsRefusedForDependentColumns) {
    Factors factors = randomStart(10, 7, 4, 1, 3, 1);
    factors.f.col(3) = factors.f.col(0) - 2 * factors.f.col(1);
    const Factors before = factors;
    EXPECT_FALSE(accelerateOnce(factors, 0.7));
    EXPECT_EQ(factors.f, before.f);
    Factors other = {before.f, before.g.leftCols(3)};
    expectError([&] { accelerateOnce(other, 0.7); }, "as many columns");
    const auto op = makeIdentity(10, 7);
    DescentOptions options;
    options.accelerate = true;
    options.switchAt = 0;
    const Descent found = descendAsymmetric(*op, VectorXd::Ones(70), before, options);
    EXPECT_TRUE(found.switchRefused);
    EXPECT_EQ(found.switchedAt, -1);
    EXPECT_LE(found.curve.back().residual, 1e-3); // plain descent went on
}

TEST(EstimateRank, CountsWhatTheErrorCannotExplain) {
    StudyOptions options;
    options.condition = 4;
    options.descent.iterations = 400;
    options.descent.accelerate = true;
    const RankEstimate found = estimateRank(descend(options, false).factors, 1e-6);
    EXPECT_EQ(found.rank, 3);
    EXPECT_NEAR(found.beta, 0.5, 0.01);
    Matrix diagonal = Matrix::Zero(4, 3);
    diagonal.diagonal() << 3, 0.5, 0.1;
    const Factors factors = {diagonal, Matrix::Identity(3, 3)};
    EXPECT_EQ(estimateRank(factors, 0).rank, 3);
    EXPECT_EQ(estimateRank(factors, 0.1).rank, 2);
    EXPECT_TRUE(close(estimateRank(factors, 0.1).beta, std::sqrt(0.5), 1e-14));
    EXPECT_EQ(estimateRank(factors, 2).rank, 1);
}

TEST(Accelerate, StaysStableForLargeConditionNumbers) {
    StudyOptions options;
    options.rows = options.columns = 20;
    options.condition = 50; // with beta^2 = sigma_r, eta sigma_1^2/beta^2 would be 5
    options.descent.accelerate = true;
    options.descent.switchAt = 3000;
    options.descent.iterations = 6000;
    options.descent.logEvery = 3000;
    const Descent found = descend(options, false);
    EXPECT_EQ(found.switchedAt, 3000);
    EXPECT_GT(found.beta, 2 * std::sqrt(1.0 / 50));
    EXPECT_LT(found.curve[2].error, found.curve[1].error);
}

TEST(FitRate, TellsTheLaw) {
    std::vector<Point> power, exponential;
    for (int t = 1; t <= 400; t++) {
        power.push_back({t, 1, 5 / std::pow(t, 2)});
        exponential.push_back({t, 3 * std::exp(-0.25 * t), std::nan("")}); // no truth: the residual
    }
    EXPECT_TRUE(close(fitRate(power).power, -2, 1e-12));
    EXPECT_FALSE(fitRate(power).isExponential);
    EXPECT_TRUE(close(fitRate(exponential).exponential, -0.25, 1e-12));
    EXPECT_TRUE(fitRate(exponential).isExponential);
    EXPECT_LT(fitRate(exponential).points, 140); // those above the floor only
    for (Point& point : exponential)
        point.residual = 1e12 * point.residual + 1e-15; // rounding errors of a large matrix
    EXPECT_TRUE(close(fitRate(exponential).exponential, -0.25, 1e-3));
    EXPECT_TRUE(std::isnan(fitRate({{1, 1, 1}}).power));
    EXPECT_TRUE(std::isnan(fitRate({}).power));
}

TEST(Descent, BadInputIsRefused) {
    const auto op = makeIdentity(4, 3);
    const VectorXd y = VectorXd::Ones(12);
    const Factors start = randomStart(4, 3, 2, 1, 3, 0);
    const auto run = [&](const Factors& start, const VectorXd& y, DescentOptions options) {
        return [&op, start, y, options] { descendAsymmetric(*op, y, start, options); };
    };
    expectError(run(randomStart(4, 3, 4, 1, 3, 0), y, {}), "k = 4");
    expectError(run(randomStart(4, 3, 0, 1, 3, 0), y, {}), "k = 0");
    expectError(run({start.f, start.f}, y, {}), "do not fit");
    expectError(run(start, VectorXd::Ones(5), {}), "5 values for 12");
    VectorXd bad = y;
    bad[7] = std::nan("");
    expectError(run(start, bad, {}), "row 7");
    for (double step : {0.0, -1.0, std::nan(""), double(INFINITY)}) {
        DescentOptions options;
        options.step = step;
        expectError(run(start, y, options), "step");
    }
    DescentOptions large;
    large.step = 100;
    try {
        run(start, y, large)();
        ADD_FAILURE();
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.status, 3);
        EXPECT_NE(std::string(failure.what()).find("smaller step"), std::string::npos);
    }
    expectError([&] { descendSymmetric(*op, y, start.f, {}); }, "no symmetric factors");
    const auto square = makeIdentity(2, 2);
    Matrix skew = Matrix::Identity(2, 2);
    skew(0, 1) = 1;
    expectError([&] { descendSymmetric(*square, VectorXd::Ones(4), skew, {}, skew); },
                "not symmetric");
    StudyOptions study;
    study.rank = 60;
    expectError([&] { runStudy(study, false); }, "rank 60");
}
