// SPDX-License-Identifier: MIT
#include "Batch.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <numeric>
#include <torch/torch.h>

namespace equivariant::training {

namespace {

torch::Tensor makeIndex(const std::vector<int64_t>& values, torch::Device device) {
    return torch::tensor(values, torch::kInt64).to(device);
}

/// [rows][columns] of doubles, rounded to the type.
torch::Tensor makeTensor(const std::vector<double>& values, std::vector<int64_t> shape,
                         const torch::TensorOptions& options) {
    return torch::tensor(values, torch::kFloat64).reshape(shape).to(options);
}

void append(std::vector<double>& values, const Eigen::Vector3d& v) {
    values.insert(values.end(), v.data(), v.data() + 3);
}

} // namespace

Batch::Batch(const std::vector<const Example*>& examples, int numSpecies,
             const torch::TensorOptions& options, const std::vector<Eigen::Matrix3d>& rotations)
    : numFrames(static_cast<int>(examples.size())), numAtoms(0), numEdges(0),
      atomsOfSpecies(numSpecies, 0), places(examples.size()) {
    if (examples.empty())
        throw Error("a batch has no structures");
    const auto rotationOf = [&](int frame) -> Eigen::Matrix3d {
        return rotations.empty() ? Eigen::Matrix3d::Identity() : rotations.at(frame);
    };
    struct Atom {
        int species, frame, index;
    };
    std::vector<Atom> atoms;
    std::vector<double> energyLabels, stressLabels, energyFactors, stressFactors, volumeValues,
        sizeValues;
    for (int f = 0; f < numFrames; f++) {
        const Example& example = *examples[f];
        const int count = example.graph.numNodes;
        places[f].resize(count);
        for (int i = 0; i < count; i++) {
            atoms.push_back({example.species[i], f, i});
            atomsOfSpecies[example.species[i]]++;
        }
        energyLabels.push_back(example.energy.value_or(0));
        energyFactors.push_back(example.energy ? example.weight : 0);
        const Eigen::Matrix3d stress = rotationOf(f) *
                                       example.stress.value_or(Eigen::Matrix3d::Zero()) *
                                       rotationOf(f).transpose();
        stressLabels.insert(stressLabels.end(), stress.data(), stress.data() + 9); // symmetric
        stressFactors.push_back(example.stress ? example.weight : 0);
        volumeValues.push_back(example.volume > 0 ? example.volume : 1);
        sizeValues.push_back(count);
    }
    std::stable_sort(atoms.begin(), atoms.end(),
                     [](const Atom& a, const Atom& b) { return a.species < b.species; });
    numAtoms = static_cast<int>(atoms.size());

    std::vector<int64_t> speciesValues, frameValues;
    std::vector<double> forceLabels, forceFactors;
    for (int i = 0; i < numAtoms; i++) {
        const auto& [kind, frame, index] = atoms[i];
        const Example& example = *examples[frame];
        places[frame][index] = i;
        speciesValues.push_back(kind);
        frameValues.push_back(frame);
        const bool hasForces = !example.forces.empty();
        append(forceLabels, hasForces ? Eigen::Vector3d(rotationOf(frame) * example.forces[index])
                                      : Eigen::Vector3d::Zero());
        forceFactors.push_back(hasForces ? example.weight : 0);
    }

    struct Edge {
        int64_t receiver, sender;
        Eigen::Vector3d displacement;
    };
    std::vector<Edge> edges;
    for (int f = 0; f < numFrames; f++)
        for (const Graph::Edge& edge : examples[f]->graph.edges)
            edges.push_back({places[f][edge.receiver], places[f][edge.sender],
                             rotationOf(f) * edge.displacement});
    std::stable_sort(edges.begin(), edges.end(),
                     [](const Edge& a, const Edge& b) { return a.receiver < b.receiver; });
    numEdges = static_cast<int>(edges.size());
    std::vector<int64_t> senderValues, receiverValues;
    std::vector<double> displacementValues;
    for (const Edge& edge : edges) {
        receiverValues.push_back(edge.receiver);
        senderValues.push_back(edge.sender);
        append(displacementValues, edge.displacement);
    }

    species = makeIndex(speciesValues, options.device());
    frames = makeIndex(frameValues, options.device());
    convolutionEdges = c10::make_intrusive<ConvolutionEdges>(
        std::move(senderValues), std::move(receiverValues), numAtoms, options.device());
    senders = convolutionEdges->senderIndex;
    receivers = convolutionEdges->receiverIndex;
    displacements = makeTensor(displacementValues, {numEdges, 3}, options);
    energies = makeTensor(energyLabels, {numFrames}, options);
    forces = makeTensor(forceLabels, {numAtoms, 3}, options);
    stresses = makeTensor(stressLabels, {numFrames, 3, 3}, options);
    volumes = makeTensor(volumeValues, {numFrames}, options);
    sizes = makeTensor(sizeValues, {numFrames}, options);
    energyWeights = makeTensor(energyFactors, {numFrames}, options);
    forceWeights = makeTensor(forceFactors, {numAtoms}, options);
    stressWeights = makeTensor(stressFactors, {numFrames}, options);
}

} // namespace equivariant::training
