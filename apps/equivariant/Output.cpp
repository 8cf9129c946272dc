// SPDX-License-Identifier: MIT
#include "Output.h"

#include "equivariant/Error.h"

#include <fstream>
#include <iostream>

namespace equivariant::command {

void writeOutput(const std::string& path, const std::string& text) {
    if (path.empty()) {
        if (!(std::cout << text << std::flush))
            throw Error("the standard output cannot be written");
        return;
    }
    std::ofstream stream(path, std::ios::binary);
    if (!(stream << text << std::flush))
        throw Error(path + ": cannot be written");
}

std::string dump(const nlohmann::json& value, int indent) {
    return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json toJson(const Eigen::Vector3d& vector) {
    return {vector[0], vector[1], vector[2]};
}

nlohmann::json toJson(const Eigen::Matrix3d& matrix) {
    nlohmann::json rows = nlohmann::json::array();
    for (int i = 0; i < 3; i++)
        rows.push_back(toJson(Eigen::Vector3d(matrix.row(i))));
    return rows;
}

} // namespace equivariant::command
