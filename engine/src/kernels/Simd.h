// SPDX-License-Identifier: MIT
//
// Vectors of the instruction set that a file is compiled for. Files that include this are compiled
// once for each set, in the namespace EQUIVARIANT_ISA, and must not include anything that defines
// inline functions outside that namespace: the linker would keep one copy of such a function for
// the whole program, perhaps the one that the processor cannot run.
#pragma once

#include <cstddef>
#include <cstdint>

#ifndef EQUIVARIANT_ISA
#error "compile this through the engine's CMakeLists.txt"
#endif

namespace equivariant::EQUIVARIANT_ISA {

#if defined(__AVX512F__)
constexpr int vectorBytes = 64;
constexpr int numRegisters = 32;
#elif defined(__AVX2__)
constexpr int vectorBytes = 32;
constexpr int numRegisters = 16;
#else
constexpr int vectorBytes = 16;
constexpr int numRegisters = 16;
#endif

template <class Real> struct VectorOf {
    typedef Real type __attribute__((vector_size(vectorBytes)));
    typedef Real unaligned __attribute__((vector_size(vectorBytes), aligned(sizeof(Real))));
};

/// A vector of `lanes` numbers; +, -, *, / and comparisons work element by element, also with
/// scalars.
template <class Real> using Vec = typename VectorOf<Real>::type;

template <class Real> constexpr int lanes = vectorBytes / int(sizeof(Real));

#define EQUIVARIANT_INLINE inline __attribute__((always_inline))

/// Loads from and stores to aligned memory.
template <class Real> EQUIVARIANT_INLINE Vec<Real> load(const Real* p) {
    return *reinterpret_cast<const Vec<Real>*>(p);
}
template <class Real> EQUIVARIANT_INLINE void store(Real* p, Vec<Real> v) {
    *reinterpret_cast<Vec<Real>*>(p) = v;
}

/// The same for memory aligned to one number only.
template <class Real> EQUIVARIANT_INLINE Vec<Real> loadUnaligned(const Real* p) {
    return *reinterpret_cast<const typename VectorOf<Real>::unaligned*>(p);
}
template <class Real> EQUIVARIANT_INLINE void storeUnaligned(Real* p, Vec<Real> v) {
    *reinterpret_cast<typename VectorOf<Real>::unaligned*>(p) = v;
}

template <class Real> EQUIVARIANT_INLINE Vec<Real> broadcast(Real x) {
    return x - Vec<Real>{};
}

/// The pointer, in a register that the compiler computes no further pointers from: it would keep
/// dozens of them, and spill them.
template <class T> EQUIVARIANT_INLINE T* opaque(T* pointer) {
    asm("" : "+r"(pointer));
    return pointer;
}

/// a b + c, with one rounding where the set has such an instruction. Of plain sums of two products
/// the compiler chooses which one it rounds, in each copy of inlined code anew.
template <class Real>
EQUIVARIANT_INLINE Vec<Real> multiplyAdd(Vec<Real> a, Vec<Real> b, Vec<Real> c) {
    [[maybe_unused]] constexpr bool isFloat = sizeof(Real) == sizeof(float);
#if defined(__AVX512F__)
    constexpr int rounding = 4; // the current mode
    if constexpr (isFloat)
        return __builtin_ia32_vfmaddps512_mask(a, b, c, -1, rounding);
    else
        return __builtin_ia32_vfmaddpd512_mask(a, b, c, -1, rounding);
#elif defined(__FMA__)
    if constexpr (isFloat)
        return __builtin_ia32_vfmaddps256(a, b, c);
    else
        return __builtin_ia32_vfmaddpd256(a, b, c);
#else
    return a * b + c;
#endif
}

/// Sum of the elements, in a fixed order: halves are added until one number is left.
template <class Real, int count> struct Halves {
    typedef Real Whole __attribute__((vector_size(count * sizeof(Real))));
    typedef Real Half __attribute__((vector_size(count / 2 * sizeof(Real))));
    static EQUIVARIANT_INLINE Real sum(Whole v) {
        Half low, high;
        __builtin_memcpy(&low, &v, sizeof(Half));
        __builtin_memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof(Half), sizeof(Half));
        return Halves<Real, count / 2>::sum(low + high);
    }
};
template <class Real> struct Halves<Real, 2> {
    typedef Real Whole __attribute__((vector_size(2 * sizeof(Real))));
    static EQUIVARIANT_INLINE Real sum(Whole v) { return v[0] + v[1]; }
};
template <class Real> EQUIVARIANT_INLINE Real sum(Vec<Real> v) {
    return Halves<Real, lanes<Real>>::sum(v);
}

} // namespace equivariant::EQUIVARIANT_ISA
