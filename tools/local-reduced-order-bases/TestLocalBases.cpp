// SPDX-License-Identifier: MIT
#include "Classifier.h"
#include "Dissimilarity.h"
#include "Efficiency.h"
#include "Superpose.h"

#include "support/Decompositions.h"
#include "support/Random.h"

#include "equivariant/Error.h"
#include "support/Compare.h"

#include <Eigen/Geometry>
#include <algorithm>

using namespace equivariant::local_reduced_order_bases;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using equivariant::Error;
using equivariant::support::Random;
using equivariant::test::close;

namespace {

/// Rows whose singular values are 1, 1/4, 1/16, ...
Matrix decaying(Index rows, Index size, std::uint64_t seed) {
    const MatrixXd a = Random(seed).normalMatrix(rows, size);
    const Eigen::BDCSVD<MatrixXd> svd(a, Eigen::ComputeThinU | Eigen::ComputeThinV);
    VectorXd values(svd.singularValues().size());
    for (Index i = 0; i < values.size(); i++)
        values[i] = std::pow(0.25, static_cast<double>(i));
    return svd.matrixU() * values.asDiagonal() * svd.matrixV().transpose();
}

} // namespace

TEST(Pod, SingularValuesOfBothMethods) {
    for (const auto& [rows, size] : {std::pair(8, 40), std::pair(40, 8)}) {
        const Matrix a = decaying(rows, size, 1);
        for (PodMethod method : {PodMethod::Svd, PodMethod::Snapshots}) {
            const Pod pod = computePod(a, method);
            ASSERT_EQ(pod.basis.rows(), 8);
            for (Index i = 0; i < 8; i++)
                EXPECT_TRUE(close(pod.singularValues[i], std::pow(0.25, double(i)), 1e-10));
            EXPECT_LE(
                (pod.basis * pod.basis.transpose() - Matrix::Identity(8, 8)).cwiseAbs().maxCoeff(),
                method == PodMethod::Svd ? 1e-13 : 1e-6);
        }
    }
    EXPECT_THROW(computePod(Matrix::Zero(3, 3), PodMethod::Svd), Error);
    EXPECT_THROW(normalizeRows(Matrix::Zero(3, 3)), Error);
    EXPECT_THROW(projectionErrors(Matrix::Identity(2, 2), Matrix::Ones(2, 3)), Error);
}

TEST(Pod, ErrorIsTheTailOfTheSingularValues) { // Eckart & Young
    const Matrix a = normalizeRows(decaying(10, 30, 2));
    const Pod pod = computePod(a, PodMethod::Svd);
    for (Index modes : {1, 3, 7}) {
        const VectorXd errors = projectionErrors(pod.basis.topRows(modes), a);
        EXPECT_TRUE(close(errors.squaredNorm(),
                          pod.singularValues.tail(pod.singularValues.size() - modes).squaredNorm(),
                          1e-13));
    }
}

TEST(Pod, FewestModes) {
    VectorXd values(4);
    values << 3, 2, 1, 0.1; // sum of squares 14.01
    EXPECT_EQ(modesForEnergy(values, std::sqrt(1.02 / 14.01)), 2);
    EXPECT_EQ(modesForEnergy(values, std::sqrt(1.00 / 14.01)), 3);
    EXPECT_EQ(modesForEnergy(values, 0), 4);
    EXPECT_EQ(modesForEnergy(values, 1), 1);
    const Matrix a = decaying(10, 30, 3);
    const Pod pod = computePod(normalizeRows(a), PodMethod::Svd);
    for (double tau : {0.5, 1e-2, 1e-5}) {
        const Index modes = modesForTolerance(pod.basis, a, tau);
        EXPECT_LE(projectionErrors(pod.basis.topRows(modes), a).maxCoeff(), tau);
        if (modes > 1) {
            EXPECT_GT(projectionErrors(pod.basis.topRows(modes - 1), a).maxCoeff(), tau);
        }
    }
}

