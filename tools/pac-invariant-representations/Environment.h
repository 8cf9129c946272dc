// SPDX-License-Identifier: MIT
//
// Data of one environment (an ensemble, a temperature, an intervention), and how invariant a linear
// representation is there (Parulekar, Shanmugam & Shakkottai, ICML 2023, arXiv:2205.15196).
#pragma once

#include "support/Arrays.h"

#include <string>
#include <vector>

namespace equivariant::pac_invariant_representations {

using support::Matrix;
using support::MatrixView;
using support::VectorView;

/// Second moments of centred features X and target Y.
struct Environment {
    std::string name;
    Eigen::MatrixXd xx;       ///< [n][n] E[X X^T]
    Eigen::VectorXd xy;       ///< [n] E[X Y]
    double yy = 0;            ///< E[Y^2]
    Eigen::Index samples = 0; ///< 0: the moments are exact
};

/// Moments of rows, each environment centred by itself, divided by the number of rows. Throws Error
/// for not more rows than features and for numbers that are not finite.
Environment environmentOf(const std::string& name, const MatrixView& features,
                          const VectorView& target);

/// From the covariance of all variables, one of which is the target. Throws Error if there is no
/// such variable or no other, or the matrix is not symmetric positive semidefinite.
Environment environmentOf(const std::string& name, const Eigen::MatrixXd& covariance,
                          Eigen::Index target);

/// A representation Phi X and a linear head on it: Y is predicted as w^T Phi X.
struct Representation {
    Eigen::MatrixXd phi; ///< [r][n]
    Eigen::VectorXd w;   ///< [r]
};

struct Residual {
    Eigen::VectorXd
        g;           ///< [r] Phi E[X X^T] Phi^T w - Phi E[X Y]: half the gradient of the error in w
    double norm;     ///< |g|, in units of feature times target
    double relative; ///< |(Phi E[X X^T] Phi^T)^(-1/2) g| / sd(Y), without units
    double error;    ///< mean squared error of the prediction
    /// What |g| deviates from its expectation because of finitely many samples, exceeded with
    /// probability eta (Gaussian moments; 0 for exact ones): sqrt(tr V/N) + sqrt(2 |V|
    /// ln(1/eta)/N), V = Phi E[XX^T] Phi^T E[e^2] + g g^T for the prediction's error e.
    double slack;
    double relativeSlack; ///< the same for `relative`, of the whitened V
};

/// Throws Error if the representation is not one of as many features as the environment has.
Residual residual(const Environment& environment, const Representation& representation,
                  double eta = 0.05);

/// Phi on latent variables Z, X = O Z, as one on X: Phi O^+, exact if O is injective.
/// Throws Error if it is not.
Eigen::MatrixXd onObserved(const Eigen::MatrixXd& phi, const Eigen::MatrixXd& o);

/// The environment of X = O Z.
Environment observe(const Environment& latent, const Eigen::MatrixXd& o);

} // namespace equivariant::pac_invariant_representations
