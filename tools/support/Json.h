// SPDX-License-Identifier: MIT
#pragma once

#include "support/Arrays.h"

#include "equivariant/Error.h"

#include <nlohmann/json.hpp>
#include <string>

namespace equivariant::support {

/// What a JSON file holds. Throws Error naming the file if it cannot be read or is not JSON.
nlohmann::json readJson(const std::string& path);

/// What an exception of nlohmann/json says, without the part that shows the document.
std::string explain(const nlohmann::json::exception& error);

/// A message that starts with the path of the file it is about, once.
std::string nameFile(const std::string& path, const std::string& message);

/// What `parse` makes of a JSON file. Throws Error naming the file if it cannot be read or is not
/// JSON, and for what `parse` throws: its Errors, and those of nlohmann/json as "not KIND: ...".
/// @param kind  what it should be: "a model"
template <class Parse>
auto parseJson(const std::string& path, const std::string& kind, const Parse& parse) {
    const nlohmann::json document = readJson(path);
    try {
        return parse(document);
    } catch (const nlohmann::json::exception& error) {
        throw Error(path + ": not " + kind + ": " + explain(error));
    } catch (const Error& error) {
        throw Error(nameFile(path, error.what()));
    }
}

/// A list of rows.
nlohmann::json toJson(const MatrixView& matrix);

/// The reverse. Throws Error naming the row for other numbers of rows or columns, and what
/// nlohmann/json throws for anything but numbers.
Matrix toMatrix(const nlohmann::json& rows, Eigen::Index height, Eigen::Index width);

} // namespace equivariant::support
