// SPDX-License-Identifier: MIT
#include "Residual.h"

#include "Vanishing.h"

#include "equivariant/Error.h"

#include <cmath>
#include <fstream>
#include <limits>

namespace equivariant::one_connection_rule {

using Eigen::Index;
using support::Matrix;

Matrix sampleCovariance(const support::MatrixView& data) {
    support::requireFinite(data, "data");
    if (data.rows() < 2)
        throw Error("covariances need at least two rows of data");
    const Eigen::RowVectorXd mean = data.colwise().mean();
    const Matrix centred = data.rowwise() - mean;
    return centred.transpose() * centred / static_cast<double>(data.rows() - 1);
}

namespace {

struct ValueAndGradient {
    double value = 0;
    std::vector<double> gradient; ///< [variables]
};

ValueAndGradient differentiate(const Polynomial& polynomial, const std::vector<double>& values) {
    ValueAndGradient result{0, std::vector<double>(values.size(), 0)};
    for (const auto& [coefficient, exponents] : polynomial.terms()) {
        const auto term = [&, factor = coefficient.get_d(),
                           &powers = exponents](std::size_t lowered) {
            double product = factor;
            for (std::size_t k = 0; k < values.size(); k++) {
                const double power = static_cast<double>(powers[k]);
                product *= k == lowered ? power * std::pow(values[k], power - 1)
                                        : std::pow(values[k], power);
            }
            return product;
        };
        result.value += term(values.size());
        for (std::size_t k = 0; k < values.size(); k++)
            if (exponents[k] > 0)
                result.gradient[k] += term(k);
    }
    return result;
}

} // namespace

/// Cov(s_ij, s_kl) = (s_ik s_jl + s_il s_jk)/(count - 1) for normal data.
Residual computeResidual(const Polynomial& polynomial, const support::MatrixView& s, long count) {
    const Index n = s.cols();
    if (s.rows() != n || polynomial.ring()->size() != n * (n + 1) / 2)
        throw Error("a polynomial in " + std::to_string(polynomial.ring()->size()) +
                    " covariances does not fit " + std::to_string(n) + " columns of data");
    std::vector<std::pair<Index, Index>> pairs;
    std::vector<double> values;
    for (Index i = 0; i < n; i++)
        for (Index j = i; j < n; j++) {
            pairs.emplace_back(i, j);
            values.push_back(s(i, j));
        }
    const auto [value, gradient] = differentiate(polynomial, values);
    double variance = 0;
    for (std::size_t a = 0; a < pairs.size(); a++)
        for (std::size_t b = 0; b < pairs.size(); b++) {
            const auto [i, j] = pairs[a];
            const auto [k, l] = pairs[b];
            variance += gradient[a] * gradient[b] * (s(i, k) * s(j, l) + s(i, l) * s(j, k));
        }
    const double error = std::sqrt(std::max(0.0, variance) / static_cast<double>(count - 1));
    return {value, error, error > 0 ? value / error : std::numeric_limits<double>::quiet_NaN()};
}

std::vector<Polynomial> readPolynomials(const std::string& path, int n) {
    std::ifstream stream(path);
    if (!stream)
        throw Error(path + ": cannot be opened");
    const RingPointer ring = makeCovarianceRing(n);
    std::vector<Polynomial> polynomials;
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        number++;
        if (line.find_first_not_of(" \t\r") == std::string::npos)
            continue;
        try {
            polynomials.push_back(Polynomial::parse(ring, line));
        } catch (const Error& error) {
            throw Error(path + ": line " + std::to_string(number) + ": " + error.what());
        }
    }
    if (polynomials.empty())
        throw Error(path + ": there is no polynomial");
    return polynomials;
}

} // namespace equivariant::one_connection_rule
