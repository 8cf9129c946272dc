// SPDX-License-Identifier: MIT
//
// A qubit made of three Ising spins: rho = (1 + sum_k <s_k> sigma_k)/2. Gates of the Clifford group
// permute the spins and turn their signs.
#pragma once

#include "support/Arrays.h"

#include <array>
#include <string>
#include <vector>

namespace equivariant::probabilistic_world {

using Eigen::Matrix2cd;
using Eigen::Matrix3i;
using Eigen::Vector3d;
using Eigen::VectorXd;

/// 1, X, Y, Z.
const std::array<Matrix2cd, 4>& pauliMatrices();

/// Positive only if the quantum condition sum <s_k>^2 <= 1 holds.
Matrix2cd densityMatrix(const Vector3d& spins);

struct Gate {
    std::string name;
    Matrix2cd unitary;
    Matrix3i map; ///< s -> map s; rho -> U rho U^+
};

/// I, X, Y, Z, H, S, SDG (the inverse of S). Throws Error for another name: what is not a rotation
/// of the cube is no map of the three spins.
const Gate& findGate(const std::string& name);

/// The map of the spins that a unitary makes. Throws Error if it is no rotation of the cube.
Matrix3i spinMap(const Matrix2cd& unitary);

/// The maps as permutations of the 8 states of three spins (spin 0 is the most significant bit).
std::vector<int> stateMap(const Matrix3i& map);

/// p of three independent spins of these means, [8]. Others have the same means, and with them the
/// same rho. Throws Error for a mean that is not within -1 … 1.
VectorXd independentSpins(const Vector3d& means);

/// <s_k> in a distribution over 8 states.
Vector3d meanSpins(const VectorXd& probabilities);

/// Every state moves to where the map takes it.
VectorXd moveStates(const VectorXd& probabilities, const std::vector<int>& next);

/// -sum p log p.
double shannonEntropy(const VectorXd& probabilities);

/// All products of the maps, the identity first.
std::vector<Matrix3i> generateGroup(const std::vector<Matrix3i>& maps);

} // namespace equivariant::probabilistic_world
