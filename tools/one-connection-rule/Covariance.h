// SPDX-License-Identifier: MIT
#pragma once

#include "Connections.h"

#include "support/Arrays.h"

namespace equivariant::one_connection_rule {

/// The covariances of a model as rational functions of its parameters, by the one-connection rule
/// (Adhikari, Gross, Haerkoenen and Tsigaridas 2022):
///
///   sigma_ij = sum_kl omega_kl S_ki S_lj / (d_i d_j),
///
/// S the adjugate and d_i the determinant of I - Lambda on the ancestors of i: other vertices
/// change neither. On all vertices it would be sigma_ij = sum_kl omega_kl S_ki S_lj / det(I -
/// Lambda)^2.
class CovarianceFormula {
public:
    /// Throws Failure with status 4 and the number of terms for more than 12 vertices.
    explicit CovarianceFormula(MixedGraph graph);

    const MixedGraph& graph() const { return model; }
    const RingPointer& ring() const { return parameters; }

    /// Throws Failure with status 4 if it would have more than two million terms.
    Polynomial numerator(int i, int j);

    /// d_i.
    Polynomial denominator(int i);

    /// The factors of d_i other than 1: one for every strongly connected component with a cycle.
    std::vector<Polynomial> denominatorFactors(int i);

    /// det(I - Lambda) on all vertices.
    Polynomial determinant();

    /// All sigma_ij, [n][n], for values of the variables of ring().
    /// Throws Failure with status 3 if det(I - Lambda) = 0.
    std::vector<std::vector<mpq_class>> evaluate(const std::vector<mpq_class>& values);

private:
    Mask ancestors(int i) const;
    std::map<int, Polynomial> column(int to); ///< of the adjugate on the ancestors of `to`, by row

    MixedGraph model;
    RingPointer parameters;
    Connections connections;
};

/// (I - Lambda)^-T Omega (I - Lambda)^-1 by linear algebra in rationals (FLINT), which knows
/// nothing of connections. Throws Failure with status 3 if det(I - Lambda) = 0.
std::vector<std::vector<mpq_class>> invertExactly(const MixedGraph& graph,
                                                  const std::vector<mpq_class>& values);

/// Whether Omega is positive definite, exactly.
bool isOmegaPositive(const MixedGraph& graph, const std::vector<mpq_class>& values);

/// The covariances in double precision, with what is odd about the model.
struct NumericCovariance {
    support::Matrix sigma;
    double determinant;
    double spectralRadius; ///< of Lambda; from 1 on the feedback does not converge
    std::vector<std::string> warnings;
};

/// Throws Failure with status 3 if I - Lambda is singular or Omega not positive definite.
NumericCovariance evaluateNumerically(const MixedGraph& graph, const std::vector<double>& values);

/// Lambda and Omega, [n][n], of values of makeParameterRing().
std::pair<support::Matrix, support::Matrix> makeMatrices(const MixedGraph& graph,
                                                         const std::vector<double>& values);

/// {"lambda": [[0, 1, "1/2"], ...], "omega": [[0, 0, 1], [1, 3, "1/4"], ...]}, a value for every
/// edge and every omega_ii; numbers, or texts as "1/3" and "0.25". `exact`: no floating-point
/// numbers. Throws Error naming file and entry.
std::vector<mpq_class> readParameters(const std::string& path, const MixedGraph& graph, bool exact);

} // namespace equivariant::one_connection_rule
