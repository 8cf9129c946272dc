// SPDX-License-Identifier: MIT
//
// Coupling coefficients of real spherical harmonics: 3j, Gaunt and many-body. Conventions:
// docs/conventions.md; source: papers cited in docs/theory.
#pragma once

#include <vector>

namespace equivariant {

/// One coefficient with its three indices.
struct CouplingEntry {
    int a, b, c;
    double value;
};

/// Whether |l1-l2| <= l3 <= l1+l2.
inline bool isTriangle(int l1, int l2, int l3) {
    return l3 >= (l1 > l2 ? l1 - l2 : l2 - l1) && l3 <= l1 + l2;
}

/// Racah's 3j symbol of complex harmonics (l1 l2 l3; m1 m2 m3).
double complexWigner3j(int l1, int l2, int l3, int m1, int m2, int m3);

/// The nonzeros of the real invariant tensor of three degrees, Frobenius norm 1, with e3nn's sign;
/// indices count from 0 (m + l). Empty if the degrees form no triangle. The reference stays valid;
/// may be called from several threads.
const std::vector<CouplingEntry>& wigner3j(int l1, int l2, int l3);

/// The factor of a Gaunt coefficient: G = gauntFactor * wigner3j, 0 if l1+l2+l3 is odd.
double gauntFactor(int l1, int l2, int l3);

/// The nonzero integrals of Y_a Y_b Y_c over the sphere (packed indices, Normalization::Integral)
/// with degrees up to lMax1, lMax2 and lMaxOut.
std::vector<CouplingEntry> gauntCoefficients(int lMax1, int lMax2, int lMaxOut);

/// One entry of a generalised coupling: U[M; lm_1 … lm_nu; path].
struct UTensorEntry {
    int M;               ///< from 0 to 2L
    std::vector<int> lm; ///< packed indices of the factors
    int path;
    double value;
};

/// The couplings of `degree` equal features 0 … lMax of natural parity to degree L.
struct UTensor {
    int lMax = 0, degree = 0, L = 0, numPaths = 0;
    std::vector<UTensorEntry> entries;
};

/// Generalised couplings in the basis and order of e3nn's U matrices as MACE uses them
/// (arXiv:2206.07697, equation 10). Paths that vanish identically are counted.
UTensor uTensor(int lMax, int degree, int L);

} // namespace equivariant
