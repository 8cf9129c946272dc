// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace equivariant {

/// Anything a user can do wrong: a corrupt or foreign file, an element the model does not know, a
/// position that is not a number. The message is one line and names the culprit.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string& message) : std::runtime_error(message) {}
};

} // namespace equivariant
