// SPDX-License-Identifier: MIT
//
// Functions of the distance r of two atoms, each with its derivative. Å; formulas as in mace-torch.
#pragma once

#include <Eigen/Core>

namespace equivariant {

struct ValueAndDerivative {
    double value, derivative;
};

/// Functions of a distance at several distances, [function][distance].
struct ValuesAndDerivatives {
    Eigen::MatrixXd values, derivatives;
};

/// f(r) = 1 - (p+1)(p+2)/2 u^p + p(p+2) u^(p+1) - p(p+1)/2 u^(p+2), u = r/rMax; 0 from rMax on.
/// (arXiv:2003.03123, equation 8.)
ValueAndDerivative polynomialCutoff(double r, double rMax, int p);

/// Agnesi transform d = 1/(1 + a rho^q/(1 + rho^(q-p))), rho = r/((cov_i + cov_j)/2)
/// (arXiv:2401.00096, supplement).
struct AgnesiTransform {
    double a, q, p;
    ValueAndDerivative operator()(double r, double radiusSum) const;
};

/// Soft transform d = p0 + (r - p0) (1 + tanh(alpha/(p1-p0) (r - (p0+p1)/2)))/2 with p0 = 3/4 and
/// p1 = 4/3 of cov_i + cov_j.
struct SoftTransform {
    double alpha;
    ValueAndDerivative operator()(double r, double radiusSum) const;
};

enum class RadialBasisType { Bessel, Gaussian, Chebyshev };

/// Basis functions of the (transformed) distance d.
struct RadialBasis {
    RadialBasisType type = RadialBasisType::Bessel;
    int size = 0;
    /// [size] frequencies w_n of the Bessel basis, n pi/rMax unless trained (1/Å), or centres c_n
    /// of the Gaussian one, uniform on 0 … rMax unless trained (Å).
    Eigen::VectorXd weights;
    double coefficient = 0; ///< sqrt(2/rMax) (Bessel) or -1/(2 spacing^2) (Gaussian)

    /// [size][value, derivative with respect to d]. Bessel: coefficient sin(w_n d)/d. Gaussian:
    /// exp(coefficient (d - c_n)^2). Chebyshev: T_n(d), n = 1 … size.
    Eigen::MatrixX2d evaluate(double d) const;
};

/// Screened nuclear repulsion of Ziegler, Biersack and Littmark with a smooth cutoff at the sum of
/// the covalent radii.
struct ZblRepulsion {
    Eigen::Vector4d c;
    int p;
    double aExponent, aPrefactor;
    static constexpr double coulomb = 14.3996; ///< e^2/(4 pi epsilon_0), eV Å, as mace-torch rounds
    static constexpr double decay[4] = {3.2, 0.9423, 0.4028, 0.2016};

    double getScreeningLength(int z1, int z2) const; ///< Å

    /// Half the energy of a pair, eV (each of its two directed edges gets one half).
    ValueAndDerivative operator()(double r, int z1, int z2, double radiusSum) const;
};

} // namespace equivariant
