// SPDX-License-Identifier: MIT
#pragma once

#ifdef __SSE__
#include <xmmintrin.h>
#endif

namespace equivariant {

/// While it lives this thread takes subnormal numbers for zero. Processors there are on which a
/// multiplication with one takes a hundred times as long, and weights that decay in training become
/// such numbers, or their products do.
class NoSubnormals {
#ifdef __SSE__
public:
    NoSubnormals() {
        _mm_setcsr(before | 0x8040);
    } // flush to zero, denormals are zero
    ~NoSubnormals() {
        _mm_setcsr(before);
    }
    NoSubnormals(const NoSubnormals&) = delete;
    NoSubnormals& operator=(const NoSubnormals&) = delete;

private:
    const unsigned before = _mm_getcsr();
#endif
};

} // namespace equivariant
