// SPDX-License-Identifier: MIT
//
// Compiled once for each instruction set, EQUIVARIANT_ISA.
#include "FormKernels.h"
#include "Vectors.h"

#include <algorithm>
#include <type_traits>

namespace equivariant::training::EQUIVARIANT_ISA {

namespace {

/// Takes sums over the lanes of as many vectors as there are lanes: in the end lane i of v[0] is
/// that of v[i]. Halves of all of them are added until one vector is left.
template <class Real, int half = lanes<Real> / 2> void sumLanes(Vector<Real>* v) {
    typedef std::conditional_t<sizeof(Real) == 4, int32_t, int64_t> Mask
        __attribute__((vector_size(vectorBytes)));
    Mask lower{};
#pragma GCC unroll 16
    for (int i = 0; i < lanes<Real>; i++) {
        const int segment = i / half; // even ones come from the first vector
        lower[i] = segment % 2 * lanes<Real> + segment / 2 * 2 * half + i % half;
    }
#pragma GCC unroll 16
    for (int i = 0; i < half; i++)
        v[i] = __builtin_shuffle(v[i], v[i + half], lower) +
               __builtin_shuffle(v[i], v[i + half], lower + half);
    if constexpr (half > 1)
        sumLanes<Real, half / 2>(v);
}

/// A value, and its derivative along a direction.
template <class Real> struct Dual { Vector<Real> value, slope; };
template <class Real> Dual<Real> operator*(const Dual<Real>& a, const Dual<Real>& b) {
    Dual<Real> product;
    product.value = a.value * b.value;
    product.slope = a.value * b.slope + a.slope * b.value;
    return product;
}
template <class Real> void operator+=(Dual<Real>& a, const Dual<Real>& b) {
    a.value += b.value;
    a.slope += b.slope;
}
/// What is asked for: the value, or the derivative where there is one.
template <class Real> const Vector<Real>& answer(const Vector<Real>& x) {
    return x;
}
template <class Real> const Vector<Real>& answer(const Dual<Real>& x) {
    return x.slope;
}

template <class Real> void set(Vector<Real>& x, const Vector<Real>& value) {
    x = value;
}
template <class Real> void set(Dual<Real>& x, const Vector<Real>& value) {
    x.value = value;
    x.slope = Vector<Real>{};
}

/// A number times a constant.
template <class Real> Vector<Real> scale(const Vector<Real>& factor, const Vector<Real>& x) {
    return factor * x;
}
template <class Real> Dual<Real> scale(const Vector<Real>& factor, const Dual<Real>& x) {
    return {factor * x.value, factor * x.slope};
}

/// Polynomials of one channel of the atoms of one species. Number is Vector or Dual. Monomials of
/// the highest order are most of all: they are not stored, so that the others stay in the nearest
/// cache.
template <class Real, class Number> class ChannelPolynomials {
public:
    ChannelPolynomials(const PolynomialCall<Real>& call)
        : call(call), tables(*call.tables),
          numStored(std::max(tables.numInputs,
                             *std::max_element(tables.before.begin(), tables.before.end()) + 1)),
          inputs(tables.numInputs), monomials(numStored), adjoints(numStored),
          inputAdjoints(tables.numInputs), outputAdjoints(call.numOutputs) {}

    void evaluate(int k, int species, int firstAtom, int numAtoms) {
        const std::size_t size = std::size_t(call.numOutputs) * tables.numMonomials;
        const std::size_t matrix = (std::size_t(species) * call.channels + k) * size;
        coefficients = call.coefficients + matrix;
        coefficientsAdjoint =
            call.coefficientsAdjoint ? call.coefficientsAdjoint + matrix : nullptr;
        if (coefficientsAdjoint)
            std::fill(coefficientsAdjoint, coefficientsAdjoint + size, Real(0));
        for (int i = 0; i < numAtoms; i += lanes<Real>)
            evaluateAtoms(std::size_t(k) * call.numAtoms + firstAtom + i,
                          std::min(lanes<Real>, numAtoms - i));
    }

private:
    void evaluateAtoms(std::size_t at, int count) {
        const std::size_t stride = std::size_t(call.channels) * call.numAtoms;
        for (int lm = 0; lm < tables.numInputs; lm++)
            read(inputs[lm], at + lm * stride, count);
        for (int m = 0; m < numStored; m++)
            monomials[m] = tables.before[m] < 0 ? inputs[tables.factor[m]] : multiply(m);
        for (int o = 0; call.adjoint && o < call.numOutputs; o++)
            outputAdjoints[o] = load(call.adjoint + at + o * stride, count);
        if (call.outputs) {
            int o = 0;
            for (; o + 4 <= call.numOutputs; o += 4)
                addUp<4>(o, at, count);
            for (; o < call.numOutputs; o++)
                addUp<1>(o, at, count);
        }
        if (coefficientsAdjoint)
            addToCoefficients();
        if (call.aAdjoint) {
            pullBack();
            for (int lm = 0; lm < tables.numInputs; lm++)
                write(call.aAdjoint + at + lm * stride, answer<Real>(inputAdjoints[lm]), count);
        }
    }

    void read(Vector<Real>& x, std::size_t at, int count) { x = load(call.a + at, count); }
    void read(Dual<Real>& x, std::size_t at, int count) {
        x.value = load(call.a + at, count);
        x.slope = load(call.along + at, count);
    }
    static void write(Real* to, const Vector<Real>& x, int count) {
        std::memcpy(to, &x, count * sizeof(Real));
    }

    /// A monomial that is not of order one.
    Number multiply(int m) const { return monomials[tables.before[m]] * inputs[tables.factor[m]]; }
    Number monomial(int m) const { return m < numStored ? monomials[m] : multiply(m); }

    /// Some outputs from o on.
    template <int count> void addUp(int o, std::size_t at, int numAtoms) {
        constexpr int chains = 4 / count; // of sums that do not wait for one another
        const Real* row = coefficients + std::size_t(o) * tables.numMonomials;
        Vector<Real> sums[4] = {};
        const auto add = [&](int m, int chain, const Number& x) {
            for (int i = 0; i < count; i++)
                sums[i * chains + chain] += row[i * tables.numMonomials + m] * answer<Real>(x);
        };
        for (int m = 0; m < numStored; m++)
            add(m, 0, monomials[m]);
        int m = numStored;
        for (; m + chains <= tables.numMonomials; m += chains)
            for (int chain = 0; chain < chains; chain++)
                add(m + chain, chain, multiply(m + chain));
        for (; m < tables.numMonomials; m++)
            add(m, 0, multiply(m));
        const std::size_t stride = std::size_t(call.channels) * call.numAtoms;
        for (int i = 0; i < count; i++) {
            for (int chain = 1; chain < chains; chain++)
                sums[i * chains] += sums[i * chains + chain];
            write(call.outputs + at + (o + i) * stride, sums[i * chains], numAtoms);
        }
    }

    void addToCoefficients() {
        int m = 0;
        for (; m + lanes<Real> <= tables.numMonomials; m += lanes<Real>)
            addToCoefficients(m, std::integral_constant<int, lanes<Real>>());
        if (m < tables.numMonomials)
            addToCoefficients(m, tables.numMonomials - m);
    }
    template <class Count> void addToCoefficients(int m, Count count) {
        Vector<Real> values[lanes<Real>] = {};
        for (int i = 0; i < count; i++)
            values[i] = answer<Real>(monomial(m + i));
        for (int o = 0; o < call.numOutputs; o++) {
            Vector<Real> products[lanes<Real>];
#pragma GCC unroll 16
            for (int i = 0; i < lanes<Real>; i++)
                products[i] = outputAdjoints[o] * values[i];
            sumLanes<Real>(products);
            Real* to = coefficientsAdjoint + std::size_t(o) * tables.numMonomials + m;
            write(to, load(to, count) + products[0], count);
        }
    }

    /// The adjoint of a monomial by the outputs.
    Vector<Real> adjointOf(int m) const {
        Vector<Real> sum{};
        for (int o = 0; o < call.numOutputs; o++)
            sum += coefficients[std::size_t(o) * tables.numMonomials + m] * outputAdjoints[o];
        return sum;
    }

    void pullBack() {
        for (int m = 0; m < numStored; m++)
            set<Real>(adjoints[m], adjointOf(m));
        for (Number& adjoint : inputAdjoints)
            set<Real>(adjoint, Vector<Real>{});
        for (int m = numStored; m < tables.numMonomials;) {
            const int before = tables.before[m];
            const Number shorter = monomials[before];
            Number sum;
            set<Real>(sum, Vector<Real>{});
            for (; m < tables.numMonomials && tables.before[m] == before; m++) {
                const Vector<Real> adjoint = adjointOf(m);
                inputAdjoints[tables.factor[m]] += scale<Real>(adjoint, shorter);
                sum += scale<Real>(adjoint, inputs[tables.factor[m]]);
            }
            adjoints[before] += sum;
        }
        for (int m = numStored - 1; m >= 0; m--) {
            const int before = tables.before[m], factor = tables.factor[m];
            if (before < 0) {
                inputAdjoints[factor] += adjoints[m];
            } else {
                inputAdjoints[factor] += adjoints[m] * monomials[before];
                adjoints[before] += adjoints[m] * inputs[factor];
            }
        }
    }

    const PolynomialCall<Real>& call;
    const MonomialTables& tables;
    const int numStored; ///< monomials that others are made from
    const Real* coefficients = nullptr;
    Real* coefficientsAdjoint = nullptr;
    std::vector<Number> inputs, monomials, adjoints, inputAdjoints;
    std::vector<Vector<Real>> outputAdjoints;
};

template <class Real, class Number>
void evaluateChannels(const PolynomialCall<Real>& call, int64_t first, int64_t last) {
    ChannelPolynomials<Real, Number> polynomials(call);
    for (int64_t k = first; k < last; k++) {
        int atom = 0;
        for (int z = 0; z < call.numSpecies; z++) {
            polynomials.evaluate(static_cast<int>(k), z, atom, call.atomsOfSpecies[z]);
            atom += call.atomsOfSpecies[z];
        }
    }
}

} // namespace

template <class Real>
void evaluatePolynomials(const PolynomialCall<Real>& call, int64_t first, int64_t last) {
    if (call.along)
        evaluateChannels<Real, Dual<Real>>(call, first, last);
    else
        evaluateChannels<Real, Vector<Real>>(call, first, last);
}

template void evaluatePolynomials(const PolynomialCall<float>&, int64_t, int64_t);
template void evaluatePolynomials(const PolynomialCall<double>&, int64_t, int64_t);

} // namespace equivariant::training::EQUIVARIANT_ISA
