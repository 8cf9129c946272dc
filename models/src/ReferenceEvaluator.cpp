// SPDX-License-Identifier: MIT
#include "equivariant/ReferenceEvaluator.h"

#include "equivariant/Error.h"

#include <numeric>

namespace equivariant {

namespace {

NetworkOutput evaluateNetwork(const Model& model, const Graph& graph,
                              const std::vector<int>& species, int head, bool gradients) {
    if (const auto* mace = std::get_if<MaceParameters>(&model.getParameters()))
        return evaluateMace(*mace, graph, species, head, gradients);
    return evaluatePonita(std::get<PonitaParameters>(model.getParameters()), graph, species,
                          gradients);
}

} // namespace

ReferenceEvaluator::ReferenceEvaluator(std::shared_ptr<const Model> model)
    : model(std::move(model)) {}

Evaluation ReferenceEvaluator::evaluate(const Structure& structure, int head,
                                        bool computeForces) const {
    const PotentialInfo& info = model->getInfo();
    if (head < 0 || head >= static_cast<int>(info.heads.size()))
        throw Error("head index " + std::to_string(head) + " is out of range");
    std::vector<int> species;
    for (int atomicNumber : structure.atomicNumbers)
        species.push_back(model->getSpecies(atomicNumber));
    const Graph graph = buildGraph(structure, info.cutoff);
    const NetworkOutput output = evaluateNetwork(*model, graph, species, head, computeForces);

    Evaluation result;
    result.numEdges = static_cast<int>(graph.edges.size());
    result.interactionEnergy = output.nodeEnergies.sum();
    for (int i = 0; i < graph.numNodes; i++)
        result.atomEnergies.push_back(output.nodeEnergies[i] +
                                      info.isolatedAtomEnergies(head, species[i]));
    result.energy = std::accumulate(result.atomEnergies.begin(), result.atomEnergies.end(), 0.0);
    if (computeForces) {
        result.forces.assign(graph.numNodes, Eigen::Vector3d::Zero());
        for (std::size_t e = 0; e < graph.edges.size(); e++) {
            const Graph::Edge& edge = graph.edges[e];
            const Eigen::Vector3d& gradient = output.edgeGradients[e];
            result.forces[edge.receiver] -= gradient;
            result.forces[edge.sender] += gradient;
            result.virial -= edge.displacement * gradient.transpose();
        }
    }
    return result;
}

} // namespace equivariant
