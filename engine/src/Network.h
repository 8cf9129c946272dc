// SPDX-License-Identifier: MIT
//
// What Evaluator asks of an architecture.
#pragma once

#include "equivariant/Evaluator.h"

#include <Eigen/Core>
#include <memory>
#include <vector>

namespace equivariant {

/// The directed edges of one step, those of a receiver together. Every edge has its reverse.
struct Edges {
    int numAtoms = 0;
    std::vector<int> first;                     ///< [atoms + 1] where a receiver's edges begin
    std::vector<int> sender;                    ///< [edges]
    std::vector<int> reverse;                   ///< [edges] the edge that runs the other way
    std::vector<Eigen::Vector3d> displacements; ///< [edges] r_receiver - r_sender, Å
    std::vector<double> distances;              ///< [edges], below the cutoff
    std::vector<int> order; ///< [atoms] near ones near each other, or empty; for speed only
};

struct NetworkTask {
    const Edges& edges;
    const std::vector<int>& species; ///< [atoms] index into the model's elements
    int head;
    bool gradients;
    Workers& workers;
};

struct NetworkResult {
    std::vector<double> nodeEnergies;           ///< [atoms] eV, without isolated-atom energies
    std::vector<Eigen::Vector3d> edgeGradients; ///< [edges] dE/d(displacement); their split between
                                                ///< an edge and its reverse is left open
};

/// A network with its buffers. One object serves one call at a time.
class Network {
public:
    virtual ~Network() = default;
    /// Results do not depend on the number of workers, not even in the last bit.
    virtual void evaluate(const NetworkTask& task, NetworkResult& result) = 0;
};

/// Immutable weights, tables and choices for a set of elements; makes networks.
class PreparedNetwork {
public:
    virtual ~PreparedNetwork() = default;
    virtual std::unique_ptr<Network> makeNetwork() const = 0;
    /// Fills in what was chosen: tables and products.
    virtual void describe(EvaluatorDescription& description) const = 0;
};

/// @param usedSpecies  [species] whether an element occurs; the others need no tables
/// Throws Error for options that the model cannot follow.
template <class Real>
std::shared_ptr<const PreparedNetwork> prepareMace(const MaceParameters& model,
                                                   const EvaluatorOptions& options,
                                                   const std::vector<bool>& usedSpecies);
template <class Real>
std::shared_ptr<const PreparedNetwork> preparePonita(const PonitaParameters& model,
                                                     const EvaluatorOptions& options,
                                                     const std::vector<bool>& usedSpecies);

} // namespace equivariant
