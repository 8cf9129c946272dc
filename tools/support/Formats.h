// SPDX-License-Identifier: MIT
//
// The formats behind Arrays.h.
#pragma once

#include "Arrays.h"

namespace equivariant::support {

Array readNpy(const std::string& path);
void writeNpy(const std::string& path, const Array& array);

Array readHdf5(const std::string& path, const std::string& dataset);

/// The product of the dimensions. Throws Error if it does not fit into memory.
Eigen::Index countValues(const std::vector<Eigen::Index>& shape, const std::string& path);

} // namespace equivariant::support
