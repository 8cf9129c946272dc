// SPDX-License-Identifier: MIT
//
// Covariances by inverting matrices, without any connection.
#include "Covariance.h"

#include "support/Failure.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <flint/fmpq_mat.h>

namespace equivariant::one_connection_rule {

namespace {

using support::Matrix;

/// FLINT's matrix of rationals, square, which frees itself.
struct RationalMatrix {
    explicit RationalMatrix(int n) : n(n) { fmpq_mat_init(value, n, n); }
    ~RationalMatrix() { fmpq_mat_clear(value); }
    RationalMatrix(const RationalMatrix&) = delete;
    RationalMatrix& operator=(const RationalMatrix&) = delete;

    void set(int i, int j, const mpq_class& given) {
        fmpq_set_mpq(fmpq_mat_entry(value, i, j), given.get_mpq_t());
    }
    mpq_class get(int i, int j) const {
        mpq_class result;
        fmpq_get_mpq(result.get_mpq_t(), fmpq_mat_entry(value, i, j));
        return result;
    }

    int n;
    fmpq_mat_t value;
};

/// Calls setLambda(i, j, value) and setOmega(i, j, value) for all that are not zero.
template <class Value, class SetLambda, class SetOmega>
void distribute(const MixedGraph& graph, const std::vector<Value>& values, SetLambda&& setLambda,
                SetOmega&& setOmega) {
    std::size_t next = 0;
    for (const auto& [i, j] : graph.directed)
        setLambda(i, j, values.at(next++));
    for (int i = 0; i < graph.n; i++)
        setOmega(i, i, values.at(next++));
    for (const auto& [i, j] : graph.bidirected) {
        setOmega(i, j, values.at(next));
        setOmega(j, i, values.at(next++));
    }
}

} // namespace

std::vector<std::vector<mpq_class>> invertExactly(const MixedGraph& graph,
                                                  const std::vector<mpq_class>& values) {
    RationalMatrix a(graph.n), omega(graph.n), transposed(graph.n);
    fmpq_mat_one(a.value);
    distribute(
        graph, values, [&](int i, int j, const mpq_class& lambda) { a.set(i, j, -lambda); },
        [&](int i, int j, const mpq_class& entry) { omega.set(i, j, entry); });
    if (!fmpq_mat_inv(a.value, a.value))
        throw support::Failure(3, "det(I - Lambda) is 0");
    fmpq_mat_transpose(transposed.value, a.value);
    fmpq_mat_mul(omega.value, transposed.value, omega.value);
    fmpq_mat_mul(omega.value, omega.value, a.value);
    std::vector<std::vector<mpq_class>> sigma(graph.n);
    for (int i = 0; i < graph.n; i++)
        for (int j = 0; j < graph.n; j++)
            sigma[i].push_back(omega.get(i, j));
    return sigma;
}

bool isOmegaPositive(const MixedGraph& graph, const std::vector<mpq_class>& values) {
    std::vector<std::vector<mpq_class>> omega(graph.n, std::vector<mpq_class>(graph.n));
    distribute(
        graph, values, [](int, int, const mpq_class&) {},
        [&](int i, int j, const mpq_class& entry) { omega[i][j] = entry; });
    for (int k = 0; k < graph.n; k++) { // all pivots of an elimination
        if (omega[k][k] <= 0)
            return false;
        for (int i = k + 1; i < graph.n; i++)
            for (int j = k + 1; j < graph.n; j++)
                omega[i][j] -= omega[i][k] * omega[k][j] / omega[k][k];
    }
    return true;
}

std::pair<Matrix, Matrix> makeMatrices(const MixedGraph& graph, const std::vector<double>& values) {
    Matrix lambda = Matrix::Zero(graph.n, graph.n), omega = lambda;
    distribute(
        graph, values, [&](int i, int j, double value) { lambda(i, j) = value; },
        [&](int i, int j, double value) { omega(i, j) = value; });
    return {lambda, omega};
}

NumericCovariance evaluateNumerically(const MixedGraph& graph, const std::vector<double>& values) {
    const auto [lambda, omega] = makeMatrices(graph, values);
    const Eigen::MatrixXd a = Matrix::Identity(graph.n, graph.n) - lambda;
    const Eigen::FullPivLU<Eigen::MatrixXd> lu(a);
    if (!lu.isInvertible())
        throw support::Failure(3, "I - Lambda is singular");
    if (Eigen::LLT<Eigen::MatrixXd>(omega).info() != Eigen::Success)
        throw support::Failure(3, "Omega is not positive definite");
    const Eigen::MatrixXd inverse = lu.inverse();
    NumericCovariance result{inverse.transpose() * omega * inverse,
                             lu.determinant(),
                             lambda.eigenvalues().cwiseAbs().maxCoeff(),
                             {}};
    if (!result.sigma.allFinite())
        throw support::Failure(3, "I - Lambda is singular");
    if (std::abs(result.determinant) < 1e-10)
        result.warnings.push_back("det(I - Lambda) is almost 0");
    if (result.spectralRadius >= 1)
        result.warnings.push_back(
            "the spectral radius of Lambda is not below 1: as a process in time "
            "the feedback does not converge");
    return result;
}

} // namespace equivariant::one_connection_rule
