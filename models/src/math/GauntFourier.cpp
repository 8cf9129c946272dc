// SPDX-License-Identifier: MIT
//
// The paper's own route (arXiv:2401.10216, section 3.2). With theta continued to [0, 2 pi) a
// harmonic is a finite double Fourier series, Y_lm = sum_uv F(u, v) exp(i u theta + i v phi) with v
// = ±m and |u| <= l. Products of functions are convolutions of F, done by FFT; the way back
// integrates exp(i u theta) Y_lm sin(theta), for which the Fourier basis is not orthogonal.
#include "GauntMethods.h"
#include "equivariant/SphericalHarmonics.h"

#include <cmath>
#include <complex>
#include <unsupported/Eigen/FFT>

namespace equivariant {

namespace {

using Complex = std::complex<double>;
using ComplexMatrix = Eigen::MatrixXcd;
constexpr double pi = 3.14159265358979323846;

/// c[u + l] of Theta_l|m|(theta) = sum_u c_u exp(i u theta), including the factors of Y_lm at phi =
/// 0.
Eigen::VectorXcd thetaSeries(int l, int m) {
    const int samples = 2 * l + 1;
    Eigen::VectorXcd series = Eigen::VectorXcd::Zero(samples);
    for (int j = 0; j < samples; j++) {
        // Directions with z < 0 continue the function past theta = pi.
        const double theta = 2 * pi * j / samples;
        const double value = sphericalHarmonics(l, {0, std::cos(theta), std::sin(theta)},
                                                Normalization::Integral)[l * l + l + m];
        for (int u = -l; u <= l; u++)
            series[u + l] += value * std::polar(1.0 / samples, -u * theta);
    }
    return series;
}

/// Integral of exp(i k theta) over [0, pi].
Complex halfTurn(int k) {
    if (k == 0)
        return pi;
    return k % 2 == 0 ? Complex(0) : Complex(0, 2.0 / k);
}

/// Integral of exp(i u theta) Theta_l|m|(theta) sin(theta) over [0, pi].
Complex backward(const Eigen::VectorXcd& series, int u) {
    const int l = static_cast<int>(series.size() - 1) / 2;
    Complex sum = 0;
    for (int w = -l; w <= l; w++)
        sum += series[w + l] * (halfTurn(u + w + 1) - halfTurn(u + w - 1)) / Complex(0, 2);
    return sum;
}

void transform(ComplexMatrix& matrix, bool inverse) {
    Eigen::FFT<double> fft;
    Eigen::VectorXcd in, out;
    const auto apply = [&](auto line) {
        in = line;
        if (inverse)
            fft.inv(out, in);
        else
            fft.fwd(out, in);
        line = out;
    };
    for (Eigen::Index i = 0; i < matrix.cols(); i++)
        apply(matrix.col(i));
    for (Eigen::Index i = 0; i < matrix.rows(); i++)
        apply(matrix.row(i).transpose());
}

class FourierGaunt : public GauntTensorProduct::Map {
public:
    FourierGaunt(int lMax1, int lMax2, int lMaxOut)
        : lMax1(lMax1), lMax2(lMax2), lMaxOut(lMaxOut), size(2 * (lMax1 + lMax2) + 1) {
        for (int l = 0; l <= std::max({lMax1, lMax2, lMaxOut}); l++)
            for (int m = 0; m <= l; m++)
                series.push_back(thetaSeries(l, m));
        for (int l = 0; l <= lMaxOut; l++)
            for (int m = 0; m <= l; m++)
                for (int u = -(lMax1 + lMax2); u <= lMax1 + lMax2; u++)
                    back.push_back(backward(seriesOf(l, m), u));
    }

    Features multiply(const Features& x, const Features& y) const override {
        Features z(numHarmonics(lMaxOut), x.cols());
        for (Eigen::Index channel = 0; channel < x.cols(); channel++) {
            ComplexMatrix f = synthesis(x.col(channel), lMax1);
            ComplexMatrix g = synthesis(y.col(channel), lMax2);
            transform(f, false);
            transform(g, false);
            f.array() *= g.array();
            transform(f, true);
            z.col(channel) = analysis(f);
        }
        return z;
    }

private:
    const Eigen::VectorXcd& seriesOf(int l, int m) const { return series[l * (l + 1) / 2 + m]; }
    int wrap(int frequency) const { return (frequency + size) % size; }

    /// F(u, v) of a function, negative frequencies wrapped around.
    ComplexMatrix synthesis(const Eigen::VectorXd& x, int lMax) const {
        ComplexMatrix f = ComplexMatrix::Zero(size, size);
        for (int l = 0; l <= lMax; l++)
            for (int m = 0; m <= l; m++) {
                // cos(m phi) and sin(m phi) in exponentials; the series holds the sqrt2 of m > 0.
                const double plus = x[l * l + l + m], minus = x[l * l + l - m];
                const Complex up = m == 0 ? Complex(plus) : Complex(plus, -minus) / 2.0;
                for (int u = -l; u <= l; u++) {
                    f(wrap(u), m) += up * seriesOf(l, m)[u + l];
                    if (m > 0)
                        f(wrap(u), wrap(-m)) += std::conj(up) * seriesOf(l, m)[u + l];
                }
            }
        return f;
    }

    Eigen::VectorXd analysis(const ComplexMatrix& f) const {
        Eigen::VectorXd z(numHarmonics(lMaxOut));
        const int uMax = lMax1 + lMax2;
        std::size_t next = 0;
        for (int l = 0; l <= lMaxOut; l++)
            for (int m = 0; m <= l; m++) {
                Complex plus = 0, minus = 0;
                for (int u = -uMax; u <= uMax; u++, next++) {
                    // A product has no |v| above l1 + l2.
                    if (m > uMax)
                        continue;
                    const Complex up = f(wrap(u), m), down = f(wrap(u), wrap(-m));
                    plus += back[next] * (m == 0 ? 2.0 * up : up + down);
                    minus += back[next] * Complex(0, 1) * (up - down);
                }
                z[l * l + l - m] = pi * minus.real();
                z[l * l + l + m] = pi * plus.real();
            }
        return z;
    }

    int lMax1, lMax2, lMaxOut, size;
    std::vector<Eigen::VectorXcd> series; ///< by l(l+1)/2 + m
    std::vector<Complex> back;            ///< by (l, m >= 0, u)
};

} // namespace

std::shared_ptr<const GauntTensorProduct::Map> makeFourierGaunt(int lMax1, int lMax2, int lMaxOut) {
    return std::make_shared<FourierGaunt>(lMax1, lMax2, lMaxOut);
}

} // namespace equivariant
