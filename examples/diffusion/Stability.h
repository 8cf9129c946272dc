// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <vector>

namespace equivariant::diffusion {

/// Order of the bond between two atoms of H, C, N, O at a distance in Å, by usual lengths of bonds
/// (E. Hoogeboom et al., arXiv:2203.17003, whose margins these are); 0: none.
int bondOrder(int atomicNumberA, int atomicNumberB, double distance);

struct Stability {
    int atoms = 0, stableAtoms = 0;
    bool isMolecule() const { return atoms == stableAtoms; }
};

/// How many atoms have as many bonds as their element usually has.
Stability findStability(const std::vector<int>& atomicNumbers,
                        const std::vector<Eigen::Vector3d>& positions);

} // namespace equivariant::diffusion
