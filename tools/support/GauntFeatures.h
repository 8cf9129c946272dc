// SPDX-License-Identifier: MIT
//
// Linear potentials, E = sum over atoms of c(element)·B(environment), as least-squares problems.
#pragma once

#include "Arrays.h"
#include "ExtendedXyz.h"

namespace equivariant::support {

/// Invariants of the densities A_c,lm = sum over neighbours of element z of R_n(r) Y_lm, c = (z,
/// n), around an atom: 1; A_c,00; sum_m A_c,lm A_c',lm for every l (two neighbours); and the
/// integral of A_c^2 A_c' over the sphere by a Gaunt product (three neighbours). R_n is a Bessel
/// function times the polynomial cutoff. Every element of the central atom has coefficients of its
/// own.
class GauntFeatures {
public:
    struct Sizes {
        double cutoff = 4.5; ///< Å
        int radial = 2;      ///< functions R_n
        int lMax = 2;
    };

    /// @param atomicNumbers  that occur, ascending
    GauntFeatures(std::vector<int> atomicNumbers, Sizes sizes);

    /// Number of coefficients.
    Eigen::Index size() const;

    /// [1 + 3 atoms][size] the energy of a structure (eV), then the forces on its atoms (eV/Å), as
    /// linear functions of the coefficients. Throws Error for an element that is not known.
    Matrix evaluate(const Structure& structure) const;

private:
    struct Environment;
    Eigen::Index perElement() const;
    int findElement(int atomicNumber) const;

    std::vector<int> atomicNumbers;
    Sizes sizes;
};

/// Rows of several frames one below the other: A c = b.
struct LinearProblem {
    Matrix a;
    Eigen::VectorXd b;
    std::vector<int> frames;    ///< [rows] index of the frame, -1 for none
    std::vector<bool> isEnergy; ///< [rows]
};

/// Frames with labels; a row of an energy counts `energyWeight` times as much as one of a force
/// (both deviate by 1 eV and 1 eV/Å). Throws Error for a frame without labels.
LinearProblem makeLinearProblem(const GauntFeatures& features,
                                const std::vector<command::Frame>& frames, double energyWeight);

/// Root mean square of the deviations of force components, eV/Å; NaN if there is none.
double forceRmse(const LinearProblem& problem, const Eigen::VectorXd& coefficients);

/// Appends a row for each coefficient that pulls it to zero: ridge regression in columns of
/// length 1.
void addRidge(LinearProblem& problem, double ridge);

/// Atomic numbers that occur in frames, ascending.
std::vector<int> findElements(const std::vector<command::Frame>& frames);

} // namespace equivariant::support
