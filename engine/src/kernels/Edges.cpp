// SPDX-License-Identifier: MIT
//
// Harmonics, coupling matrices and spline weights of edges, one edge a lane.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

constexpr int maxHarmonicDegree = 8; // what model files allow

template <class Real> struct Direction { Vec<Real> x, y, z; };

/// Two unit vectors normal to n and to each other (T. Duff et al., JCGT 6(1), 2017).
template <class Real>
EQUIVARIANT_INLINE void makeTangents(const Direction<Real>& n, Direction<Real> tangents[2]) {
    const Vec<Real> one = broadcast(Real(1));
    const Vec<Real> sign = n.z < Real(0) ? -one : one;
    const Vec<Real> a = -one / (sign + n.z), b = n.x * n.y * a;
    tangents[0] = {one + sign * n.x * n.x * a, sign * b, -sign * n.x};
    tangents[1] = {b, sign + n.y * n.y * a, -n.y};
}

/// Real harmonics with polar axis y: Q_lm(y) times Re (z + i x)^m for m >= 0, times Im for m < 0,
/// Q the associated Legendre function without its power of the sine; and their derivatives along
/// the tangents.
template <class Real>
void makeHarmonics(const EdgeArgs<Real>& args, const Direction<Real>& n,
                   const Direction<Real> tangents[2]) {
    constexpr int width = lanes<Real>;
    const int lMax = args.lMax, size = (lMax + 1) * (lMax + 1);
    Vec<Real> re[maxHarmonicDegree + 2], im[maxHarmonicDegree + 2];
    re[0] = broadcast(Real(1));
    im[0] = broadcast(Real(0));
    for (int m = 0; m <= lMax; m++) {
        re[m + 1] = re[m] * n.z - im[m] * n.x;
        im[m + 1] = re[m] * n.x + im[m] * n.z;
    }
    // Q[l][m], all m up to l; Q[l][l+1] = 0 serves the derivative.
    Vec<Real> q[maxHarmonicDegree + 1][maxHarmonicDegree + 2];
    for (int m = 0; m <= lMax; m++) {
        q[m][m] = m == 0 ? broadcast(Real(1)) : Real(2 * m - 1) * q[m - 1][m - 1];
        q[m][m + 1] = broadcast(Real(0));
        if (m < lMax)
            q[m + 1][m] = Real(2 * m + 1) * n.y * q[m][m];
        for (int l = m + 2; l <= lMax; l++)
            q[l][m] =
                (Real(2 * l - 1) * n.y * q[l - 1][m] - Real(l + m - 1) * q[l - 2][m]) / Real(l - m);
    }
    for (int l = 0; l <= lMax; l++)
        for (int m = 0; m <= l; m++) {
            const int plus = l * l + l + m, minus = l * l + l - m;
            const Real factor = args.normalization[plus];
            if (m > 0)
                store(args.harmonics + minus * width, factor * q[l][m] * im[m]);
            store(args.harmonics + plus * width, factor * q[l][m] * re[m]);
            if (!args.derivatives)
                continue;
            for (int t = 0; t < 2; t++) {
                const Direction<Real>& v = tangents[t];
                Real* out = args.harmonics + (t + 1) * size * width;
                const Vec<Real> dq = q[l][m + 1] * v.y;
                const Vec<Real> scale = Real(m) * q[l][m];
                const Vec<Real> re1 = m > 0 ? re[m - 1] : broadcast(Real(0));
                const Vec<Real> im1 = m > 0 ? im[m - 1] : broadcast(Real(0));
                if (m > 0)
                    store(out + minus * width,
                          factor * (dq * im[m] + scale * (im1 * v.z + re1 * v.x)));
                store(out + plus * width, factor * (dq * re[m] + scale * (re1 * v.z - im1 * v.x)));
            }
        }
}

/// Uniform B-splines of the interval and their derivatives by the position within it.
template <class Real>
EQUIVARIANT_INLINE void makeWeights(const EdgeArgs<Real>& args, Vec<Real> u, Real* out) {
    constexpr int width = lanes<Real>, maxDegree = 5;
    Vec<Real> b[maxDegree + 1];
    b[0] = broadcast(Real(1));
    for (int k = 1; k <= args.degree; k++) {
        if (k == args.degree && args.derivatives) {
            Real* slopes = out + (args.degree + 1) * width;
            for (int j = 0; j <= k; j++) {
                const Vec<Real> left = j > 0 ? b[j - 1] : broadcast(Real(0));
                const Vec<Real> right = j < k ? b[j] : broadcast(Real(0));
                store(slopes + j * width, args.inverseSpacing * (left - right));
            }
        }
        const Real scale = Real(1) / Real(k);
        b[k] = scale * u * b[k - 1];
        for (int j = k - 1; j > 0; j--)
            b[j] = scale * ((u + Real(k - j)) * b[j - 1] + (Real(j + 1) - u) * b[j]);
        b[0] = scale * (Real(1) - u) * b[0];
    }
    for (int j = 0; j <= args.degree; j++)
        store(out + j * width, b[j]);
}

} // namespace

template <class Real> void edges(const EdgeArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    const int size = (args.lMax + 1) * (args.lMax + 1), kinds = args.derivatives ? 3 : 1;
    const int rows = (args.derivatives ? 2 : 1) * (args.degree + 1);
    const CouplingTerms<Real>& couplings = args.couplings;
    for (int first = 0, block = 0; first < args.count; first += width, block++) {
        const Direction<Real> n = {load(args.x + first), load(args.y + first),
                                   load(args.z + first)};
        Direction<Real> tangents[2];
        if (args.derivatives) {
            makeTangents(n, tangents);
            Real* out = args.tangents + block * 6 * width;
            for (int t = 0; t < 2; t++) {
                store(out + (3 * t) * width, tangents[t].x);
                store(out + (3 * t + 1) * width, tangents[t].y);
                store(out + (3 * t + 2) * width, tangents[t].z);
            }
        }
        makeHarmonics(args, n, tangents);
        makeWeights(args, load(args.fraction + first),
                    args.weights + std::size_t(block) * rows * width);
        Real* out = args.coefficients + std::size_t(block) * kinds * couplings.numTargets * width;
        for (int kind = 0; kind < kinds; kind++) {
            const Real* y = args.harmonics + kind * size * width;
            for (int target = 0; target < couplings.numTargets; target++, out += width) {
                Vec<Real> value = broadcast(Real(0));
                for (int i = couplings.first[target]; i < couplings.first[target + 1]; i++)
                    value += couplings.value[i] * load(y + couplings.harmonic[i] * width);
                store(out, value);
            }
        }
    }
}

template void edges(const EdgeArgs<float>&);
template void edges(const EdgeArgs<double>&);

} // namespace equivariant::EQUIVARIANT_ISA
