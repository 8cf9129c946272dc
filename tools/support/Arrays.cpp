// SPDX-License-Identifier: MIT
#include "Arrays.h"

#include "Formats.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace equivariant::support {

namespace {

bool endsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// File and dataset of "FILE.h5:DATASET".
std::optional<std::pair<std::string, std::string>> splitHdf5(const std::string& path) {
    for (const std::string ending : {".h5", ".hdf5"}) {
        if (endsWith(path, ending))
            throw Error(path + ": please name the dataset, as " + path + ":NAME");
        const std::size_t end = path.rfind(ending + ":");
        if (end != std::string::npos)
            return std::pair(path.substr(0, end + ending.size()),
                             path.substr(end + ending.size() + 1));
    }
    return std::nullopt;
}

[[noreturn]] void refuseEnding(const std::string& path) {
    throw Error(path + ": the format is not known; paths end in .npy, .csv or .h5:DATASET");
}

std::string describe(const std::vector<Eigen::Index>& shape) {
    std::string text;
    for (Eigen::Index size : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text.empty() ? "a single number" : text;
}

Array makeArray(const MatrixView& matrix) {
    Array array{{matrix.rows(), matrix.cols()}, std::vector<double>(matrix.size())};
    Eigen::Map<Matrix>(array.values.data(), matrix.rows(), matrix.cols()) = matrix;
    return array;
}

} // namespace

Eigen::Index countValues(const std::vector<Eigen::Index>& shape, const std::string& path) {
    Eigen::Index count = 1;
    for (Eigen::Index size : shape)
        if (size < 0 || __builtin_mul_overflow(count, size, &count) ||
            count > std::numeric_limits<Eigen::Index>::max() / 16)
            throw Error(path + ": the shape is absurd: " + describe(shape));
    return count;
}

Array readArray(const std::string& path) {
    if (endsWith(path, ".npy"))
        return readNpy(path);
    if (endsWith(path, ".csv"))
        return makeArray(readTable(path).values);
    if (const auto place = splitHdf5(path))
        return readHdf5(place->first, place->second);
    refuseEnding(path);
}

Matrix readMatrix(const std::string& path) {
    Array array = readArray(path);
    if (array.shape.size() == 1)
        array.shape.push_back(1);
    if (array.shape.size() != 2)
        throw Error(path + ": a matrix is needed, this is " + describe(array.shape));
    if (array.values.empty())
        throw Error(path + ": the matrix is empty: " + describe(array.shape));
    Matrix matrix = Eigen::Map<const Matrix>(array.values.data(), array.shape[0], array.shape[1]);
    requireFinite(matrix, path);
    return matrix;
}

Eigen::VectorXd readVector(const std::string& path) {
    const Matrix matrix = readMatrix(path);
    if (matrix.rows() != 1 && matrix.cols() != 1)
        throw Error(path + ": one column is needed, this is " +
                    describe({matrix.rows(), matrix.cols()}));
    return Eigen::Map<const Eigen::VectorXd>(matrix.data(), matrix.size());
}

void writeArray(const std::string& path, const Array& array) {
    if (endsWith(path, ".npy"))
        return writeNpy(path, array);
    if (endsWith(path, ".csv")) {
        if (array.shape.size() > 2)
            throw Error(path + ": CSV holds no array of " + describe(array.shape));
        const Eigen::Index rows = array.shape.empty() ? 1 : array.shape[0];
        const Eigen::Index columns = array.shape.size() < 2 ? 1 : array.shape[1];
        return writeTable(path, {{}, Eigen::Map<const Matrix>(array.values.data(), rows, columns)});
    }
    if (const auto place = splitHdf5(path))
        return writeHdf5(place->first, {{place->second, array}});
    refuseEnding(path);
}

void writeMatrix(const std::string& path, const MatrixView& matrix) {
    writeArray(path, makeArray(matrix));
}

void writeVector(const std::string& path, const VectorView& vector) {
    writeArray(path, {{vector.size()}, {vector.data(), vector.data() + vector.size()}});
}

Eigen::Index Table::find(const std::string& name) const {
    const auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end())
        throw Error("there is no column '" + name + "'");
    return place - names.begin();
}

void requireFinite(const MatrixView& matrix, const std::string& name) {
    for (Eigen::Index i = 0; i < matrix.rows(); i++)
        for (Eigen::Index j = 0; j < matrix.cols(); j++)
            if (!std::isfinite(matrix(i, j)))
                throw Error(name + ": row " + std::to_string(i) + ", column " + std::to_string(j) +
                            " is not a finite number");
}

} // namespace equivariant::support
