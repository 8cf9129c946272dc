// SPDX-License-Identifier: MIT
#include "Session.h"

#include "Cpu.h"
#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>

namespace equivariant {

namespace {

template <class Real>
std::shared_ptr<const PreparedNetwork>
prepareAs(const Model& model, const EvaluatorOptions& options, const std::vector<bool>& used) {
    if (const auto* mace = std::get_if<MaceParameters>(&model.getParameters()))
        return prepareMace<Real>(*mace, options, used);
    return preparePonita<Real>(std::get<PonitaParameters>(model.getParameters()), options, used);
}

/// Prepares a network, or finds the one that another evaluator uses.
std::shared_ptr<const PreparedNetwork> prepareShared(const std::shared_ptr<const Model>& model,
                                                     const EvaluatorOptions& options,
                                                     const std::vector<bool>& used) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<const PreparedNetwork>> known;
    std::string key = model->getHash() + nameOf(chooseInstructionSet()) + options.product +
                      (options.precision == Precision::Single ? 's' : 'd') +
                      (options.exactRadial ? 'e' : 't');
    for (const bool one : used)
        key += one ? '1' : '0';
    const std::lock_guard<std::mutex> lock(mutex);
    if (auto found = known[key].lock())
        return found;
    const auto network = options.precision == Precision::Single
                             ? prepareAs<float>(*model, options, used)
                             : prepareAs<double>(*model, options, used);
    // The network refers to the model's parameters, so it keeps the model alive.
    struct Owner {
        std::shared_ptr<const Model> model;
        std::shared_ptr<const PreparedNetwork> network;
    };
    const auto owner = std::make_shared<Owner>(Owner{model, network});
    const std::shared_ptr<const PreparedNetwork> result(owner, network.get());
    known[key] = result;
    return result;
}

} // namespace

PreparedModel::PreparedModel(std::shared_ptr<const Model> model, const EvaluatorOptions& options)
    : model(std::move(model)), options(options),
      used(this->model->getInfo().atomicNumbers.size(), false) {}

std::vector<int> PreparedModel::getSpecies(const Structure& structure) {
    std::vector<int> species;
    for (const int atomicNumber : structure.atomicNumbers) {
        species.push_back(model->getSpecies(atomicNumber));
        if (!used[species.back()]) {
            used[species.back()] = true;
            network.reset();
        }
    }
    return species;
}

std::shared_ptr<const PreparedNetwork> PreparedModel::getNetwork() {
    if (std::find(used.begin(), used.end(), true) == used.end())
        used[0] = true;
    if (!network)
        network = prepareShared(model, options, used);
    return network;
}

void Session::makeEdges(const Structure& structure, double cutoff) {
    if (neighbors.update(structure))
        edges.order = neighbors.getOrder();
    const auto& pairs = neighbors.getPairs();
    const auto& first = neighbors.getFirst();
    edges.numAtoms = static_cast<int>(structure.positions.size());
    edges.first.assign(1, 0);
    edges.sender.clear();
    edges.displacements.clear();
    edges.distances.clear();
    edgeOf.assign(pairs.size(), -1);
    for (int i = 0; i < edges.numAtoms; i++) {
        for (int p = first[i]; p < first[i + 1]; p++) {
            const auto& [sender, shift] = pairs[p];
            const Eigen::Vector3d displacement =
                (structure.positions[i] - structure.positions[sender]) +
                (shift[0] * structure.cell.row(0) + shift[1] * structure.cell.row(1) +
                 shift[2] * structure.cell.row(2))
                    .transpose();
            const double squared = displacement.squaredNorm();
            if (!(squared < cutoff * cutoff))
                continue;
            const double distance = std::sqrt(squared);
            if (distance < closestApproach)
                throwCoincident(i, sender, distance);
            edgeOf[p] = static_cast<int>(edges.sender.size());
            edges.sender.push_back(sender);
            edges.displacements.push_back(displacement);
            edges.distances.push_back(distance);
        }
        edges.first.push_back(static_cast<int>(edges.sender.size()));
    }
    edges.reverse.resize(edges.sender.size());
    for (std::size_t p = 0; p < pairs.size(); p++)
        if (edgeOf[p] >= 0)
            edges.reverse[edgeOf[p]] = edgeOf[neighbors.getReverse()[p]];
}

Evaluation Session::evaluate(const PreparedModel& prepared,
                             const std::shared_ptr<const PreparedNetwork>& prepareNetwork,
                             const Structure& structure, const std::vector<int>& species, int head,
                             bool computeForces, Workers& workers) {
    const PotentialInfo& info = prepared.getModel().getInfo();
    makeEdges(structure, info.cutoff);
    if (source != prepareNetwork) {
        network = prepareNetwork->makeNetwork();
        source = prepareNetwork;
    }
    network->evaluate({edges, species, head, computeForces, workers}, result);
    Evaluation evaluation;
    evaluation.numEdges = static_cast<int>(edges.sender.size());
    evaluation.interactionEnergy =
        std::accumulate(result.nodeEnergies.begin(), result.nodeEnergies.end(), 0.0);
    for (int i = 0; i < edges.numAtoms; i++)
        evaluation.atomEnergies.push_back(result.nodeEnergies[i] +
                                          info.isolatedAtomEnergies(head, species[i]));
    evaluation.energy =
        std::accumulate(evaluation.atomEnergies.begin(), evaluation.atomEnergies.end(), 0.0);
    if (!computeForces)
        return evaluation;
    evaluation.forces.assign(edges.numAtoms, Eigen::Vector3d::Zero());
    for (int i = 0; i < edges.numAtoms; i++)
        for (int e = edges.first[i]; e < edges.first[i + 1]; e++) {
            const Eigen::Vector3d& gradient = result.edgeGradients[e];
            evaluation.forces[i] += result.edgeGradients[edges.reverse[e]] - gradient;
            evaluation.virial -= edges.displacements[e] * gradient.transpose();
        }
    return evaluation;
}

} // namespace equivariant
