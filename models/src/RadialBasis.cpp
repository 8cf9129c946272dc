// SPDX-License-Identifier: MIT
#include "equivariant/RadialBasis.h"

#include <cmath>

namespace equivariant {

ValueAndDerivative polynomialCutoff(double r, double rMax, int p) {
    const double u = r / rMax;
    if (u >= 1)
        return {0, 0};
    const double power = std::pow(u, p - 1);
    const double a = (p + 1) * (p + 2) / 2.0, b = p * (p + 2.0), c = p * (p + 1) / 2.0;
    return {1 - power * u * (a - u * (b - c * u)),
            -power * (p * a - u * ((p + 1) * b - (p + 2) * c * u)) / rMax};
}

ValueAndDerivative AgnesiTransform::operator()(double r, double radiusSum) const {
    const double scale = 2 / radiusSum;
    const double rho = r * scale;
    const double top = a * std::pow(rho, q), bottom = 1 + std::pow(rho, q - p);
    const double ratio = top / bottom;
    const double slope = ratio / rho * (q - (q - p) * std::pow(rho, q - p) / bottom);
    const double value = 1 / (1 + ratio);
    return {value, -value * value * slope * scale};
}

ValueAndDerivative SoftTransform::operator()(double r, double radiusSum) const {
    const double p0 = 0.75 * radiusSum, p1 = 4.0 / 3.0 * radiusSum;
    const double steepness = alpha / (p1 - p0);
    const double t = std::tanh(steepness * (r - 0.5 * (p0 + p1)));
    return {p0 + (r - p0) * 0.5 * (1 + t),
            0.5 * (1 + t) + (r - p0) * 0.5 * (1 - t * t) * steepness};
}

Eigen::MatrixX2d RadialBasis::evaluate(double d) const {
    Eigen::MatrixX2d result(size, 2);
    switch (type) {
    case RadialBasisType::Bessel: {
        for (int n = 0; n < size; n++) {
            const double w = weights[n], sine = std::sin(w * d), cosine = std::cos(w * d);
            result(n, 0) = coefficient * sine / d;
            result(n, 1) = coefficient * (w * cosine - sine / d) / d;
        }
        break;
    }
    case RadialBasisType::Gaussian: {
        for (int n = 0; n < size; n++) {
            const double x = d - weights[n];
            result(n, 0) = std::exp(coefficient * x * x);
            result(n, 1) = 2 * coefficient * x * result(n, 0);
        }
        break;
    }
    case RadialBasisType::Chebyshev: {
        // T_n and T_n' by the recursion T_n = 2 d T_(n-1) - T_(n-2).
        Eigen::Vector2d before(1, 0), now(d, 1);
        for (int n = 0; n < size; n++) {
            result.row(n) = now.transpose();
            const Eigen::Vector2d next(2 * d * now[0] - before[0],
                                       2 * now[0] + 2 * d * now[1] - before[1]);
            before = now;
            now = next;
        }
        break;
    }
    }
    return result;
}

double ZblRepulsion::getScreeningLength(int z1, int z2) const {
    return aPrefactor * 0.529 / (std::pow(z1, aExponent) + std::pow(z2, aExponent));
}

ValueAndDerivative ZblRepulsion::operator()(double r, int z1, int z2, double radiusSum) const {
    const double a = getScreeningLength(z1, z2);
    const Eigen::Map<const Eigen::Array4d> decays(decay);
    const Eigen::Array4d terms = c.array() * (-decays * (r / a)).exp();
    const double phi = terms.sum(), phiSlope = -(terms * decays).sum() / a;
    const ValueAndDerivative f = polynomialCutoff(r, radiusSum, p);
    const double factor = 0.5 * coulomb * z1 * z2;
    return {factor * phi / r * f.value,
            factor * ((phiSlope - phi / r) * f.value + phi * f.derivative) / r};
}

} // namespace equivariant
