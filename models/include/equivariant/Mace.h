// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Graph.h"
#include "equivariant/ModelFile.h"
#include "equivariant/PotentialInfo.h"

#include <string>
#include <vector>

namespace equivariant {

/// The parameters of a MACE or Gaunt-MACE model.
struct MaceParameters : PotentialInfo {};

/// Takes the parameters out of a model file. Throws Error naming `name` and what is wrong.
MaceParameters readMace(const ModelFile& file, const std::string& name);

/// Evaluates a MACE or Gaunt-MACE model.
/// @param species  [atoms], index into parameters.atomicNumbers
/// @param head     index into parameters.heads
NetworkOutput evaluateMace(const MaceParameters& parameters, const Graph& graph,
                           const std::vector<int>& species, int head, bool gradients);

} // namespace equivariant
