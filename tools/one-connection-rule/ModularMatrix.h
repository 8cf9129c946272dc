// SPDX-License-Identifier: MIT
//
// Matrices of numbers modulo a prime: FLINT's nmod_mat, as values.
#pragma once

#include <flint/nmod_mat.h>
#include <optional>

namespace equivariant::one_connection_rule {

class ModularMatrix {
public:
    ModularMatrix(long rows, long columns, unsigned long prime) {
        nmod_mat_init(value, rows, columns, prime);
    }
    ModularMatrix(const ModularMatrix& other) { nmod_mat_init_set(value, other.value); }
    ModularMatrix& operator=(const ModularMatrix& other) {
        ModularMatrix copy(other);
        nmod_mat_swap(value, copy.value);
        return *this;
    }
    ~ModularMatrix() { nmod_mat_clear(value); }

    unsigned long& operator()(long i, long j) { return nmod_mat_entry(value, i, j); }
    unsigned long operator()(long i, long j) const { return nmod_mat_entry(value, i, j); }

    long rows() const { return value->r; }
    long columns() const { return value->c; }
    unsigned long prime() const { return value->mod.n; }
    const nmod_t& modulus() const { return value->mod; }

    long rank() const { return nmod_mat_rank(value); }

    /// Nothing if the matrix is singular.
    std::optional<ModularMatrix> inverse() const {
        ModularMatrix result(rows(), columns(), prime());
        if (!nmod_mat_inv(result.value, value))
            return std::nullopt;
        return result;
    }

    ModularMatrix transpose() const {
        ModularMatrix result(columns(), rows(), prime());
        nmod_mat_transpose(result.value, value);
        return result;
    }

    friend ModularMatrix operator*(const ModularMatrix& a, const ModularMatrix& b) {
        ModularMatrix result(a.rows(), b.columns(), a.prime());
        nmod_mat_mul(result.value, a.value, b.value);
        return result;
    }

    /// Columns of the result, as many as are returned, span the kernel.
    long nullspace(ModularMatrix& basis) const { return nmod_mat_nullspace(basis.value, value); }

private:
    nmod_mat_t value;
};

} // namespace equivariant::one_connection_rule
