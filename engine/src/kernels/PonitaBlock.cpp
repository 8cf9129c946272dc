// SPDX-License-Identifier: MIT
//
// What PONITA does to the rows of an atom: GELU, LayerNorm, the convolution over orientations.
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

/// Coefficients for GELU. With x >= 0 and t = (x-4)/(x+4): erfc(x/sqrt 2)/2 = exp(-x^2/2) P(t) /
/// (1+2x), where P is the truncated Chebyshev series, its error below one unit in the last place.
/// exp(r) for |r| <= ln(2)/2 is the Taylor series.
template <class Real> struct GeluNumbers;
template <> struct GeluNumbers<double> {
    using Integer = std::int64_t;
    static constexpr int mantissaBits = 52, expDegree = 13;
    static constexpr double roundingShift = 6755399441055744.0; // 1.5 * 2^52
    static constexpr double lowestExponent = -708;
    static constexpr double ln2High = 6.93147180369123816490e-01,
                            ln2Low = 1.90821492927058770002e-10;
    static constexpr double p[] = {
        0.849695771717720395,     -0.0230092331045967253,   -0.0963799858904044394,
        0.128908135444893013,     -0.0952604789628542011,   0.0443642904398221441,
        -0.0105123192509029211,   -0.00121006002502522246,  0.00157697842521306627,
        -0.000143305786242627115, -0.000204354451651495445, 0.0000378693386968736572,
        0.0000315565347316920208, -6.03733149068298344e-6,  -5.88598997678715708e-6,
        6.07412002368511337e-7,   1.19689661585229391e-6,   5.03712959511489419e-8,
        -2.30927059178266388e-7,  -4.77899270631594392e-8,  3.53435664645363833e-8,
        1.29701077002798484e-8,   -3.04356580734067433e-9,  -1.53810307569372892e-9};
};
template <> struct GeluNumbers<float> {
    using Integer = std::int32_t;
    static constexpr int mantissaBits = 23, expDegree = 7;
    static constexpr float roundingShift = 12582912.0f; // 1.5 * 2^23
    static constexpr float lowestExponent = -87;
    static constexpr float ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;
    static constexpr float p[] = {0.8496957628f,    -0.02300898136f,  -0.09637933273f,
                                  0.1289029953f,    -0.09526826284f,  0.04439398457f,
                                  -0.01047801504f,  -0.00128153463f,  0.001507089152f,
                                  -6.420434386e-5f, -0.0001349691882f};
};

/// exp(x) for x <= 0; what would be below the smallest normal number is that.
template <class Real> EQUIVARIANT_INLINE Vec<Real> expOfNegative(Vec<Real> x) {
    using Numbers = GeluNumbers<Real>;
    typedef typename Numbers::Integer Integers __attribute__((vector_size(vectorBytes)));
    x = x < Numbers::lowestExponent ? broadcast(Numbers::lowestExponent) : x;
    const Vec<Real> shifted = x * Real(1.4426950408889634074) + Numbers::roundingShift;
    const Vec<Real> n = shifted - Numbers::roundingShift;
    const Vec<Real> r = x - n * Numbers::ln2High - n * Numbers::ln2Low;
    constexpr Real inverse[] = {Real(1),
                                Real(1),
                                Real(1) / 2,
                                Real(1) / 6,
                                Real(1) / 24,
                                Real(1) / 120,
                                Real(1) / 720,
                                Real(1) / 5040,
                                Real(1) / 40320,
                                Real(1) / 362880,
                                Real(1) / 3628800,
                                Real(1) / 39916800,
                                Real(1) / 479001600,
                                Real(1) / 6227020800};
    Vec<Real> sum = broadcast(inverse[Numbers::expDegree]);
#pragma GCC unroll 16
    for (int k = Numbers::expDegree - 1; k >= 0; k--)
        sum = sum * r + inverse[k];
    const Integers power = reinterpret_cast<Integers>(shifted) << Numbers::mantissaBits;
    return reinterpret_cast<Vec<Real>>(reinterpret_cast<Integers>(sum) + power);
}

template <class Real>
EQUIVARIANT_INLINE void geluOf(Vec<Real> x, Vec<Real>& value, Vec<Real>& derivative) {
    using Numbers = GeluNumbers<Real>;
    constexpr int degree = sizeof(Numbers::p) / sizeof(Real) - 1;
    const Vec<Real> size = x < Real(0) ? -x : x;
    const Vec<Real> wide = Real(1) + Real(2) * size, sum = size + Real(4);
    const Vec<Real> inverse = Real(1) / (wide * sum);
    const Vec<Real> t = (size - Real(4)) * (wide * inverse);
    Vec<Real> p = broadcast(Numbers::p[degree]);
#pragma GCC unroll 32
    for (int k = degree - 1; k >= 0; k--)
        p = p * t + Numbers::p[k];
    const Vec<Real> gaussian = expOfNegative<Real>(Real(-0.5) * x * x);
    const Vec<Real> tail = gaussian * (p * (sum * inverse));
    const Vec<Real> phi = x < Real(0) ? tail : Real(1) - tail;
    value = x * phi;
    derivative = phi + x * gaussian * Real(0.39894228040143267794);
}

