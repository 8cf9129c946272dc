// SPDX-License-Identifier: MIT
//
// Compiled once for each instruction set, EQUIVARIANT_ISA.
#include "FormKernels.h"
#include "Vectors.h"

#include <algorithm>
#include <type_traits>

namespace equivariant::training::EQUIVARIANT_ISA {

namespace {

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

} // namespace

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

template void convolve(const ConvolutionCall<float>&, Slot, int64_t, int64_t);
template void convolve(const ConvolutionCall<double>&, Slot, int64_t, int64_t);

} // namespace equivariant::training::EQUIVARIANT_ISA
