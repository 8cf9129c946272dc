// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/ModelFile.h"

#include <Eigen/Core>
#include <string>
#include <vector>

namespace equivariant::training {

/// Sizes of a MACE to train; defaults are those of the paper for molecules of this kind.
struct MaceSizes {
    std::vector<int> atomicNumbers; ///< ascending
    double cutoff = 5;              ///< Å
    int numLayers = 2, numChannels = 64;
    int maxL = 1;   ///< highest degree of features between layers
    int maxEll = 3; ///< of edges and messages
    int correlation = 3;
    int numRadialBasis = 8, cutoffPower = 5;
    std::vector<int> radialNetwork = {64, 64, 64};
    int readoutHidden = 16;
};

/// What a model takes from the training set.
struct DataStatistics {
    std::vector<double> isolatedAtomEnergies; ///< [species] eV
    double avgNumNeighbors = 1;
    double scale = 1; ///< eV: root mean square of force components, in eV/Å
    double shift = 0; ///< eV an atom
};

/// A MACE (RealAgnosticInteractionBlock, then RealAgnosticResidualInteractionBlock) with the
/// paper's random weights. The same seed gives the same bytes everywhere.
ModelFile makeInitialMace(const MaceSizes& sizes, const DataStatistics& statistics, unsigned seed);

} // namespace equivariant::training
