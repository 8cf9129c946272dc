// SPDX-License-Identifier: MIT
#pragma once

#include "Evaluate.h"

namespace equivariant::command {

/// Errors of evaluations against the labels of their frames, as `equivariant validate --json`
/// writes them: energy_rmse and energy_mae (meV), the same with _per_atom, force_rmse and force_mae
/// (meV/Å, over components; null without labels), frames; by config_type in config_types.
nlohmann::json findErrors(const std::vector<Frame>& frames,
                          const std::vector<Evaluation>& evaluations);

/// Prints them as a table, a row for each config_type and one for all.
void printErrors(const nlohmann::json& errors);

} // namespace equivariant::command
