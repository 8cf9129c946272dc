// SPDX-License-Identifier: MIT
//
// Loops over edges and atoms behind Convolution.h and Polynomial.h, compiled for several
// instruction sets. They know nothing of LibTorch.
#pragma once

#include <cstdint>
#include <vector>

namespace equivariant::training {

/// The couplings of a convolution as a list of rows of messages, each with its terms, each with its
/// couplings to harmonics.
struct ConvolutionTables {
    int numRows = 0, numInputs = 0, numPaths = 0, numHarmonics = 0;
    std::vector<int> pathOfRow;     ///< [rows]
    std::vector<int> firstTerm;     ///< [rows+1]
    std::vector<int> inputOfTerm;   ///< [terms] lm of the sender's features
    std::vector<int> firstCoupling; ///< [terms+1]
    std::vector<int> harmonic;      ///< [couplings] lm of the edge
    std::vector<double> value;      ///< [couplings]
};

/// Edges sorted by receiver, and the order that sorts them by sender.
struct EdgeLists {
    std::vector<int64_t> senders, receivers; ///< [edges]
    std::vector<int64_t> firstOfReceiver;    ///< [atoms+1]
    std::vector<int64_t> bySender;           ///< [edges]
    std::vector<int64_t> firstOfSender;      ///< [atoms+1]
};

/// The arguments of the form: sum over edges, rows and channels of
/// messages[receiver][row] radial[edge][path] coupling(harmonics[edge])[row][input]
/// features[sender][input].
enum class Slot { Messages, Radial, Harmonics, Features };

/// One of the arrays is not read: that of the slot by which the form is differentiated.
template <class Real> struct ConvolutionCall {
    const ConvolutionTables* tables;
    const EdgeLists* edges;
    int channels;
    const Real *messages, *radial, *harmonics, *features;
    Real* result;
};

/// Monomials of each order are those of the order before times a factor.
struct MonomialTables {
    int numInputs = 0, numMonomials = 0;
    std::vector<int> before; ///< [monomials] place of the shorter one; -1 for order one
    std::vector<int> factor; ///< [monomials] place of the last factor
};

/// Arrays: a, along and results like a [inputs][channels][atoms]; outputs
/// [outputs][channels][atoms]; coefficients [species][channels][outputs][monomials]. Atoms are
/// sorted by species.
template <class Real> struct PolynomialCall {
    const MonomialTables* tables;
    const int* atomsOfSpecies;
    int numSpecies, numAtoms, channels, numOutputs;
    const Real *coefficients, *a;
    const Real* along;                              ///< direction of a derivative, or null
    const Real* adjoint;                            ///< like outputs
    Real *outputs, *aAdjoint, *coefficientsAdjoint; ///< those that are not null are computed
};

template <class Real> struct FormKernels {
    /// @param first, last  receivers, senders (Slot::Features), or edges (Radial and Harmonics)
    void (*convolve)(const ConvolutionCall<Real>& call, Slot slot, int64_t first, int64_t last);
    /// Polynomials and their reverse, or the derivatives of both along a direction.
    /// @param first, last  channels
    void (*evaluatePolynomials)(const PolynomialCall<Real>& call, int64_t first, int64_t last);
};

/// For the processor that this runs on.
template <class Real> FormKernels<Real> chooseFormKernels();

#define EQUIVARIANT_DECLARE_FORM_KERNELS(isa)                                                      \
    namespace isa {                                                                                \
    template <class Real>                                                                          \
    void convolve(const ConvolutionCall<Real>& call, Slot slot, int64_t first, int64_t last);      \
    template <class Real>                                                                          \
    void evaluatePolynomials(const PolynomialCall<Real>& call, int64_t first, int64_t last);       \
    }
EQUIVARIANT_DECLARE_FORM_KERNELS(baseline)
EQUIVARIANT_DECLARE_FORM_KERNELS(avx2)
EQUIVARIANT_DECLARE_FORM_KERNELS(avx512)

} // namespace equivariant::training
