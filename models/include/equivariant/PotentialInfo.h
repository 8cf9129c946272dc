// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <limits>
#include <string>
#include <vector>

namespace equivariant {

/// What every potential has, whatever its architecture.
struct PotentialInfo {
    std::vector<int> atomicNumbers; ///< ascending; species indexes this list
    std::vector<std::string> heads; ///< at least one
    double cutoff =
        std::numeric_limits<double>::infinity(); ///< Å, of one layer; infinite: all pairs
    int numLayers = 0;
    Eigen::MatrixXd isolatedAtomEnergies; ///< [heads][species], eV
};

/// What the reference implementation of an architecture returns for one structure.
struct NetworkOutput {
    Eigen::VectorXd nodeEnergies; ///< [atoms], eV, without isolated-atom energies
    std::vector<Eigen::Vector3d>
        edgeGradients; ///< [edges] dE/d(displacement), eV/Å; empty if not asked
};

} // namespace equivariant