TEST(Pod, Summary) {
    const ErrorSummary summary = summarize(VectorXd::LinSpaced(101, 0, 1));
    EXPECT_TRUE(close(summary.mean, 0.5, 1e-14));
    EXPECT_TRUE(close(summary.percentile95, 0.95, 1e-14));
    EXPECT_EQ(summary.max, 1);
    EXPECT_TRUE(close(summary.rms, std::sqrt(0.335), 1e-14)); // sum k^2/100^2, k = 0 ... 100
}

TEST(Efficiency, GainByHand) {
    CostModel cost;
    cost.classifierTime = 10;
    cost.accuracy = 0.9;
    // c(10) = 1000; c(2) = 8 and c(4) = 64 of a half each: 36.
    EXPECT_TRUE(close(gain(10, {2, 4}, {0.5, 0.5}, cost), 1000 / (10 + 36 + 0.1 * 1000.0), 1e-14));
    const double accuracy = breakEvenAccuracy(10, {2, 4}, {0.5, 0.5}, cost);
    EXPECT_TRUE(close(accuracy, 0.046, 1e-14));
    cost.accuracy = accuracy;
    EXPECT_TRUE(close(gain(10, {2, 4}, {0.5, 0.5}, cost), 1, 1e-13));
    cost.exponent = 2;
    EXPECT_EQ(cost.of(7), 49);
}

TEST(Efficiency, SeparateSpacesPay) {
    // Two families in spaces of 3 dimensions that share nothing: 3 modes each against 6.
    Matrix a = Matrix::Zero(40, 8);
    a.topLeftCorner(20, 3) = Random(4).normalMatrix(20, 3);
    a.block(20, 3, 20, 3) = Random(5).normalMatrix(20, 3);
    Clustering clustering{{0, 20}, std::vector<int>(40, 0), 0};
    std::fill(clustering.labels.begin() + 20, clustering.labels.end(), 1);
    EfficiencyOptions options;
    options.tau = 1e-10;
    options.modes = {3};
    EfficiencyRow row = assessEfficiency({a, 1}, {clustering}, options)[0];
    EXPECT_EQ(row.globalModes, 6);
    EXPECT_EQ(row.localModes, (std::vector<Index>{3, 3}));
    EXPECT_TRUE(close(row.gain, 8, 1e-14));
    EXPECT_TRUE(close(row.fixedSizes[0].quality, 1, 1e-12));
    EXPECT_LE(row.fixedSizes[0].local, 1e-14);
    EXPECT_LE(row.heldOutRms, 1e-13);
    EXPECT_TRUE(row.isAdmissible);
    options.smallest = 21;
    EXPECT_EQ(bestRow(assessEfficiency({a, 1}, {clustering}, options)), -1);
}

TEST(Efficiency, RunsOfSeveralStepsAreKeptTogether) {
    const Snapshots snapshots{Random(6).normalMatrix(12, 5), 3};
    const Snapshots chosen = snapshots.select({3, 1});
    EXPECT_EQ(chosen.runs(), 2);
    EXPECT_EQ(chosen.values.topRows(3), snapshots.values.middleRows(9, 3));
    const EfficiencyRow row =
        assessEfficiency(snapshots, {{{0, 1}, {0, 1, 0, 0}, 0}}, EfficiencyOptions())[0];
    EXPECT_EQ(row.populations, (std::vector<double>{0.75, 0.25}));
    EXPECT_FALSE(row.isAdmissible);
    EXPECT_THROW(assessEfficiency(snapshots, {{{0, 1}, {0, 1, 0}, 0}}, {}), Error);
}

