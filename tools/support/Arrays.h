// SPDX-License-Identifier: MIT
//
// Arrays of numbers in files. The ending of a path says the format:
//   A.npy         NumPy's, version 1 to 3, numbers of any real type
//   A.csv         numbers between commas, one row a line; a first line without a number is one of
//                 names and skipped
//   A.h5:DATASET  a dataset of an HDF5 file (.h5, .hdf5)
// Frames of atoms are read by ExtendedXyz.h. All functions throw Error naming the file and, within
// it, the row (counted from 0) where something is wrong.
#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

namespace equivariant::support {

/// Row-major as in NumPy, so that arrays of Python need no copy.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixView = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;
using VectorView = Eigen::Ref<const Eigen::VectorXd>;

/// Numbers with a shape, row-major.
struct Array {
    std::vector<Eigen::Index> shape;
    std::vector<double> values;
};

Array readArray(const std::string& path);

/// An array of two dimensions; one of one dimension becomes a column. Not empty, all numbers
/// finite.
Matrix readMatrix(const std::string& path);

/// An array of one dimension, or one row, or one column. Not empty, all numbers finite.
Eigen::VectorXd readVector(const std::string& path);

/// Writes .npy or .csv (at most two dimensions); an HDF5 file of one dataset if the path names it.
void writeArray(const std::string& path, const Array& array);
void writeMatrix(const std::string& path, const MatrixView& matrix);
void writeVector(const std::string& path, const VectorView& vector);

/// A CSV file whose first line names its columns.
struct Table {
    std::vector<std::string> names; ///< empty if the first line of a file already has numbers
    Matrix values;                  ///< [rows][names]

    /// The index of a column. Throws Error if there is none of that name.
    Eigen::Index find(const std::string& name) const;
};
Table readTable(const std::string& path);
void writeTable(const std::string& path, const Table& table);

/// Writes a new HDF5 file of named datasets.
void writeHdf5(const std::string& path, const std::map<std::string, Array>& datasets);

/// Throws Error("NAME: row i, column j is not a finite number") for the first that is not.
void requireFinite(const MatrixView& matrix, const std::string& name);

} // namespace equivariant::support
