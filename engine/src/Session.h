// SPDX-License-Identifier: MIT
#pragma once

#include "Network.h"
#include "equivariant/NeighborList.h"

namespace equivariant {

/// The weights of a model for the elements that have been seen, shared by all evaluators of the
/// model with the same options.
class PreparedModel {
public:
    PreparedModel(std::shared_ptr<const Model> model, const EvaluatorOptions& options);

    /// [atoms] index into the model's elements; makes the elements of a structure known. Throws
    /// Error for one that the model does not have.
    std::vector<int> getSpecies(const Structure& structure);

    /// Of the elements seen so far; before that, of the model's first.
    std::shared_ptr<const PreparedNetwork> getNetwork();

    const Model& getModel() const { return *model; }

private:
    std::shared_ptr<const Model> model;
    EvaluatorOptions options;
    std::vector<bool> used; ///< [species]
    std::shared_ptr<const PreparedNetwork> network;
};

/// What is kept from one structure to the next.
class Session {
public:
    Session(double cutoff, double skin) : neighbors(cutoff, skin) {}

    Evaluation evaluate(const PreparedModel& prepared,
                        const std::shared_ptr<const PreparedNetwork>& network,
                        const Structure& structure, const std::vector<int>& species, int head,
                        bool computeForces, Workers& workers);
    const NeighborList& getNeighbors() const { return neighbors; }

private:
    void makeEdges(const Structure& structure, double cutoff);

    NeighborList neighbors;
    std::shared_ptr<const PreparedNetwork> source; ///< that the network was made from
    std::unique_ptr<Network> network;
    Edges edges;
    std::vector<int> edgeOf; ///< [pairs] or -1
    NetworkResult result;
};

} // namespace equivariant
