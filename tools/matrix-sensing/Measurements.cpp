// SPDX-License-Identifier: MIT
#include "Measurements.h"

#include "ExtendedXyz.h"

#include "equivariant/Error.h"

#include <Eigen/Geometry>
#include <cmath>
#include <limits>
#include <map>

namespace equivariant::matrix_sensing {

using Eigen::Index;

namespace {

int toIndex(double value, const std::string& file, Index row) {
    if (!(value >= 0 && value < std::numeric_limits<int>::max()) || value != std::floor(value))
        throw Error(file + ": row " + std::to_string(row) + " does not start with two indices");
    return static_cast<int>(value);
}

Measurements readMask(const MeasurementFiles& files) {
    const Matrix table = support::readMatrix(files.mask);
    if (table.cols() != 3)
        throw Error(files.mask + ": lines of i, j and a value are needed");
    Measurements result;
    Index rows = 0, columns = 0;
    for (Index i = 0; i < table.rows(); i++) {
        result.entries.rows.push_back(toIndex(table(i, 0), files.mask, i));
        result.entries.columns.push_back(toIndex(table(i, 1), files.mask, i));
        rows = std::max<Index>(rows, result.entries.rows.back() + 1);
        columns = std::max<Index>(columns, result.entries.columns.back() + 1);
    }
    if (!files.shape.empty()) {
        if (files.shape.size() != 2 || files.shape[0] < rows || files.shape[1] < columns)
            throw Error(files.mask + ": there are entries up to (" + std::to_string(rows - 1) +
                        ", " + std::to_string(columns - 1) + "), outside of --shape");
        rows = files.shape[0];
        columns = files.shape[1];
    }
    result.op = makeMask(result.entries, rows, columns);
    result.y = table.col(2);
    return result;
}

void readValues(const MeasurementFiles& files, Measurements& result) {
    if (files.values.empty())
        throw Error("the measured values are missing: --y");
    result.y = support::readVector(files.values);
    if (result.y.size() != result.op->count())
        throw Error(files.values + ": " + std::to_string(result.y.size()) + " values for " +
                    std::to_string(result.op->count()) + " measurements");
}

} // namespace

Measurements readMeasurements(const MeasurementFiles& files) {
    const int kinds = !files.operators.empty() + (!files.left.empty() || !files.right.empty()) +
                      !files.mask.empty() + !files.target.empty();
    if (kinds != 1)
        throw Error("one of --ops, --left with --right, --mask and --target is needed");
    if (!files.mask.empty())
        return readMask(files);
    Measurements result;
    if (!files.target.empty()) {
        const Matrix target = support::readMatrix(files.target);
        result.op = makeIdentity(target.rows(), target.cols());
        result.y = result.op->measure(target);
        return result;
    }
    if (!files.operators.empty()) {
        result.array = support::readArray(files.operators);
        const auto& shape = result.array.shape;
        if (shape.size() != 3 || result.array.values.empty())
            throw Error(files.operators + ": an array of three dimensions (m, n1, n2) is needed");
        const Eigen::Map<const Matrix> rows(result.array.values.data(), shape[0],
                                            shape[1] * shape[2]);
        support::requireFinite(rows, files.operators);
        result.op = makeDense(rows, shape[1], shape[2]);
    } else {
        if (files.left.empty() || files.right.empty())
            throw Error("--left and --right are needed together");
        result.op = makeRankOne(support::readMatrix(files.left), support::readMatrix(files.right));
    }
    readValues(files, result);
    return result;
}

void requireSymmetric(const Measurements& measurements, const MeasurementFiles& files) {
    const auto refuse = [](const std::string& file, Index i, Index j) {
        throw Error(file + ": the matrix is not symmetric at (" + std::to_string(i) + ", " +
                    std::to_string(j) + "); take --param asym");
    };
    const double tolerance = 1e-10 * measurements.y.cwiseAbs().maxCoeff();
    std::map<std::pair<int, int>, double> seen;
    const auto check = [&](int i, int j, double value, const std::string& file) {
        const auto other = seen.emplace(std::minmax(i, j), value).first;
        if (std::abs(other->second - value) > tolerance)
            refuse(file, i, j);
    };
    const SensingOperator& op = *measurements.op;
    if (!files.target.empty() && op.rows() == op.columns())
        for (int i = 0; i < op.rows(); i++)
            for (int j = 0; j < op.columns(); j++)
                check(i, j, measurements.y[i * op.columns() + j], files.target);
    for (std::size_t e = 0; e < measurements.entries.rows.size(); e++)
        check(measurements.entries.rows[e], measurements.entries.columns[e],
              measurements.y[static_cast<Index>(e)], files.mask);
}

Matrix squaredDistances(const std::string& xyzFile) {
    const auto frames = command::readExtendedXyz(xyzFile);
    const auto& positions = frames.front().structure.positions;
    const auto count = static_cast<Index>(positions.size());
    Matrix result(count, count);
    for (Index i = 0; i < count; i++)
        for (Index j = 0; j < count; j++)
            result(i, j) = (positions[i] - positions[j]).squaredNorm();
    return result;
}

Matrix positionCovariance(const std::string& xyzFile) {
    const auto frames = command::readExtendedXyz(xyzFile);
    const auto numAtoms = static_cast<Index>(frames[0].structure.positions.size());
    const Eigen::Map<const Eigen::Matrix3Xd> reference(frames[0].structure.positions[0].data(), 3,
                                                       numAtoms);
    Matrix rows(frames.size(), 3 * numAtoms);
    for (std::size_t i = 0; i < frames.size(); i++) {
        const auto& positions = frames[i].structure.positions;
        if (static_cast<Index>(positions.size()) != numAtoms)
            throw Error(xyzFile + ": frame " + std::to_string(i) + " has " +
                        std::to_string(positions.size()) + " atoms, the first has " +
                        std::to_string(numAtoms));
        const Eigen::Map<const Eigen::Matrix3Xd> own(positions[0].data(), 3, numAtoms);
        const Eigen::Matrix3Xd moved =
            (Eigen::umeyama(own, reference, false) * own.colwise().homogeneous()).topRows<3>();
        rows.row(static_cast<Index>(i)) =
            Eigen::Map<const Eigen::RowVectorXd>(moved.data(), moved.size());
    }
    rows.rowwise() -= rows.colwise().mean().eval();
    return rows.transpose() * rows / static_cast<double>(frames.size());
}

} // namespace equivariant::matrix_sensing