TEST(Classifier, LearnsWhatCanBeLearned) {
    const Matrix x = Random(7).normalMatrix(300, 3);
    std::vector<int> labels(300);
    for (int i = 0; i < 300; i++)
        labels[i] = (x(i, 0) > 0.3) + (x(i, 0) > 1); // stripes: linear boundaries
    for (ClassifierKind kind : {ClassifierKind::NearestNeighbors, ClassifierKind::Logistic})
        EXPECT_GE(crossValidatedAccuracy(kind, x, labels, 0), 0.85);
    EXPECT_GE(crossValidatedAccuracy(ClassifierKind::Logistic, x, labels, 0), 0.94);
    std::vector<int> noise(300);
    Random random(8);
    for (int& label : noise)
        label = static_cast<int>(random.below(2));
    for (ClassifierKind kind : {ClassifierKind::NearestNeighbors, ClassifierKind::Logistic})
        EXPECT_NEAR(crossValidatedAccuracy(kind, x, noise, 0), 0.5, 0.12);
    const Classifier classifier(ClassifierKind::Logistic, x, labels);
    EXPECT_THROW(classifier.predict(Matrix::Ones(2, 2)), Error);
    EXPECT_THROW(classifier.predict(Matrix::Constant(1, 3, NAN)), Error);
    EXPECT_THROW(Classifier(ClassifierKind::Logistic, x, {0, 1}), Error);
    EXPECT_THROW(Classifier(ClassifierKind::Logistic, x.topRows(2), {0, -1}), Error);
}

TEST(Superpose, RemovesRigidMotionOnly) {
    const Positions reference = Random(9).normalMatrix(3, 7);
    const Positions forces = Random(10).normalMatrix(3, 7);
    const Eigen::Quaterniond rotation = Eigen::Quaterniond(0.3, 0.5, -0.1, 0.8).normalized();
    const Positions moved =
        (rotation.toRotationMatrix() * reference).colwise() + Eigen::Vector3d(1, -2, 3);
    const Matrix found = superpose({reference, moved}, {}, centred(reference));
    EXPECT_LE((found.row(0) - found.row(1)).cwiseAbs().maxCoeff(), 1e-14);
    const Matrix turned = superpose(
        {reference, moved}, {forces, rotation.toRotationMatrix() * forces}, centred(reference));
    EXPECT_LE((turned.row(0) - turned.row(1)).cwiseAbs().maxCoeff(), 1e-13);
    EXPECT_LE((turned.row(0).transpose() - Eigen::Map<const VectorXd>(forces.data(), 21))
                  .cwiseAbs()
                  .maxCoeff(),
              1e-13);
    // A mirror image is another thing.
    const Positions mirrored = Eigen::Vector3d(1, 1, -1).asDiagonal() * reference;
    const Matrix other = superpose({reference, mirrored}, {}, centred(reference));
    EXPECT_GT((other.row(0) - other.row(1)).norm(), 0.1);
}

TEST(Superpose, TheMeanStructureDoesNotDependOnTheFirstFrame) {
    const Positions shapes[] = {Random(11).normalMatrix(3, 7), Random(12).normalMatrix(3, 7)};
    std::vector<Positions> frames;
    for (int i = 0; i < 20; i++) {
        const Eigen::Vector4d turn = Random(13, i).normalMatrix(4, 1);
        const Positions noise = Random(14, i).normalMatrix(3, 7);
        frames.push_back(Eigen::Quaterniond(turn).normalized().toRotationMatrix() *
                         (shapes[i % 2] + 0.05 * noise));
    }
    const Matrix mean = meanStructure(frames), values = superpose(frames, {}, mean);
    const Matrix average = values.colwise().mean().reshaped<Eigen::RowMajor>(7, 3);
    EXPECT_LE((average - mean).norm(), 1e-7 * mean.norm());
    std::reverse(frames.begin(), frames.end());
    const Matrix reversed = superpose(frames, {}, meanStructure(frames)).colwise().reverse();
    EXPECT_LE((sineMatrix(reversed) - sineMatrix(values)).cwiseAbs().maxCoeff(), 1e-5);
}
