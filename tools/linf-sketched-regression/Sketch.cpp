// SPDX-License-Identifier: MIT
#include "Sketch.h"

#include "Hadamard.h"

#include "support/Decompositions.h"
#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace equivariant::linf_sketched_regression {

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using support::Random;

/// Streams of random numbers, so that no two uses share one.
enum Stream : std::uint64_t { Signs, Permutation, Normals, Buckets, Rows, SecondSigns };

constexpr Index width = 8; // columns that are transformed at once: a cache line

VectorXd makeSigns(Index count, std::uint64_t seed, std::uint64_t stream = Signs) {
    VectorXd signs(count);
    Random random(seed, stream);
    for (Index i = 0; i < count; i++)
        signs[i] = random.sign();
    return signs;
}

/// Calls body(transformed, firstColumn, numColumns) for a few columns of H D J A at a time, where J
/// pads the rows of A to N and D are signs; transformed is [N][numColumns].
template <class Body>
void forTransformedColumns(const MatrixView& a, Index padded, const VectorXd& signs,
                           const Body& body) {
    const auto count = static_cast<int>((a.cols() + width - 1) / width);
    support::parallelFor(count, [&](int block) {
        const Index first = block * width, columns = std::min(width, a.cols() - first);
        Matrix buffer(padded, columns);
        for (Index i = 0; i < a.rows(); i++)
            buffer.row(i) = signs[i] * a.row(i).segment(first, columns);
        buffer.bottomRows(padded - a.rows()).setZero();
        hadamardTransform(buffer.data(), padded, columns);
        body(buffer, first, columns);
    });
}

/// The first `count` of a random permutation of 0 … size-1.
std::vector<int> chooseRows(Index size, Index count, std::uint64_t seed, std::uint64_t substream) {
    Random random(seed, Rows, substream);
    std::vector<int> order(size);
    for (Index i = 0; i < size; i++)
        order[i] = static_cast<int>(i);
    for (Index i = 0; i < count; i++)
        std::swap(order[i], order[i + random.below(size - i)]);
    order.resize(count);
    return order;
}

/// @param signs  [rows of a]
Matrix sampleHadamard(const MatrixView& a, Index m, const VectorXd& signs, std::uint64_t seed,
                      std::uint64_t substream) {
    const Index padded = nextPowerOfTwo(a.rows());
    const std::vector<int> chosen = chooseRows(padded, m, seed, substream);
    Matrix result(m, a.cols());
    // sqrt(N/m) / sqrt(N)
    const double scale = 1 / std::sqrt(static_cast<double>(m));
    forTransformedColumns(a, padded, signs, [&](const Matrix& h, Index first, Index columns) {
        for (Index k = 0; k < m; k++)
            result.row(k).segment(first, columns) = scale * h.row(chosen[k]);
    });
    return result;
}

Matrix applyBlocks(const MatrixView& a, Index m, const SketchOptions& options) {
    const Index size = options.blockSize;
    if (size < 2 || nextPowerOfTwo(size) != size)
        throw Error("the size of a block has to be a power of two");
    const VectorXd signs = makeSigns(a.rows(), options.seed);
    Matrix result(m, a.cols());
    Index done = 0;
    for (Index begin = 0; begin < a.rows(); begin += size) {
        const Index rows = std::min(size, a.rows() - begin);
        // Shares of m that sum to m; a block has no more than its padded rows.
        const Index end = std::min(m, (begin + rows) * m / a.rows());
        const Index share = std::min(end - done, nextPowerOfTwo(rows));
        if (share == 0)
            throw Error("there are fewer rows in the sketch than blocks; take larger blocks");
        result.middleRows(done, share) = sampleHadamard(
            a.middleRows(begin, rows), share, signs.segment(begin, rows), options.seed, begin + 1);
        done += share;
    }
    return result.topRows(done);
}

Matrix applyPooling(const MatrixView& a, Index m, const SketchOptions& options) {
    constexpr Index most = Index(1) << 30; // that a permutation counts
    const Index wanted = std::max((a.rows() - 1) / m + 1, options.pool);
    if (wanted > most / m)
        throw Error(std::to_string(m) + " pools of " + std::to_string(wanted) +
                    " rows are more than " + std::to_string(most) + " rows");
    const Index pool = nextPowerOfTwo(wanted), padded = m * pool;
    const std::vector<int> order =
        Random(options.seed, Permutation).permutation(static_cast<int>(padded));
    const VectorXd normals =
        Random(options.seed, Normals).normalVector(padded) / std::sqrt(static_cast<double>(padded));
    Matrix result = Matrix::Zero(m, a.cols());
    forTransformedColumns(a, padded, makeSigns(a.rows(), options.seed),
                          [&](const Matrix& h, Index first, Index columns) {
                              for (Index i = 0; i < padded; i++)
                                  result.row(i / pool).segment(first, columns) +=
                                      normals[i] * h.row(order[i]);
                          });
    return result;
}

Matrix applyGauss(const MatrixView& a, Index m, std::uint64_t seed) {
    constexpr int block = 16; // rows of S at once
    Matrix result(m, a.cols());
    support::parallelFor(static_cast<int>((m + block - 1) / block), [&](int b) {
        const Index begin = Index(b) * block, rows = std::min<Index>(block, m - begin);
        Matrix s(rows, a.rows());
        for (Index k = 0; k < rows; k++)
            s.row(k) = Random(seed, Normals, begin + k).normalVector(a.rows()).transpose();
        result.middleRows(begin, rows) = s * a / std::sqrt(static_cast<double>(m));
    });
    return result;
}

