// SPDX-License-Identifier: MIT
//
// The stages of MACE, in the order and under the names of docs/theory/mace.md. Each has its
// reverse; "adjoint" of x means dE/dx. Features are [lm][channel], see Mace.h.
#pragma once

#include "equivariant/Mace.h"
#include "equivariant/SphericalHarmonics.h"

#include <vector>

namespace equivariant::mace {

/// What depends on the distance and direction of an edge only; the second columns are d/dr.
struct EdgeGeometry {
    double r;
    HarmonicsWithGradient harmonics; ///< component normalisation
    Eigen::MatrixX2d basis;          ///< [radial basis], with the cutoff if applyCutoff
    ValueAndDerivative cutoff;
};

EdgeGeometry makeGeometry(const MaceParameters& model, const Graph::Edge& edge,
                          const std::vector<int>& species);

/// Outputs of a layer's radial network for one edge, [paths * channels][value, d/dr].
Eigen::MatrixX2d radialWeights(const MaceParameters& model, const MaceLayer& layer,
                               const EdgeGeometry& edge, bool derivatives);

/// One edge's contribution to the density of its receiver.
ValueAndDerivative edgeDensity(const MaceParameters& model, const MaceLayer& layer,
                               const EdgeGeometry& edge);

/// Messages of one atom, [path] of [m3][channel].
using Messages = std::vector<Features>;
Messages zeroMessages(const MaceParameters& model, const MaceLayer& layer);

/// Adds the message of one edge: sum over paths of R * sqrt(2 l3+1) C h Y.
void addMessage(const MaceParameters& model, const MaceLayer& layer, const Eigen::MatrixX2d& radial,
                const Eigen::VectorXd& harmonics, const Features& sender, Messages& messages);

/// Reverse of addMessage(): adds to the adjoints of R, Y and the sender's features.
struct MessageAdjoint {
    Eigen::VectorXd radial, harmonics;
};
MessageAdjoint pullBackMessage(const MaceParameters& model, const MaceLayer& layer,
                               const Eigen::MatrixX2d& radial, const Eigen::VectorXd& harmonics,
                               const Features& sender, const Messages& adjoint,
                               Features& senderAdjoint);

/// The same for a layer with a Gaunt convolution; called by the two functions above.
void addGauntMessage(const MaceParameters& model, const MaceLayer& layer,
                     const Eigen::MatrixX2d& radial, const Eigen::VectorXd& harmonics,
                     const Features& sender, Messages& messages);
MessageAdjoint pullBackGauntMessage(const MaceParameters& model, const MaceLayer& layer,
                                    const Eigen::MatrixX2d& radial,
                                    const Eigen::VectorXd& harmonics, const Features& sender,
                                    const Messages& adjoint, Features& senderAdjoint);

/// Product of one atom of a species, [LM][channel] of [lm][channel]: symmetric contraction or
/// Gaunt.
Features product(const MaceParameters& model, const MaceLayer& layer, int species,
                 const Features& a);
Features pullBackProduct(const MaceParameters& model, const MaceLayer& layer, int species,
                         const Features& a, const Features& adjoint);

/// Applies a map per degree: rows of degree l times maps[l], for as many degrees as there are maps.
Features applyMaps(const std::vector<Eigen::MatrixXd>& maps, const Features& x, int outputLMax);
Features pullBackMaps(const std::vector<Eigen::MatrixXd>& maps, const Features& adjoint,
                      int inputLMax);

/// Everything of one layer that the reverse pass needs.
struct LayerState {
    std::vector<Features> up;       ///< [atoms] linear_up of the layer's input
    std::vector<double> divisor;    ///< [atoms] 1 + density, or avgNumNeighbors
    std::vector<Features> messages; ///< [atoms] mixed and divided
    std::vector<Features> a, h;     ///< [atoms] input of the product; features after the layer
};

/// The whole forward pass of one structure.
struct State {
    std::vector<EdgeGeometry> edges;
    std::vector<Features> embedding; ///< [atoms] h of layer 0
    std::vector<LayerState> layers;
};

/// dE/dh at the readouts, unscaled, and energies of one readout.
double readoutEnergy(const MaceParameters& model, const MaceReadout& readout,
                     const Eigen::RowVectorXd& scalars, int head);
Eigen::RowVectorXd readoutGradient(const MaceParameters& model, const MaceReadout& readout,
                                   const Eigen::RowVectorXd& scalars, int head);

/// The readout that follows a layer, or null.
const MaceReadout* readoutOf(const MaceParameters& model, int layer);

/// ZBL energies of the directed edges' receivers, and dE/dr of each edge.
ValueAndDerivative repulsion(const MaceParameters& model, const Graph::Edge& edge, double r,
                             const std::vector<int>& species);

/// Adds d(scaled network energy)/d(displacement) of every edge.
void addGradients(const MaceParameters& model, const Graph& graph, const std::vector<int>& species,
                  int head, const State& state, std::vector<Eigen::Vector3d>& gradients);

} // namespace equivariant::mace