template <class Real, int atoms, int points>
EQUIVARIANT_INLINE void fiberTile(const FiberArgs<Real>& args, const Real* y, const Real* kernel,
                                  Vec<Real> start, Real* z) {
    constexpr int width = lanes<Real>;
    const std::size_t atomStride = std::size_t(args.orientations) * width;
    Vec<Real> sums[atoms][points];
    for (int a = 0; a < atoms; a++)
        for (int p = 0; p < points; p++)
            sums[a][p] = start;
    for (int o = 0; o < args.orientations; o++, kernel += atomStride, y += width)
        for (int p = 0; p < points; p++) {
            const Vec<Real> k = load(kernel + p * width);
            for (int a = 0; a < atoms; a++)
                sums[a][p] += k * load(y + a * atomStride);
        }
    for (int a = 0; a < atoms; a++)
        for (int p = 0; p < points; p++)
            store(z + a * atomStride + p * width, sums[a][p]);
}

template <class Real, int atoms>
void fiberAtoms(const FiberArgs<Real>& args, const Real* y, const Real* kernel, Vec<Real> start,
                Real* z) {
    constexpr int width = lanes<Real>, points = 4;
    int p = 0;
    for (; p + points <= args.orientations; p += points)
        fiberTile<Real, atoms, points>(args, y, kernel + p * width, start, z + p * width);
    for (; p < args.orientations; p++)
        fiberTile<Real, atoms, 1>(args, y, kernel + p * width, start, z + p * width);
}

} // namespace

template <class Real> void ponitaGelu(const GeluArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int block = 0; block < args.blocks; block++) {
        const Vec<Real> bias = load(args.bias + block * width);
        Real* x = args.x + block * args.stride;
        Real* slopes = args.derivatives ? args.derivatives + block * args.stride : nullptr;
        for (int row = 0; row < args.rows; row++) {
            Vec<Real> value, derivative;
            geluOf<Real>(load(x + row * width) + bias, value, derivative);
            store(x + row * width, value);
            if (slopes)
                store(slopes + row * width, derivative);
        }
    }
}

template <class Real> void ponitaNorm(const NormArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int row = 0; row < args.rows; row++) {
        Real* x = args.x + row * width;
        Vec<Real> total = {}, squares = {};
        for (int block = 0; block < args.blocks; block++)
            total += load(x + block * args.stride);
        const Real mean = sum<Real>(total) * args.inverseChannels;
        for (int block = 0; block < args.blocks; block++) {
            const Vec<Real> centered =
                (load(x + block * args.stride) - mean) * load(args.mask + block * width);
            store(x + block * args.stride, centered);
            squares += centered * centered;
        }
        const Real variance = sum<Real>(squares) * args.inverseChannels;
        const Real inverse = Real(1) / Real(__builtin_sqrt(double(variance + args.epsilon)));
        args.inverseWidths[row] = inverse;
        for (int block = 0; block < args.blocks; block++)
            store(x + block * args.stride, inverse * load(x + block * args.stride));
    }
}

template <class Real> void ponitaNormBack(const NormArgs<Real>& args) {
    constexpr int width = lanes<Real>;
    for (int row = 0; row < args.rows; row++) {
        Real* x = args.x + row * width;
        const Real* adjoint = args.adjoint + row * width;
        Vec<Real> total = {}, products = {};
        for (int block = 0; block < args.blocks; block++) {
            const Vec<Real> a = load(adjoint + block * args.adjointStride);
            total += a;
            products += a * load(x + block * args.stride);
        }
        const Real mean = sum<Real>(total) * args.inverseChannels;
        const Real along = sum<Real>(products) * args.inverseChannels;
        for (int block = 0; block < args.blocks; block++) {
            const Vec<Real> a = load(adjoint + block * args.adjointStride);
            store(x + block * args.stride, args.inverseWidths[row] *
                                               load(args.mask + block * width) *
                                               (a - mean - along * load(x + block * args.stride)));
        }
    }
}

template <class Real> void ponitaFiber(const FiberArgs<Real>& args) {
    constexpr int width = lanes<Real>, together = 4;
    const std::size_t atomStride = std::size_t(args.orientations) * width;
    for (int block = 0; block < args.blocks; block++) {
        const Real* kernel = args.kernel + block * args.orientations * atomStride;
        const Vec<Real> start = args.bias ? load(args.bias + block * width) : Vec<Real>{};
        const Real* y = args.y + block * args.yStride;
        Real* z = args.z + block * args.zStride;
        int atom = 0;
        for (; atom + together <= args.atoms; atom += together)
            fiberAtoms<Real, together>(args, y + atom * atomStride, kernel, start,
                                       z + atom * atomStride);
        for (; atom < args.atoms; atom++)
            fiberAtoms<Real, 1>(args, y + atom * atomStride, kernel, start, z + atom * atomStride);
    }
}

#define EQUIVARIANT_INSTANTIATE(Real)                                                              \
    template void ponitaGelu(const GeluArgs<Real>&);                                               \
    template void ponitaNorm(const NormArgs<Real>&);                                               \
    template void ponitaNormBack(const NormArgs<Real>&);                                           \
    template void ponitaFiber(const FiberArgs<Real>&);
EQUIVARIANT_INSTANTIATE(float)
EQUIVARIANT_INSTANTIATE(double)

} // namespace equivariant::EQUIVARIANT_ISA
