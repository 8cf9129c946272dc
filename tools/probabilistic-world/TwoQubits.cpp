// SPDX-License-Identifier: MIT
#include "TwoQubits.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <complex>
#include <unsupported/Eigen/KroneckerProduct>

namespace equivariant::probabilistic_world {

Matrix4cd onBoth(const Matrix2cd& first, const Matrix2cd& second) {
    return Eigen::kroneckerProduct(first, second);
}

Matrix4d pauliMeans(const Matrix4cd& rho) {
    const auto& sigma = pauliMatrices();
    Matrix4d means;
    for (int mu = 0; mu < 4; mu++)
        for (int nu = 0; nu < 4; nu++)
            means(mu, nu) = (onBoth(sigma[mu], sigma[nu]) * rho).trace().real();
    return means;
}

Matrix4cd densityMatrix(const Matrix4d& means) {
    const auto& sigma = pauliMatrices();
    Matrix4cd rho = Matrix4cd::Zero();
    for (int mu = 0; mu < 4; mu++)
        for (int nu = 0; nu < 4; nu++)
            rho += means(mu, nu) * onBoth(sigma[mu], sigma[nu]);
    return rho / 4;
}

Matrix4cd wernerState(double visibility, double angle) {
    Eigen::Vector4cd singlet(0, M_SQRT1_2, -M_SQRT1_2, 0);
    Matrix2cd turn;
    turn << std::cos(angle / 2), -std::sin(angle / 2), std::sin(angle / 2), std::cos(angle / 2);
    singlet = onBoth(Matrix2cd::Identity(), turn) * singlet;
    return visibility * singlet * singlet.adjoint() + (1 - visibility) / 4 * Matrix4cd::Identity();
}

double largestChsh(const Matrix4d& means) {
    const Eigen::Matrix3d t = means.bottomRightCorner<3, 3>();
    const Vector3d m =
        Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(t.transpose() * t, Eigen::EigenvaluesOnly)
            .eigenvalues();
    return 2 * std::sqrt(m[1] + m[2]);
}

double smallestEigenvalue(const Matrix4d& means) {
    return Eigen::SelfAdjointEigenSolver<Matrix4cd>(densityMatrix(means), Eigen::EigenvaluesOnly)
        .eigenvalues()[0];
}

Joint correlationMap(const Matrix4d& means) {
    if (!(std::abs(means(0, 0) - 1) <= 1e-9))
        throw Error("row 0, column 0 of the means has to be 1");
    std::vector<Moment> moments;
    for (int mu = 0; mu < 4; mu++)
        for (int nu = 0; nu < 4; nu++) {
            std::vector<int> spins;
            if (mu > 0)
                spins.push_back(mu - 1);
            if (nu > 0)
                spins.push_back(nu + 2);
            if (!spins.empty())
                moments.push_back({spins, means(mu, nu)});
        }
    return findJoint(6, moments);
}

VectorXd averageSpins(const Matrix4d& means) {
    VectorXd spins(15);
    for (int k = 0; k < 15; k++)
        spins[k] = means((k + 1) / 4, (k + 1) % 4);
    return spins;
}

std::optional<SpinPermutation> permuteAverageSpins(const Matrix4cd& unitary) {
    const auto& sigma = pauliMatrices();
    SpinPermutation permutation{std::vector<int>(15, -1), std::vector<int>(15)};
    for (int k = 1; k < 16; k++) {
        const Matrix4cd before = unitary.adjoint() * onBoth(sigma[k / 4], sigma[k % 4]) * unitary;
        for (int l = 1; l < 16; l++) {
            const double overlap = (before * onBoth(sigma[l / 4], sigma[l % 4])).trace().real() / 4;
            if (std::abs(std::abs(overlap) - 1) > 1e-12)
                continue;
            permutation.from[k - 1] = l - 1;
            permutation.sign[k - 1] = overlap > 0 ? 1 : -1;
        }
        if (permutation.from[k - 1] < 0)
            return std::nullopt;
    }
    return permutation;
}

} // namespace equivariant::probabilistic_world
