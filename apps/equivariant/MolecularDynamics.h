// SPDX-License-Identifier: MIT
#pragma once

#include "Evaluate.h"

#include <memory>
#include <string>

namespace equivariant::command {

struct MdOptions {
    std::string model, start, trajectory, log;
    ComputeOptions compute;
    long steps = 0;
    double timestep = 0.5;    ///< fs
    double temperature = 300; ///< K
    double friction = 1;      ///< 1/ps
    bool constantEnergy = false, minimize = false;
    int seed = 0; ///< 0: another one each time
    int reportInterval = 100;
};

/// Simulates the one structure of a file with OpenMM; writes a trajectory and a log as asked, and a
/// summary to the standard output. Throws Error for bad input, and when the energy is not finite.
void runMolecularDynamics(const MdOptions& options);

} // namespace equivariant::command
