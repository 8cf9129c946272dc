// SPDX-License-Identifier: MIT
#include "Polynomial.h"

#include "equivariant/Error.h"

#include <regex>

namespace equivariant::one_connection_rule {

namespace {

/// FLINT's rational, which frees itself.
struct Rational {
    Rational() { fmpq_init(value); }
    explicit Rational(const mpq_class& given) : Rational() {
        fmpq_set_mpq(value, given.get_mpq_t());
    }
    ~Rational() { fmpq_clear(value); }
    Rational(const Rational&) = delete;
    Rational& operator=(const Rational&) = delete;

    mpq_class get() const {
        mpq_class result;
        fmpq_get_mpq(result.get_mpq_t(), value);
        return result;
    }

    fmpq_t value;
};

/// FLINT ends the program at a division by 0 and at powers that do not fit into memory: divisors
/// have to be whole numbers, powers have two digits, and sums have none.
bool isSafe(const std::string& text) {
    static const std::regex unsafe(
        "\\)\\s*\\^|\\^(?!\\s*[0-9]{1,2}(?![0-9]|\\s*\\^))|/(?!\\s*0*[1-9])");
    return !std::regex_search(text, unsafe);
}

} // namespace

Ring::Ring(std::vector<std::string> given) : variables(std::move(given)) {
    for (const std::string& name : variables)
        names.push_back(name.c_str());
    fmpq_mpoly_ctx_init(context, size(), ORD_DEGREVLEX);
}

Ring::~Ring() {
    fmpq_mpoly_ctx_clear(context);
}

Polynomial::Polynomial(RingPointer ring, long constant) : owner(std::move(ring)) {
    fmpq_mpoly_init(value, owner->context);
    fmpq_mpoly_set_si(value, constant, owner->context);
}

Polynomial::Polynomial(const Polynomial& other) : owner(other.owner) {
    fmpq_mpoly_init(value, owner->context);
    fmpq_mpoly_set(value, other.value, owner->context);
}

Polynomial::Polynomial(Polynomial&& other) noexcept : owner(other.owner) {
    fmpq_mpoly_init(value, owner->context);
    fmpq_mpoly_swap(value, other.value, owner->context);
}

Polynomial& Polynomial::operator=(Polynomial other) noexcept {
    std::swap(owner, other.owner);
    std::swap(*value, *other.value);
    return *this;
}

Polynomial::~Polynomial() {
    fmpq_mpoly_clear(value, owner->context);
}

Polynomial Polynomial::variable(const RingPointer& ring, int index) {
    Polynomial result(ring);
    fmpq_mpoly_gen(result.value, index, ring->context);
    return result;
}

Polynomial Polynomial::parse(const RingPointer& ring, const std::string& text) {
    Polynomial result(ring);
    if (!isSafe(text) ||
        fmpq_mpoly_set_str_pretty(result.value, text.c_str(),
                                  const_cast<const char**>(ring->names.data()), ring->context) != 0)
        throw Error("'" + text + "' is not a polynomial in " + ring->variable(0) + " ... " +
                    ring->variable(ring->size() - 1));
    return result;
}

void Polynomial::push(const mpq_class& coefficient, const Exponents& exponents) {
    const Rational factor(coefficient);
    fmpq_mpoly_push_term_fmpq_ui(value, factor.value, exponents.data(), owner->context);
}

void Polynomial::finish() {
    fmpq_mpoly_sort_terms(value, owner->context);
    fmpq_mpoly_combine_like_terms(value, owner->context);
}

Polynomial& Polynomial::operator+=(const Polynomial& other) {
    fmpq_mpoly_add(value, value, other.value, owner->context);
    return *this;
}

Polynomial& Polynomial::operator-=(const Polynomial& other) {
    fmpq_mpoly_sub(value, value, other.value, owner->context);
    return *this;
}

Polynomial Polynomial::operator*(const Polynomial& other) const {
    Polynomial result(owner);
    fmpq_mpoly_mul(result.value, value, other.value, owner->context);
    return result;
}

bool Polynomial::operator==(const Polynomial& other) const {
    return fmpq_mpoly_equal(value, other.value, owner->context);
}

bool Polynomial::isZero() const {
    return fmpq_mpoly_is_zero(value, owner->context);
}

long Polynomial::numTerms() const {
    return fmpq_mpoly_length(value, owner->context);
}

std::vector<std::pair<mpq_class, Exponents>> Polynomial::terms() const {
    std::vector<std::pair<mpq_class, Exponents>> all;
    for (long i = 0; i < numTerms(); i++) {
        Rational coefficient;
        Exponents exponents(owner->size());
        fmpq_mpoly_get_term_coeff_fmpq(coefficient.value, value, i, owner->context);
        fmpq_mpoly_get_term_exp_ui(exponents.data(), value, i, owner->context);
        all.emplace_back(coefficient.get(), std::move(exponents));
    }
    return all;
}

mpq_class Polynomial::evaluate(const std::vector<mpq_class>& values) const {
    std::vector<std::unique_ptr<Rational>> rationals;
    std::vector<fmpq*> pointers;
    for (const mpq_class& given : values) {
        rationals.push_back(std::make_unique<Rational>(given));
        pointers.push_back(rationals.back()->value);
    }
    Rational result;
    if (!fmpq_mpoly_evaluate_all_fmpq(result.value, value, pointers.data(), owner->context))
        throw Error("a value of a polynomial is too large");
    return result.get();
}

Polynomial Polynomial::substitute(const std::vector<Polynomial>& values) const {
    Polynomial result(values.at(0).owner);
    std::vector<fmpq_mpoly_struct*> pointers;
    for (const Polynomial& given : values)
        pointers.push_back(const_cast<fmpq_mpoly_struct*>(given.value));
    if (!fmpq_mpoly_compose_fmpq_mpoly(result.value, value, pointers.data(), owner->context,
                                       result.owner->context))
        throw Error("a polynomial of polynomials is too large");
    return result;
}

std::string Polynomial::toString() const {
    char* text = fmpq_mpoly_get_str_pretty(value, const_cast<const char**>(owner->names.data()),
                                           owner->context);
    const std::string result = text;
    flint_free(text);
    return result;
}

} // namespace equivariant::one_connection_rule
