// SPDX-License-Identifier: MIT
#include "SensingOperator.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

namespace equivariant::matrix_sensing {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

VectorXd flatten(const MatrixView& matrix) {
    VectorXd flat(matrix.size());
    Eigen::Map<Matrix>(flat.data(), matrix.rows(), matrix.cols()) = matrix;
    return flat;
}

class Identity : public SensingOperator {
public:
    Identity(Index rows, Index columns) : numRows(rows), numColumns(columns) {}

    Index count() const override { return numRows * numColumns; }
    Index rows() const override { return numRows; }
    Index columns() const override { return numColumns; }

    VectorXd measure(const MatrixView& matrix) const override { return flatten(matrix); }

    Matrix adjoint(const VectorView& residual) const override {
        return Eigen::Map<const Matrix>(residual.data(), numRows, numColumns);
    }

    Evaluation evaluate(const Matrix& f, const Matrix& g, const VectorView& y) const override {
        Evaluation result{VectorXd(count()), {}, {}};
        Eigen::Map<Matrix> difference(result.residual.data(), numRows, numColumns);
        difference.noalias() = f * g.transpose();
        result.residual -= y;
        result.left = difference * g;
        result.right = difference.transpose() * f;
        return result;
    }

private:
    Index numRows, numColumns;
};

/// Rows are shared out in blocks that do not depend on the number of threads, nor does the order in
/// which the sums over blocks are added.
class Dense : public SensingOperator {
public:
    Dense(const MatrixView& a, Index rows, Index columns)
        : a(a.data(), a.rows(), a.cols(), Eigen::OuterStride<>(a.outerStride())), numRows(rows),
          numColumns(columns) {
        if (a.cols() != rows * columns)
            throw Error("measurements of " + std::to_string(rows) + " x " +
                        std::to_string(columns) + " matrices have " +
                        std::to_string(rows * columns) + " numbers, not " +
                        std::to_string(a.cols()));
    }

    Index count() const override { return a.rows(); }
    Index rows() const override { return numRows; }
    Index columns() const override { return numColumns; }

    VectorXd measure(const MatrixView& matrix) const override {
        const VectorXd flat = flatten(matrix);
        return a * flat;
    }

    Matrix adjoint(const VectorView& residual) const override {
        VectorXd ignored = residual;
        return accumulate(ignored, nullptr);
    }

    Evaluation evaluate(const Matrix& f, const Matrix& g, const VectorView& y) const override {
        const VectorXd product = flatten(f * g.transpose());
        Evaluation result{-y, {}, {}};
        const Matrix sum = accumulate(result.residual, &product);
        result.left = sum * g;
        result.right = sum.transpose() * f;
        return result;
    }

private:
    /// Adds <A_i, product> to residual[i], if there is one, and returns the sum of residual[i] A_i.
    /// Both in one pass: a few rows stay in the cache between the two products.
    Matrix accumulate(VectorXd& residual, const VectorXd* product) const {
        constexpr Index numBlocks = 16;
        const Index rowsAtOnce = std::max<Index>(1, 16384 / std::max<Index>(a.cols(), 1));
        std::vector<VectorXd> sums(numBlocks, VectorXd::Zero(a.cols()));
        support::parallelFor(numBlocks, [&](int block) {
            const Index end = (block + 1) * count() / numBlocks;
            for (Index i = block * count() / numBlocks; i < end; i += rowsAtOnce) {
                const Index size = std::min(rowsAtOnce, end - i);
                const auto part = a.middleRows(i, size);
                if (product)
                    residual.segment(i, size).noalias() += part * *product;
                sums[block].noalias() += part.transpose() * residual.segment(i, size);
            }
        });
        for (Index block = 1; block < numBlocks; block++)
            sums[0] += sums[block];
        return Eigen::Map<const Matrix>(sums[0].data(), numRows, numColumns);
    }

