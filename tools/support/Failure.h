// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Error.h"

namespace equivariant::support {

/// An outcome that ends the program with an exit status of its own, for instance 3 for a matrix
/// whose rank is too small. Any other Error ends it with 2.
class Failure : public Error {
public:
    Failure(int status, const std::string& message) : Error(message), status(status) {}
    const int status;
};

} // namespace equivariant::support
