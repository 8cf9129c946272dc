// SPDX-License-Identifier: MIT
//
// Fermions made of the bits of an automaton.
#pragma once

#include <Eigen/Sparse>
#include <vector>

namespace equivariant::probabilistic_world {

/// a_g: empties site g, with the sign (-1)^(occupied sites before g) of Jordan and Wigner,
/// [2^sites][2^sites] of 0, 1 and -1. Its transpose is a_g^+.
Eigen::SparseMatrix<int> annihilator(int sites, int site);

/// Momenta 2 pi (k + 1/2 [half])/sites in (-pi, pi], ascending.
std::vector<double> momenta(int sites, bool half);

/// The operator of momentum of one particle on periodic sites, Hermitian, [sites][sites], the
/// Fourier transform of the diagonal one; exp(-i P) moves a particle to the next site.
Eigen::MatrixXcd momentumOperator(int sites);

/// Eigenphases of transport to the right for n free massless fermions: E = sum of n different
/// momenta modulo 2 pi in (-pi, pi], ascending. The bits know no signs, and a fermion that wraps
/// passes n - 1 others, so momenta are half-integer for even n.
std::vector<double> freeFermionPhases(int sites, int particles);

} // namespace equivariant::probabilistic_world