    Eigen::Map<const Matrix, 0, Eigen::OuterStride<>> a;
    Index numRows, numColumns;
};

class RankOne : public SensingOperator {
public:
    RankOne(const MatrixView& a, const MatrixView& b) : a(a), b(b) {
        if (a.rows() != b.rows())
            throw Error("there are " + std::to_string(a.rows()) + " left and " +
                        std::to_string(b.rows()) + " right vectors");
    }

    Index count() const override { return a.rows(); }
    Index rows() const override { return a.cols(); }
    Index columns() const override { return b.cols(); }

    VectorXd measure(const MatrixView& matrix) const override {
        return (a * matrix).cwiseProduct(b).rowwise().sum();
    }

    Matrix adjoint(const VectorView& residual) const override {
        return a.transpose() * residual.asDiagonal() * b;
    }

    Evaluation evaluate(const Matrix& f, const Matrix& g, const VectorView& y) const override {
        const Matrix af = a * f, bg = b * g;
        Evaluation result{af.cwiseProduct(bg).rowwise().sum() - y, {}, {}};
        result.left = a.transpose() * (result.residual.asDiagonal() * bg);
        result.right = b.transpose() * (result.residual.asDiagonal() * af);
        return result;
    }

private:
    Matrix a, b;
};

class Mask : public SensingOperator {
public:
    Mask(const Entries& entries, Index rows, Index columns)
        : entries(entries), numRows(rows), numColumns(columns) {
        if (entries.rows.size() != entries.columns.size())
            throw Error("entries need a row and a column each");
        for (std::size_t i = 0; i < entries.rows.size(); i++)
            if (entries.rows[i] < 0 || entries.rows[i] >= rows || entries.columns[i] < 0 ||
                entries.columns[i] >= columns)
                throw Error("entry " + std::to_string(i) + " is outside of the matrix of " +
                            std::to_string(rows) + " x " + std::to_string(columns));
    }

    Index count() const override { return static_cast<Index>(entries.rows.size()); }
    Index rows() const override { return numRows; }
    Index columns() const override { return numColumns; }

    VectorXd measure(const MatrixView& matrix) const override {
        VectorXd result(count());
        for (Index i = 0; i < count(); i++)
            result[i] = matrix(entries.rows[i], entries.columns[i]);
        return result;
    }

    Matrix adjoint(const VectorView& residual) const override {
        Matrix result = Matrix::Zero(numRows, numColumns);
        for (Index i = 0; i < count(); i++)
            result(entries.rows[i], entries.columns[i]) += residual[i];
        return result;
    }

    Evaluation evaluate(const Matrix& f, const Matrix& g, const VectorView& y) const override {
        Evaluation result{-y, Matrix::Zero(f.rows(), f.cols()), Matrix::Zero(g.rows(), g.cols())};
        for (Index i = 0; i < count(); i++) {
            const Index row = entries.rows[i], column = entries.columns[i];
            double& residual = result.residual[i];
            residual += f.row(row).dot(g.row(column));
            result.left.row(row) += residual * g.row(column);
            result.right.row(column) += residual * f.row(row);
        }
        return result;
    }

private:
    Entries entries;
    Index numRows, numColumns;
};

} // namespace

std::unique_ptr<SensingOperator> makeIdentity(Index rows, Index columns) {
    return std::make_unique<Identity>(rows, columns);
}

std::unique_ptr<SensingOperator> makeDense(const MatrixView& a, Index rows, Index columns) {
    return std::make_unique<Dense>(a, rows, columns);
}

std::unique_ptr<SensingOperator> makeRankOne(const MatrixView& a, const MatrixView& b) {
    return std::make_unique<RankOne>(a, b);
}

std::unique_ptr<SensingOperator> makeMask(const Entries& entries, Index rows, Index columns) {
    return std::make_unique<Mask>(entries, rows, columns);
}

Matrix gaussianEnsemble(Index count, Index size, std::uint64_t seed) {
    Matrix a(count, size);
    const double deviation = 1 / std::sqrt(static_cast<double>(count));
    support::parallelFor(static_cast<int>(count), [&](int i) {
        a.row(i) = deviation * support::Random(seed, i).normalMatrix(1, size);
    });
    return a;
}

} // namespace equivariant::matrix_sensing
