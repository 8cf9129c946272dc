// SPDX-License-Identifier: MIT
//
// With polar axis y, put (X, Y, Z) = (z, x, y). On the unit sphere
//     Y_lm = N_l|m| Q_l|m|(Z) * { sqrt2 B_|m| for m < 0, 1 for m = 0, sqrt2 A_m for m > 0 },
// A_m + i B_m = (X + iY)^m, Q_lm = d^m P_l / dZ^m. Everything is a polynomial, so that gradients
// have no singular points: dQ_lm/dZ = Q_l(m+1), dA_m/dX = m A_(m-1), dA_m/dY = -m B_(m-1), and so
// on.
#include "equivariant/SphericalHarmonics.h"

#include <cmath>
#include <vector>

namespace equivariant {

namespace {

constexpr double pi = 3.14159265358979323846;

/// Q_lm(Z) for 0 <= m <= l + 1 (zero for m > l), by the three-term recursion in l.
class LegendreDerivatives {
public:
    LegendreDerivatives(int lMax, double z) : size(lMax + 2), values(size * size, 0.0) {
        double diagonal = 1; // (2m-1)!!
        for (int m = 0; m <= lMax; m++) {
            at(m, m) = diagonal;
            for (int l = m; l < lMax; l++)
                at(l + 1, m) = ((2 * l + 1) * z * at(l, m) - (l > m ? (l + m) * at(l - 1, m) : 0)) /
                               (l - m + 1);
            diagonal *= 2 * m + 1;
        }
    }
    double operator()(int l, int m) const { return values[l * size + m]; }

private:
    double& at(int l, int m) { return values[l * size + m]; }
    int size;
    std::vector<double> values;
};

/// sqrt((2l+1)/(4 pi) (l-m)!/(l+m)!), with the sqrt2 of m > 0.
double orthonormalFactor(int l, int m) {
    double ratio = 1;
    for (int k = l - m + 1; k <= l + m; k++)
        ratio /= k;
    return std::sqrt((m > 0 ? 2 : 1) * (2 * l + 1) / (4 * pi) * ratio);
}

struct Azimuthal {
    std::vector<double> a, b; ///< real and imaginary part of (X + iY)^m
    Azimuthal(int lMax, double x, double y) : a(lMax + 1), b(lMax + 1) {
        a[0] = 1;
        for (int m = 1; m <= lMax; m++) {
            a[m] = x * a[m - 1] - y * b[m - 1];
            b[m] = x * b[m - 1] + y * a[m - 1];
        }
    }
};

} // namespace

int degreeOf(int lm) {
    int l = 0;
    while ((l + 1) * (l + 1) <= lm)
        l++;
    return l;
}

double normalizationFactor(int l, Normalization normalization) {
    switch (normalization) {
    case Normalization::Integral:
        return 1;
    case Normalization::Component:
        return std::sqrt(4 * pi);
    case Normalization::Norm:
        return std::sqrt(4 * pi / (2 * l + 1));
    }
    return 1;
}

HarmonicsWithGradient sphericalHarmonicsWithGradient(int lMax, const Eigen::Vector3d& direction,
                                                     Normalization normalization) {
    const double length = direction.norm();
    const Eigen::Vector3d unit = direction / length;
    const LegendreDerivatives q(lMax, unit[1]);
    const Azimuthal azimuthal(lMax, unit[2], unit[0]);
    const auto& a = azimuthal.a;
    const auto& b = azimuthal.b;
    HarmonicsWithGradient result;
    result.values.resize(numHarmonics(lMax));
    result.gradients.resize(numHarmonics(lMax), 3);
    const Eigen::Matrix3d tangential =
        (Eigen::Matrix3d::Identity() - unit * unit.transpose()) / length;
    for (int l = 0; l <= lMax; l++)
        for (int m = 0; m <= l; m++) {
            const double factor = orthonormalFactor(l, m) * normalizationFactor(l, normalization);
            const double value = factor * q(l, m);
            const double slope = factor * q(l, m + 1);
            const double lowerA = m > 0 ? m * value * a[m - 1] : 0;
            const double lowerB = m > 0 ? m * value * b[m - 1] : 0;
            // Components (x, y, z) = (Y, Z, X).
            const int plus = l * l + l + m, minus = l * l + l - m;
            if (m > 0) {
                result.values[minus] = value * b[m];
                result.gradients.row(minus) =
                    Eigen::Vector3d(lowerA, slope * b[m], lowerB).transpose() * tangential;
            }
            result.values[plus] = value * a[m];
            result.gradients.row(plus) =
                Eigen::Vector3d(-lowerB, slope * a[m], lowerA).transpose() * tangential;
        }
    return result;
}

Eigen::VectorXd sphericalHarmonics(int lMax, const Eigen::Vector3d& direction,
                                   Normalization normalization) {
    return sphericalHarmonicsWithGradient(lMax, direction, normalization).values;
}

} // namespace equivariant
