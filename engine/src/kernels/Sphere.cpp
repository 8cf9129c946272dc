// SPDX-License-Identifier: MIT
//
// Products by quadrature on the sphere. Points come in opposite pairs: even and odd degrees are
// summed once and give the values at both.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

constexpr int maxVariables = 81, maxDegrees = 9; // degrees up to 8, what model files allow

template <class Real> struct SphereRow {
    static constexpr int width = lanes<Real>;

    SphereRow(const SphereArgs<Real>& args, int block)
        : args(args), degrees(args.outputLMax + 1),
          factors(args.factors + block * args.factorStride),
          linear(args.coefficients + block * args.coefficientStride),
          coefficients(linear + degrees * width) {}

    EQUIVARIANT_INLINE Vec<Real> coefficient(int term, int L) const {
        return load(coefficients + std::size_t(term * degrees + L) * width);
    }

    /// x[lm] times the factors of the functions.
    EQUIVARIANT_INLINE void loadFeatures(int block, int row) {
        for (int l = 0; l <= args.lMax; l++) {
            const Real* in =
                args.x[l].data + block * args.x[l].stride + std::size_t(row) * (2 * l + 1) * width;
            for (int m = 0; m <= 2 * l; m++)
                x[l * l + m] = load(in + m * width);
        }
        for (int q = 0; q < args.numFunctions; q++)
            for (int l = args.functions[q].low; l <= args.functions[q].high; l++) {
                const Vec<Real> factor = load(factors + (q * (args.lMax + 1) + l) * width);
                for (int lm = l * l; lm < (l + 1) * (l + 1); lm++)
                    scaled[q][lm] = factor * x[lm];
            }
    }

    /// Values of the functions at a point and its opposite.
    EQUIVARIANT_INLINE void evaluateFunctions(const Real* y) {
        for (int q = 0; q < args.numFunctions; q++) {
            Vec<Real> parts[2] = {broadcast(Real(0)), broadcast(Real(0))};
            for (int l = args.functions[q].low; l <= args.functions[q].high; l++)
                for (int lm = l * l; lm < (l + 1) * (l + 1); lm++)
                    parts[l % 2] += y[lm] * scaled[q][lm];
            values[q][0] = parts[0] + parts[1];
            values[q][1] = parts[0] - parts[1];
        }
    }

    /// Product of a term's functions but for one (or none, -1).
    EQUIVARIANT_INLINE Vec<Real> product(const SphereTerm& term, int side, int without) const {
        Vec<Real> result = broadcast(Real(1));
        for (int i = 0; i < term.count; i++)
            if (i != without)
                result *= values[term.functions[i]][side];
        return result;
    }

    const SphereArgs<Real>& args;
    const int degrees;
    const Real *factors, *linear, *coefficients;
    Vec<Real> x[maxVariables], scaled[maxSphereFunctions][maxVariables],
        values[maxSphereFunctions][2];
};

template <class Real> void forwardRow(const SphereArgs<Real>& args, int block, int row) {
    constexpr int width = lanes<Real>;
    SphereRow<Real> own(args, block);
    own.loadFeatures(block, row);
    Vec<Real> out[maxVariables];
    for (int L = 0; L <= args.outputLMax; L++)
        for (int lm = L * L; lm < (L + 1) * (L + 1); lm++)
            out[lm] = load(own.linear + L * width) * own.x[lm];
    for (int p = 0; p < args.numPoints; p++) {
        const Real* y = args.harmonics + p * (args.lMax + 1) * (args.lMax + 1);
        own.evaluateFunctions(y);
        Vec<Real> sums[2][maxDegrees];
        for (int side = 0; side < 2; side++) {
            for (int L = 0; L < own.degrees; L++)
                sums[side][L] = broadcast(Real(0));
            for (int t = 0; t < args.numTerms; t++) {
                const Vec<Real> value = own.product(args.terms[t], side, -1);
                for (int L = 0; L < own.degrees; L++)
                    sums[side][L] += own.coefficient(t, L) * value;
            }
        }
        for (int L = 0; L < own.degrees; L++) {
            const Vec<Real> total =
                args.quadrature[p] * (L % 2 ? sums[0][L] - sums[1][L] : sums[0][L] + sums[1][L]);
            for (int lm = L * L; lm < (L + 1) * (L + 1); lm++)
                out[lm] += y[lm] * total;
        }
    }
    for (int L = 0; L <= args.outputLMax; L++)
        for (int m = 0; m <= 2 * L; m++)
            store(args.outputs[L].data + block * args.outputs[L].stride +
                      (std::size_t(row) * (2 * L + 1) + m) * width,
                  out[L * L + m]);
}

