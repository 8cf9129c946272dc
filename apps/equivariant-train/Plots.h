// SPDX-License-Identifier: MIT
#pragma once

#include "Evaluate.h"

namespace equivariant::command {

/// Draws losses and errors by epoch from the lines of a file of metrics.
void plotLearningCurves(const std::string& path, const std::string& metricsPath);

/// Draws energies and forces of a model against the labels of the frames.
void plotParity(const std::string& path, const std::vector<Frame>& frames,
                const std::vector<Evaluation>& evaluations);

} // namespace equivariant::command
