// SPDX-License-Identifier: MIT
//
// MACE (arXiv:2206.07697, 2205.06643) and Gaunt-MACE (arXiv:2401.10216); docs/theory/mace.md has
// the formulas and the names used here.
#pragma once

#include "equivariant/Couplings.h"
#include "equivariant/Features.h"
#include "equivariant/GauntManyBody.h"
#include "equivariant/GauntProduct.h"
#include "equivariant/Graph.h"
#include "equivariant/ModelFile.h"
#include "equivariant/PotentialInfo.h"
#include "equivariant/RadialBasis.h"

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

namespace equivariant {

/// Activation of radial networks and readouts, with e3nn's constant in front.
struct Activation {
    enum class Type { Silu, Tanh, Abs, None };
    Type type = Type::Silu;
    double constant = 1;
    ValueAndDerivative operator()(double x) const;
};

/// One way to couple a feature of degree l1 and the edge's harmonics of degree l2 to degree l3.
struct ConvolutionPath {
    int l1, l2, l3;
};

/// One layer. Linear maps are [in][out] and hold their normalisation 1/sqrt(fan-in).
struct MaceLayer {
    int inputLMax = 0;       ///< degrees of h on entry
    int outputLMax = 0;      ///< degrees of h on exit
    bool isResidual = false; ///< self-connection from the layer's input; else elements mix after it
    bool isDensity = false;  ///< messages are divided by 1 + density; else by avgNumNeighbors
    double avgNumNeighbors = 1;
    std::vector<Eigen::MatrixXd> linearUp; ///< [l]
    std::vector<ConvolutionPath> paths;    ///< ascending in l3; Gaunt convolution: one for each l3
    std::optional<GauntTensorProduct> gauntConvolution; ///< of Gaunt-MACE, instead of couplings
    /// The last has paths * channels outputs, path-major; with a Gaunt convolution one for each
    /// degree of the edge, then one for each of the output, times channels.
    std::vector<Eigen::MatrixXd> radialNetwork;
    Eigen::VectorXd densityWeights;                   ///< [radial basis]
    std::vector<std::vector<Eigen::MatrixXd>> linear; ///< [l3][path among those of l3]
    std::vector<std::vector<Eigen::MatrixXd>> skip;   ///< [species][l]
    /// Weights of the symmetric contraction, [L][order-1][species or 1](path, channel); empty if
    /// there is a Gaunt product.
    std::vector<std::vector<std::vector<Eigen::MatrixXd>>> contraction;
    std::optional<GauntManyBody> gauntProduct;  ///< of Gaunt-MACE
    std::vector<Eigen::MatrixXd> productLinear; ///< [L]
};

struct MaceReadout {
    bool isLinear = true;
    Eigen::MatrixXd linear;           ///< [channels][heads] of a linear readout
    Eigen::MatrixXd linear1, linear2; ///< [channels][heads * hidden], [heads * hidden][heads]
};

struct MaceParameters : PotentialInfo {
    int numChannels = 0;
    int maxEll = 0; ///< highest degree of edges and messages
    int correlation = 0;
    bool useLastReadoutOnly = false;
    RadialBasis radialBasis;
    int cutoffPower = 0;     ///< p of the polynomial cutoff
    bool applyCutoff = true; ///< the cutoff multiplies the basis; else the radial network's output
    std::optional<AgnesiTransform> agnesi;
    std::optional<SoftTransform> soft;
    std::optional<ZblRepulsion> zbl;
    Eigen::VectorXd covalentRadii; ///< [species], Å
    Activation radialActivation, readoutActivation;
    Eigen::MatrixXd embedding;                  ///< [species][channels]
    std::vector<std::vector<UTensor>> uTensors; ///< [L][order-1]
    std::vector<MaceLayer> layers;
    std::vector<MaceReadout> readouts; ///< one a layer, or the last one only
    Eigen::VectorXd scale, shift;      ///< [heads], eV
};

/// Takes the parameters out of a model file (docs/model-file.md). Throws Error naming `name` and
/// what is wrong.
MaceParameters readMace(const ModelFile& file, const std::string& name);

/// Radial stages of an edge at distances r > 0 (Å), for evaluators that tabulate them.
/// Outputs of a layer's radial network, [as MaceLayer::radialNetwork][distance].
ValuesAndDerivatives evaluateRadialNetwork(const MaceParameters& parameters, int layer, int sender,
                                           int receiver, const std::vector<double>& distances);
/// One edge's contribution to the density of its receiver.
ValueAndDerivative evaluateDensity(const MaceParameters& parameters, int layer, int sender,
                                   int receiver, double r);
/// Half the repulsion of a pair, before the head's scale, eV.
ValueAndDerivative evaluateRepulsion(const MaceParameters& parameters, int sender, int receiver,
                                     double r);

/// Intermediate results for tests and for comparison with faster evaluators.
struct MaceTrace {
    struct Layer {
        std::vector<Features> a; ///< [atoms], input of the product
        std::vector<Features> b; ///< [atoms], its output
        std::vector<Features> h; ///< [atoms], features after the layer
    };
    std::vector<Layer> layers;
    std::vector<double> zbl; ///< [atoms], before the scale
};

/// Evaluates a MACE or Gaunt-MACE model.
/// @param species  [atoms], index into parameters.atomicNumbers
/// @param head     index into parameters.heads
/// @param trace    if given, receives the intermediate results
NetworkOutput evaluateMace(const MaceParameters& parameters, const Graph& graph,
                           const std::vector<int>& species, int head, bool gradients,
                           MaceTrace* trace = nullptr);

} // namespace equivariant
