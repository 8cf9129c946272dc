// SPDX-License-Identifier: MIT
//
// Vectors of the instruction set that a file is compiled for.
#pragma once

#include <cstring>

namespace equivariant::training::EQUIVARIANT_ISA {

#if defined(__AVX512F__)
constexpr int vectorBytes = 64;
#elif defined(__AVX2__)
constexpr int vectorBytes = 32;
#else
constexpr int vectorBytes = 16;
#endif

template <class Real> struct VectorOf;
template <> struct VectorOf<float> {
    typedef float type __attribute__((vector_size(vectorBytes)));
};
template <> struct VectorOf<double> {
    typedef double type __attribute__((vector_size(vectorBytes)));
};
template <class Real> using Vector = typename VectorOf<Real>::type;
template <class Real> constexpr int lanes = vectorBytes / int(sizeof(Real));

template <class Real> Vector<Real> load(const Real* from, int count) {
    Vector<Real> v{};
    std::memcpy(&v, from, count * sizeof(Real));
    return v;
}
template <class Real> Vector<Real> load(const Real* from) {
    Vector<Real> v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

} // namespace equivariant::training::EQUIVARIANT_ISA
