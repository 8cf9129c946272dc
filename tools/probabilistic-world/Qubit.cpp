// SPDX-License-Identifier: MIT
#include "Qubit.h"

#include "States.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace equivariant::probabilistic_world {

namespace {

using Complex = std::complex<double>;

constexpr Complex i(0, 1);

Gate makeGate(const std::string& name, const Matrix2cd& unitary) {
    return {name, unitary, spinMap(unitary)};
}

std::vector<Gate> makeGates() {
    const auto& sigma = pauliMatrices();
    Matrix2cd h, s;
    h << 1, 1, 1, -1;
    s << 1, 0, 0, i;
    return {makeGate("I", sigma[0]),     makeGate("X", sigma[1]),      makeGate("Y", sigma[2]),
            makeGate("Z", sigma[3]),     makeGate("H", h * M_SQRT1_2), makeGate("S", s),
            makeGate("SDG", s.adjoint())};
}

} // namespace

const std::array<Matrix2cd, 4>& pauliMatrices() {
    static const std::array<Matrix2cd, 4> matrices = [] {
        std::array<Matrix2cd, 4> sigma;
        sigma[0] << 1, 0, 0, 1;
        sigma[1] << 0, 1, 1, 0;
        sigma[2] << 0, -i, i, 0;
        sigma[3] << 1, 0, 0, -1;
        return sigma;
    }();
    return matrices;
}

Matrix2cd densityMatrix(const Vector3d& spins) {
    const auto& sigma = pauliMatrices();
    Matrix2cd rho = sigma[0];
    for (int k = 0; k < 3; k++)
        rho += spins[k] * sigma[k + 1];
    return rho / 2;
}

const Gate& findGate(const std::string& name) {
    static const std::vector<Gate> gates = makeGates();
    for (const Gate& gate : gates)
        if (gate.name == name)
            return gate;
    std::string known;
    for (const Gate& gate : gates)
        known += (known.empty() ? "" : ", ") + gate.name;
    throw Error("gate '" + name + "' is no map of three bits; these are: " + known);
}

Matrix3i spinMap(const Matrix2cd& unitary) {
    const auto& sigma = pauliMatrices();
    Matrix3i map;
    for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) {
            // The new <sigma_k> is tr(sigma_k U rho U^+).
            const Complex entry =
                (sigma[k + 1] * unitary * sigma[l + 1] * unitary.adjoint()).trace() / 2.0;
            map(k, l) = static_cast<int>(std::lround(entry.real()));
            if (std::abs(entry - Complex(map(k, l), 0)) > 1e-12)
                throw Error("the gate is no rotation of the cube, so that it is no map of bits");
        }
    return map;
}

std::vector<int> stateMap(const Matrix3i& map) {
    std::vector<int> next(8);
    for (int tau = 0; tau < 8; tau++) {
        Eigen::Vector3i spins;
        for (int k = 0; k < 3; k++)
            spins[k] = spinOf(tau, k, 3);
        spins = map * spins;
        for (int k = 0; k < 3; k++)
            next[tau] = 2 * next[tau] + (spins[k] + 1) / 2;
    }
    return next;
}

VectorXd independentSpins(const Vector3d& means) {
    for (int k = 0; k < 3; k++)
        if (!(std::abs(means[k]) <= 1))
            throw Error("spin " + std::to_string(k) + ": the mean has to be within -1 to 1");
    VectorXd p(8);
    for (int tau = 0; tau < 8; tau++) {
        p[tau] = 1;
        for (int k = 0; k < 3; k++)
            p[tau] *= (1 + spinOf(tau, k, 3) * means[k]) / 2;
    }
    return p;
}

Vector3d meanSpins(const VectorXd& probabilities) {
    Vector3d means = Vector3d::Zero();
    for (int tau = 0; tau < 8; tau++)
        for (int k = 0; k < 3; k++)
            means[k] += spinOf(tau, k, 3) * probabilities[tau];
    return means;
}

VectorXd moveStates(const VectorXd& probabilities, const std::vector<int>& next) {
    VectorXd moved(probabilities.size());
    for (Eigen::Index tau = 0; tau < probabilities.size(); tau++)
        moved[next[tau]] = probabilities[tau];
    return moved;
}

double shannonEntropy(const VectorXd& probabilities) {
    double entropy = 0;
    for (double p : probabilities)
        entropy -= p > 0 ? p * std::log(p) : 0;
    return entropy;
}

std::vector<Matrix3i> generateGroup(const std::vector<Matrix3i>& maps) {
    std::vector<Matrix3i> group = {Matrix3i::Identity()};
    for (std::size_t k = 0; k < group.size(); k++)
        for (const Matrix3i& map : maps) {
            const Matrix3i product = map * group[k];
            if (std::find(group.begin(), group.end(), product) == group.end())
                group.push_back(product);
        }
    return group;
}

} // namespace equivariant::probabilistic_world
