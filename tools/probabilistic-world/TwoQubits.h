// SPDX-License-Identifier: MIT
//
// Two qubits made of Ising spins, through c(mu, nu) = <sigma_mu x sigma_nu>, c(0, 0) = 1.
#pragma once

#include "Joint.h"

#include <Eigen/Core>
#include <optional>

namespace equivariant::probabilistic_world {

using Eigen::Matrix4cd;
using Eigen::Matrix4d;

/// Kronecker product of two matrices of a qubit; the first is the more significant.
Matrix4cd onBoth(const Matrix2cd& first, const Matrix2cd& second);

Matrix4d pauliMeans(const Matrix4cd& rho);
Matrix4cd densityMatrix(const Matrix4d& means);

/// v |singlet><singlet| + (1 - v)/4, the second party turned by an angle about y.
Matrix4cd wernerState(double visibility, double angle);

/// 2 sqrt(m1 + m2), m the two largest eigenvalues of T^T T, T the correlations of the directions
/// (R., P. and M. Horodecki 1995): the largest CHSH value in this state.
double largestChsh(const Matrix4d& means);

/// Smallest eigenvalue of rho, which is negative if the means are those of no state.
double smallestEigenvalue(const Matrix4d& means);

/// The correlation map: 6 spins with <s_k>, <t_l> and <s_k t_l> as in the state. Throws Error if
/// c(0, 0) is not 1 or another mean is not within -1 … 1.
Joint correlationMap(const Matrix4d& means);

/// The average-spin map: 15 spins, one for each pair of Pauli matrices; independent ones always do.
/// Returns their means, row by row.
VectorXd averageSpins(const Matrix4d& means);

/// What a unitary does to the 15 spins if it permutes them and turns signs, as Clifford gates do:
/// spin k becomes sign[k] times spin from[k]. Nothing for other unitaries.
struct SpinPermutation {
    std::vector<int> from, sign;
};
std::optional<SpinPermutation> permuteAverageSpins(const Matrix4cd& unitary);

} // namespace equivariant::probabilistic_world
