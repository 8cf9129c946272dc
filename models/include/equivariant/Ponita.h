// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Graph.h"
#include "equivariant/ModelFile.h"
#include "equivariant/PotentialInfo.h"

#include <string>
#include <vector>

namespace equivariant {

/// The parameters of a PONITA model.
struct PonitaParameters : PotentialInfo {};

/// Takes the parameters out of a model file. Throws Error naming `name` and what is wrong.
PonitaParameters readPonita(const ModelFile& file, const std::string& name);

/// Evaluates a PONITA potential.
/// @param species  [atoms], index into parameters.atomicNumbers
NetworkOutput evaluatePonita(const PonitaParameters& parameters, const Graph& graph,
                             const std::vector<int>& species, bool gradients);

} // namespace equivariant
