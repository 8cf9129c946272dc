// SPDX-License-Identifier: MIT
//
// Compiled once for each instruction set, EQUIVARIANT_ISA.
#include "FormKernels.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace equivariant::training::EQUIVARIANT_ISA {

namespace {

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

/// Channels that are done together, in registers.
template <class Real> constexpr int blockVectors = 4;
template <class Real> constexpr int blockSize = blockVectors<Real>* lanes<Real>;

/// Calls f(first channel, constant number of channels), then once for the rest of them.
template <class Real, class Function> void overChannels(int channels, const Function& f) {
    int k = 0;
    for (; k + blockSize<Real> <= channels; k += blockSize<Real>)
        f(k, std::integral_constant<int, blockSize<Real>>());
    if (k < channels)
        f(k, channels - k);
}

/// Sums over harmonics: what an edge multiplies features by, for each term.
template <class Real>
void makeTerms(const ConvolutionTables& tables, const Real* harmonics, std::vector<Real>& terms) {
    for (std::size_t t = 0; t < terms.size(); t++) {
        Real sum = 0;
        for (int c = tables.firstCoupling[t]; c < tables.firstCoupling[t + 1]; c++)
            sum += Real(tables.value[c]) * harmonics[tables.harmonic[c]];
        terms[t] = sum;
    }
}

/// The arrays of one edge; those of the slot that is not read are not to be used.
template <class Real> struct EdgeArrays {
    EdgeArrays(const ConvolutionCall<Real>& call, int64_t e)
        : features(at(call.features, call.edges->senders[e], call.tables->numInputs, call)),
          messages(at(call.messages, call.edges->receivers[e], call.tables->numRows, call)),
          radial(at(call.radial, e, call.tables->numPaths, call)) {}
    const Real *features, *messages, *radial;

private:
    static const Real* at(const Real* array, int64_t item, int rows,
                          const ConvolutionCall<Real>& call) {
        return array ? array + item * rows * call.channels : nullptr;
    }
};

/// A row of the coupled features of an edge, some channels from k on.
template <class Real, class Count>
void coupleRow(const ConvolutionTables& tables, const std::vector<Real>& terms,
               const Real* features, int64_t channels, int row, int k, Count count, Real* sum) {
    std::fill(sum, sum + count, Real(0));
    for (int t = tables.firstTerm[row]; t < tables.firstTerm[row + 1]; t++) {
        const Real* x = features + tables.inputOfTerm[t] * channels + k;
        for (int i = 0; i < count; i++)
            sum[i] += terms[t] * x[i];
    }
}

template <class Real>
void convolveMessages(const ConvolutionCall<Real>& call, int64_t first, int64_t last) {
    const ConvolutionTables& tables = *call.tables;
    const int64_t channels = call.channels;
    std::vector<Real> terms(tables.inputOfTerm.size());
    for (int64_t atom = first; atom < last; atom++) {
        Real* result = call.result + atom * tables.numRows * channels;
        std::fill(result, result + tables.numRows * channels, Real(0));
        for (int64_t e = call.edges->firstOfReceiver[atom];
             e < call.edges->firstOfReceiver[atom + 1]; e++) {
            makeTerms(tables, call.harmonics + e * tables.numHarmonics, terms);
            const EdgeArrays<Real> edge(call, e);
            overChannels<Real>(call.channels, [&](int k, auto count) {
                for (int row = 0; row < tables.numRows; row++) {
                    Real sum[blockSize<Real>];
                    coupleRow(tables, terms, edge.features, channels, row, k, count, sum);
                    const Real* w = edge.radial + tables.pathOfRow[row] * channels + k;
                    Real* to = result + row * channels + k;
                    for (int i = 0; i < count; i++)
                        to[i] += w[i] * sum[i];
                }
            });
        }
    }
}

template <class Real>
void convolveFeatures(const ConvolutionCall<Real>& call, int64_t first, int64_t last) {
    const ConvolutionTables& tables = *call.tables;
    const int64_t channels = call.channels;
    std::vector<Real> terms(tables.inputOfTerm.size());
    for (int64_t atom = first; atom < last; atom++) {
        Real* result = call.result + atom * tables.numInputs * channels;
        std::fill(result, result + tables.numInputs * channels, Real(0));
        for (int64_t n = call.edges->firstOfSender[atom]; n < call.edges->firstOfSender[atom + 1];
             n++) {
            const int64_t e = call.edges->bySender[n];
            makeTerms(tables, call.harmonics + e * tables.numHarmonics, terms);
            const EdgeArrays<Real> edge(call, e);
            overChannels<Real>(call.channels, [&](int k, auto count) {
                for (int row = 0; row < tables.numRows; row++) {
                    const Real* w = edge.radial + tables.pathOfRow[row] * channels + k;
                    const Real* g = edge.messages + row * channels + k;
                    Real product[blockSize<Real>];
                    for (int i = 0; i < count; i++)
                        product[i] = w[i] * g[i];
                    for (int t = tables.firstTerm[row]; t < tables.firstTerm[row + 1]; t++) {
                        Real* to = result + tables.inputOfTerm[t] * channels + k;
                        for (int i = 0; i < count; i++)
                            to[i] += terms[t] * product[i];
                    }
                }
            });
        }
    }
}

template <class Real>
void convolveRadial(const ConvolutionCall<Real>& call, int64_t first, int64_t last) {
    const ConvolutionTables& tables = *call.tables;
    const int64_t channels = call.channels;
    std::vector<Real> terms(tables.inputOfTerm.size());
    for (int64_t e = first; e < last; e++) {
        Real* result = call.result + e * tables.numPaths * channels;
        std::fill(result, result + tables.numPaths * channels, Real(0));
        makeTerms(tables, call.harmonics + e * tables.numHarmonics, terms);
        const EdgeArrays<Real> edge(call, e);
        overChannels<Real>(call.channels, [&](int k, auto count) {
            for (int row = 0; row < tables.numRows; row++) {
                Real sum[blockSize<Real>];
                coupleRow(tables, terms, edge.features, channels, row, k, count, sum);
                const Real* g = edge.messages + row * channels + k;
                Real* to = result + tables.pathOfRow[row] * channels + k;
                for (int i = 0; i < count; i++)
                    to[i] += g[i] * sum[i];
            }
        });
    }
}

template <class Real>
void convolveHarmonics(const ConvolutionCall<Real>& call, int64_t first, int64_t last) {
    const ConvolutionTables& tables = *call.tables;
    const int64_t channels = call.channels;
    std::vector<Real> products(call.channels);
    for (int64_t e = first; e < last; e++) {
        Real* result = call.result + e * tables.numHarmonics;
        std::fill(result, result + tables.numHarmonics, Real(0));
        const EdgeArrays<Real> edge(call, e);
        for (int row = 0; row < tables.numRows; row++) {
            const Real* w = edge.radial + tables.pathOfRow[row] * channels;
            const Real* g = edge.messages + row * channels;
            for (int k = 0; k < call.channels; k++)
                products[k] = w[k] * g[k];
            for (int t = tables.firstTerm[row]; t < tables.firstTerm[row + 1]; t++) {
                const Real* x = edge.features + tables.inputOfTerm[t] * channels;
                Vector<Real> sums{};
                int k = 0;
                for (; k + lanes<Real> <= call.channels; k += lanes<Real>)
                    sums += load(&products[k]) * load(x + k);
                Real sum = 0;
                for (int i = 0; i < lanes<Real>; i++)
                    sum += sums[i];
                for (; k < call.channels; k++)
                    sum += products[k] * x[k];
                for (int c = tables.firstCoupling[t]; c < tables.firstCoupling[t + 1]; c++)
                    result[tables.harmonic[c]] += Real(tables.value[c]) * sum;
            }
        }
    }
}

template <class Real>
void convolve(const ConvolutionCall<Real>& call, Slot slot, int64_t first, int64_t last) {
    switch (slot) {
    case Slot::Messages:
        return convolveMessages(call, first, last);
    case Slot::Radial:
        return convolveRadial(call, first, last);
    case Slot::Harmonics:
        return convolveHarmonics(call, first, last);
    case Slot::Features:
        return convolveFeatures(call, first, last);
    }
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

/// Polynomials of one channel of the atoms of one species. Number is Vector or Dual.
template <class Real, class Number> class ChannelPolynomials {
public:
    ChannelPolynomials(const PolynomialCall<Real>& call)
        : call(call), tables(*call.tables), inputs(tables.numInputs),
          monomials(tables.numMonomials), adjoints(tables.numMonomials),
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
        for (int m = 0; m < tables.numMonomials; m++)
            monomials[m] = tables.before[m] < 0
                               ? inputs[tables.factor[m]]
                               : monomials[tables.before[m]] * inputs[tables.factor[m]];
        for (int o = 0; call.adjoint && o < call.numOutputs; o++)
            outputAdjoints[o] = load(call.adjoint + at + o * stride, count);
        for (int o = 0; call.outputs && o < call.numOutputs; o++)
            write(call.outputs + at + o * stride,
                  sum(coefficients + std::size_t(o) * tables.numMonomials), count);
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

    Vector<Real> sum(const Real* row) const {
        Vector<Real> sums[4] = {};
        int m = 0;
        for (; m + 4 <= tables.numMonomials; m += 4)
            for (int i = 0; i < 4; i++)
                sums[i] += row[m + i] * answer<Real>(monomials[m + i]);
        for (; m < tables.numMonomials; m++)
            sums[0] += row[m] * answer<Real>(monomials[m]);
        return (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }

    void addToCoefficients() {
        for (int o = 0; o < call.numOutputs; o++) {
            Real* row = coefficientsAdjoint + std::size_t(o) * tables.numMonomials;
            const Vector<Real> adjoint = outputAdjoints[o];
            for (int m = 0; m < tables.numMonomials; m++) {
                const Vector<Real> product = adjoint * answer<Real>(monomials[m]);
                Real total = 0;
                for (int i = 0; i < lanes<Real>; i++)
                    total += product[i];
                row[m] += total;
            }
        }
    }

    void pullBack() {
        for (int m = 0; m < tables.numMonomials; m++) {
            Vector<Real> sum{};
            for (int o = 0; o < call.numOutputs; o++)
                sum += coefficients[std::size_t(o) * tables.numMonomials + m] * outputAdjoints[o];
            set<Real>(adjoints[m], sum);
        }
        for (Number& adjoint : inputAdjoints)
            set<Real>(adjoint, Vector<Real>{});
        for (int m = tables.numMonomials - 1; m >= 0; m--) {
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

template <class Real>
void evaluatePolynomials(const PolynomialCall<Real>& call, int64_t first, int64_t last) {
    if (call.along)
        evaluateChannels<Real, Dual<Real>>(call, first, last);
    else
        evaluateChannels<Real, Vector<Real>>(call, first, last);
}

} // namespace

template <class Real> FormKernels<Real> getFormKernels() {
    return {convolve<Real>, evaluatePolynomials<Real>};
}

template FormKernels<float> getFormKernels();
template FormKernels<double> getFormKernels();

} // namespace equivariant::training::EQUIVARIANT_ISA
