// SPDX-License-Identifier: MIT
#pragma once

#include "Convolution.h"
#include "equivariant/Graph.h"

#include <optional>
#include <torch/types.h>
#include <vector>

namespace equivariant::training {

/// One structure of a training set, with its edges. eV and Å.
struct Example {
    std::vector<int> species; ///< [atoms], index into the model's elements
    Graph graph;
    double volume = 0;                     ///< Å³, 0 unless periodic
    std::optional<double> energy;          ///< without the isolated atoms
    std::vector<Eigen::Vector3d> forces;   ///< [atoms], or empty
    std::optional<Eigen::Matrix3d> stress; ///< eV/Å³
    double weight = 1;                     ///< of the whole example in the loss
    std::string configType;
};

/// Structures put together into one graph. Atoms are sorted by species, edges by receiver.
/// Tensors of labels hold zeros where an example has none; the weights are zero there, too.
struct Batch {
    /// @param options    type and device of the tensors
    /// @param rotations  one for each example, by which it is turned with its labels; none if empty
    /// Throws Error if there is no example.
    Batch(const std::vector<const Example*>& examples, int numSpecies,
          const torch::TensorOptions& options, const std::vector<Eigen::Matrix3d>& rotations = {});

    int numFrames, numAtoms, numEdges;
    std::vector<int> atomsOfSpecies;  ///< [species], how many atoms come one after the other
    torch::Tensor species;            ///< [atoms]
    torch::Tensor frames;             ///< [atoms]
    torch::Tensor senders, receivers; ///< [edges]
    c10::intrusive_ptr<ConvolutionEdges> convolutionEdges;
    torch::Tensor displacements;          ///< [edges][xyz] receiver minus sender, Å
    torch::Tensor energies;               ///< [frames] eV
    torch::Tensor forces;                 ///< [atoms][xyz] eV/Å
    torch::Tensor stresses;               ///< [frames][3][3] eV/Å³
    torch::Tensor volumes;                ///< [frames] Å³, 1 unless periodic
    torch::Tensor sizes;                  ///< [frames] number of atoms
    torch::Tensor energyWeights;          ///< [frames]
    torch::Tensor forceWeights;           ///< [atoms]
    torch::Tensor stressWeights;          ///< [frames]
    std::vector<std::vector<int>> places; ///< [frames][atoms of the example] row in the batch
};

} // namespace equivariant::training
