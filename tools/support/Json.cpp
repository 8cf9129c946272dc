// SPDX-License-Identifier: MIT
#include "Json.h"

#include <fstream>

namespace equivariant::support {

using Eigen::Index;
using nlohmann::json;

json readJson(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        throw Error(path + ": cannot be opened");
    try {
        return json::parse(stream);
    } catch (const json::exception& error) {
        throw Error(path + ": not JSON: " + explain(error));
    } catch (const std::ios_base::failure&) { // a folder
        throw Error(path + ": cannot be read");
    }
}

std::string explain(const json::exception& error) {
    const std::string what = error.what();
    return what.substr(0, what.find('\n'));
}

std::string nameFile(const std::string& path, const std::string& message) {
    return message.rfind(path, 0) == 0 ? message : path + ": " + message;
}

json toJson(const MatrixView& matrix) {
    json rows = json::array();
    for (Index i = 0; i < matrix.rows(); i++) {
        json row = json::array();
        for (Index j = 0; j < matrix.cols(); j++)
            row.push_back(matrix(i, j));
        rows.push_back(std::move(row));
    }
    return rows;
}

Matrix toMatrix(const json& rows, Index height, Index width) {
    const auto values = rows.get<std::vector<std::vector<double>>>();
    if (static_cast<Index>(values.size()) != height)
        throw Error(std::to_string(values.size()) + " rows, expected " + std::to_string(height));
    for (std::size_t i = 0; i < values.size(); i++)
        if (static_cast<Index>(values[i].size()) != width)
            throw Error("row " + std::to_string(i) + " has " + std::to_string(values[i].size()) +
                        " numbers, expected " + std::to_string(width));
    Matrix matrix(height, width); // not before the file is known to fill it
    for (Index i = 0; i < height; i++)
        for (Index j = 0; j < width; j++)
            matrix(i, j) = values[i][j];
    return matrix;
}

} // namespace equivariant::support