template <class Real> void reverseRow(const SphereArgs<Real>& args, int block, int row) {
    constexpr int width = lanes<Real>;
    SphereRow<Real> own(args, block);
    own.loadFeatures(block, row);
    const int size = (args.lMax + 1) * (args.lMax + 1);
    Vec<Real> adjoint[maxVariables], out[maxVariables], scaled[maxSphereFunctions][maxVariables];
    for (int lm = 0; lm < size; lm++) {
        out[lm] = broadcast(Real(0));
        for (int q = 0; q < args.numFunctions; q++)
            scaled[q][lm] = broadcast(Real(0));
    }
    for (int L = 0; L <= args.outputLMax; L++)
        for (int m = 0; m <= 2 * L; m++) {
            const int lm = L * L + m;
            adjoint[lm] = load(args.outputAdjoints[L].data + block * args.outputAdjoints[L].stride +
                               (std::size_t(row) * (2 * L + 1) + m) * width);
            out[lm] = load(own.linear + L * width) * adjoint[lm];
        }
    for (int p = 0; p < args.numPoints; p++) {
        const Real* y = args.harmonics + p * size;
        own.evaluateFunctions(y);
        Vec<Real> sums[maxDegrees], slopes[maxSphereFunctions][2];
        for (int L = 0; L < own.degrees; L++) {
            sums[L] = broadcast(Real(0));
            for (int lm = L * L; lm < (L + 1) * (L + 1); lm++)
                sums[L] += y[lm] * adjoint[lm];
            sums[L] *= args.quadrature[p];
        }
        for (int q = 0; q < args.numFunctions; q++)
            slopes[q][0] = slopes[q][1] = broadcast(Real(0));
        for (int side = 0; side < 2; side++)
            for (int t = 0; t < args.numTerms; t++) {
                Vec<Real> weight = broadcast(Real(0));
                for (int L = 0; L < own.degrees; L++) {
                    const Vec<Real> part = own.coefficient(t, L) * sums[L];
                    weight = side == 1 && L % 2 ? weight - part : weight + part;
                }
                const SphereTerm& term = args.terms[t];
                for (int i = 0; i < term.count; i++)
                    slopes[term.functions[i]][side] += weight * own.product(term, side, i);
            }
        for (int q = 0; q < args.numFunctions; q++) {
            const Vec<Real> parts[2] = {slopes[q][0] + slopes[q][1], slopes[q][0] - slopes[q][1]};
            for (int l = args.functions[q].low; l <= args.functions[q].high; l++)
                for (int lm = l * l; lm < (l + 1) * (l + 1); lm++)
                    scaled[q][lm] += y[lm] * parts[l % 2];
        }
    }
    for (int q = 0; q < args.numFunctions; q++)
        for (int l = args.functions[q].low; l <= args.functions[q].high; l++)
            for (int lm = l * l; lm < (l + 1) * (l + 1); lm++)
                out[lm] += load(own.factors + (q * (args.lMax + 1) + l) * width) * scaled[q][lm];
    for (int l = 0; l <= args.lMax; l++)
        for (int m = 0; m <= 2 * l; m++)
            store(args.xAdjoints[l].data + block * args.xAdjoints[l].stride +
                      (std::size_t(row) * (2 * l + 1) + m) * width,
                  out[l * l + m]);
}

} // namespace

template <class Real> void sphere(const SphereArgs<Real>& args) {
    for (int block = 0; block < args.channelBlocks; block++)
        for (int row = args.firstRow; row < args.firstRow + args.numRows; row++)
            forwardRow(args, block, row);
}

template <class Real> void sphereBack(const SphereArgs<Real>& args) {
    for (int block = 0; block < args.channelBlocks; block++)
        for (int row = args.firstRow; row < args.firstRow + args.numRows; row++)
            reverseRow(args, block, row);
}

template void sphere(const SphereArgs<float>&);
template void sphere(const SphereArgs<double>&);
template void sphereBack(const SphereArgs<float>&);
template void sphereBack(const SphereArgs<double>&);

} // namespace equivariant::EQUIVARIANT_ISA
