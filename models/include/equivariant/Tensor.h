// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace equivariant {

/// Element types of a model file.
enum class DataType { Float64, Float32, Int64, Int32 };

/// A dense array, row-major. Values are held as doubles whatever their type in the file.
struct Tensor {
    DataType type = DataType::Float64;
    std::vector<std::size_t> shape;
    std::vector<double> data;
};

} // namespace equivariant