Matrix applyCountSketch(const MatrixView& a, Index m, const SketchOptions& options) {
    if (options.nonzeros < 1 || options.nonzeros > m)
        throw Error("the non-zeros of a column have to be between 1 and the number of rows");
    Matrix result = Matrix::Zero(m, a.cols());
    const double scale = 1 / std::sqrt(options.nonzeros);
    std::vector<Index> buckets;
    for (Index i = 0; i < a.rows(); i++) {
        Random random(options.seed, Buckets, i);
        buckets.clear();
        while (static_cast<int>(buckets.size()) < options.nonzeros) {
            const Index bucket = random.below(m);
            if (std::find(buckets.begin(), buckets.end(), bucket) != buckets.end())
                continue;
            buckets.push_back(bucket);
            result.row(bucket) += scale * random.sign() * a.row(i);
        }
    }
    return result;
}

/// @param scores  relative probabilities of the rows
Matrix sampleRows(const MatrixView& a, Index m, const VectorXd& scores, std::uint64_t seed) {
    std::vector<double> sums(a.rows());
    double sum = 0;
    for (Index i = 0; i < a.rows(); i++)
        sums[i] = sum += scores[i];
    Random random(seed, Rows);
    Matrix result(m, a.cols());
    for (Index k = 0; k < m; k++) {
        const auto place = std::upper_bound(sums.begin(), sums.end(), random.uniform() * sum);
        const Index i = std::min<Index>(place - sums.begin(), a.rows() - 1);
        result.row(k) = a.row(i) / std::sqrt(static_cast<double>(m) * scores[i] / sum);
    }
    return result;
}

VectorXd leverageScores(const MatrixView& a) {
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(a);
    const Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(a.rows(), a.cols());
    return q.rowwise().squaredNorm();
}

} // namespace

const std::vector<std::string> sketchKindNames = {"bgp",         "srht",     "block-srht", "gauss",
                                                  "countsketch", "leverage", "uniform"};

SketchKind parseSketchKind(const std::string& name) {
    const auto place = std::find(sketchKindNames.begin(), sketchKindNames.end(), name);
    if (place == sketchKindNames.end())
        throw Error("there is no sketch '" + name + "'");
    return static_cast<SketchKind>(place - sketchKindNames.begin());
}

Index sketchedRows(Index n, const SketchOptions& options) {
    const Index rows = std::min(options.rows, nextPowerOfTwo(n));
    return options.kind == SketchKind::Bgp ? nextPowerOfTwo(rows) : rows;
}

Matrix applySketch(const MatrixView& a, const SketchOptions& options) {
    if (a.rows() == 0 || options.rows < 1)
        throw Error("a sketch needs at least one row, and so does the matrix");
    support::requireFinite(a, "the matrix");
    const Index m = sketchedRows(a.rows(), options);
    switch (options.kind) {
    case SketchKind::Bgp:
        return applyPooling(a, m, options);
    case SketchKind::Srht:
        return sampleHadamard(a, m, makeSigns(a.rows(), options.seed), options.seed, 0);
    case SketchKind::BlockSrht:
        return applyBlocks(a, m, options);
    case SketchKind::Gauss:
        return applyGauss(a, m, options.seed);
    case SketchKind::CountSketch:
        return applyCountSketch(a, m, options);
    case SketchKind::Leverage:
        return sampleRows(a, m,
                          leverageScores(a.leftCols(
                              options.scoredColumns > 0 ? options.scoredColumns : a.cols())),
                          options.seed);
    case SketchKind::Uniform:
        return sampleRows(a, m, VectorXd::Ones(a.rows()), options.seed);
    }
    throw Error("there is no such sketch");
}

Matrix applyTensorSketch(const MatrixView& x, const MatrixView& y, Index rows, std::uint64_t seed) {
    if (x.cols() != y.cols())
        throw Error("the factors have " + std::to_string(x.cols()) + " and " +
                    std::to_string(y.cols()) + " columns");
    if (rows < 1 || x.rows() == 0 || y.rows() == 0)
        throw Error("a sketch needs at least one row, and so do the factors");
    support::requireFinite(x, "the first factor");
    support::requireFinite(y, "the second factor");
    const auto transform = [](const MatrixView& a, const VectorXd& signs) {
        const Index padded = nextPowerOfTwo(a.rows());
        Matrix result(padded, a.cols());
        forTransformedColumns(a, padded, signs, [&](const Matrix& h, Index first, Index columns) {
            result.middleCols(first, columns) = h;
        });
        return result;
    };
    const Matrix hx = transform(x, makeSigns(x.rows(), seed, Signs));
    const Matrix hy = transform(y, makeSigns(y.rows(), seed, SecondSigns));
    Random random(seed, Rows);
    Matrix result(rows, x.cols());
    for (Index k = 0; k < rows; k++) {
        const Index i = random.below(hx.rows()), j = random.below(hy.rows());
        result.row(k) = hx.row(i).cwiseProduct(hy.row(j)) / std::sqrt(static_cast<double>(rows));
    }
    return result;
}

} // namespace equivariant::linf_sketched_regression
