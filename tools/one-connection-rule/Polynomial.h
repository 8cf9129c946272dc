// SPDX-License-Identifier: MIT
//
// Polynomials with rational coefficients: FLINT's fmpq_mpoly, as values.
#pragma once

#include <gmpxx.h>
#include <memory>
#include <string>
#include <vector>

#include <flint/fmpq_mpoly.h>

namespace equivariant::one_connection_rule {

using Exponents = std::vector<unsigned long>; ///< [variables]

/// The variables of polynomials; all that are computed with one another share a ring.
class Ring {
public:
    explicit Ring(std::vector<std::string> variables);
    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    int size() const { return static_cast<int>(variables.size()); }
    const std::string& variable(int index) const { return variables[index]; }

private:
    friend class Polynomial;
    std::vector<std::string> variables;
    std::vector<const char*> names;
    mutable fmpq_mpoly_ctx_t context;
};
using RingPointer = std::shared_ptr<const Ring>;

class Polynomial {
public:
    explicit Polynomial(RingPointer ring, long constant = 0);
    Polynomial(const Polynomial& other);
    Polynomial(Polynomial&& other) noexcept;
    Polynomial& operator=(Polynomial other) noexcept;
    ~Polynomial();

    static Polynomial variable(const RingPointer& ring, int index);

    /// Reads infix: "s01*s12 - 1/2*s02^2", with powers up to 99 and whole numbers as divisors.
    /// Throws Error for anything else.
    static Polynomial parse(const RingPointer& ring, const std::string& text);

    /// Adds coefficient * product of variables^exponents; finish() once all are added.
    void push(const mpq_class& coefficient, const Exponents& exponents);
    void finish();

    Polynomial& operator+=(const Polynomial& other);
    Polynomial& operator-=(const Polynomial& other);
    Polynomial operator*(const Polynomial& other) const;
    bool operator==(const Polynomial& other) const;
    bool isZero() const;

    long numTerms() const;
    std::vector<std::pair<mpq_class, Exponents>> terms() const;

    mpq_class evaluate(const std::vector<mpq_class>& values) const;

    /// This polynomial with another for every variable.
    Polynomial substitute(const std::vector<Polynomial>& values) const;

    /// Infix that Macaulay2, SageMath and SymPy read.
    std::string toString() const;

    RingPointer ring() const { return owner; }

private:
    RingPointer owner;
    fmpq_mpoly_t value;
};

} // namespace equivariant::one_connection_rule
